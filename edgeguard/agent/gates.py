"""The gates of a box: opened by whoever may, one at a time in an airlock; their doors and relays watched."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Lock, Thread
from typing import Self

from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_switch import Pulsed, Switch
from edgeguard.agent.gate import Gate
from edgeguard.agent.gate_watch import RULES
from edgeguard.agent.gates_config import GateConfig, RelayConfig
from edgeguard.agent.lift_door import LiftDoor
from edgeguard.agent.status import RelayReport
from edgeguard.agent.supervisor import Beat, Part
from edgeguard.contract import Action
from edgeguard.contract.commands import Direction
from edgeguard.doors import ContactDoor
from edgeguard.scenarios import orphan_end
from edgeguard.sources.base import Clock
from edgeguard.types import Open, OpenEpisode, Report

log = logging.getLogger(__name__)

TICK_S = 0.1
# All together; a contact whose board is silent is left to the next start, which releases it first of all.
STOP_S = 1.0


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Open `gate` within `within_s` or never. `key`: the event or command that asks; the same one opens once.

    `reason`: one word for the log; `direction` None: it does not matter.
    """

    gate: str
    key: str
    reason: str
    within_s: float
    direction: Direction | None = None


class Gates:
    """Open it with `with`. `open` from any thread, it never waits. `tell` takes what the watches report.

    Raises ConfigError for a relay whose files or variables cannot be used.
    """

    def __init__(
        self,
        relays: Sequence[RelayConfig],
        gates: Sequence[GateConfig],
        *,
        clock: Clock,
        new_event_id: Callable[[datetime], str],
        tell: Callable[[Sequence[Report]], None],
        tick: Callable[[], None],
        lifts: Callable[[Mapping[str, Switch]], Sequence[LiftDoor]] = lambda _: (),
        open_episodes: Callable[[], Sequence[OpenEpisode]],
    ) -> None:
        self.switches = {relay.id: _switch(relay, clock) for relay in relays}
        self.lifts = lifts(self.switches)
        self._configs = gates
        self._clock = clock
        self._new_event_id = new_event_id
        self._tell = tell
        self._tick = tick
        self._open_episodes = open_episodes
        self.gates: Mapping[str, Gate] = {}
        self._opening = Lock()
        self._stopping = Event()
        self._step_s: float | None = None
        self._thread = Thread(target=self._run, name="gates", daemon=True)

    def __enter__(self) -> Self:
        resume = [episode for episode in self._open_episodes() if episode.rule in RULES]
        self.gates = {
            config.id: Gate(config, self.switches[config.relay], self._clock, self._new_event_id, resume)
            for config in self._configs
        }
        self._end_orphans(resume)
        for used in self._used():
            used.start()
        for switch in self.switches.values():
            if not switch.alive:
                switch.start()
        if self.switches:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        contacts = (contact for used in self._used() for contact in used.contacts)
        parts: list[Switch | ContactDoor] = [*self.switches.values(), *contacts]
        for part in parts:
            part.stop(0.0)
        until_s = time.monotonic() + STOP_S
        for part in parts:
            part.stop(max(until_s - time.monotonic(), 0.0))
        if self._thread.ident is not None:
            self._thread.join(max(until_s - time.monotonic(), 0.0))

    def _used(self) -> list[Gate | LiftDoor]:
        return [*self.gates.values(), *self.lifts]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(config.id for config in self._configs)

    def open(self, request: OpenRequest) -> "Future[Action]":
        """Its result tells what was done, also where that is nothing: "opened", "failed", "refused" or "expired"."""
        answer: Future[Action] = Future()
        with self._opening:
            refusal = self._refusal(request)
            if refusal is not None:
                answer.set_result(_action(request, Pulsed("refused", refusal)))
                return answer
            gate = self.gates[request.gate]
            pulsed = gate.switch.pulse(request.key, request.within_s)
            if pulsed.done():  # refused, or asked for before
                answer.set_result(_action(request, pulsed.result()))
                return answer
            gate.granted()
        pulsed.add_done_callback(lambda done: self._opened(request, gate, done.result(), answer))
        return answer

    def asked(self, signal: Open) -> "Future[Action]":
        """The same for a scenario."""
        request = OpenRequest(signal.gate, signal.event_id, signal.reason, signal.within_s, signal.direction)
        return self.open(request)

    def _opened(self, request: OpenRequest, gate: Gate, pulsed: Pulsed, answer: "Future[Action]") -> None:
        gate.allow()
        text = f": {pulsed.detail}" if pulsed.detail else ""
        log.info("gate %s for %s (%s): %s%s", request.gate, request.key, request.reason, pulsed.result, text)
        answer.set_result(_action(request, pulsed))

    def _refusal(self, request: OpenRequest) -> str | None:
        gate = self.gates.get(request.gate)
        if gate is None:
            return f"met gate {request.gate}, accepted: {', '.join(self.gates) or 'none'}"
        if request.direction is not None and gate.config.direction not in {"both", request.direction}:
            return f"gate {request.gate} lets through {gate.config.direction} only, met {request.direction}"
        for other in self.gates.values():
            if other is gate or gate.config.airlock is None or other.config.airlock != gate.config.airlock:
                continue
            if why := other.not_closed():
                return f"airlock {gate.config.airlock}: gate {other.config.id} {why}"
        return None

    def reports(self) -> tuple[RelayReport, ...]:
        """How every relay is, with its gate's door."""
        gates = {gate.config.relay: gate for gate in self.gates.values()}
        return tuple(_report(name, switch, gates.get(name)) for name, switch in self.switches.items())

    def parts(self) -> list[Part]:
        """What may hang, for the supervisor."""
        found = [Part("gates", self._beat)] if self.switches else []
        found += [Part(f"relay {name}", partial(_switch_beat, one), one.renew) for name, one in self.switches.items()]
        contacts = (contact for used in self._used() for contact in used.contacts)
        found += [Part(one.name, partial(_contact_beat, one), _renewer(one)) for one in contacts]
        return found

    def _beat(self) -> Beat:
        since_s = self._step_s
        busy_s = 0.0 if since_s is None else self._clock.monotonic_s() - since_s
        return Beat(self._thread.is_alive(), busy_s, doing="looks at doors and relays")

    def _run(self) -> None:
        while not self._stopping.wait(TICK_S):
            self._step_s = self._clock.monotonic_s()
            for gate in self.gates.values():
                reports = gate.step()
                if reports:
                    self._tell(reports)
            for lift in self.lifts:
                lift.step()
            self._tick()
            self._step_s = None

    def _end_orphans(self, resume: Sequence[OpenEpisode]) -> None:
        """Open episodes of gates that the site has no more."""
        now, now_s = self._clock.utcnow(), self._clock.monotonic_s()
        left = [one for one in resume if not set(one.zones) & self.gates.keys()]
        if left:
            self._tell([orphan_end(one, now, now_s) for one in left])


