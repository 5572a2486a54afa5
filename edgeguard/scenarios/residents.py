"""Who is whom over time: objects over the gaps of a detector and the mistakes of a tracker."""

from collections.abc import Sequence
from dataclasses import replace

from edgeguard.boxes import iou
from edgeguard.scenarios.stay import Stay
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box
from edgeguard.types import Observation

# A box that overlaps the place where one was lost by so much is that one.
LOST_IOU = 0.3
# Where another one stops in the same place it seldom stops as exactly.
VERY_IOU = 0.8
# So little of its place a thing covers that has left it. What moves itself keeps the height of its upper and lower edge
# at first, within so much of its own; what passes in front is nearer, so lower and larger.
MOVED_IOU = 0.3
ALIKE = 0.1
# Who is within so much of one spot for so long stands there; so long after a theft its track is given back.
SPOT_IOU = 0.5
STOOD_S = 2.0
STOLEN_S = 4.0
# Whoever has come to a spot while it was being stolen: boxes part a little sooner or later than tracks do.
EARLY_S = 1.0


class Resident:
    """One object: how long it has been there, where it was first seen (`home`), where it is now and stands (`spot`).

    `stolen`: the spot on which it stood when its track went on with somebody who passed in front, and when.
    """

    __slots__ = ("_middle", "home", "last_s", "seen", "spot", "spot_s", "stay", "stolen")

    def __init__(self, found: Candidate, now_s: float, held_s: float = 0.0) -> None:
        self.seen = found
        self.home = found.box
        self.last_s = now_s
        self._stand(found.box, now_s)
        self.stay = Stay(now_s, held_s)
        self.stolen: tuple[Box, float] | None = None

    def see(self, found: Candidate, now_s: float) -> None:
        self.stay.go_on(now_s, seen=True)
        self.seen, self.last_s = found, now_s

    def settle(self, now_s: float) -> bool:
        """Keep the spot up to date, after it was seen; whether its track may have been stolen from it."""
        x0, y0, x1, y1 = box = self.seen.box
        x, wide, y, high = self._middle
        # Its middle has gone by a third: of two boxes of one size half the union is then shared, and this costs less.
        if not (-wide <= x0 + x1 - x <= wide and -high <= y0 + y1 - y <= high):
            if now_s - self.spot_s >= STOOD_S and not _alike(self.spot, box):
                self.stolen = self.spot, now_s
            self._stand(box, now_s)
        if self.stolen is not None and now_s - self.stolen[1] > STOLEN_S:
            self.stolen = None
        return self.stolen is not None

    def _stand(self, box: Box, now_s: float) -> None:
        self.spot, self.spot_s = box, now_s
        x0, y0, x1, y1 = box
        self._middle = x0 + x1, (x1 - x0) * 2 / 3, y0 + y1, (y1 - y0) * 2 / 3

    def stands_for(self, robbed: "Resident") -> bool:
        """Whether this is the one whose track another has taken along: it has turned up on the same spot."""
        if robbed.stolen is None or self is robbed:
            return False
        spot, at_s = robbed.stolen
        return self.spot_s >= at_s - EARLY_S and iou(spot, self.seen.box) >= SPOT_IOU


# Whom a look shows, and who is free: not seen in it.
_Split = tuple[list[Resident], list[Resident]]


