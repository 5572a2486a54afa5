"""The second look's network and its training: which of a few kinds a crop shows; paced by the clock, resumable.

Starts from the backbone of the bundled detector.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.training.accelerator import device
from models.training.augment import PADDING, relit
from models.training.bundled import bundled_network, measure, take_in_order
from models.training.crops import CONTEXT, KEPT_CONTEXT, KEPT_PX, KINDS, Crop
from models.training.evaluate import MADE
from models.training.network import mean_weights
from models.training.train import Average, learning_rate, restored, save_run, take_step

CHECKPOINT = "second.pt"
TOLD_EVERY = 50

INPUT_PX = 192
LAYERS = 9
"""Of the detector's backbone: all but the pooling pyramid at its end."""

BATCH = 64
LAST_LR, BACKBONE_PACE, WEIGHT_DECAY, EMA = 1e-5, 0.25, 0.01, 0.998
SHARES = (0.38, 0.16, 0.12, 0.10, 0.24)
"""Of each kind in a batch."""

PROPOSED_WEIGHT, MISTAKEN_WEIGHT = 3.0, 6.0
"""What the detector proposes is drawn so many times as often as what is merely labelled; and that up to so many times
more often as the detector is wrong about it: few are, and the second look is there for them."""

REAL_WEIGHT = 6.0
"""What cameras saw is drawn so many times as often as what was rendered or pasted."""

QUARTER_TURNS = 0.12

Image = NDArray[np.uint8]
Rng = np.random.Generator


class SecondLook(nn.Module):
    """(n, 3, INPUT_PX, INPUT_PX) RGB 0..1 -> logits (n, kinds)."""

    def __init__(self, detector: Any) -> None:  # noqa: ANN401  # ultralytics' DetectionModel
        super().__init__()
        self.backbone = nn.Sequential(*detector.model[:LAYERS])
        features = detector.model[LAYERS - 1].cv2.conv.out_channels
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(features, len(KINDS)))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.backbone(pictures).mean(dim=(2, 3)))
        return logits


