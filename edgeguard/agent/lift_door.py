"""Holds a lift's door open while an e-bike is inside: only an open door, never for long, released by anything."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock

from edgeguard.actuators.relay_switch import Pulsed, Switch
from edgeguard.agent.lift_door_config import LiftDoorConfig
from edgeguard.contract import Action, Event
from edgeguard.doors import ContactConfig, ContactDoor
from edgeguard.sources.base import Clock
from edgeguard.types import DoorState, Phase

log = logging.getLogger(__name__)

CODE = "LIFT.EBIKE.ENTER"
CLEARED = "cleared"
# An open door that closes meanwhile is not opened again: the car may be about to move.
BEGIN_WITHIN_S = 1.0


class LiftDoor:
    """`step` it ten times a second, from one thread. `acted(event_id, action)` tells the episode what was done."""

    def __init__(
        self,
        config: LiftDoorConfig,
        door: ContactConfig,
        switch: Switch,
        clock: Clock,
        acted: Callable[[str, Action], None],
    ) -> None:
        self.config = config
        self.switch = switch
        self._clock = clock
        self._acted = acted
        name = f"lift door of {config.camera}"
        self._door = ContactDoor(door, name, clock.monotonic_s)
        self._quiet: Mapping[str, ContactDoor] = {
            what: ContactDoor(read, f"{what} of {name}", clock.monotonic_s)
            for what, read in (("fire", config.fire), ("inspection", config.inspection), ("sos", config.sos))
        }
        self._lock = Lock()
        self._wanted: str | None = None
        self._why_released = ""

    @property
    def contacts(self) -> list[ContactDoor]:
        """What is read of it."""
        return [self._door, *self._quiet.values()]

    def start(self) -> None:
        self.switch.start()
        for contact in self.contacts:
            contact.start()

    def heard(self, event: Event) -> None:
        """An event of its camera: an e-bike that comes is a reason to hold, one that has gone to release."""
        data = event.data
        if data.code != CODE or data.camera != self.config.camera or data.historical:
            return
        cleared = data.decision is not None and data.decision.reason == CLEARED
        if data.phase is Phase.NEW:
            with self._lock:
                self._wanted = data.event_id
        elif data.phase is Phase.END or cleared:
            self.release("the e-bike has left")

    def release(self, why: str) -> bool:
        """At once, and not again in this episode; False where it was not held."""
        with self._lock:
            self._wanted, held = None, self.switch.busy
            if held and not self._why_released:
                self._why_released = why
        self.switch.cut()
        return held

    def refusal(self) -> str:
        """Why the door may not be held at this moment; empty where it may."""
        now_s = self._clock.monotonic_s()
        for what, contact in self._quiet.items():
            state = contact.state(now_s)
            if state is not DoorState.CLOSED:
                return what if state is DoorState.OPEN else f"{what} is not known"
        state = self._door.state(now_s)
        if state is DoorState.UNKNOWN:
            return "the door is not known"
        return "" if state is DoorState.OPEN else "the door is closed"

    def step(self) -> None:
        """Begin where an open door is wanted open, release where it may not be."""
        why = self.refusal()
        if self.switch.busy:
            if why:
                self.release(why)
            return
        with self._lock:
            event_id, self._wanted = (None, self._wanted) if why else (self._wanted, None)
            if event_id is None:
                return
            self._why_released = ""
            holding = self.switch.pulse(event_id, BEGIN_WITHIN_S, self.config.hold_s)
        log.info("lift door of %s is held for %s", self.config.camera, event_id)
        holding.add_done_callback(lambda done: self._held(event_id, done))

    def _held(self, event_id: str, done: "Future[Pulsed]") -> None:
        pulsed = done.result()
        result = "held" if pulsed.result == "opened" else pulsed.result
        detail = self._why_released or pulsed.detail or "its time is over"
        log.info("lift door of %s: %s, %s", self.config.camera, result, detail)
        self._acted(
            event_id,
            Action(
                type="relay", target=self.config.relay, asset="door_open",
                started_at=pulsed.started_at, ended_at=pulsed.ended_at, result=result, detail=detail,
            ),
        )  # fmt: skip
