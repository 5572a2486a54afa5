"""Whether an object was out before the door closed: what the door's states and the sightings say together."""

import math

from edgeguard.types import DoorState, Outcome

# A lift cannot close its door, travel and open it again in so long: a door unknown for less has not done it.
BRIEF_S = 3.0
# So long a door must have been closed, and the object's episode open, before a sighting is one behind the closed door:
# frame and door state may be a little older than each other, and an estimate notices an opening late.
SETTLED_S = 1.0


class Passage:
    """Fed with every observation, also between episodes: a door that is hidden at the decisive moment was known before.

    `travelled`: it was seen behind the closed door.
    """

    def __init__(self) -> None:
        self.travelled = False
        self._unclear = False
        self._known_s = self._begun_s = -math.inf
        self._closed_s: float | None = None

    def watch(self, monotonic_s: float, door: DoorState) -> None:
        """Take the door's state of this moment."""
        if door is DoorState.UNKNOWN:
            return
        if door is DoorState.OPEN:
            self._closed_s = None
        elif self._closed_s is None or monotonic_s - self._known_s > BRIEF_S:
            self._closed_s = monotonic_s
        self._known_s = monotonic_s

    def begin(self, monotonic_s: float) -> None:
        """An episode opens."""
        self.travelled = self._unclear = False
        self._begun_s = monotonic_s

    def resume(self, monotonic_s: float, *, travelled: bool) -> None:
        """An episode goes on after a restart: nobody watched the door meanwhile, so only "travelled" can be known."""
        self.begin(monotonic_s)
        self.travelled, self._unclear = travelled, True

    def sight(self, monotonic_s: float) -> bool:
        """The object is seen, in the same observation; True where this says for the first time that it travels."""
        if monotonic_s - self._known_s > BRIEF_S:
            self._unclear = True
        if self.travelled or not self._behind(monotonic_s):
            return False
        self.travelled = True
        return True

    def _behind(self, monotonic_s: float) -> bool:
        """Whether it is seen behind a door that is known to be closed."""
        if self._closed_s is None or self._known_s < monotonic_s:
            return False
        return monotonic_s - max(self._closed_s, self._begun_s) >= SETTLED_S

    def outcome(self, *, gone: bool) -> Outcome:
        """`gone`: looked for and not found any more, which blindness is not."""
        if self.travelled:
            return Outcome.TRAVELLED
        return Outcome.COMPLIED if gone and not self._unclear else Outcome.UNKNOWN
