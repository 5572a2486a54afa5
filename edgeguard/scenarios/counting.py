"""How many there are: counted in each look, steadied over the last second."""

from collections import deque

from edgeguard.boxes import hull
from edgeguard.scenarios.objects import Objects, strongest
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

# A detector misses one of ten now and then; the median over a second does not.
STEADY_S = 1.0
# Staff look at the number: a changed one is told after so long, and not with every step of somebody at the edge.
COUNT_EVERY_S = 5.0


class Headcount:
    """Counts objects. A tie goes to the higher count: a missed person is more frequent than an invented one."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._counts: deque[tuple[float, int]] = deque()
        self._looked: Observation | None = None
        self._group: Candidate | None = None

    def look(self, now: Observation) -> Candidate | None:
        """All of them as one, with a box around them and their `count`; None of none. Asked twice it counts once."""
        if now is not self._looked:
            self._looked = now
            self._group = self._counted(now)
        return self._group

    def _counted(self, now: Observation) -> Candidate | None:
        found = self._objects.of(now)
        self._counts.append((now.monotonic_s, len(found)))
        while self._counts[0][0] <= now.monotonic_s - STEADY_S:
            self._counts.popleft()
        best = strongest(found) or self._group
        # The higher of the two middle ones.
        count = sorted(number for _, number in self._counts)[len(self._counts) // 2]
        if best is None or not count:
            return None
        return Candidate(
            best.label, best.track_id, hull([one.box for one in found]) if found else best.box, best.score, count
        )


class AtLeast:
    """So many: `enter` to begin with, `leave` to go on. A `Condition`."""

    def __init__(self, headcount: Headcount, enter: int, leave: int) -> None:
        self._headcount = headcount
        self._enter = enter
        self._leave = leave

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        group = self._headcount.look(now)
        if group is None or group.count is None:
            return None
        return group if group.count >= (self._leave if held else self._enter) else None