class Residents:
    """Objects told apart over their gaps. Not seen for `clear_s` one is forgotten.

    `still` None: they may move, and the tracker says who is who; whoever appears where one was lost less than `clear_s`
    ago is the same. A number: each keeps its place, its box overlaps the first one by so much (IoU), and the place says
    who is who: what passes in front takes a track along with it.
    """

    def __init__(self, clear_s: float, still: float | None = None) -> None:
        self._clear_s = clear_s
        self._still = still
        self._all: list[Resident] = []
        self._looked: Observation | None = None
        self._seen: list[Resident] = []

    @property
    def known(self) -> Sequence[Resident]:
        """Those seen in the last look and those remembered."""
        return self._all

    def update(self, now: Observation, found: Sequence[Candidate], held_s: float = 0.0) -> list[Resident]:
        """Take a look, of which `found` matter; returns them, in that order. `held_s`: what new ones begin with.

        Told the same look again by another who shares it, it says the same.
        """
        if now is not self._looked:
            self._looked, self._seen = now, self._told(now, found, held_s) if found or self._all else []
        return self._seen

    def _told(self, now: Observation, found: Sequence[Candidate], held_s: float) -> list[Resident]:
        now_s = now.monotonic_s
        if self._still is None:
            seen, free = self._followed(now, found, held_s)
            self._give_back(seen, now_s)
        else:
            seen, free = self._in_place(now_s, found, self._still, held_s)
        self._all = seen + [resident for resident in free if self._remembered(resident, now_s)]
        return seen

    def _give_back(self, seen: Sequence[Resident], now_s: float) -> None:
        """Whose track somebody took along in passing has their time back, and the passer-by theirs."""
        for robbed in [resident for resident in seen if resident.settle(now_s)]:
            again = next((resident for resident in seen if resident.stands_for(robbed)), None)
            if again is not None:
                again.stay, robbed.stay = robbed.stay, again.stay
                robbed.stolen = None

    def _followed(self, now: Observation, found: Sequence[Candidate], held_s: float) -> _Split:
        """The tracker says who is who. Nothing fits better than the track; each is one resident's."""
        now_s = now.monotonic_s
        free = {resident.seen.track_id: resident for resident in self._all}
        tracked = [free.pop(one.track_id, None) for one in found]
        seen = []
        for one, resident in zip(found, tracked, strict=True):
            again = resident or (self._lost_there(one, now, free) if free else None)
            if again is None:
                again = Resident(one, now_s, held_s)
            else:
                again.see(one, now_s)
            seen.append(again)
        return seen, list(free.values())

    def _lost_there(self, found: Candidate, now: Observation, free: dict[int, Resident]) -> Resident | None:
        """Who was lost where this one appears, taken out of those who are free. Whom the tracker shows it is not."""
        shown, best, most = _ids(now), None, LOST_IOU
        for track_id, resident in free.items():
            if track_id not in shown and now.monotonic_s - resident.last_s <= self._clear_s:
                overlap = iou(resident.seen.box, found.box)
                if overlap >= most and (best is None or overlap > most):
                    best, most = track_id, overlap
        return None if best is None else free.pop(best)

    def _in_place(self, now_s: float, found: Sequence[Candidate], still: float, held_s: float) -> _Split:
        """The place says who is who."""
        free = [resident for resident in self._all if not _drove_off(resident, found)]
        seen = []
        for one in found:
            again, most = None, 0.0
            for resident in free:
                fit = _fit_of_place(resident, one, still)
                if fit > most:
                    again, most = resident, fit
            if again is None:
                again = Resident(one, now_s, held_s)
            else:
                free.remove(again)
                again.see(one, now_s)
            seen.append(again)
        return seen, free

    def _remembered(self, resident: Resident, now_s: float) -> bool:
        """Of one that is not seen now."""
        resident.stay.go_on(now_s, seen=False)
        return not resident.stay.over(self._clear_s)


def _ids(now: Observation) -> set[int]:
    """Of all that is seen: whoever has stepped aside, out of the zone, is not the one who stands there now."""
    return set() if now.tracks is None else set(now.tracks.id.tolist())


def _fit_of_place(resident: Resident, found: Candidate, still: float) -> float:
    """How well the two are one; 0: not at all. After a gap, under another id, it must be the very same place."""
    same = resident.seen.track_id == found.track_id
    overlap = iou(resident.home, found.box)
    needed = still if same or not resident.stay.absent_s else max(still, VERY_IOU)
    return overlap + same if overlap >= needed else 0.0


def _drove_off(resident: Resident, found: Sequence[Candidate]) -> bool:
    """Its track is off its place, and it is itself: what passes in front of it is nearer, so lower and larger."""
    track_id = resident.seen.track_id
    return any(one.track_id == track_id and _moved(resident.home, one.box) for one in found)


def _moved(home: Box, box: Box) -> bool:
    return _alike(home, box) and iou(home, box) < MOVED_IOU


def _alike(home: Box, box: Box) -> bool:
    height = home[3] - home[1]
    return abs(box[3] - home[3]) < ALIKE * height and abs(box[1] - home[1]) < ALIKE * height


def longest(residents: Sequence[Resident], dwell_s: float) -> Candidate | None:
    """Who has been there longest, with how long that is; None where nobody has for `dwell_s`."""
    lasting = [resident for resident in residents if resident.stay.lasts(dwell_s)]
    if not lasting:
        return None
    first = max(lasting, key=lambda resident: resident.stay.held_s)
    return replace(first.seen, held_s=first.stay.held_s)
