"""A gate's door and its relay as episodes: held open, forced, board lost. Pure state machines, as the scenarios are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeguard.contract import find
from edgeguard.types import DoorState, OpenEpisode, Phase, Report

HELD, FORCED, LOST = "ACCESS.DOOR.HELD", "ACCESS.DOOR.FORCED", "DEVICE.RELAY.LOST"
DOOR_RULE, RELAY_RULE = "gate_door", "gate_relay"
RULES = frozenset({DOOR_RULE, RELAY_RULE})
UPDATE_EVERY_S = 600.0
# A contact that says nothing for so long ends the episode: nobody knows any more.
UNKNOWN_CLOSE_S = 60.0
# A board that is silent for so long is told; one that answers for so long is back.
LOST_AFTER_S, BACK_AFTER_S = 3.0, 5.0


@dataclass(frozen=True, slots=True)
class Whose:
    """What all reports of a gate have in common; `camera_id` is empty where no camera looks at it."""

    gate: str
    camera_id: str
    rule: str


class Alarm:
    """The one episode of a code at a gate: begun once, told again seldom, ended once, resumed after a restart."""

    def __init__(
        self, code: str, whose: Whose, new_event_id: Callable[[datetime], str], resume: Sequence[OpenEpisode]
    ) -> None:
        self._code, self._whose, self._new_event_id = code, whose, new_event_id
        mine = (code, whose.rule, (whose.gate,))
        self._resume = next((one for one in resume if (one.code, one.rule, one.zones) == mine), None)
        self._event_id: str | None = None
        self._opened_s = self._told_s = 0.0

    @property
    def on(self) -> bool:
        return self._event_id is not None

    def adopt(self, now_s: float, at: datetime) -> None:
        """Go on with what a restart left open; call it before anything else."""
        if self._resume is not None:
            self._event_id, self._told_s = self._resume.event_id, now_s
            self._opened_s = now_s - max((at - self._resume.opened_at).total_seconds(), 0.0)
            self._resume = None

    def begin(self, now_s: float, at: datetime, why: str, since_s: float | None = None) -> Iterator[Report]:
        """NEW where it is not on; `since_s`: since when it has been so, for `dwell_s`."""
        if not self.on:
            self._event_id = self._new_event_id(at)
            self._opened_s, self._told_s = now_s if since_s is None else since_s, now_s
            yield self._report(now_s, at, Phase.NEW, decision=why)

    def go_on(self, now_s: float, at: datetime) -> Iterator[Report]:
        """UPDATE when it is time."""
        if self.on and now_s - self._told_s >= UPDATE_EVERY_S:
            self._told_s = now_s
            yield self._report(now_s, at, Phase.UPDATE, decision="lasts")

    def end(self, now_s: float, at: datetime, why: str) -> Iterator[Report]:
        """END where it is on."""
        if self.on:
            yield self._report(now_s, at, Phase.END, end_reason=why)
            self._event_id = None

    def _report(
        self, now_s: float, at: datetime, phase: Phase, decision: str | None = None, end_reason: str | None = None
    ) -> Report:
        return Report(
            event_id=self._event_id or "",
            code=self._code,
            phase=phase,
            severity=find(self._code).severity,
            camera_id=self._whose.camera_id,
            rule=self._whose.rule,
            at=at,
            monotonic_s=now_s,
            zones=(self._whose.gate,),
            dwell_s=round(max(now_s - self._opened_s, 0.0), 3),
            decision=decision,
            end_reason=end_reason,
        )


@dataclass(frozen=True, slots=True)
class DoorRules:
    """`grant_s`: a granted door is opened within so long; `forced`: one that opens without a grant is told."""

    held_after_s: float
    grant_s: float
    forced: bool


class DoorWatch:
    """One gate's door contact. `granted` may be called from any thread, `step` from one."""

    def __init__(
        self,
        rules: DoorRules,
        whose: Whose,
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
    ) -> None:
        self._rules = rules
        self._held = Alarm(HELD, whose, new_event_id, resume)
        self._forced = Alarm(FORCED, whose, new_event_id, resume)
        self._granted_s = float("-inf")
        self._known = DoorState.UNKNOWN
        self._known_s: float | None = None
        self._open_s: float | None = None

    def granted(self, now_s: float) -> None:
        """Whoever opens it from now on may; an open door may stay open for `held_after_s` from now."""
        self._granted_s = now_s

    def step(self, now_s: float, at: datetime, state: DoorState) -> tuple[Report, ...]:
        """Call it at 2 Hz or faster."""
        for alarm in (self._held, self._forced):
            alarm.adopt(now_s, at)
        return tuple(self._step(now_s, at, state))

    def _step(self, now_s: float, at: datetime, state: DoorState) -> Iterator[Report]:
        if state is DoorState.OPEN:
            yield from self._opened(now_s, at) if self._open_s is None else self._open(now_s, at, self._open_s)
        elif state is DoorState.CLOSED:
            self._open_s = None
            yield from self._end(now_s, at, "closed")
        elif self._known_s is None:
            self._known_s = now_s  # its first answer may take a while
        elif now_s - self._known_s >= UNKNOWN_CLOSE_S:
            self._open_s = None
            yield from self._end(now_s, at, "unknown")
        if state is not DoorState.UNKNOWN:
            self._known, self._known_s = state, now_s

    def _opened(self, now_s: float, at: datetime) -> Iterator[Report]:
        """It stands open for the first time. One that was never seen closed may have been open for hours."""
        self._open_s = now_s
        closed_s = self._known_s if self._known is DoorState.CLOSED else None
        granted = closed_s is None or self._granted_s >= closed_s - self._rules.grant_s
        if self._rules.forced and not granted:
            yield from self._forced.begin(now_s, at, "no_grant")

    def _open(self, now_s: float, at: datetime, open_s: float) -> Iterator[Report]:
        since_s = max(open_s, self._granted_s)
        if not self._forced.on and now_s - since_s >= self._rules.held_after_s:
            yield from self._held.begin(now_s, at, "held", open_s)
        for alarm in (self._held, self._forced):
            yield from alarm.go_on(now_s, at)

    def _end(self, now_s: float, at: datetime, why: str) -> Iterator[Report]:
        for alarm in (self._held, self._forced):
            yield from alarm.end(now_s, at, why)


class RelayWatch:
    """A relay whose board is silent. `why` of `step` is empty while it answers."""

    def __init__(
        self, whose: Whose, new_event_id: Callable[[datetime], str], resume: Sequence[OpenEpisode] = ()
    ) -> None:
        self._alarm = Alarm(LOST, whose, new_event_id, resume)
        self._since_s: tuple[bool, float] | None = None

    def step(self, now_s: float, at: datetime, why: str) -> tuple[Report, ...]:
        """Call it at 2 Hz or faster."""
        self._alarm.adopt(now_s, at)
        lost = bool(why)
        if self._since_s is None or self._since_s[0] is not lost:
            self._since_s = lost, now_s
        lasted_s = now_s - self._since_s[1]
        if lost and lasted_s >= LOST_AFTER_S:
            return (*self._alarm.begin(now_s, at, "silent", self._since_s[1]), *self._alarm.go_on(now_s, at))
        if not lost and lasted_s >= BACK_AFTER_S:
            return tuple(self._alarm.end(now_s, at, "answers"))
        return ()
