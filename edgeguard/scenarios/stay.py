"""How long something has been there, in time looked at: gaps are bridged, what nobody saw does not count."""

from edgeguard.scenarios.episode import LOOK_SPAN_S, NO_LOOK_S
from edgeguard.scenarios.suspicion import EPSILON_S, Candidate, Seen
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
        # Asked of every object by every rule: comparing costs a third of what `min` and `max` do.
        passed_s = now_s - self._at_s if now_s > self._at_s else 0.0
        self._at_s = now_s
        counted_s = passed_s if passed_s < NO_LOOK_S else NO_LOOK_S  # noqa: FURB136
        self.held_s += counted_s
        if seen:
            self.shown_s += counted_s
            self.absent_s = 0.0
            self.looks += 1
        else:
            self.absent_s += passed_s if passed_s < LOOK_SPAN_S else LOOK_SPAN_S  # noqa: FURB136

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