class Pool:
    """Crops, drawn by kind; their pictures are held as JPEG."""

    def __init__(self, crops: Sequence[Crop], root: Path, seed: int) -> None:
        """`crops` are some of every kind, their pictures below `root`."""
        self._crops = crops
        self._jpeg = {name: np.fromfile(root / name, np.uint8) for name in {crop.image for crop in crops}}
        kinds = np.array([crop.kind for crop in crops])
        weight = np.array([_weight(crop) for crop in crops])
        self._rows = [np.flatnonzero(kinds == kind) for kind in range(len(KINDS))]
        self._chances = [weight[rows] / weight[rows].sum() for rows in self._rows]
        self.seed(seed)

    def seed(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(BATCH, 3, INPUT_PX, INPUT_PX) RGB 0..1 and kinds (BATCH,)."""
        kinds = self._rng.choice(len(KINDS), BATCH, p=SHARES)
        rows = [int(self._rng.choice(self._rows[kind], p=self._chances[kind])) for kind in kinds]
        pictures = np.stack([shown(self._kept(self._crops[row]), self._rng) for row in rows])
        return as_planes(pictures), torch.from_numpy(kinds)

    def _kept(self, crop: Crop) -> Image:
        picture = cv2.imdecode(self._jpeg[crop.image], cv2.IMREAD_COLOR)
        return crop.cut(np.asarray(picture, np.uint8))


def _weight(crop: Crop) -> float:
    """How often a crop is drawn beside others of its kind."""
    wrong = 1 - crop.score if crop.kind == 0 else crop.score
    proposed = PROPOSED_WEIGHT * (1 + MISTAKEN_WEIGHT * wrong) if crop.score > 0 else 1.0
    return proposed * (1.0 if crop.source.startswith(MADE) else REAL_WEIGHT)


def shown(kept: Image, rng: Rng) -> Image:
    """A kept crop as a box that is a little off would show it, in other light."""
    zoom = INPUT_PX / KEPT_PX * KEPT_CONTEXT / CONTEXT * math.exp(rng.normal(0, 0.12))
    angle = math.radians(90 * int(rng.integers(1, 4)) if rng.random() < QUARTER_TURNS else 0) + rng.normal(0, 0.06)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    stretch = math.exp(rng.normal(0, 0.08))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ np.diag([mirror * zoom * stretch, zoom / stretch])
    middle = np.full(2, KEPT_PX / 2) + rng.normal(0, 0.05, 2) * KEPT_PX
    matrix = np.hstack([linear, (np.full(2, INPUT_PX / 2) - linear @ middle)[:, None]])
    crop = cv2.warpAffine(kept, matrix, (INPUT_PX, INPUT_PX), borderValue=(PADDING,) * 3).astype(np.uint8)
    return relit(crop, rng)


def as_planes(pictures: Image) -> torch.Tensor:
    """(n, h, w, 3) BGR uint8 -> (n, 3, h, w) RGB 0..1."""
    planes = np.ascontiguousarray(pictures[..., ::-1].transpose(0, 3, 1, 2))
    return torch.from_numpy(planes).contiguous(memory_format=torch.channels_last).float() / 255


@dataclass(frozen=True, slots=True)
class Run:
    """What one run is told. It starts from the backbone of `detector`, or from the bundled second look `start`."""

    folder: Path
    minutes: float
    lr: float
    seed: int
    detector: Path
    coco_weights: Path
    start: Path | None = None
    bfloat16: bool = False
    save_every_s: float = 120.0

    @property
    def checkpoint(self) -> Path:
        return self.folder / CHECKPOINT


def start_network(run: Run, pool: Pool) -> SecondLook:
    network = SecondLook(bundled_network(run.detector, run.coco_weights)).eval()
    if run.start is not None:
        take_in_order(network, run.start, torch.zeros(1, 3, INPUT_PX, INPUT_PX))
    with torch.no_grad():
        measure(network, (pool.batch()[0] for _ in range(12)))
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    return network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload,no-any-return]


class Trainer:
    """One run; `train` goes on from the folder's checkpoint where there is one."""

    def __init__(self, run: Run, pool: Pool) -> None:
        self._run, self._pool, self._device = run, pool, device()
        torch.set_num_threads(1)
        torch.manual_seed(run.seed)
        self._network = start_network(run, pool).to(self._device)
        self._average = Average(self._network, EMA)
        backbone, head = self._network.backbone.parameters(), self._network.head.parameters()
        groups = [{"params": backbone, "pace": BACKBONE_PACE}, {"params": head, "pace": 1.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=run.lr, weight_decay=WEIGHT_DECAY)
        self._step, self._trained_s = 0, 0.0

    def train(self) -> Path:
        """The checkpoint of the finished run."""
        if self._run.checkpoint.exists():
            self._restore()
        saved_s, losses = self._trained_s, []
        while self._trained_s < 60 * self._run.minutes:
            began = time.monotonic()
            losses.append(self._one_step())
            self._trained_s += time.monotonic() - began
            if self._step % TOLD_EVERY == 0:
                crops, loss = self._step * BATCH, sum(losses) / len(losses)
                print(f"{self._trained_s:6.0f} s  {crops:7d} crops  loss {loss:.3f}", flush=True)
                losses.clear()
            if self._trained_s - saved_s > self._run.save_every_s:
                self._save()
                saved_s = self._trained_s
        self._save()
        return self._run.checkpoint

    def _one_step(self) -> float:
        share = self._trained_s / (60 * self._run.minutes)
        pace = {"lr": self._run.lr, "last_lr": LAST_LR, "warmup_steps": 1}
        for group in self._optimizer.param_groups:
            group["lr"] = group["pace"] * learning_rate(share, self._step, pace)
        pictures, kinds = (planes.to(self._device) for planes in self._pool.batch())
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._run.bfloat16):
            logits = self._network(pictures)
        loss = nn.functional.cross_entropy(logits.float(), kinds, label_smoothing=0.05)
        take_step(self._network, self._average, self._optimizer, loss, 5.0)
        self._step += 1
        return float(loss.item())

    def _save(self) -> None:
        progress = {"step": self._step, "trained_s": self._trained_s}
        save_run(self._run.checkpoint, self._network, self._average, self._optimizer, progress)

    def _restore(self) -> None:
        state = restored(self._run.checkpoint, self._network, self._average, self._optimizer)
        self._step, self._trained_s = state["step"], state["trained_s"]
        self._pool.seed(self._run.seed + self._step)  # what comes next is not what has been
        torch.manual_seed(self._run.seed + self._step)


def trained(checkpoints: Sequence[Path], detector: Path, coco_weights: Path) -> SecondLook:
    """The mean of runs that began as one, as it is exported. Raises ValueError where one has not been trained."""
    if there := [str(path) for path in checkpoints if not path.is_file()]:
        raise ValueError(f"met no {', '.join(there)}, accepted: what `second_look train NAME` trains")
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in checkpoints]
    network = SecondLook(bundled_network(detector, coco_weights))
    averages = [state.get("average", state) for state in states]  # older runs kept nothing else
    network.load_state_dict(mean_weights(averages, [1 / len(states)] * len(states)))
    return network


class Exported(nn.Module):
    """With its logits as probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.network(pictures).softmax(dim=1)


def export(network: SecondLook, path: Path) -> None:
    """nx3x192x192 float32 RGB 0..1 in, probabilities (n, kinds) out."""
    import onnx  # noqa: PLC0415
    import onnxslim  # noqa: PLC0415

    names = {"input_names": ["images"], "output_names": ["kinds"]}
    torch.onnx.export(
        Exported(network.eval()),
        (torch.zeros(1, 3, INPUT_PX, INPUT_PX),),
        str(path),
        opset_version=17,
        dynamic_axes={"images": {0: "crops"}, "kinds": {0: "crops"}},
        dynamo=False,
        **names,
    )
    onnx.save(onnxslim.slim(onnx.load(str(path))), str(path))
