"""A relay that opens a door or a barrier: what one is asked, and what its hardware promises."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Final, Protocol

from edgeguard.errors import RelayError, RelayLate

# No setting raises it: a contact that is closed for longer belongs to no door.
LONGEST_PULSE_S: Final = 60.0


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Pulse:
    """Close the contact for `seconds`, beginning before `begin_by_s` (monotonic) or not at all.

    `cut` is set to have it released at once. `closed` is called when the board has confirmed that it is closed.
    """

    seconds: float
    begin_by_s: float
    cut: Event = field(default_factory=Event)
    closed: Callable[[], None] = _nothing
    monotonic_s: Callable[[], float] = time.monotonic

    def begin(self, takes_s: float = 0.0) -> None:
        """Ask right before closing, which takes effect within `takes_s`; raises RelayLate."""
        late_s = self.monotonic_s() + takes_s - self.begin_by_s
        if late_s >= 0:
            raise RelayLate(f"too late by {late_s:.1f} s, {takes_s:g} s for the board counted in")

    def rest(self, renew: Callable[[], object] = _nothing, every_s: float = LONGEST_PULSE_S) -> None:
        """Wait until it is over or cut; `renew` is called so often meanwhile, and what it raises ends the wait."""
        until_s = self.monotonic_s() + self.seconds
        while (left_s := until_s - self.monotonic_s()) > 0 and not self.cut.wait(min(left_s, every_s)):
            if left_s > every_s:
                renew()


@dataclass(frozen=True, slots=True)
class Promises:
    """What the board does by itself: end a pulse, and release when nothing comes from the box for `watchdog_s`."""

    hardware_pulse: bool = False
    watchdog_s: float | None = None


class Relay(Protocol):
    """One contact. Used by one thread at a time; it connects when it is first asked."""

    @property
    def name(self) -> str:
        """For people and logs, never with a secret."""

    @property
    def promises(self) -> Promises:
        """Of the hardware as it is configured."""

    def pulse(self, pulse: Pulse) -> None:
        """Close, wait, release; returns when it is released.

        Raises RelayLate where it did not begin, RelayError where the board did not confirm closing or releasing.
        """

    def check(self) -> None:
        """See that the board answers and the contact is released, and release it where it is not; raises RelayError."""

    def close(self) -> None:
        """Release what can be released, and leave the board."""


def timed(
    pulse: Pulse,
    close: Callable[[], None],
    release: Callable[[], None],
    renew: Callable[[], object] = _nothing,
    renew_every_s: float = LONGEST_PULSE_S,
) -> None:
    """A pulse that the box ends: whatever happens on the way, `release` is tried once, and its failure is told."""
    failure: RelayError | None = None
    try:
        close()
        pulse.closed()
        pulse.rest(renew, renew_every_s)
    except RelayError as error:
        # The board may have closed it and only its answer was lost.
        failure = error
    try:
        release()
    except RelayError as error:
        raise failure or RelayError(f"closed, but the release is not confirmed: {error}") from error
    if failure is not None:
        raise failure
