"""A second opinion: what one detector takes for an e-bike counts only where another one sees it too, and nothing else.

Two networks that learnt in runs of their own are fooled by different things (models/lift-n.md). The other one is asked
only about pictures in which the first reports something of that kind, so all others cost what they did.
"""

from collections.abc import Collection
from copy import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.detectors.known_others import BOTH_IOU, KnownOthers
from edgeguard.detectors.second_look import TwoLooks
from edgeguard.detectors.upside_down import BothWays
from edgeguard.types import Detections, Detector, Picture

# So many looks in a row at which both agreed prove that it is there; from then on one look in so many asks again. By
# then the alarm has long been raised: this spares a box the larger network while an e-bike stands in a lift.
PROVEN, EVERY = 8, 5
# Where the other one reads an object as two classes it does not say which if the second is so many times as sure. In
# e-bikes it hardly sees another: a fifth would cost none of 302 in composed cycles.
TORN = 0.5
# How sure it must be of what stands where something else is known to be.
LEAST_IF_HIDDEN = 0.5


class Agreed:
    """A `Detector` whose boxes of one label another one must see too; any number of threads may call it.

    `label` and `others_label` are the numbers of that label; the boxes must share `overlap` (intersection over union).
    What the other is less sure of than `least` it does not say; and it must not be torn between that label and its
    labels `rivals`; `first_rivals` are the same in the first one's numbers.
    """

    def __init__(
        self,
        first: Detector,
        label: int,
        other: Detector,
        others_label: int,
        overlap: float,
        rivals: Collection[int] = (),
        first_rivals: Collection[int] = (),
        least: float = 0.0,
    ) -> None:
        self.first = first
        self._label = label
        self._other = other
        self._others_label = others_label
        self._overlap = overlap
        self._rivals = tuple(rivals)
        self._first_rivals = tuple(first_rivals)
        self._least = least

    def looking_down(self) -> Self:
        """For a camera that knows no up; it shares the networks."""
        twin = copy(self)
        first = self.first
        twin.first = first.looking_down() if isinstance(first, TwoLooks) else BothWays(first, self._label)
        twin._other = BothWays(self._other, self._others_label)  # noqa: SLF001
        return twin

    def detect(self, picture: Picture) -> Detections:
        """As the first detector does, strongest first, less what the other one does not see."""
        found = self.first.detect(picture)
        return self.agreed(picture, found) if self.has_any(found) else found

    def has_any(self, found: Detections) -> bool:
        """Whether there is anything to be asked about."""
        return bool((found.label == self._label).any())

    def agreed(self, picture: Picture, found: Detections, doubted: NDArray[np.bool_] | None = None) -> Detections:
        """What is left of `found` once the other one has been asked; of what is `doubted` (n,) it must be sure."""
        backing = self._backing(self._other.detect(picture))
        backs = pairwise_iou(found.xyxy, backing.xyxy) >= self._overlap
        if doubted is not None:
            backs &= ~doubted[:, None] | (backing.score >= LEAST_IF_HIDDEN)
        return found[(found.label != self._label) | backs.any(axis=1)]

    def known_others(self) -> KnownOthers:
        """For one camera: what the first one surely sees as something else."""
        return KnownOthers(self._label, self._first_rivals, self._overlap)

    def _backing(self, seen: Detections) -> Detections:
        """What the other one takes for it rather than for something else."""
        seen = seen[seen.score >= self._least]
        like, rivals = seen[seen.label == self._others_label], seen[np.isin(seen.label, self._rivals)]
        torn = rivals.score >= TORN * like.score[:, None]
        torn &= pairwise_iou(like.xyxy, rivals.xyxy) >= BOTH_IOU
        return like[np.flatnonzero(~torn.any(axis=1))]


class Watched:
    """The same for one camera's looks in order, for one thread.

    It asks less often about what is proven, and for a surer opinion about what stands where something else is known.
    """

    def __init__(self, both: Agreed) -> None:
        self._both = both
        self._known = both.known_others()
        self._in_a_row = 0

    def detect(self, picture: Picture) -> Detections:
        """As `Agreed` does until both have agreed `PROVEN` times in a row, then from every `EVERY`th look on again."""
        found = self._both.first.detect(picture)
        doubted = self._known.hidden(found)
        if self._both.has_any(found) and not self._believed():
            found = self._both.agreed(picture, found, doubted)
        self._in_a_row = self._in_a_row + 1 if self._both.has_any(found) else 0
        return found

    def _believed(self) -> bool:
        return self._in_a_row >= PROVEN and self._in_a_row % EVERY != 0


def looking_down(detector: Detector) -> Detector:
    """The same networks for a camera that looks straight down; one that asks nothing further has no other way."""
    return detector.looking_down() if isinstance(detector, TwoLooks | Agreed) else detector


def for_one_camera(detector: Detector, *, looks_down: bool = False) -> Detector:
    """A shared detector as one camera is to use it."""
    mine = looking_down(detector) if looks_down else detector
    return Watched(mine) if isinstance(mine, Agreed) else mine
