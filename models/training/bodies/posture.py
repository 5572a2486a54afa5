"""The network that tells lying from sitting and standing: the detector's own trunk and one layer, trained on crops.

    python -m models.training.bodies.posture train SHARED --out CACHE/posture.pt              on everybody
    python -m models.training.bodies.posture train SHARED --out CACHE/posture-0.pt --fold 0   but those of fold 0
    python -m models.training.bodies.posture export CACHE/posture.pt models/body-posture.onnx

Rendered lifts, CACHE/train with images and labels, are taken along where they are: seen from a ceiling people have any
shape. So is who lies in them, out of CACHE/scenes (`models.training.fallen`). Two runs of 400 steps take five minutes
of one core with AVX-512 BF16.
"""

import argparse
import copy
import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.training import fallen
from models.training.bodies.judged import Judged
from models.training.bodies.people import LYING, MARGIN, SIDE_PX, UNCLEAR, Person, folds, lying, stills, upright
from models.training.bundled import bundled_network
from models.training.network import mean_weights
from models.training.prepare import cache_root
from models.training.sources import shared_root

STEPS, BATCH = 400, 32
SEEDS = (1, 2)
TRUNK_LAYERS = 10
TRUNK_RATE, HEAD_RATE = 6e-4, 3e-3
# How often each label of the stills, people in real lifts, and in rendered ones who stands and who lies are drawn.
SHARES = {-2: 0.08, 0: 0.25, 1: 0.15, 2: 0.17}
OTHERS_SHARE, RENDERED_SHARE, RENDERED_LYING_SHARE = 0.1, 0.16, 0.09
Group = tuple[Sequence[Person], float]
BUNDLED = Path(__file__).parents[2] / "lift-n.onnx"


