"""Which box of a frame may count as the object a rule is about."""

from collections.abc import Iterator, Sequence

from edgeguard.boxes import iou
from edgeguard.scenarios.objects import relative, strongest
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Zone
from edgeguard.types import Observation

# Wheels touch the cabin floor although a half-open door cuts the rest of the box away.
MIN_SHARE = 0.3
# Boxes that overlap so much are one object, read as two classes.
SAME_OBJECT_IOU = 0.6
# Classes an e-bike is mistaken for. Not people, not bags: they stand in front of an e-bike and must not hide it.
RIVALS = frozenset({"bicycle", "mobility scooter", "pram", "trolley", "wheelchair"})


class Candidates:
    """Picks the best box of one label: in the zone, strong enough, and not better read as a rival class."""

    def __init__(self, label: str, labels: Sequence[str], zone: Zone, c_lo: float) -> None:
        self._name = label
        self._label = labels.index(label)
        self._rivals = {number for number, name in enumerate(labels) if name in RIVALS - {label}}
        self._zone = zone
        self._c_lo = c_lo

    def best(self, now: Observation) -> Candidate | None:
        return strongest(self._all(now))

    def _all(self, now: Observation) -> Iterator[Candidate]:
        if now.tracks is None or not len(now.tracks):
            return
        boxes = now.tracks.boxes
        labels, scores = boxes.label.tolist(), boxes.score.tolist()
        rows = [row for row, label in enumerate(labels) if label == self._label and scores[row] >= self._c_lo]
        if not rows:
            return
        xyxy = boxes.xyxy.tolist()
        rivals = [(scores[row], xyxy[row]) for row, label in enumerate(labels) if label in self._rivals]
        for row in rows:
            box = relative(xyxy[row], now.width_px, now.height_px)
            outdone = any(score > scores[row] and iou(xyxy[row], rival) >= SAME_OBJECT_IOU for score, rival in rivals)
            if not outdone and self._zone.share(box) >= MIN_SHARE:
                yield Candidate(self._name, int(now.tracks.id[row]), box, scores[row])
