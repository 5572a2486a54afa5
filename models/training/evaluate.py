"""What a detector finds on the pictures kept out of training: scores, recall, false alarms."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.augment import PADDING
from models.training.feed import Item, expected, listed, load
from models.training.labels import E_BIKE
from models.training.sources import HELD_OUT, TRAIN
from models.training.stats import told

Image = NDArray[np.uint8]
Found = NDArray[np.float32]
"""Detections (n, 5) of one label: x1, y1, x2, y2 in pixels of the picture, score."""

STRIDE_PX = 32
"""Of the coarsest feature map: the sides of a canvas are multiples of it."""

DYNAMIC_SIDE_PX = 320
"""The longer side of a picture for a file that takes any size."""

MADE = ("scenes", "cycles", "composite", "yards")
"""Beginnings of the sources whose pictures no camera saw."""

LEAST_SCORE = 0.02
SAME_IOU = 0.4


class Detector(Protocol):
    def __call__(self, picture: Image) -> Found:
        """E-bikes in a BGR picture (h, w, 3), best first."""


@dataclass(frozen=True, slots=True)
class OnnxDetector:
    """A YOLOv8 network in ONNX; `rows` are the classes whose best counts as the score of an e-bike."""

    run: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    side_px: int
    rows: tuple[int, ...] = (E_BIKE,)
    square: bool = False

    @classmethod
    def load(cls, path: Path, rows: tuple[int, ...] = (E_BIKE,), threads: int = 1) -> "OnnxDetector":
        """Raises ValueError where `path` is no file that ONNX Runtime can run on pictures."""
        import onnxruntime  # noqa: PLC0415  # the rest of this module needs numpy alone
        from onnxruntime.capi import onnxruntime_pybind11_state as errors  # noqa: PLC0415

        wanted = "accepted: an ONNX file of a YOLOv8 detector"
        if not path.is_file():
            raise ValueError(f"met {path}, which is not there, {wanted}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except (errors.Fail, errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf) as error:
            raise ValueError(f"met {path}, {wanted}: {error}") from error
        entry, output = session.get_inputs()[0], session.get_outputs()[0]
        if len(entry.shape) != 4 or len(output.shape) != 3:
            raise ValueError(f"met {path}, from {entry.shape} to {output.shape}, {wanted}")
        square = isinstance(entry.shape[2], int)  # a file of one size
        side_px = int(entry.shape[2]) if square else DYNAMIC_SIDE_PX
        return cls(lambda x: session.run(None, {entry.name: x})[0], side_px, rows, square)

    def __call__(self, picture: Image) -> Found:
        canvas, scale, shift = letterboxed(picture, self.side_px, self.square)
        planes = canvas[None, ..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        output = self.run(np.ascontiguousarray(planes))[0]
        scores = output[[4 + row for row in self.rows]].max(axis=0)
        keep = scores >= LEAST_SCORE
        middle, half = output[:2, keep].T, output[2:4, keep].T / 2
        boxes = (np.hstack([middle - half, middle + half]) - np.tile(shift, 2)) / scale
        return suppressed(np.hstack([boxes, scores[keep, None]]).astype(np.float32))


def letterboxed(picture: Image, side_px: int, square: bool = False) -> tuple[Image, float, NDArray[np.float64]]:
    """The picture centred in a padded canvas, its scale, and its shift (x, y) in pixels.

    The longer side becomes `side_px`; the canvas is the smallest of whole strides that holds the picture, or a square.
    """
    height, width = picture.shape[:2]
    scale = side_px / max(height, width)
    inner = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_LINEAR)
    high, wide = (side_px if square else -(-side // STRIDE_PX) * STRIDE_PX for side in inner.shape[:2])
    left, top = (wide - inner.shape[1]) // 2, (high - inner.shape[0]) // 2
    canvas = np.full((high, wide, 3), PADDING, np.uint8)
    canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return canvas, scale, np.array([left, top], float)


def ious(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of one box (4,) with others (n, 4), as (n,)."""
    corner = np.minimum(box[2:], others[:, 2:4]) - np.maximum(box[:2], others[:, :2])
    shared = np.clip(corner, 0, None).prod(axis=1)
    areas = (others[:, 2:4] - others[:, :2]).prod(axis=1)
    union: NDArray[np.float32] = (box[2:] - box[:2]).prod() + areas - shared
    overlap: NDArray[np.float32] = shared / union
    return overlap


