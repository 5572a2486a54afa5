"""A second opinion: what one detector takes for an e-bike counts only where another one sees it too.

Two networks that learnt in runs of their own are fooled by different things (models/lift-n.md). The other one is asked
only about pictures in which the first has something to ask about, so a lift without an e-bike costs what it did.
"""

from edgeguard.boxes import pairwise_iou
from edgeguard.types import Detections, Detector, Picture


class Agreed:
    """A `Detector` whose boxes of one label another one must see too; any number of threads may call it.

    `label` and `others_label` are the numbers of that label; the boxes must share `overlap` (intersection over union).
    How sure the other must be is its own affair.
    """

    def __init__(self, first: Detector, label: int, other: Detector, others_label: int, overlap: float) -> None:
        self._first = first
        self._label = label
        self._other = other
        self._others_label = others_label
        self._overlap = overlap

    def detect(self, picture: Picture) -> Detections:
        """As the first detector does, strongest first, less what the other one does not see."""
        found = self._first.detect(picture)
        asked = found.label == self._label
        if not asked.any():
            return found
        seen = self._other.detect(picture)
        backing = seen.xyxy[seen.label == self._others_label]
        agreed = pairwise_iou(found.xyxy, backing).max(axis=1, initial=0) >= self._overlap
        return found[~asked | agreed]
