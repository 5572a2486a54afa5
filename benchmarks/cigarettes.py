# ruff: noqa: INP001  # a script, not a package
"""Would a look for the cigarette help? The best case: cigarettes drawn at the mouths of people who do not smoke.

python benchmarks/cigarettes.py POSE.onnx DIR ...     pictures of people, several in number order are one source

There are no pictures of smokers here. So each mouth that a pose network finds is cut out twice, as it is and with a
cigarette of 84 by 8 mm drawn at it: whole, beside no hand, paper white in the light of the face, softened as a lens
does. Both are brought to the size at which a camera would see them, and told apart by gradients and grey levels (ridge
regression), in folds that share no picture. Nothing like the real thing is harder to miss.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.manifest import describe_pose
from edgeguard.bodies.networks import PoseNet
from edgeguard.errors import ConfigError, ModelError
from edgeguard.networks import ExecutionConfig
from edgeguard.pipeline import ChainConfig, open_model
from edgeguard.replay.rates import area_under_curve, threshold_at
from edgeguard.sources.picture import picture_from_array
from models.training.stats import told

Bgr = NDArray[np.uint8]
NOSE, EYES, SHOULDERS, HIPS = 0, (1, 2), (5, 6), (11, 12)
SURE, TRUNK_M = 0.5, 0.5
CIGARETTE_M, THICK_M, MOUTH_M, ROUND_M = 0.084, 0.008, 0.065, 0.16
# Pixels that a cigarette is long: of somebody 140, 200, 300 pixels high.
LONG_PX = (7, 10, 15)
SIDE, CELLS, WAYS = 48, 8, 9
FOLDS, RIDGE, PICTURES_A_SOURCE, DRAWS = 5, 30.0, 4, 4
FALSE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Mouth:
    """Where one is in a picture (h, w, 3), pixels a metre there, and of which source."""

    picture: Bgr
    at: tuple[float, float]
    px_m: float
    source: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pose", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        net = PoseNet(describe_pose(options.pose), ExecutionConfig())
    except (ConfigError, ModelError) as error:
        parser.error(str(error))
    found = list(mouths(net, options.folders))
    print(f"{len(found)} mouths in {len({mouth.source for mouth in found})} sources")
    for long_px in LONG_PX:
        seen = [mouth for mouth in found if CIGARETTE_M * mouth.px_m >= long_px]
        if len({mouth.source for mouth in seen}) >= 2 * FOLDS:
            print(f"{long_px} px long: {judged(seen, long_px)}")


def mouths(net: PoseNet, folders: Sequence[Path]) -> Iterator[Mouth]:
    """Of people who are seen from the front, nose, eyes and trunk."""
    model = open_model(ChainConfig())
    person = model.labels.index("person")
    files = [file for folder in folders for file in sorted(folder.glob("*.jpg"))]
    for number, file in enumerate(files):
        picture = np.asarray(cv2.imread(str(file)), np.uint8)
        people = model.detector.detect(picture_from_array(picture, "bgr24"))
        for box in people.xyxy[(people.label == person) & (people.score >= 0.4)].tolist():
            joints = net.keypoints(picture, tuple(box))
            if (joints[[NOSE, *EYES, *SHOULDERS, *HIPS], 2] >= SURE).all():
                yield mouth_of(picture, joints, number // PICTURES_A_SOURCE)


def mouth_of(picture: Bgr, joints: NDArray[np.float32], source: int) -> Mouth:
    """A little below the nose, away from the eyes."""
    nose, eyes = joints[NOSE, :2], joints[list(EYES), :2].mean(axis=0)
    px_m = float(np.hypot(*(joints[list(SHOULDERS), :2] - joints[list(HIPS), :2]).mean(axis=0))) / TRUNK_M
    down = (nose - eyes) / max(float(np.hypot(*(nose - eyes))), 1e-6)
    x, y = nose + down * MOUTH_M * px_m
    return Mouth(picture, (float(x), float(y)), px_m, source)


def judged(seen: Sequence[Mouth], long_px: int) -> str:
    """AUC by folds of sources, and how many are found where one of twenty others is taken for one.

    Learnt from DRAWS crops of each mouth with and without; the first of each is judged.
    """
    chance = np.random.default_rng(long_px)
    plan = [(mouth, drawn, draw == 0) for mouth in seen for drawn in (False, True) for draw in range(DRAWS)]
    x = np.stack([features(crop(mouth, long_px, chance, drawn=drawn)) for mouth, drawn, _ in plan])
    y = np.array([drawn for _, drawn, _ in plan], float)
    asked = np.array([first for *_, first in plan])
    folds = np.array([mouth.source % FOLDS for mouth, *_ in plan])
    score = np.zeros(len(y))
    for fold in range(FOLDS):
        score[folds == fold] = fitted(x[folds != fold], y[folds != fold], x[folds == fold])
    plain, smoking = score[asked & (y == 0)], score[asked & (y == 1)]
    hits = told(int((smoking >= threshold_at(FALSE_SHARE, plain)).sum()), len(smoking))
    auc = area_under_curve(smoking, plain).value
    return f"AUC {auc:.3f}, found at {FALSE_SHARE:.0%} of the others: {hits}"


def fitted(x: NDArray[np.float64], y: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ridge regression on standardised columns, by the kernel of its rows."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    rows, wanted = (x - mean) / spread, (asked - mean) / spread
    kernel = rows @ rows.T / rows.shape[1]
    weights = np.linalg.solve(kernel + RIDGE / len(y) * np.eye(len(y)), y - y.mean())
    return np.asarray(wanted @ rows.T / rows.shape[1] @ weights)


def features(picture: Bgr) -> NDArray[np.float64]:
    """Of (SIDE, SIDE, 3): which way edges run in each part of it, against those around; its grey levels."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    strength, angle = cv2.cartToPolar(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    ways = np.floor(angle / np.pi * WAYS).astype(int) % WAYS
    cells = np.stack([np.where(ways == way, strength, 0) for way in range(WAYS)], axis=-1)
    cells = cells.reshape(CELLS, SIDE // CELLS, CELLS, SIDE // CELLS, WAYS).sum(axis=(1, 3))
    around = cv2.blur(cells.sum(axis=-1), (3, 3))[..., None] + 1.0
    small = cv2.resize(grey, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
    return np.concatenate([np.sqrt(cells / around).ravel(), small.ravel() / 255]).astype(np.float64)


def crop(mouth: Mouth, long_px: int, chance: np.random.Generator, *, drawn: bool) -> Bgr:
    """The square around it, as a camera sees it to which a cigarette is so long."""
    fine = 8 * long_px / CIGARETTE_M  # drawn finely, then made small
    half = ROUND_M * fine
    scale = fine / mouth.px_m
    place = np.array([[scale, 0, half - scale * mouth.at[0]], [0, scale, half - scale * mouth.at[1]]])
    side = round(2 * half)
    large = cv2.warpAffine(mouth.picture, place, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if drawn:
        large = lit_one(np.asarray(large, np.uint8), fine, chance)
    small = cv2.resize(large, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    noisy = cv2.GaussianBlur(small, (0, 0), 0.5) + chance.normal(0, 2, small.shape)
    return np.asarray(cv2.resize(np.clip(noisy, 0, 255).astype(np.uint8), (SIDE, SIDE)), np.uint8)


def lit_one(large: Bgr, px_m: float, chance: np.random.Generator) -> Bgr:
    """A cigarette from the mouth, to one side and down or straight out, the tip of some of them grey."""
    middle = np.array([large.shape[1] / 2, large.shape[0] / 2])
    angle = chance.uniform(-0.2, 0.9)
    way = np.array([np.cos(angle) * chance.choice([-1, 1]), np.sin(angle)])
    long = chance.uniform(0.55, 1.0) * CIGARETTE_M * px_m
    near = large[
        int(middle[1] - 0.06 * px_m) : int(middle[1]), int(middle[0] - 0.05 * px_m) : int(middle[0] + 0.05 * px_m)
    ]
    white = min(255.0, 1.25 * float(np.percentile(near, 90)))
    thick = max(1, round(THICK_M * px_m))
    for since, until, colour in (
        (0.0, 0.3, (0.45, 0.65, 0.85)),
        (0.25, 0.95, (0.95, 1, 1)),
        (0.92, 1.0, (0.4, 0.4, 0.45)),
    ):
        ends = [tuple(np.rint(middle + way * share * long).astype(int).tolist()) for share in (since, until)]
        cv2.line(large, ends[0], ends[1], [white * part for part in colour], thick, cv2.LINE_AA)
    return large


if __name__ == "__main__":
    main()