def suppressed(found: Found, iou: float = 0.5) -> Found:
    """Greedy non-maximum suppression, best first."""
    found, kept = found[np.argsort(-found[:, 4])], []
    while len(found):
        kept.append(found[0])
        found = found[1:][ious(found[0, :4], found[1:]) <= iou]
    return np.array(kept, np.float32).reshape(-1, 5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One picture: the best score on each labelled e-bike (0 where missed), the best score on anything else."""

    image: str
    source: str
    hits: tuple[float, ...]
    worst_false: float


def judge(item: Item, image: str, found: Found) -> Verdict:
    wanted = item.rows[item.rows[:, 0] == E_BIKE, 1:]
    hits, explained = [], np.zeros(len(found), bool)
    for box in wanted:
        same = ious(box, found) >= SAME_IOU
        hits.append(float(found[same, 4].max()) if same.any() else 0.0)
        explained |= same
    false = found[~explained, 4]
    return Verdict(image, item.source, tuple(hits), float(false.max()) if len(false) else 0.0)


def verdicts(root: Path, rows: Iterable[dict[str, str]], detector: Detector) -> list[Verdict]:
    result = []
    for row in rows:
        item = load(root, row)
        result.append(judge(item, row["image"], detector(item.picture)))
    return result


def held_out(root: Path) -> list[dict[str, str]]:
    return listed(root, HELD_OUT)


def whole(root: Path, sources: Sequence[str]) -> list[dict[str, str]]:
    """Every picture of sources whose names begin so, whatever part it belongs to. Raises ValueError without any."""
    rows = [row for row in listed(root, TRAIN) + held_out(root) if row["source"].startswith(tuple(sources))]
    return expected(rows, f"pictures of {', '.join(sources)}", root)


MISSED_BELOW, ALARM_FROM, HARD_WEIGHT = 0.3, 0.15, 2.5


def hard_ones(judged: Iterable[Verdict]) -> dict[str, float]:
    """{image: weight} of pictures with an e-bike that is missed or an alarm at something else, or nearly so."""
    return {
        v.image: HARD_WEIGHT for v in judged if v.worst_false >= ALARM_FROM or any(hit < MISSED_BELOW for hit in v.hits)
    }


def table(judged: list[Verdict], threshold: float) -> list[tuple[str, str, str]]:
    """Per source: recall of labelled e-bikes and pictures with a false alarm, each with n and Wilson interval."""
    rows = []
    for source in sorted({verdict.source for verdict in judged}):
        own = [verdict for verdict in judged if verdict.source == source]
        hits = [hit for verdict in own for hit in verdict.hits]
        alarms = sum(verdict.worst_false >= threshold for verdict in own)
        rows.append((source, told(sum(h >= threshold for h in hits), len(hits)), told(alarms, len(own))))
    return rows


def table_lines(judged: list[Verdict], threshold: float) -> list[str]:
    """The table for people to read."""
    heading = f"{f'at {threshold:g}':<30}{'recall':<36}pictures with a false alarm"
    return [heading, *(f"{source:<30}{recall:<36}{alarms}" for source, recall, alarms in table(judged, threshold))]


def mean_recall(judged: Sequence[Verdict], most: int = 20) -> float:
    """The share of e-bikes found at 0, 1, ... `most` pictures with a false alarm, as a mean; 0 where there are none.

    Free of any threshold: two detectors whose scores mean something else can be compared.
    """
    hits = np.array([hit for verdict in judged for hit in verdict.hits])
    false = np.sort([verdict.worst_false for verdict in judged])[::-1]
    above = [false[k] if k < len(false) else 0.0 for k in range(most + 1)]
    return float(np.mean([(hits > least).mean() for least in above])) if len(hits) else 0.0


def summary(judged: Sequence[Verdict]) -> dict[str, float]:
    """`mean_recall` of pictures that cameras saw, and of made ones."""
    made = [verdict for verdict in judged if verdict.source.startswith(MADE)]
    real = [verdict for verdict in judged if not verdict.source.startswith(MADE)]
    return {"real": round(mean_recall(real), 3), "made": round(mean_recall(made), 3)}


def asked_for(judged: Iterable[Verdict], most: float) -> float | None:
    """The lowest threshold, in thousandths, at which at most that share of the pictures without an e-bike alarm.

    None where there is no such picture.
    """
    false = np.sort([verdict.worst_false for verdict in judged if not verdict.hits])[::-1]
    return math.floor(1000 * false[math.floor(most * len(false))] + 1) / 1000 if len(false) else None


def as_json(judged: list[Verdict]) -> str:
    fields = [
        {"image": v.image, "source": v.source, "hits": [round(h, 3) for h in v.hits], "false": round(v.worst_false, 3)}
        for v in judged
    ]
    return "\n".join(json.dumps(row) for row in fields)
