"""Trains the second look: which of a few kinds a crop shows. Starts from the backbone of the bundled detector.

python -m models.training.second_look crops                       CACHE/crops/NAME.jsonl of each CACHE/train/NAME.jsonl
python -m models.training.second_look train NAME --minutes 15     CACHE/runs/NAME/second.pt
python -m models.training.second_look export NAME models/second-look.onnx

Runs in the training environment; paced by the clock like the detector's training.
"""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
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
from models.training.crops import CONTEXT, KEPT_CONTEXT, KEPT_PX, KINDS, Crop, collect, collect_clips, free, save, saved
from models.training.evaluate import MADE, OnnxDetector
from models.training.feed import listed, read_recipe
from models.training.network import mean_weights
from models.training.prepare import cache_root
from models.training.sources import HELD_OUT, TRAIN, SharedData

INPUT_PX = 192
LAYERS = 9
"""Of the detector's backbone: all but the pooling pyramid at its end."""

BATCH = 64
SEED = 20
LR, LAST_LR, BACKBONE_PACE, WEIGHT_DECAY = 6e-4, 1e-5, 0.25, 0.01
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
    """The crops of the training part, drawn by kind; their pictures are held as JPEG."""

    def __init__(self, crops: Sequence[Crop], root: Path, seed: int) -> None:
        """Pictures lie below `root`; a crop whose picture is gone teaches nothing."""
        mine = [crop for crop in crops if crop.part == TRAIN]
        there = (name for name in {crop.image for crop in mine} if (root / name).exists())
        self._jpeg = {name: np.fromfile(root / name, np.uint8) for name in there}
        self._crops = [crop for crop in mine if crop.image in self._jpeg]
        kinds = np.array([crop.kind for crop in self._crops])
        weight = np.array([_weight(crop) for crop in self._crops])
        self._rows = [np.flatnonzero(kinds == kind) for kind in range(len(KINDS))]
        self._chances = [weight[rows] / weight[rows].sum() for rows in self._rows]
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


def start(detector: Path, coco_weights: Path, pool: Pool, goes_on: Path | None) -> SecondLook:
    """From the backbone of `detector`, or from the bundled second look `goes_on`."""
    network = SecondLook(bundled_network(detector, coco_weights)).eval()
    if goes_on is not None:
        take_in_order(network, goes_on, torch.zeros(1, 3, INPUT_PX, INPUT_PX))
    with torch.no_grad():
        measure(network, (pool.batch()[0] for _ in range(12)))
    return network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload,no-any-return]


def train(network: SecondLook, pool: Pool, options: argparse.Namespace, out: Path) -> None:
    """Writes the moving average of the weights to `out`, at the end and every two minutes."""
    minutes, rate, where = options.minutes, options.lr, device()
    network.to(where)
    backbone, head = list(network.backbone.parameters()), list(network.head.parameters())
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    groups = [{"params": backbone, "pace": BACKBONE_PACE}, {"params": head, "pace": 1.0}]
    optimizer = torch.optim.AdamW(groups, lr=LR, weight_decay=WEIGHT_DECAY)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    began, saved, step, told = time.monotonic(), time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - began) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = group["pace"] * (LAST_LR + (rate - LAST_LR) * (1 + math.cos(math.pi * share)) / 2)
        pictures, kinds = (planes.to(where) for planes in pool.batch())
        with torch.autocast(where.type, torch.bfloat16, enabled=options.bfloat16):
            logits = network(pictures)
        loss = nn.functional.cross_entropy(logits.float(), kinds, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        average.update_parameters(network)
        step, told = step + 1, told + loss.item()
        if step % 50 == 0:
            print(f"{60 * minutes * share:6.0f} s  {step * BATCH:7d} crops  loss {told / 50:.3f}", flush=True)
            told = 0.0
        if time.monotonic() - saved > 120:
            torch.save(average.module.state_dict(), out)
            saved = time.monotonic()
    torch.save(average.module.state_dict(), out)


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


def counted(rows: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The same, and how far it is."""
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            print(f"{number} of {len(rows)} pictures", flush=True)
        yield row


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["crops", "train", "export"])
    parser.add_argument("name", nargs="?", default="second")
    parser.add_argument("onnx", nargs="?", type=Path, default=Path("models/second-look.onnx"))
    parser.add_argument("--detector", type=Path, default=Path("models/lift-n.onnx"))
    parser.add_argument(
        "--also", type=Path, nargs="+", default=[], metavar="ONNX", help="crops: further detectors that propose"
    )
    parser.add_argument("--of", nargs="+", default=[], metavar="NAME", help="crops: of CACHE/train/NAME.jsonl only")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--start", type=Path, help="a bundled second look to go on from (default: the detector)")
    parser.add_argument("--lr", type=float, default=LR, help="default: %(default)s")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=SEED, help="of what is drawn (default: %(default)s)")
    parser.add_argument(
        "--mix", nargs="+", default=[], metavar="NAME", help="export: the mean with these runs, which began as one"
    )
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument(
        "--free",
        action="store_true",
        help="train: nothing from sources that recipe.yaml calls restricted (--detector and --start: free ones)",
    )
    options = parser.parse_args(words)
    cache, coco_weights = cache_root(), options.shared / "models" / "yolov8n.pt"
    weights = cache / "runs" / options.name / "second.pt"
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    if options.command == "crops":
        detectors = [OnnxDetector.load(file) for file in (options.detector, *options.also)]
        (cache / "crops").mkdir(exist_ok=True)
        there = sorted(file.stem for file in (cache / "train").glob("*.jsonl"))
        if unknown := set(options.of) - set(there):
            parser.error(f"--of: met {', '.join(sorted(unknown))}, accepted: {', '.join(there)}")
        for index in options.of or there:
            print(index, flush=True)
            rows = [row for part in (TRAIN, HELD_OUT) for row in listed(cache / "train", part, index)]
            save(collect(cache / "train", counted(rows), detectors, SEED), cache / "crops" / f"{index}.jsonl")
        if not options.of:
            data = SharedData(options.shared / "data")
            frames = collect_clips(data.clips(), cache / "train" / "frames", detectors, SEED)
            save(frames, cache / "crops" / "frames.jsonl")
    elif options.command == "train":
        weights.parent.mkdir(parents=True, exist_ok=True)
        crops = [crop for file in sorted((cache / "crops").glob("*.jsonl")) for crop in saved(file)]
        pool = Pool(free(crops, read_recipe()["restricted"]) if options.free else crops, cache / "train", options.seed)
        network = start(options.detector, coco_weights, pool, options.start)
        train(network, pool, options, weights)
    else:
        network = SecondLook(bundled_network(options.detector, coco_weights))
        runs = [cache / "runs" / name / "second.pt" for name in (options.name, *options.mix)]
        states = [torch.load(run, map_location="cpu", weights_only=True) for run in runs]
        network.load_state_dict(mean_weights(states, [1 / len(runs)] * len(runs)))
        export(network, options.onnx)


if __name__ == "__main__":
    main()
