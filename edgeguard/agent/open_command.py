"""`cmd/open`: a person of the control room opens a gate, and the event tells who asked and what came of it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime

from edgeguard.agent.gates import OpenRequest
from edgeguard.contract import Action, Clock, Command, Decision, EventDraft, OpenCommand, Place, Timing, find
from edgeguard.errors import CommandRefused, RelayError
from edgeguard.types import Phase

log = logging.getLogger(__name__)

CODE = "ACCESS.DOOR.REMOTE"
REASON = "command"
# Whoever stands at the gate has gone by then, whatever the command's own expiry.
LONGEST_WAIT_S = 5.0


class OpenHandler:
    """`open_gate` never waits; `place` tells where a gate is; `tell` makes the steps of an event durable.

    `note` writes who opened, why and what came of it into the trail of the directory, where there is one.
    """

    def __init__(
        self,
        open_gate: "Callable[[OpenRequest], Future[Action]]",
        place: Callable[[str], Place],
        tell: Callable[[Sequence[EventDraft]], None],
        new_event_id: Callable[[datetime], str],
        utcnow: Callable[[], datetime],
        clock: Callable[[], Clock | None],
        note: Callable[[OpenCommand, Action], None] = lambda *_: None,
    ) -> None:
        self._note = note
        self._open_gate = open_gate
        self._place = place
        self._tell = tell
        self._new_event_id = new_event_id
        self._utcnow = utcnow
        self._clock = clock

    def start(self, command: Command) -> "Future[str]":
        """The future tells that it was opened, or raises RelayError. Raises CommandRefused: nothing was done."""
        if not isinstance(command, OpenCommand):
            raise TypeError(f"open got a {type(command).__name__}")
        args, at = command.args, self._utcnow()
        left_s = (command.expires_at - at).total_seconds()
        opening = self._open_gate(
            OpenRequest(args.gate, command.id, REASON, min(left_s, LONGEST_WAIT_S), args.direction)
        )
        if opening.done() and opening.result().result == "refused":
            raise CommandRefused(opening.result().detail or "refused")
        log.info("gate %s opened by command %s of %s", args.gate, command.id, command.by)
        over: Future[str] = Future()
        opening.add_done_callback(lambda done: self._opened(command, at, done.result(), over))
        return over

    def _opened(self, command: OpenCommand, at: datetime, action: Action, over: "Future[str]") -> None:
        """On the relay's thread, after the release."""
        self._note(command, action)
        self._tell(self._event(command, at, action))
        if action.result == "opened":
            over.set_result(f"gate {action.target} opened")
        else:
            over.set_exception(RelayError(f"{action.result}: {action.detail or 'no reason given'}"))

    def _event(self, command: OpenCommand, at: datetime, action: Action) -> tuple[EventDraft, EventDraft]:
        """Begun and ended at once."""
        code, by = find(CODE), f"{command.by}: {command.args.reason}"
        asked = Action(type=REASON, target=action.target, asset=command.id, result=action.result, detail=by)
        new = EventDraft(
            event_id=self._new_event_id(at),
            at=at,
            phase=Phase.NEW,
            code=code.code,
            severity=code.severity,
            place=self._place(action.target),
            zones=(action.target,),
            decision=Decision(outcome=action.result, reason=REASON),
            actions=(asked, action),
            timing=Timing(captured=command.issued_at, decided=at),
            clock=self._clock(),
        )
        return new, new.model_copy(update={"phase": Phase.END, "end_reason": action.result})
