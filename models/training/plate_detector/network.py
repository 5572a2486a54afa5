"""The plate detector: first layers of YOLOv8n, a wide view at stride 16, one head at strides 8 and 16.

Every cell gives a score, whether the plate has two rows, and the plate's four corners.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.training import torchvision_stand_in

torchvision_stand_in.install()

from ultralytics import YOLO  # noqa: E402  # only after the stand-in

STRIDES = (8, 16)
OUTPUTS = 10
"""Of each cell: score, two rows, x and y of top left, top right, bottom right, bottom left."""

FROZEN = 2
"""Layers of the backbone that keep their COCO weights: edges are the same everywhere, and it is much faster. The block
after them is left out: it took a seventh of a look."""

RARE = -4.6
"""Bias of the score at the start: one cell in a hundred (Lin et al., "Focal loss for dense object detection", 2017)."""


class _Wide(nn.Module):
    """What is 100 pixels away says whether this is the middle of a wide plate."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.spatial = nn.Conv2d(channels, channels, 7, padding=3, groups=channels, bias=False)
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + nn.functional.silu(self.norm(self.mix(self.spatial(features))))


def _conv(inputs: int, outputs: int, side: int) -> nn.Sequential:
    layers = nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False), nn.BatchNorm2d(outputs), nn.SiLU()
    return nn.Sequential(*layers)


def _head(inputs: int, width: int) -> nn.Sequential:
    last = nn.Conv2d(48, OUTPUTS, 1)
    nn.init.normal_(last.weight, std=0.01)
    nn.init.zeros_(last.bias)
    last.bias.data[0] = RARE
    return nn.Sequential(_conv(inputs, width, 1), _conv(width, 48, 3), last)


def _shortened(block: Any) -> nn.Module:  # noqa: ANN401  # ultralytics' C2f
    """A C2f of two bottlenecks without its second: it takes two thirds of the time."""
    inputs = block.cv2.conv.in_channels - block.c
    block.m = block.m[:1]
    mix = nn.Conv2d(inputs, block.cv2.conv.out_channels, 1, bias=False)
    mix.weight.data = block.cv2.conv.weight.data[:, :inputs].clone()
    block.cv2.conv = mix
    shortened: nn.Module = block
    return shortened


class PlateNetwork(nn.Module):
    """(n, 3, h, w) RGB 0..1 -> a map (n, 10, h / stride, w / stride) for each stride; h, w in multiples of 32."""

    def __init__(self, coco_weights: Path) -> None:
        super().__init__()
        layers: Any = YOLO(str(coco_weights)).model.float().model
        self.stem = nn.Sequential(*layers[:FROZEN])
        self.fine = nn.Sequential(layers[3], _shortened(layers[4]))
        self.coarse = nn.Sequential(layers[5], _shortened(layers[6]), _Wide(128), _Wide(128))
        self.narrow = _conv(128, 48, 1)
        self.head8 = _head(64 + 48, 32)
        self.head16 = _head(128, 48)
        self.requires_grad_(True)
        self.stem.requires_grad_(False)

    def train(self, mode: bool = True) -> "PlateNetwork":
        super().train(mode)
        self.stem.eval()
        return self

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        fine = self.fine(self.stem(pictures))
        coarse = self.coarse(fine)
        up = nn.functional.interpolate(self.narrow(coarse), scale_factor=2.0, mode="nearest")
        return self.head8(torch.cat([fine, up], dim=1)), self.head16(coarse)


class Decoded(nn.Module):
    """For export: (1, 10, cells) with score and two rows as 0..1 and corners in input pixels."""

    def __init__(self, network: PlateNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        maps = zip(self.network(pictures), STRIDES, strict=True)
        return torch.cat([decoded(raw, stride) for raw, stride in maps], dim=2)


def decoded(raw: torch.Tensor, stride: int) -> torch.Tensor:
    """A map (n, 10, h, w) -> (n, 10, h * w)."""
    height, width = raw.shape[2:]
    across = (torch.arange(width, dtype=torch.float32, device=raw.device) + 0.5) * stride
    down = (torch.arange(height, dtype=torch.float32, device=raw.device) + 0.5) * stride
    middle = torch.stack([across.expand(height, width), down[:, None].expand(height, width)]).reshape(1, 2, -1)
    flat = raw.flatten(2)
    corners = flat[:, 2:] * (4 * stride) + middle.repeat(1, 4, 1)
    return torch.cat([flat[:, :2].sigmoid(), corners], dim=1)


def export_onnx(network: PlateNetwork, path: Path, side_px: int = 320) -> None:
    """1x3xHxW float32 RGB 0..1 in, H and W any multiples of 32; (1, 10, cells) out, as `Decoded` gives it."""
    import onnx  # noqa: PLC0415  # not needed to train
    import onnxslim  # noqa: PLC0415

    torch.onnx.export(
        Decoded(network).eval(),
        (torch.zeros(1, 3, side_px, side_px),),
        str(path),
        opset_version=17,
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={"images": {2: "height", 3: "width"}, "output0": {2: "cells"}},
        dynamo=False,
    )
    slim = onnxslim.slim(onnx.load(str(path)))
    del slim.graph.value_info[:]  # notes on shapes, other ones at every export
    onnx.checker.check_model(slim)
    onnx.save(slim, str(path))
