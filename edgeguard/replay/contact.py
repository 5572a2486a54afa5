"""The page of an evaluation: what was missed and what was seen that is not there, the worst first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.pipeline import blur_heads, encode_jpeg
from edgeguard.replay.evaluate import ALARM_LABEL, FOUND_IOU, Boxes, Evaluation, assign, unexplained, wilson_interval
from edgeguard.replay.labelled import LabelledImage
from edgeguard.replay.page import ReportFolder, figure, page, sheet, table, tiles
from edgeguard.types import Detections, Picture

PERSON = "person"
WIDTH_PX = 480
# More of one kind than this nobody looks through; the numbers above the sheet count all.
MOST = 200
# BGR: what is there, what was seen.
TRUE, SEEN = (94, 197, 34), (0, 176, 255)


@dataclass(frozen=True, slots=True)
class Fault:
    """A picture of the sheet; `score`: of the false box, or the strongest on the missed object."""

    picture: str
    words: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    picture: Picture
    people: Boxes
    labelled: Boxes
    seen: Detections

    def jpeg(self) -> bytes:
        scale = np.float32(WIDTH_PX / self.picture.width)
        bgr = self.picture.bgr(WIDTH_PX, max(round(self.picture.height * float(scale)), 1))
        bgr = blur_heads(bgr, self.people * scale)
        for box in self.labelled * scale:
            _frame(bgr, box, TRUE, "")
        for box, score in zip(self.seen.xyxy * scale, self.seen.score, strict=True):
            _frame(bgr, box, SEEN, f"{score:.2f}")
        return encode_jpeg(bgr)


@dataclass(slots=True)
class _Label:
    misses: list[Fault] = field(default_factory=list)
    false: list[Fault] = field(default_factory=list)


class ContactSheets:
    """Give `watch` to `evaluate`; heads are blurred where the detector or the labels know a person."""

    def __init__(self, folder: ReportFolder, labels: Sequence[str], operating: NDArray[np.float32]) -> None:
        self._folder = folder
        self._labels = tuple(labels)
        self._operating = operating
        self._faults = {label: _Label() for label in labels}
        self._taken = 0

    def watch(self, truth: LabelledImage, picture: Picture, detections: Detections) -> None:
        ranked = detections[np.argsort(-detections.score, kind="stable")]
        people = self._people(truth, detections)
        for index, label in enumerate(self._labels):
            boxes, labelled = ranked[ranked.label == index], truth.xyxy[truth.label == index]
            strong = boxes[boxes.score >= self._operating[index]]
            found = assign(strong.xyxy, labelled, FOUND_IOU)
            missed = np.setdiff1d(np.arange(len(labelled)), found)
            false = strong[unexplained(strong.xyxy, labelled)]
            if len(missed):
                score = max(_strongest_on(labelled[row], boxes) for row in missed)
                words = f"{truth.path.name}: {len(missed)} missed, strongest on it {score:.2f}"
                self._add(self._faults[label].misses, words, score, _Drawing(picture, people, labelled[missed], strong))
            if len(false):
                score = float(false.score.max())
                words = f"{truth.path.name}: {score:.2f}"
                self._add(self._faults[label].false, words, score, _Drawing(picture, people, labelled, false))

    def html(self, model: str, result: Evaluation) -> str:
        """The HTML document."""
        return page(f"{model} on {result.images} pictures", self._body(model, result))

    def _body(self, model: str, result: Evaluation) -> Iterator[str]:
        yield f"<h1>{escape(model)} on {result.images} pictures</h1>"
        yield (
            '<p class="dim">Green: labelled. Amber: seen, with its score. An object is found by a box of at least its '
            f"operating score that overlaps it by {FOUND_IOU:g}. Heads of people are blurred.</p>"
        )
        yield tiles([(str(result.false_alarm_images), "pictures with an e-bike that is not there")])
        yield _table(result, self._operating)
        # What the product exists for comes first.
        for label, faults in sorted(self._faults.items(), key=lambda row: row[0] != ALARM_LABEL):
            yield from self._section(f"{label}: missed in", sorted(faults.misses, key=lambda fault: fault.score))
            yield from self._section(f"{label}: seen, but not there, in", sorted(faults.false, key=lambda f: -f.score))

    @staticmethod
    def _section(words: str, faults: Sequence[Fault]) -> Iterator[str]:
        if not faults:
            return
        shown = f", {MOST} shown" if len(faults) > MOST else ""
        yield f"<h2>{escape(words)} {len(faults)} pictures{shown}</h2>"
        yield sheet(figure(fault.picture, fault.words) for fault in faults[:MOST])

    def _people(self, truth: LabelledImage, detections: Detections) -> Boxes:
        """Whoever was labelled or seen, xyxy (n, 4)."""
        if PERSON not in self._labels:
            return np.zeros((0, 4), np.float32)
        person = self._labels.index(PERSON)
        seen = (detections.label == person) & (detections.score >= self._operating[person])
        return np.concatenate([truth.xyxy[truth.label == person], detections.xyxy[seen]])

    def _add(self, faults: list[Fault], words: str, score: float, drawing: "_Drawing") -> None:
        self._taken += 1
        name = f"{self._taken:05d}.jpg"
        self._folder.add_picture(name, drawing.jpeg())
        faults.append(Fault(name, words, score))


def _strongest_on(box: NDArray[np.float32], boxes: Detections) -> float:
    """The highest score of a box that overlaps an object enough; 0 where none does."""
    if not len(boxes):
        return 0.0
    on_it = pairwise_iou(boxes.xyxy, box[None])[:, 0] >= FOUND_IOU
    return float(boxes.score[on_it].max(initial=0.0))


def _frame(bgr: NDArray[np.uint8], box: NDArray[np.float32], colour: tuple[int, int, int], words: str) -> None:
    x0, y0, x1, y1 = (round(float(side)) for side in box)
    cv2.rectangle(bgr, (x0, y0), (x1, y1), (0, 0, 0), 4, cv2.LINE_AA)
    cv2.rectangle(bgr, (x0, y0), (x1, y1), colour, 2, cv2.LINE_AA)
    if words:
        cv2.putText(bgr, words, (x0 + 3, max(y0 - 5, 14)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(bgr, words, (x0 + 3, max(y0 - 5, 14)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)


def _table(result: Evaluation, operating: NDArray[np.float32]) -> str:
    rows: list[list[str]] = []
    for (label, score), threshold in zip(result.labels.items(), operating, strict=True):
        low, high = wilson_interval(score.found, score.n)
        recall = "-" if score.recall is None else f"{score.recall:.3f}"
        interval = "-" if score.recall is None else f"{low:.3f} to {high:.3f}"
        ap50 = "-" if score.ap50 is None else f"{score.ap50:.3f}"
        rows.append([label, str(score.n), str(score.found), recall, interval, ap50, f"{threshold:.2f}"])
    return table(["label", "n", "found", "recall", "95 % interval", "AP50", "operating score"], rows)