def _switch(relay: RelayConfig, clock: Clock) -> Switch:
    build = partial(build_relay, relay.driver)
    return Switch(relay.id, relay, build, monotonic_s=clock.monotonic_s, utcnow=clock.utcnow)


def _report(name: str, switch: Switch, gate: Gate | None) -> RelayReport:
    health = switch.health
    contact = None if gate is None else gate.contact
    return RelayReport(
        id=name,
        board=switch.relay.name,
        state=health.state.value,
        reason=health.reason,
        gate=None if gate is None else gate.config.id,
        door="" if gate is None else gate.state().value,
        door_reason="" if contact is None else contact.health().reason or "",
        closed=health.closed,
        pulses=health.pulses,
        failures=health.failures,
        refused=health.refused,
    )


def _action(request: OpenRequest, pulsed: Pulsed) -> Action:
    return Action(
        type="relay",
        target=request.gate,
        asset=request.key,
        started_at=pulsed.started_at,
        ended_at=pulsed.ended_at,
        result=pulsed.result,
        detail=pulsed.detail or None,
    )


def _switch_beat(switch: Switch) -> Beat:
    return Beat(switch.alive, switch.overdue_s(), doing="asks the relay board")


def _contact_beat(contact: ContactDoor) -> Beat:
    return Beat(contact.alive, contact.overdue_s(), doing="asks the gate's contact")


def _renewer(contact: ContactDoor) -> Callable[[], Sequence[Thread]]:
    return lambda: [contact.renew()]
