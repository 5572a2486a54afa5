"""Gates and lift doors with what the rest of the box has for them: reporters, commands, places."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime

from edgeguard.actuators.relay_switch import Switch
from edgeguard.agent.gate_watch import HELD
from edgeguard.agent.gates import Gates
from edgeguard.agent.lift_door import LiftDoor
from edgeguard.agent.open_command import OpenHandler
from edgeguard.agent.plan import Plan
from edgeguard.agent.reporter import Reporter
from edgeguard.contract import Action, Command, Event, OpenCommand, ReleaseCommand
from edgeguard.contract import Clock as ClockState
from edgeguard.doors import ContactConfig
from edgeguard.errors import CommandRefused
from edgeguard.sources.base import Clock
from edgeguard.types import OpenEpisode, Phase, Report, Say, SpeechPriority
from edgeguard.uplink import Starter

CLOSE_PHRASE = "gate_close"


class Gatehouse:
    """`reporter` is the gates' own, `reporter_of` a camera's. `plan` gives the present one."""

    def __init__(
        self,
        plan: Callable[[], Plan],
        reporter: Reporter,
        reporter_of: Callable[[str], Reporter],
        open_episodes: Callable[[], Sequence[OpenEpisode]],
        new_event_id: Callable[[datetime], str],
        clock: Clock,
        kept: Callable[[], ClockState | None],
        note: Callable[[OpenCommand, Action], None] = lambda *_: None,
    ) -> None:
        site = plan().site
        self._plan = plan
        self._reporter = reporter
        self._reporter_of = reporter_of
        self._clock = clock
        self.gates = Gates(
            site.relays,
            site.gates,
            clock=clock,
            new_event_id=new_event_id,
            tell=self._tell,
            tick=reporter.retry,
            open_episodes=open_episodes,
            lifts=self._lift_doors,
        )
        # A box without any says that it cannot do it.
        self.handlers: dict[str, Starter] = {}
        if site.gates:
            place = lambda gate: plan().place(gate)  # noqa: E731
            self.handlers["open"] = OpenHandler(
                self.gates.open, place, reporter.tell, new_event_id, clock.utcnow, kept, note
            )
        if site.lift_doors:
            self.handlers["release"] = ReleaseHandler(self.gates.lifts)

    def heard(self, event: Event) -> None:
        """Of every event that is durable."""
        for lift in self.gates.lifts:
            lift.heard(event)

    def release(self, why: str) -> None:
        """Let every lift door go."""
        for lift in self.gates.lifts:
            lift.release(why)

    def _tell(self, reports: Sequence[Report]) -> None:
        """And say it, where the site wants a door held open to be asked for."""
        asking = {gate.id for gate in self._plan().site.gates if gate.ask_to_close}
        held = [one for one in reports if (one.code, one.phase) == (HELD, Phase.NEW) and asking & set(one.zones)]
        says = [Say(CLOSE_PHRASE, SpeechPriority.INFORMATION, one.event_id) for one in held]
        self._reporter.handle([*reports, *says])

    def _lift_doors(self, switches: Mapping[str, Switch]) -> list[LiftDoor]:
        found = []
        for config in self._plan().site.lift_doors:
            camera = self._plan().camera(config.camera)
            if camera is not None and isinstance(camera.door, ContactConfig):
                acted = self._reporter_of(config.camera).acted
                found.append(LiftDoor(config, camera.door, switches[config.relay], self._clock, acted))
        return found


class ReleaseHandler:
    """`cmd/release`: the control room lets a lift's door go."""

    def __init__(self, lifts: Sequence[LiftDoor]) -> None:
        self._lifts = {lift.config.camera: lift for lift in lifts}

    def start(self, command: Command) -> "Future[str]":
        """Raises CommandRefused for a camera without such a door."""
        if not isinstance(command, ReleaseCommand):
            raise TypeError(f"release got a {type(command).__name__}")
        lift = self._lifts.get(command.args.camera)
        if lift is None:
            raise CommandRefused(f"met camera {command.args.camera}, accepted: {', '.join(self._lifts)}")
        over: Future[str] = Future()
        over.set_result("released" if lift.release(f"by {command.by}") else "it was not held")
        return over