class Posture(nn.Module):
    """(n, 3, SIDE_PX, SIDE_PX) 0..1 RGB -> (n, 3) logits: lying, sitting, standing."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(512, 3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        cells = self.trunk(pictures)
        told: torch.Tensor = self.head(self.drop(torch.cat([cells.mean((2, 3)), cells.amax((2, 3))], 1)))
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    trained = what.add_parser("train")
    trained.add_argument("shared", type=Path)
    trained.add_argument("--out", type=Path, required=True)
    trained.add_argument("--fold", type=int, default=-1)
    trained.add_argument("--trunk", type=Path, default=BUNDLED, help="the detector whose trunk it starts from")
    exported = what.add_parser("export")
    exported.add_argument("checkpoint", type=Path)
    exported.add_argument("onnx", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "export":
        export(options.checkpoint, options.onnx)
        return
    people = list(stills(options.shared / "data" / "fall_stills"))
    fold = folds(one.group for one in people)
    mine = [one for one in people if fold[one.group] != options.fold and one.label != UNCLEAR]
    network = train(mine, others(options.shared), options.shared, options.trunk)
    torch.save(network.state_dict(), options.out)
    _report(network, [one for one in people if fold[one.group] == options.fold])


def others(shared: Path) -> list[Group]:
    """People in real lifts, who do not lie, and in rendered ones, who do not and who do."""
    cache = cache_root()
    upright_there = list(upright(cache / "train", "scene-", but=f"scene-s{fallen.SEED}"))
    return [
        (list(upright(shared / "data" / "lift_people", every=2)), OTHERS_SHARE),
        (upright_there, RENDERED_SHARE),
        (list(lying(cache / "scenes")), RENDERED_LYING_SHARE),
    ]


def train(people: Sequence[Person], others: Sequence[Group], shared: Path, trunk: Path = BUNDLED) -> Posture:
    """From a detector's trunk, the mean of a run's weights for each of SEEDS: runs that start alike may be averaged."""
    everybody = [*people, *(one for group, _ in others for one in group)]
    drawn = _weights([one.label for one in people], [(len(group), share) for group, share in others])
    network = _started(everybody, shared, trunk)
    runs = [_run(copy.deepcopy(network), everybody, drawn, seed).state_dict() for seed in SEEDS]
    network.load_state_dict(mean_weights(runs, [1 / len(runs)] * len(runs)))
    return network.eval()


def _started(everybody: Sequence[Person], shared: Path, trunk: Path) -> Posture:
    chance = np.random.default_rng(SEEDS[0])
    torch.manual_seed(SEEDS[0])
    batches = [_batch([everybody[i] for i in chance.permutation(len(everybody))[:48]], chance) for _ in range(2)]
    whole = bundled_network(trunk, shared / "models" / "yolov8n.pt", batches)
    return Posture(nn.Sequential(*list(whole.model[:TRUNK_LAYERS]))).to(memory_format=torch.channels_last)  # type: ignore[index]


def _run(network: Posture, everybody: Sequence[Person], drawn: NDArray[np.float64], seed: int) -> Posture:
    """The stills' people are drawn by SHARES, others as often as their groups say."""
    chance = np.random.default_rng(seed)
    torch.manual_seed(seed)
    groups = [{"params": part.parameters(), "lr": 1.0} for part in (network.trunk, network.head)]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.03)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, [TRUNK_RATE, HEAD_RATE], total_steps=STEPS, pct_start=0.2)
    network.train()
    for _ in range(STEPS):
        chosen = [everybody[i] for i in chance.choice(len(everybody), BATCH, p=drawn)]
        pictures = _batch(chosen, chance).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            told = network(pictures)
        loss = _loss(told.float(), torch.tensor([one.label for one in chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
    return network


def export(checkpoint: Path, onnx: Path) -> None:
    """Norms folded in, batch 1; prints the sum for the manifest."""
    whole = bundled_network(BUNDLED, shared_root() / "models" / "yolov8n.pt")
    network = Posture(nn.Sequential(*list(whole.model[:TRUNK_LAYERS])))  # type: ignore[index]
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    picture = torch.zeros(1, 3, SIDE_PX, SIDE_PX)
    torch.onnx.export(
        network.eval(), (picture,), str(onnx), input_names=["images"], output_names=["postures"], dynamo=False
    )
    print(f"sha256: {hashlib.sha256(onnx.read_bytes()).hexdigest()}")


def _loss(told: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    known = nn.functional.cross_entropy(told, labels.clamp(min=0), reduction="none", label_smoothing=0.05)
    lying = told.softmax(1)[:, LYING].clamp(max=0.999)
    return torch.where(labels >= 0, known, -torch.log1p(-lying)).mean()


def _weights(labels: Sequence[int], groups: Sequence[tuple[int, float]]) -> NDArray[np.float64]:
    table = np.array(labels)
    weight = np.zeros(len(table))
    for label, share in SHARES.items():
        mine = table == label
        weight[mine] = share / max(int(mine.sum()), 1)
    weight = np.concatenate([weight, *(np.full(count, share / max(count, 1)) for count, share in groups)])
    return np.asarray(weight / weight.sum(), np.float64)


def _batch(people: Sequence[Person], chance: np.random.Generator) -> torch.Tensor:
    return _tensor([changed(one.pixels, chance) for one in people])


def _tensor(pictures: Sequence[NDArray[np.float32]]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.stack(pictures)[..., ::-1].transpose(0, 3, 1, 2))) / 255


def changed(pixels: NDArray[np.uint8], chance: np.random.Generator) -> NDArray[np.float32]:
    """Turned a little, scaled, moved, mirrored, relit, sometimes grey, noisy or partly hidden.

    (SIDE_PX, SIDE_PX, 3) 0..255.
    """
    angle, scale, side = np.deg2rad(chance.normal() * 8), np.exp(chance.normal() * 0.1), chance.choice([-1, 1])
    cos, sin, middle = scale * np.cos(angle), scale * np.sin(angle), SIDE_PX / 2
    matrix = np.array([[cos * side, -sin * side, 0], [sin, cos, 0]], np.float32)
    matrix[:, 2] = middle - matrix[:, :2] @ np.full(2, middle * MARGIN) + chance.normal(size=2) * 5
    result = cv2.warpAffine(pixels, matrix, (SIDE_PX, SIDE_PX), borderValue=(114, 114, 114)).astype(np.float32)
    if chance.random() < 0.3:
        result[:] = result.mean(2, keepdims=True)
    result = (result - 128) * np.exp(chance.normal() * 0.2) + 128 + chance.normal() * 18
    if chance.random() < 0.3:
        result += chance.normal(size=result.shape) * 6
    if chance.random() < 0.3:
        x, y, width, height = *chance.integers(0, 96, 2), *chance.integers(12, 44, 2)
        result[y : y + height, x : x + width] = chance.integers(0, 255)
    return np.asarray(np.clip(result, 0, 255), np.float32)


def _report(network: Posture, people: Sequence[Person]) -> None:
    """Probability of lying of those kept out, for `models.training.bodies.judged`."""
    for one in people:
        edge = (one.pixels.shape[0] - SIDE_PX) // 2
        middle = one.pixels[edge : edge + SIDE_PX, edge : edge + SIDE_PX].astype(np.float32)
        with torch.no_grad():
            lying = network(_tensor([middle])).softmax(1)[0, LYING].item()
        print(Judged(one.image, one.label, one.score, lying).row())


if __name__ == "__main__":
    main()
