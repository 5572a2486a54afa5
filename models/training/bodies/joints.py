"""Would a pose network tell who lies? A logistic regression over joints, judged as the posture network is.

    python -m models.training.bodies.joints SHARED/data/fall_stills POSE.onnx > joints.csv
    python -m models.training.bodies.judged joints.csv

The pictures, boxes, mended labels and folds are those of `models.training.bodies.posture`. POSE.onnx is what
`edgeguard models convert yolo11n-pose.pt` makes; it is other people's work and no part of the repository.
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
from models.training.bodies.judged import Judged, as_cameras_see
from models.training.bodies.logistic import Table, fit
from models.training.bodies.people import FOLDS, LYING, UNCLEAR, detector_of_people, folds, views

# From the head down, each the mean of its joints, weighted by how sure they are.
PARTS = {
    "head": (0, 1, 2, 3, 4),
    "shoulders": (5, 6),
    "wrists": (9, 10),
    "hips": (11, 12),
    "knees": (13, 14),
    "ankles": (15, 16),
}
# What a limb of the body is between; how upright it is tells most.
SPANS = (("head", "hips"), ("shoulders", "hips"), ("hips", "knees"), ("hips", "ankles"), ("head", "ankles"))
RIDGE = 3.0
# A joint that is not seen at all is taken to be so sure, so that a part always has a place.
LEAST_SURE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Somebody of a view, with the `features` of their joints."""

    image: str
    group: str
    label: int
    score: float | None
    features: Table


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stills", type=Path, help="with images and labels")
    parser.add_argument("pose", type=Path, metavar="POSE.onnx")
    parser.add_argument("--as-seen", action="store_true", help="learn from no picture that somebody has turned")
    options = parser.parse_args(words)
    cv2.setNumThreads(1)
    if not (options.stills / "images").is_dir():
        parser.error(f"{options.stills}: met no folder images in it, accepted: SHARED/data/fall_stills")
    try:
        net = PoseNet(describe_pose(options.pose), ExecutionConfig())
    except (ConfigError, ModelError) as error:
        parser.error(str(error))
    for judged in kept_out(list(people(options.stills, net)), as_seen=options.as_seen):
        print(judged.row())


def people(stills: Path, net: PoseNet) -> Iterator[Seen]:
    """Everybody in every view of the stills."""
    detector = detector_of_people()
    for view in views(stills):
        for label, box, score in view.people(detector):
            joints = net.keypoints(view.bgr, tuple(box.tolist()))
            yield Seen(view.image, view.group, label, score, features(joints, box))


def features(joints: NDArray[np.float32], box: NDArray[np.float32]) -> Table:
    """Of (17, 3) x, y, confidence and the box xyxy around them, in one picture's pixels: the same wherever they are,
    however large, and mirrored.

    How wide the box and the joints are for their height (logarithms); of each part its height above the middle of the
    box in longer sides, and how sure it is; of each span how far up it goes for its length, -1..1, and its length.
    """
    width, height = np.maximum(box[2:] - box[:2], 1)
    side, middle = max(width, height), (box[1] + box[3]) / 2
    sure = np.maximum(joints[:, 2], LEAST_SURE)
    place = {name: np.average(joints[list(of), :2], axis=0, weights=sure[list(of)]) for name, of in PARTS.items()}
    spread = np.sqrt(np.cov(joints[:, :2].T, aweights=sure).diagonal()) / side
    told = [np.log(width / height), np.log((spread[0] + 0.02) / (spread[1] + 0.02))]
    told += [(middle - y) / side for _, y in place.values()]
    told += [joints[list(of), 2].max() for of in PARTS.values()]
    for upper, lower in SPANS:
        across, up = (place[lower] - place[upper]) / side
        length = np.hypot(across, up)
        told += [up / max(length, 1e-3), length]
    return np.array(told, np.float64)


def kept_out(seen: Sequence[Seen], *, as_seen: bool) -> Iterator[Judged]:
    """Each judged by a head that was fitted on nobody of the fold; who is UNCLEAR teaches nothing.

    `as_seen`: nor does a picture that somebody has turned, but by what it is upright.
    """
    number = folds(one.group for one in seen)
    fold = np.array([number[one.group] for one in seen])
    label, table = np.array([one.label for one in seen]), np.array([one.features for one in seen])
    teaches = label != UNCLEAR
    if as_seen:
        teaches &= as_cameras_see([one.image for one in seen])
    lying = np.zeros(len(seen))
    for out in range(FOLDS):
        mine = (fold != out) & teaches
        head = fit(table[mine], label[mine] == LYING, np.arange(int(mine.sum())), RIDGE)
        lying[fold == out] = head.probability(table[fold == out])
    for one, probability in zip(seen, lying.tolist(), strict=True):
        yield Judged(one.image, one.label, one.score, probability)


if __name__ == "__main__":
    main()
