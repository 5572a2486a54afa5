"""What was shown at one camera or reader and counts, for a while, as shown first at a gate that verifies faces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from edgeguard.access import GateRules
from edgeguard.access.claims import CardClaim, PinClaim, PlateClaim, QrClaim
from edgeguard.access.config import FirstSource

First = CardClaim | PinClaim | QrClaim | PlateClaim

# A face is compared with few: whoever came earlier has most likely gone another way.
MOST = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose face may come within `until_s`. `here`: it was shown at this very gate, and decided nothing there yet."""

    ref: str
    claim: First
    until_s: float
    here: bool


class Firsts:
    """For all gates of a box; any thread may call it."""

    def __init__(self, gates: Sequence[GateRules], monotonic_s: Callable[[], float]) -> None:
        self._sources = {gate.id: gate.first for gate in gates}
        self._monotonic_s = monotonic_s
        self._lock = Lock()
        self._waiting: dict[str, list[Waiting]] = {gate.id: [] for gate in gates}

    def source(self, gate: str, *, camera: str | None, reader: str | None) -> FirstSource | None:
        """As what the gate counts what is shown there; None: as nothing."""
        found = (one for one in self._sources[gate] if one.is_one(camera=camera, reader=reader))
        return next(found, None)

    def let_in(self, gate: str, ref: str, claim: First, *, camera: str | None, reader: str | None) -> None:
        """Somebody was let in at `gate`: other gates that name the camera or the reader await their face."""
        for other in self._sources:
            named = None if other == gate else self.source(other, camera=camera, reader=reader)
            if named is not None:
                self.wait(other, ref, claim, named.within_s, here=False)

    def wait(self, gate: str, ref: str, claim: First, within_s: float, *, here: bool) -> None:
        """What the same person has shown before is over."""
        one = Waiting(ref, claim, self._monotonic_s() + within_s, here)
        with self._lock:
            kept = [other for other in self._waiting[gate] if other.ref != ref]
            self._waiting[gate] = [*kept, one][-MOST:]

    def waiting(self, gate: str) -> list[Waiting]:
        """The latest last."""
        now_s = self._monotonic_s()
        with self._lock:
            return [one for one in self._waiting[gate] if now_s < one.until_s]

    def take(self, gate: str, ref: str | None) -> First | None:
        """What this person has shown, which is spent by it; for a stranger what was shown last, which is not."""
        found = self.waiting(gate)
        theirs = next((one for one in found if one.ref == ref), None)
        if theirs is None:
            return found[-1].claim if found else None
        self._drop(gate, [theirs])
        return theirs.claim

    def overdue(self, gate: str) -> First | None:
        """What was shown at this very gate, whose face has not come: it is to be told, once."""
        now_s = self._monotonic_s()
        with self._lock:
            over = [one for one in self._waiting[gate] if now_s >= one.until_s]
        late = next((one for one in over if one.here), None)
        self._drop(gate, [one for one in over if not one.here] + ([] if late is None else [late]))
        return None if late is None else late.claim

    def _drop(self, gate: str, gone: Sequence[Waiting]) -> None:
        with self._lock:
            self._waiting[gate] = [one for one in self._waiting[gate] if one not in gone]
