# ruff: noqa: INP001  # a script, not a package
"""Does the second look pay? What the detector is unsure of in rendered rooms, before it and after.

python -m models.training.scenes rooms --out DIR --first 2400 --count 26     rooms that nothing was chosen by
python benchmarks/second_looks.py --rooms DIR [--model lift-n] [--errors FILE.jpg] [--json]

Every stand of every visitor is one picture, as one camera would have seen it. Counted are the boxes that the detector
proposes as e-bikes with a score that is looked at again: in pictures with an e-bike those that lie on it (IoU 0.4), in
others all. The area under the curve needs no threshold; kept is what has the operating threshold and more.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.boxes import pairwise_iou
from edgeguard.crops import Square
from edgeguard.detectors import DEFAULT_MODEL, ModelSpec, find_model, models_dir
from edgeguard.detectors.manifest import SecondLookSpec
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.second_look import Classifier, believed
from edgeguard.networks import ExecutionConfig
from edgeguard.replay.evaluate import FOUND_IOU
from edgeguard.replay.rates import Rate, area_under_curve
from edgeguard.sources.picture import picture_from_array
from models.training.stands import Stand, stands

CELL_PX, COLUMNS, ROWS = 160, 6, 3


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A box that is looked at again: what is there, both scores and what they come to."""

    what: str
    is_ebike: bool
    first: float
    second: float
    weighed: float
    crop: NDArray[np.uint8]


class Looker:
    """The detector and its second look, apart."""

    def __init__(self, spec: ModelSpec, again: SecondLookSpec) -> None:
        self._detector = OnnxDetector(spec)
        self._classifier = Classifier(again, ExecutionConfig())
        self._again = again
        self._label = spec.labels.index(again.label)

    def proposals(self, stand: Stand) -> Iterator[Proposal]:
        picture = stand.item.picture
        found = self._detector.detect(picture_from_array(picture, "bgr24"))
        mine = found[(found.label == self._label) & (found.score < self._again.sure)]
        with_ebike = len(stand.item.rows) > 0
        if with_ebike:
            mine = mine[pairwise_iou(mine.xyxy, stand.item.rows[:, 1:]).max(axis=1) >= FOUND_IOU]
        for box, first in zip(mine.xyxy.tolist(), mine.score.tolist(), strict=True):
            crop = Square.around((box,), self._again.context).cut(picture, self._again.input.size[0])
            second = self._classifier.probability(crop)
            yield Proposal(stand.what, with_ebike, first, second, believed(self._again, first, second), crop)


def summary(proposals: Sequence[Proposal], threshold: float) -> dict[str, object]:
    ours = [one for one in proposals if one.is_ebike]
    others = [one for one in proposals if not one.is_ebike]
    told: dict[str, object] = {"looked at again": len(proposals), "e-bikes": len(ours), "others": len(others)}
    for name in ("first", "second", "weighed"):
        high, low = (np.array([getattr(one, name) for one in group], np.float64) for group in (ours, others))
        area = area_under_curve(high, low)
        told[f"area under the curve, {name}"] = _told(area.value, area.interval)
        if name != "second":
            told[f"e-bikes kept, {name}"] = _share(high, threshold)
            told[f"others kept, {name}"] = _share(low, threshold)
    return told


def _share(scores: NDArray[np.float64], threshold: float) -> str:
    rate = Rate.of(int((scores >= threshold).sum()), len(scores))
    return f"{rate.count}/{rate.n} = {_told(rate.value, rate.interval)}"


def _told(value: float | None, interval: tuple[float, float]) -> str:
    return "-" if value is None else f"{value:.4f} ({interval[0]:.4f} to {interval[1]:.4f})"


def write_errors(proposals: Sequence[Proposal], path: Path) -> None:
    """What the second look is most wrong about; each with its two scores. Nothing where nothing was proposed."""
    if not proposals:
        return
    wrong = sorted(proposals, key=lambda one: one.second if one.is_ebike else 1 - one.second)[: COLUMNS * ROWS]
    cells = [_cell(one) for one in wrong]
    cells += [np.zeros((CELL_PX, CELL_PX, 3), np.uint8)] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[first : first + COLUMNS]) for first in range(0, len(cells), COLUMNS)]
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85])


def _cell(one: Proposal) -> NDArray[np.uint8]:
    cell = cv2.resize(one.crop, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
    for line, text in enumerate((one.what[:22], f"{one.first:.2f} then {one.second:.2f}")):
        place = (4, CELL_PX - 18 + 13 * line)
        cv2.putText(cell, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 3)
        cv2.putText(cell, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (255, 255, 255), 1)
    return np.asarray(cell, np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("EDGEGUARD_CACHE", str(Path.home() / ".cache" / "edgeguard")))
    parser.add_argument("--rooms", type=Path, default=cache / "rooms", help="rendered rooms (default: CACHE/rooms)")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--errors", type=Path, help="write a picture of what the second look is most wrong about")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    spec = find_model(options.model, models_dir(options.models_dir))
    if spec.looks_again is None:
        parser.error(f"--model: met {spec.name}, which has no second look in its manifest")
    try:
        there = list(stands(options.rooms))
    except ValueError as error:
        parser.error(f"--rooms: {error}")
    looker = Looker(spec, spec.looks_again)
    shown = track(there, "stands", disable=options.json)
    proposals = [proposal for stand in shown for proposal in looker.proposals(stand)]
    if options.errors:
        write_errors(proposals, options.errors)
    result = summary(proposals, spec.threshold(spec.looks_again.label).high)
    print(json.dumps(result) if options.json else "\n".join(f"{name:<34} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
