"""Looks after the parts of the box: one that is dead or stuck is replaced alone; if that cannot help, the process is.

A native call that hangs cannot be ended in a thread. Its thread is left behind and counted, and a new one takes over.
Where that does not help (what hangs is shared by all, the new one hangs too, too many are left behind), the process is
left: whoever started it starts it again, and the journal resumes what was open.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Thread

from edgeguard.errors import EdgeGuardError

log = logging.getLogger(__name__)

# No step of the box takes so long; with the time to notice and to replace it makes less than 3 s.
PATIENCE_S = 2.5
# A part that was replaced and is well for so long is as good as new.
STEADY_S = 60.0
# A part that needs to be replaced again and again leaks a thread each time: less and less often.
PAUSES_S = (0.0, 5.0, 15.0, 60.0, 300.0, 600.0)
# So many replacements in a row did not help: perhaps a new process does.
ENOUGH = 3
# Threads left behind hold memory and devices.
MAX_ABANDONED = 8
# The supervisor itself was not run for so long (machine suspended or overloaded): nobody is judged until all have had
# the time to go on.
HELD_S = 1.0


@dataclass(frozen=True, slots=True)
class Beat:
    """`busy_s` is how long a part has been in its present step, which may take `allowed_s`; `doing` names the step."""

    alive: bool = True
    busy_s: float = 0.0
    allowed_s: float = PATIENCE_S
    doing: str = ""

    @property
    def trouble(self) -> str:
        """What is wrong, empty where nothing is."""
        if not self.alive:
            return "died"
        return f"stuck for {self.busy_s:.1f} s ({self.doing})" if self.busy_s > self.allowed_s else ""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that can hang.

    `replace` puts a new one in its place and returns the threads that it left behind; it raises an EdgeGuardError where
    that cannot be done. None: all share it, only a new process helps.
    """

    name: str
    beat: Callable[[], Beat]
    replace: Callable[[], Sequence[Thread]] | None = None


@dataclass(slots=True)
class _Record:
    """Replacements in a row, and when the next one may be."""

    times: int = 0
    next_s: float = 0.0


class Supervisor:
    """`step` it five times a second, from one thread.

    `leave(part, why)` ends the process; it returns where that may not be done now. `replaced` counts by part;
    `abandoned_total` all threads left behind, `abandoned` those that still hang.
    """

    def __init__(
        self,
        parts: Callable[[], Iterable[Part]],
        leave: Callable[[str, str], None],
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.replaced: Counter[str] = Counter()
        self.abandoned_total = 0
        self.troubles: dict[str, str] = {}  # what is wrong at the moment, by part
        self._parts = parts
        self._leave = leave
        self._monotonic_s = monotonic_s
        self._records: dict[str, _Record] = {}
        self._left_behind: list[Thread] = []
        self._stepped_s = monotonic_s()
        self._judge_from_s = self._stepped_s

    @property
    def abandoned(self) -> int:
        self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
        return len(self._left_behind)

    def step(self) -> None:
        """Look at every part once."""
        now_s = self._monotonic_s()
        if now_s - self._stepped_s > HELD_S:
            log.warning("nothing was looked after for %.1f s: machine overloaded or suspended", now_s - self._stepped_s)
            self._judge_from_s = now_s + HELD_S
        self._stepped_s = now_s
        if now_s < self._judge_from_s:
            return
        parts = list(self._parts())
        shared = [part for part in parts if part.replace is None and self._ill(part, now_s)]
        # What hangs because of what all share must not be replaced for it.
        if not shared:
            for part in parts:
                if part.replace is not None and self._ill(part, now_s):
                    self._renew(part, part.replace, now_s)
        if self.abandoned > MAX_ABANDONED:
            self._leave("threads", f"{self.abandoned} of them hang, accepted: {MAX_ABANDONED}")

    def _ill(self, part: Part, now_s: float) -> bool:
        why = part.beat().trouble
        if not why:
            self._well(part, now_s)
            return False
        if part.name not in self.troubles:
            log.error("%s %s", part.name, why, extra={"part": part.name})
        self.troubles[part.name] = why
        if part.replace is None:
            self._leave(part.name, why)
        return True

    def _well(self, part: Part, now_s: float) -> None:
        if self.troubles.pop(part.name, None):
            log.info("%s goes on", part.name, extra={"part": part.name})
        record = self._records.get(part.name)
        if record is not None and now_s > record.next_s + STEADY_S:
            del self._records[part.name]

    def _renew(self, part: Part, replace: Callable[[], Sequence[Thread]], now_s: float) -> None:
        record = self._records.setdefault(part.name, _Record())
        if now_s < record.next_s:
            return
        if record.times >= ENOUGH:
            self._leave(part.name, f"{self.troubles[part.name]}; replaced {record.times} times, which did not help")
        record.next_s = now_s + PAUSES_S[min(record.times, len(PAUSES_S) - 1)]
        record.times += 1
        try:
            left = [thread for thread in replace() if thread.is_alive()]
        except EdgeGuardError as error:
            log.error("%s cannot be replaced: %s", part.name, error)  # noqa: TRY400 - one line is enough
            return
        self._left_behind += left
        self.abandoned_total += len(left)
        self.replaced[part.name] += 1
        log.warning("%s replaced, %d threads left behind", part.name, len(left), extra={"part": part.name})
