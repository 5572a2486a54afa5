"""`cmd/talk`: a person of the control room speaks where a camera looks, one at a time."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future

from edgeguard.actuators import TalkLine
from edgeguard.contract import Command, TalkChunk, TalkCommand
from edgeguard.errors import AudioError, CommandRefused, ContractError
from edgeguard.types import Playback

log = logging.getLogger(__name__)

# Pieces that come for nobody are many where something is wrong: one line in so long.
LOG_EVERY_S = 10.0
# The voice tells the end of a talk within a step; so long after the last moment of one its loudspeaker hangs.
GRACE_S = 3.0


class Seat:
    """Who speaks through one voice. `speak` is the voice's."""

    def __init__(self, speak: Callable[[TalkLine], None]) -> None:
        self._speak = speak
        self._lock = threading.Lock()
        self._line: TalkLine | None = None
        self._over: Future[str] = Future()

    def take(self, command: TalkCommand) -> tuple[TalkLine, Future[str]]:
        """The voice falls silent for them at once; the future tells what was heard. Raises CommandRefused."""
        args = command.args
        with self._lock:
            if self._line is not None:
                raise CommandRefused(f"busy: {self._line.by} is speaking")
            line, over = TalkLine(command.by, args.duration_s, args.event_id), Future[str]()
            self._line, self._over = line, over
        timer = threading.Timer(args.duration_s + GRACE_S, self._give_up, (line,))
        timer.daemon = True
        over.add_done_callback(lambda _: timer.cancel())
        timer.start()
        self._speak(line)
        return line, over

    def played(self, playback: Playback) -> None:
        """Take how a talk went."""
        over = self._leave(None)
        if over is None:
            return
        if playback.result == "played":
            detail = f"; {playback.detail}" if playback.detail else ""
            over.set_result(f"{playback.heard_s or 0:.1f} s heard{detail}")
        else:
            over.set_exception(AudioError(f"{playback.result}: {playback.detail or 'no reason given'}"))

    def _give_up(self, line: TalkLine) -> None:
        over = self._leave(line)
        if over is not None:
            over.set_exception(AudioError(f"the loudspeaker hangs; {line.heard_s:.1f} s were heard"))

    def _leave(self, line: TalkLine | None) -> Future[str] | None:
        """Free the seat, for a certain line or whoever has it."""
        with self._lock:
            if self._line is None or (line is not None and self._line is not line):
                return None
            self._line = None
            return self._over


class TalkHandler:
    """Commands to seats, pieces of sound to lines. `seat_of` a camera, or the box's own; raises CommandRefused.

    `dropped` counts the pieces that nobody hears, by reason.
    """

    def __init__(self, seat_of: Callable[[str | None], Seat]) -> None:
        self.dropped: Counter[str] = Counter()
        self._seat_of = seat_of
        self._lines: dict[str, TalkLine] = {}
        self._logged_s = float("-inf")

    def start(self, command: Command) -> Future[str]:
        """Begin a talk; its future tells "12.3 s heard". Raises CommandRefused."""
        if not isinstance(command, TalkCommand):
            raise TypeError(f"talk got a {type(command).__name__}")
        args = command.args
        line, over = self._seat_of(args.camera).take(command)
        self._lines[command.id] = line
        over.add_done_callback(lambda _: self._lines.pop(command.id, None))
        log.info("talk %s: %s speaks at %s", command.id, command.by, args.camera or "the box")
        return over

    def piece(self, command_id: str, payload: bytes) -> None:
        """Take a piece of sound, on the network's thread: no disk, no waiting, no error."""
        line = self._lines.get(command_id)
        if line is None:
            self._drop(command_id, "unknown")
            return
        try:
            dropped = line.put(TalkChunk.from_bytes(payload))
        except ContractError as error:
            self._drop(command_id, "malformed", str(error))
            return
        if dropped is not None:
            self._drop(command_id, dropped)

    def _drop(self, command_id: str, reason: str, detail: str = "") -> None:
        self.dropped[reason] += 1
        now_s = time.monotonic()
        if now_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = now_s
            total = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items())
            log.warning("piece of talk %s dropped, %s; so far %s", command_id, detail or reason, total)
