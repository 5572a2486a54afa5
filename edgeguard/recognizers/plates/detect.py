"""Picture -> plates with four corners, by a network that `models/training/plate_detector` trains."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.errors import ModelError
from edgeguard.networks import STEP, ExecutionConfig, Network, ToTensor
from edgeguard.recognizers.manifest import PlateDetectorSpec

VALUES = 10  # of each cell: score, two rows, then x and y of four corners
GREY = 114  # what the network was trained to see beyond a picture's edge
# Candidates that go into the suppression of copies, which takes quadratic time.
MAX_CANDIDATES = 300
# A plate that fills its picture is seen with this much around it.
MARGIN_PX = 32
# A plate narrower than CLOSE_PX in the first look gets a second one, in which it is so wide and CONTEXT times as much
# is seen: the corners of a small plate are told to half a pixel only, which is a tenth of its height.
CLOSE_PX = 96
CONTEXT = (1.7, 2.6)
# What the first look half believes, by this share of the score asked for, is a plate if the second look says so.
DOUBTED = 0.7
# More plates than a lane has, and the second look would cost more than the first.
SECOND_LOOKS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Plates:
    """One row per plate: corners (n, 4, 2) float32 in pixels, score (n,) float32 0..1, rows (n,) int8, 1 or 2.

    Corners go clockwise from the plate's own top left.
    """

    corners: NDArray[np.float32]
    score: NDArray[np.float32]
    rows: NDArray[np.int8]

    def __post_init__(self) -> None:
        n = len(self.corners)
        if self.corners.shape != (n, 4, 2) or self.score.shape != (n,) or self.rows.shape != (n,):
            shapes = f"{self.corners.shape}, {self.score.shape}, {self.rows.shape}"
            raise ValueError(f"corners, score and rows must have shape (n, 4, 2), (n,), (n,), but got {shapes}")

    def __len__(self) -> int:
        return len(self.corners)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Self:
        return type(self)(self.corners[rows], self.score[rows], self.rows[rows])

    @property
    def xyxy(self) -> NDArray[np.float32]:
        """(n, 4) upright boxes around the corners."""
        return np.concatenate((self.corners.min(axis=1), self.corners.max(axis=1)), axis=1)

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros((0, 4, 2), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int8))


class Finder(Protocol):
    """Pixels -> Plates."""

    def find(self, bgr: NDArray[np.uint8]) -> Plates:
        """Plates in (h, w, 3) uint8, the surest first, in its pixels."""


class PlateDetector:
    """A detector of a description. Not for two threads at once.

    Loading verifies the file and runs the network once. Raises ModelError, and ConfigError for a provider that is not
    there.
    """

    def __init__(self, spec: PlateDetectorSpec, execution: ExecutionConfig | None = None) -> None:
        self.spec = spec
        self._network = Network(spec, execution or ExecutionConfig())
        self._tensor = ToTensor(spec.input)
        output = self._network.run(self._tensor(np.zeros((*spec.input.size, 3), np.uint8)))
        if output.ndim != 3 or output.shape[:2] != (1, VALUES):
            raise ModelError(f"{spec.path}: output is {list(output.shape)}, accepted: [1, {VALUES}, cells]")

    def find(self, bgr: NDArray[np.uint8]) -> Plates:
        """Plates in (h, w, 3) uint8, the surest first, in its pixels. Raises ModelError."""
        height, width = self.spec.input.size
        scale = min(1.0, height / bgr.shape[0], width / bgr.shape[1])
        room = height - bgr.shape[0], width - bgr.shape[1]
        found = self._look(bgr, scale, MARGIN_PX if min(room) >= 2 * MARGIN_PX else 0, self.spec.score * DOUBTED)
        nearer = [self._again(bgr, found[row : row + 1], scale) for row in range(min(len(found), SECOND_LOOKS))]
        plates = _joined([*nearer, found[SECOND_LOOKS:]])
        return plates[plates.score >= self.spec.score]

    def _again(self, bgr: NDArray[np.uint8], plate: Plates, scale: float) -> Plates:
        """The same plate, seen nearer where there are pixels for that."""
        width = float(np.linalg.norm(plate.corners[0, 1] - plate.corners[0, 0]))
        nearer = min(1.0, CLOSE_PX / max(width, 1.0))
        if nearer < 1.25 * scale:
            return plate
        x0, y0, x1, y1 = plate.xyxy[0]
        half = np.array([(x1 - x0) * CONTEXT[0], max(y1 - y0, width / 4) * CONTEXT[1]]) / 2
        middle = plate.corners[0].mean(axis=0)
        low = np.maximum(middle - half, 0).astype(int)
        high = np.minimum(middle + half + 1, (bgr.shape[1], bgr.shape[0])).astype(int)
        seen = self._look(bgr[low[1] : high[1], low[0] : high[0]], nearer, 0, self.spec.score)
        if not len(seen):
            return plate
        moved = Plates(seen.corners + low.astype(np.float32), seen.score, seen.rows)
        overlap = pairwise_iou(plate.xyxy, moved.xyxy)[0]
        best = int(overlap.argmax())
        # Two looks that saw it are surer than one, and one that did not is no proof.
        score = np.maximum(plate.score, moved.score[best : best + 1])
        return (
            Plates(moved.corners[best : best + 1], score, moved.rows[best : best + 1]) if overlap[best] > 0 else plate
        )

    def _look(self, bgr: NDArray[np.uint8], scale: float, margin: int, least: float) -> Plates:
        seen = _smaller(bgr, scale)
        size = seen.shape[1], seen.shape[0]
        per = np.array((bgr.shape[1] / size[0], bgr.shape[0] / size[1]), np.float32)
        values = self._network.run(self._tensor(_on_canvas(seen, margin)))[0]
        values = values[:, values[0] >= least]
        values = values[:, np.argsort(-values[0], kind="stable")[:MAX_CANDIDATES]]
        corners = (values[2:].T.reshape(-1, 4, 2) - margin) * per
        plates = Plates(corners.astype(np.float32), values[0], np.where(values[1] >= 0.5, 2, 1).astype(np.int8))
        return plates[np.array(_kept(plates.xyxy, self.spec.nms_iou), np.intp)]


def _smaller(bgr: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The picture at `scale` <= 1: the mean over areas by a whole factor, which is fast, and lines for the rest."""
    if scale == 1:
        return bgr
    size = (max(1, round(bgr.shape[1] * scale)), max(1, round(bgr.shape[0] * scale)))
    factor = int(1 / scale)
    if factor > 1:
        part = bgr[: bgr.shape[0] // factor * factor, : bgr.shape[1] // factor * factor]
        whole = (part.shape[1] // factor, part.shape[0] // factor)
        if min(whole) > 0:
            bgr = np.asarray(cv2.resize(part, whole, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _on_canvas(bgr: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    """The picture on grey, `margin` from the top left and at least so far from the other sides, in whole steps."""
    height, width = bgr.shape[:2]
    sides = [-(-(side + 2 * margin) // STEP) * STEP for side in (height, width)]
    canvas = np.full((*sides, 3), GREY, np.uint8)
    canvas[margin : margin + height, margin : margin + width] = bgr
    return canvas


def _kept(ranked: NDArray[np.float32], most_iou: float) -> list[int]:
    """Rows of boxes (n, 4) that no better one covers."""
    overlap = pairwise_iou(ranked, ranked)
    kept: list[int] = []
    for row in range(len(ranked)):
        if not kept or overlap[row, kept].max() < most_iou:
            kept.append(row)
    return kept


def _joined(parts: list[Plates]) -> Plates:
    """As one, the surest first, each once."""
    plates = Plates(
        np.concatenate([part.corners for part in parts]),
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.rows for part in parts]),
    )
    return plates[np.argsort(-plates.score, kind="stable")]
