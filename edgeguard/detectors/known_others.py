"""What a camera has surely seen as a bicycle, pram or wheelchair stays one while somebody hides it.

A bicycle that came in in full view and then stands behind somebody, so that its handlebar alone is seen, looks like an
e-bike to either network; but it is still where it was last seen.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box, iou
from edgeguard.types import Detections

# A box of this score is surely what it says; so many of them make something known. Of 302 e-bikes in composed cycles
# none loses a look from 0.5 and two looks on; from 0.7 on fewer bicycles are known (ADR 12).
SURE, LOOKS = 0.6, 3
# Boxes that overlap so much are one object, read as two classes.
BOTH_IOU = 0.4
# Five seconds at 8 looks a second: what has not been seen for longer may be gone.
FORGOTTEN_AFTER = 40


@dataclass(slots=True)
class _Known:
    """`looks`: how often it was surely seen; `unseen`: looks since anything stood there."""

    box: Box
    looks: int = 0
    unseen: int = 0


class KnownOthers:
    """Follows them through one camera's looks, in order; for one thread.

    `label` is the number of what is asked about, `others` of what it may be mistaken for; boxes of one look and the
    next that share `overlap` (intersection over union) are one object.
    """

    def __init__(self, label: int, others: Collection[int], overlap: float) -> None:
        self._label = label
        self._others = tuple(others)
        self._overlap = overlap
        self._known: list[_Known] = []

    def hidden(self, found: Detections) -> NDArray[np.bool_]:
        """Which boxes (n,), strongest first, stand where something else is known to be that is not seen itself."""
        for known in self._known:
            known.unseen += 1
        self._known = [known for known in self._known if known.unseen <= FORGOTTEN_AFTER]
        like = np.flatnonzero(found.label == self._label).tolist()
        boxes = found.xyxy.tolist()
        for row in np.flatnonzero(np.isin(found.label, self._others) & (found.score >= SURE)).tolist():
            self._see(boxes[row], both=any(iou(boxes[row], boxes[other]) >= BOTH_IOU for other in like))
        hidden = np.zeros(len(found), np.bool_)
        for known in self._known:
            hidden[self._hiding(known, boxes, like)] = True
        return hidden

    def _see(self, box: Box, *, both: bool) -> None:
        """Surely something else: one that is known already, or a new one."""
        near = [known for known in self._known if known.unseen and iou(known.box, box) >= self._overlap]
        known = max(near, key=lambda known: iou(known.box, box), default=None)
        if known is None:
            known = _Known(box)
            self._known.append(known)
        known.box, known.unseen = box, 0
        known.looks += not both

    def _hiding(self, known: _Known, boxes: list[Box], rows: list[int]) -> list[int]:
        """The rows behind which it must be."""
        if not known.unseen or known.looks < LOOKS:
            return []
        behind = [row for row in rows if iou(known.box, boxes[row]) >= self._overlap]
        if behind:
            known.box, known.unseen = boxes[behind[0]], 0
        return behind
