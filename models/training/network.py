"""YOLOv8n with this project's eight classes, started from the COCO weights; its loss and its way to ONNX."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from models.training import torchvision_stand_in
from models.training.labels import COCO_ROWS, LABELS

torchvision_stand_in.install()

from ultralytics import YOLO  # noqa: E402  # only after the stand-in
from ultralytics.utils.loss import v8DetectionLoss  # noqa: E402


def start_network(coco_weights: Path) -> nn.Module:
    """The COCO network with its class rows copied, so that it is a working detector before the first step.

    Raises FileNotFoundError where the file is not there: ultralytics would fetch one.
    """
    if not coco_weights.is_file():
        raise FileNotFoundError(f"expected COCO weights, got {coco_weights}, which is not there (--shared)")
    network: Any = YOLO(str(coco_weights)).model.float()
    head = network.model[-1]
    for scale in head.cv3:
        old = scale[2]
        new = nn.Conv2d(old.in_channels, len(LABELS), 1)
        with torch.no_grad():
            for row, label in enumerate(LABELS):
                sources = list(COCO_ROWS[label])
                new.weight[row] = old.weight[sources].mean(dim=0)
                new.bias[row] = old.bias[sources].mean()
        scale[2] = new
    head.nc, head.no = len(LABELS), len(LABELS) + 4 * head.reg_max
    network.nc, network.names = len(LABELS), dict(enumerate(LABELS))
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    head.dfl.conv.weight.requires_grad_(False)  # the fixed ramp that turns a distribution into a distance
    return network


class Loss:
    """The YOLOv8 loss, blind to classes that a picture shows without labelling them."""

    def __init__(self, network: nn.Module, gains: dict[str, float]) -> None:
        network.args = SimpleNamespace(**gains)
        self._loss = v8DetectionLoss(network)
        self._loss.bce = self._entropy
        self._judged = torch.ones(1, 1, len(LABELS))

    def __call__(self, outputs: dict[str, torch.Tensor], boxes: torch.Tensor, judged: torch.Tensor) -> torch.Tensor:
        """The sum over the batch; boxes (k, 6): picture, label, cx, cy, w, h; judged (n, labels) 0 or 1."""
        self._judged = judged[:, None, :]
        batch = {"batch_idx": boxes[:, 0], "cls": boxes[:, 1], "bboxes": boxes[:, 2:]}
        parts, _ = self._loss(outputs, batch)
        return parts.sum()

    def _entropy(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return entropy * torch.where(targets > 0, 1.0, self._judged)


def mixed(networks: Sequence[Any], shares: Sequence[float]) -> nn.Module:
    """One network whose weights are the mean of several that began as one, norms folded in first; for export alone.

    With some of what they began as it forgets less of the pictures before (Wortsman et al. 2022, WiSE-FT).
    """
    fused: list[nn.Module] = [network.eval().fuse(verbose=False) for network in networks]
    fused[0].load_state_dict(mean_weights([network.state_dict() for network in fused], shares))
    return fused[0]


def mean_weights(states: Sequence[dict[str, torch.Tensor]], shares: Sequence[float]) -> dict[str, torch.Tensor]:
    """Of networks that began as one; what is counted, and no weight, is the first's."""

    def mean(name: str) -> torch.Tensor:
        return torch.stack([state[name] * share for state, share in zip(states, shares, strict=True)]).sum(dim=0)

    return {name: mean(name) if own.dtype.is_floating_point else own for name, own in states[0].items()}


class Decoded(nn.Module):
    """A fused network with its boxes in pixels, for pictures of any size in multiples of 32.

    The anchors are made from the sizes of the feature maps, one arange for each side: a grid by way of `meshgrid`
    and of shapes costs the ONNX graph three times the nodes.
    """

    def __init__(self, fused: Any) -> None:  # noqa: ANN401  # ultralytics' DetectionModel
        super().__init__()
        self.fused = fused

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(1, 3, h, w) RGB 0..1 -> (1, 4 + labels, cells): cx, cy, w, h in pixels, scores 0..1."""
        raw = self.fused(pictures)[1]
        head = self.fused.model[-1]
        sides = head.dfl(raw["boxes"])
        anchors, strides = zip(
            *(_anchors(level, float(head.stride[n])) for n, level in enumerate(raw["feats"])), strict=True
        )
        middle, stride = torch.cat(anchors, dim=1), torch.cat(strides, dim=1)
        near, far = middle - sides[:, :2], middle + sides[:, 2:]
        return torch.cat([(near + far) / 2 * stride, (far - near) * stride, raw["scores"].sigmoid()], dim=1)


def _anchors(level: torch.Tensor, stride: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Middles (2, h * w) of the cells of a feature map (1, c, h, w), in cells, and their stride (1, h * w)."""
    height, width = level.shape[2:]
    across = torch.arange(width, dtype=torch.float32) + 0.5
    down = torch.arange(height, dtype=torch.float32) + 0.5
    grid = torch.stack([across.expand(height, width), down[:, None].expand(height, width)]).view(2, -1)
    return grid, torch.full_like(grid[:1], stride)


def export_onnx(network: nn.Module, path: Path, side_px: int, *, half: bool = False) -> None:
    """1x3xHxW float32 RGB 0..1 in, H and W any multiples of 32; (1, 4 + labels, cells) out, as `Decoded` gives it.

    `side_px` is the size that the graph is traced with; `half`: weights are stored in half precision.
    """
    import onnx  # noqa: PLC0415  # not needed to train
    import onnxslim  # noqa: PLC0415

    from models.training.halved import halve  # noqa: PLC0415

    fused: Any = network.eval().fuse(verbose=False)
    picture = torch.zeros(1, 3, side_px, side_px)
    torch.onnx.export(
        Decoded(fused).eval(),
        (picture,),
        str(path),
        opset_version=17,
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={"images": {2: "height", 3: "width"}, "output0": {2: "cells"}},
        dynamo=False,
    )
    slim = onnxslim.slim(onnx.load(str(path)))
    _keep_names(slim.graph)
    del slim.graph.value_info[:]  # notes on shapes, other ones at every export
    if half:
        halve(slim)
    onnx.checker.check_model(slim)
    onnx.save(slim, str(path))


def _keep_names(graph: Any) -> None:  # noqa: ANN401  # onnx.GraphProto
    """Weights are called as in the network itself, without `Decoded` around it: `bundled.py` reads them by name."""
    for entry in graph.initializer:
        entry.name = entry.name.removeprefix("fused.")
    for node in graph.node:
        node.input[:] = [name.removeprefix("fused.") for name in node.input]
