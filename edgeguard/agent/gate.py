"""One gate with its relay, what is read of it, and whether it is closed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from edgeguard.actuators.relay_switch import Switch, SwitchState
from edgeguard.agent.gate_watch import DOOR_RULE, RELAY_RULE, DoorRules, DoorWatch, RelayWatch, Whose
from edgeguard.agent.gates_config import GateConfig
from edgeguard.doors import ContactDoor
from edgeguard.sources.base import Clock
from edgeguard.types import DoorState, OpenEpisode, Report


class Gate:
    """One gate with its relay and what is read of it."""

    def __init__(
        self, config: GateConfig, switch: Switch, clock: Clock, new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode],
    ) -> None:  # fmt: skip
        self.config = config
        self.switch = switch
        self._clock = clock
        camera = config.camera or ""
        rules = DoorRules(config.held_after_s, config.grant_s, config.alarm_forced)
        self._door = DoorWatch(rules, Whose(config.id, camera, DOOR_RULE), new_event_id, resume)
        self._relay = RelayWatch(Whose(config.id, camera, RELAY_RULE), new_event_id, resume)
        self.contact, self.button = (
            ContactDoor(read, f"gate {config.id}", clock.monotonic_s) if read is not None else None
            for read in (config.contact, config.exit_button)
        )
        self._cleared_s = float("-inf")
        self._passed = False  # seen open since the latest grant

    @property
    def contacts(self) -> list[ContactDoor]:
        """What is read of it."""
        return [contact for contact in (self.contact, self.button) if contact is not None]

    def start(self) -> None:
        self.switch.start()
        for contact in self.contacts:
            contact.start()

    def state(self) -> DoorState:
        """By its contact; without one it is unknown."""
        return DoorState.UNKNOWN if self.contact is None else self.contact.state(self._clock.monotonic_s())

    def not_closed(self) -> str:
        """Why another gate of its airlock may not open now; empty where it may."""
        now_s = self._clock.monotonic_s()
        if self.switch.busy:
            return "is being opened"
        if self.switch.health.closed:
            return "is not known to be locked: its relay does not answer"
        if self.contact is None:
            return (
                "" if now_s >= self._cleared_s else f"was opened and counts as open for {self._cleared_s - now_s:.0f} s"
            )
        state = self.state()
        if state is DoorState.CLOSED and not self._passed and now_s < self._cleared_s:
            return "may be opening"  # an operator takes a moment to swing its door
        return "" if state is DoorState.CLOSED else f"is {state.value}"

    def granted(self) -> None:
        """Whoever opens the door now may."""
        now_s = self._clock.monotonic_s()
        self._cleared_s, self._passed = now_s + self.config.airlock_clear_s, False
        self._door.granted(now_s)

    def allow(self) -> None:
        """The time in which it may be opened begins anew: the relay has been released."""
        self._door.granted(self._clock.monotonic_s())

    def step(self) -> tuple[Report, ...]:
        """Look at door and relay."""
        now_s, at = self._clock.monotonic_s(), self._clock.utcnow()
        if self.button is not None and self.button.state(now_s) is DoorState.CLOSED:
            self.granted()
        state, health = self.state(), self.switch.health
        self._passed = self._passed or state is DoorState.OPEN
        lost = health.reason if health.state is SwitchState.LOST else ""
        return (*self._door.step(now_s, at, state), *self._relay.step(now_s, at, lost))
