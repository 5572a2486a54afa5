"""How long something has been there, in time looked at: gaps are bridged, what nobody saw does not count."""

from collections.abc import Sequence
from dataclasses import replace

from edgeguard.boxes import iou
from edgeguard.scenarios.episode import LOOK_SPAN_S, NO_LOOK_S
from edgeguard.scenarios.suspicion import EPSILON_S, Candidate, Seen
from edgeguard.scenarios.zone import Box
from edgeguard.types import Observation

# What was there only a moment is forgotten as soon: a flicker must not make the next one look like a stay.
GRACE_S = 1.0
# Through a gap it counts as there; but at least so much of the time it must have been seen.
SEEN_SHARE = 0.5
# One look may be anything.
MIN_LOOKS = 2


class Stay:
    """Of one object or one condition, from its first look on.

    A look answers for the time since the one before: for all of it, up to NO_LOOK_S, where something is there (while
    the motion gate lets no frame through nothing has moved), for LOOK_SPAN_S at most where it is not.
    """

    __slots__ = ("_at_s", "absent_s", "held_s", "looks", "shown_s")

    def __init__(self, at_s: float, held_s: float = 0.0) -> None:
        self.held_s = self.shown_s = held_s
        self.absent_s = 0.0
        self.looks = 1
        self._at_s = at_s

    def go_on(self, now_s: float, *, seen: bool) -> None:
        """Take the next look."""
        passed_s = max(now_s - self._at_s, 0.0)
        self._at_s = now_s
        self.held_s += min(passed_s, NO_LOOK_S)
        if seen:
            self.shown_s += min(passed_s, NO_LOOK_S)
            self.absent_s = 0.0
            self.looks += 1
        else:
            self.absent_s += min(passed_s, LOOK_SPAN_S)

    def over(self, clear_s: float) -> bool:
        """Not seen for `clear_s`; what was there only shortly is over sooner."""
        return self.absent_s >= min(clear_s, self.shown_s + GRACE_S) - EPSILON_S

    def lasts(self, dwell_s: float) -> bool:
        """It is seen now, has been there for `dwell_s`, and was seen for most of it."""
        if self.absent_s or self.looks < MIN_LOOKS or self.held_s < dwell_s - EPSILON_S:
            return False
        return self.shown_s >= SEEN_SHARE * self.held_s - EPSILON_S


class Dwell:
    """Opens an episode when a condition has held for `dwell_s`; an `Opening`."""

    def __init__(self, dwell_s: float, clear_s: float) -> None:
        self.seen: Seen | None = None
        self.dismissed = 0
        self._dwell_s = dwell_s
        self._clear_s = clear_s
        self._stay = Stay(0.0)

    def look(self, now: Observation, found: Candidate | None) -> Seen | None:
        """Take a looked-at frame; a covered camera's says nothing."""
        if now.blind_for_s and found is None:
            return None
        if self.seen is None:
            self._begin(now, found)
            return None
        self._stay.go_on(now.monotonic_s, seen=found is not None)
        if found is not None:
            self.seen.add(now, found)
        elif self._stay.over(self._clear_s):
            self.dismissed += 1
            self.forget()
        if self.seen is None or not self._stay.lasts(self._dwell_s):
            return None
        seen = self.seen
        self.forget()
        return seen

    def forget(self) -> None:
        self.seen = None

    def _begin(self, now: Observation, found: Candidate | None) -> None:
        if found is not None:
            self.seen = Seen.begin(now, found)
            self._stay = Stay(now.monotonic_s)


class AtOnce:
    """Opens an episode with the first sighting: the condition has taken its time already. An `Opening`."""

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self.dismissed = 0

    def look(self, now: Observation, found: Candidate | None) -> Seen | None:
        return None if found is None else Seen.begin(now, found)

    def forget(self) -> None:
        """There is nothing to forget."""


class Resumption:
    """After a restart nobody's past is known: who is there in the first moments is taken for the one who was."""

    def __init__(self, clear_s: float) -> None:
        self._clear_s = clear_s
        self._until_s: float | None = None

    def fresh(self, now_s: float, *, held: bool) -> bool:
        """Asked with every look; True for `clear_s` where the first one found an open episode."""
        if self._until_s is None:
            self._until_s = now_s + self._clear_s if held else now_s
        return now_s < self._until_s


# A box that overlaps the place where one was lost by so much is that one.
LOST_IOU = 0.3
# Where another one stops in the same place it seldom stops as exactly.
VERY_IOU = 0.8
# So little of its place a thing covers that has left it, and its upper and lower edges are within so much of a height.
MOVED_IOU = 0.3
ALIKE = 0.1


class Resident:
    """One object over its gaps: where it is now, where it was first seen (`home`), and how long it has been there."""

    __slots__ = ("home", "last_s", "seen", "stay")

    def __init__(self, found: Candidate, now_s: float, held_s: float) -> None:
        self.seen = found
        self.home = found.box
        self.last_s = now_s
        self.stay = Stay(now_s, held_s)

    def see(self, found: Candidate, now_s: float) -> None:
        self.stay.go_on(now_s, seen=True)
        self.seen, self.last_s = found, now_s


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

    @property
    def known(self) -> Sequence[Resident]:
        """Those seen in the last look and those remembered."""
        return self._all

    def update(self, now: Observation, found: Sequence[Candidate], held_s: float = 0.0) -> list[Resident]:
        """Take a look, of which `found` matter; returns them, in that order. `held_s`: what new ones begin with."""
        if not found and not self._all:
            return []
        now_s, ids = now.monotonic_s, _ids(now)
        free = [resident for resident in self._all if self._still is None or not _drove_off(resident, found)]
        seen = []
        for one in found:
            resident = self._recognised(one, now_s, free, ids)
            if resident is None:
                resident = Resident(one, now_s, held_s)
            else:
                free.remove(resident)
                resident.see(one, now_s)
            seen.append(resident)
        self._all = seen + [resident for resident in free if self._remembered(resident, now_s)]
        return seen

    def _recognised(self, found: Candidate, now_s: float, free: list[Resident], ids: set[int]) -> Resident | None:
        """The one that this is, where it is one."""
        best, most = None, 0.0
        for resident in free:
            if self._still is not None:
                fit = _fit_of_place(resident, found, self._still)
            else:
                fit = self._fit_of_track(resident, found, now_s, ids)
            if fit > most:
                best, most = resident, fit
        return best

    def _fit_of_track(self, resident: Resident, found: Candidate, now_s: float, ids: set[int]) -> float:
        """How well the two are one; 0: not at all. Whom the tracker shows somewhere else now it is not."""
        known = resident.seen.track_id
        if known == found.track_id:
            return 2.0
        if known in ids or now_s - resident.last_s > self._clear_s:
            return 0.0
        overlap = iou(resident.seen.box, found.box)
        return overlap if overlap >= LOST_IOU else 0.0

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
    height = home[3] - home[1]
    alike = abs(box[3] - home[3]) < ALIKE * height and abs(box[1] - home[1]) < ALIKE * height
    return alike and iou(home, box) < MOVED_IOU


def longest(residents: Sequence[Resident], dwell_s: float) -> Candidate | None:
    """Who has been there longest, with how long that is; None where nobody has for `dwell_s`."""
    lasting = [resident for resident in residents if resident.stay.lasts(dwell_s)]
    if not lasting:
        return None
    first = max(lasting, key=lambda resident: resident.stay.held_s)
    return replace(first.seen, held_s=first.stay.held_s)
