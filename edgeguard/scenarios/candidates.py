"""Which box of a frame may count as the object a rule is about."""

from collections.abc import Iterator, Sequence

from edgeguard.boxes import iou
from edgeguard.scenarios.objects import Sight, strongest
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Zone
from edgeguard.types import Observation, rivals_of

# Wheels touch the cabin floor although a half-open door cuts the rest of the box away.
MIN_SHARE = 0.3
# Boxes that overlap so much are one object, read as two classes.
SAME_OBJECT_IOU = 0.6


class Candidates:
    """Picks the best box of one label: in the zone, strong enough, and not better read as a rival class."""

    def __init__(self, label: str, labels: Sequence[str], zone: Zone, c_lo: float) -> None:
        self._sight = labels if isinstance(labels, Sight) else Sight(labels)
        self._label = labels.index(label)
        self._rivals = rivals_of(label, labels)
        self._zone = zone
        self._c_lo = c_lo

    def best(self, now: Observation) -> Candidate | None:
        return strongest(self._all(now))

    def _all(self, now: Observation) -> Iterator[Candidate]:
        seen = self._sight.of(now)
        wanted = [one for label, one in seen if label == self._label and one.score >= self._c_lo]
        rivals = [one for label, one in seen if label in self._rivals] if wanted else []
        for one in wanted:
            outdone = any(rival.score > one.score and iou(one.box, rival.box) >= SAME_OBJECT_IOU for rival in rivals)
            if not outdone and self._zone.share_of(one.cells or one.placed()) >= MIN_SHARE:
                yield one
