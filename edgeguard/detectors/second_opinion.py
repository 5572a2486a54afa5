"""A second opinion: what one detector takes for an e-bike counts only where another one sees it too, and nothing else.

Two networks that learnt in runs of their own are fooled by different things (models/lift-n.md). The other one is asked
only about pictures in which the first reports something of that kind, so all others cost what they did.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.types import Detections, Detector, Picture

# So many looks in a row at which both agreed prove that it is there; from then on one look in so many asks again. By
# then the alarm has long been raised: this spares a box the larger network while an e-bike stands in a lift.
PROVEN, EVERY = 8, 5
# Boxes of the other one that overlap so much are one object, read as two classes; and it does not say which where the
# second is so many times as sure. In e-bikes it hardly sees another: a fifth would cost none of 302 in composed cycles.
TORN_IOU, TORN = 0.4, 0.5


class Agreed:
    """A `Detector` whose boxes of one label another one must see too; any number of threads may call it.

    `label` and `others_label` are the numbers of that label; the boxes must share `overlap` (intersection over union).
    How sure the other must be is its own affair, but it must not be torn between that and its labels `rivals`.
    """

    def __init__(
        self,
        first: Detector,
        label: int,
        other: Detector,
        others_label: int,
        overlap: float,
        rivals: Collection[int] = (),
    ) -> None:
        self.first = first
        self._label = label
        self._other = other
        self._others_label = others_label
        self._overlap = overlap
        self._rivals = tuple(rivals)

    def detect(self, picture: Picture) -> Detections:
        """As the first detector does, strongest first, less what the other one does not see."""
        found = self.first.detect(picture)
        return self.agreed(picture, found) if self.has_any(found) else found

    def has_any(self, found: Detections) -> bool:
        """Whether there is anything to be asked about."""
        return bool((found.label == self._label).any())

    def agreed(self, picture: Picture, found: Detections) -> Detections:
        """What is left of `found` once the other one has been asked."""
        backing = self._backing(self._other.detect(picture))
        backed = pairwise_iou(found.xyxy, backing).max(axis=1, initial=0) >= self._overlap
        return found[(found.label != self._label) | backed]

    def _backing(self, seen: Detections) -> NDArray[np.float32]:
        """The boxes (n, 4) of what the other one takes for it rather than for something else."""
        like, rivals = seen[seen.label == self._others_label], seen[np.isin(seen.label, self._rivals)]
        torn = rivals.score >= TORN * like.score[:, None]
        torn &= pairwise_iou(like.xyxy, rivals.xyxy) >= TORN_IOU
        return like.xyxy[~torn.any(axis=1)]


class Watched:
    """The same for one camera's looks in order, which asks less often about what is proven; for one thread."""

    def __init__(self, both: Agreed) -> None:
        self._both = both
        self._in_a_row = 0

    def detect(self, picture: Picture) -> Detections:
        """As `Agreed` does until both have agreed `PROVEN` times in a row, then from every `EVERY`th look on again."""
        found = self._both.first.detect(picture)
        if self._both.has_any(found) and not self._believed():
            found = self._both.agreed(picture, found)
        self._in_a_row = self._in_a_row + 1 if self._both.has_any(found) else 0
        return found

    def _believed(self) -> bool:
        return self._in_a_row >= PROVEN and self._in_a_row % EVERY != 0


def for_one_camera(detector: Detector) -> Detector:
    """A shared detector as one camera is to use it."""
    return Watched(detector) if isinstance(detector, Agreed) else detector
