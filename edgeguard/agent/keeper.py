"""A box as a process of its own: signals, the service manager, the site file that changes, leaving when it must."""

import faulthandler
import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from edgeguard.agent import process_signals
from edgeguard.agent.box import WATCH_EVERY_S, Box
from edgeguard.agent.notify import Notifier
from edgeguard.agent.sitefile import SiteFile
from edgeguard.agent.status import SiteFileReport
from edgeguard.errors import EdgeGuardError

log = logging.getLogger(__name__)

# Something hangs that no thread can end: whoever started the process is to start it again. EX_TEMPFAIL of sysexits.h.
LEFT_STATUS = 75
# All is told to stop at once; what has not stopped then is left behind, the journal has what counts.
STOP_WITHIN_S = 2.7
FILE_EVERY_S = 1.0
# The process is left for what all share as soon as it hangs again; for one part, which the others pay for, seldom.
LEAVE_FOR_ALL_S = 20.0
LEAVE_FOR_ONE_S = 3600.0


class Keeper:
    """`run` a site file until SIGTERM or SIGINT; SIGHUP reads the file again. Needs the main thread."""

    def __init__(self, file: SiteFile, notifier: Notifier | None = None) -> None:
        self._file = file
        self._notifier = notifier or Notifier()
        self.box = Box(file.read(), leave=self._leave, service_result=_service_result(os.environ))
        self._stop = threading.Event()
        self._reread = threading.Event()
        self._looked_s = 0.0

    def run(self) -> int:
        """Returns the exit status; raises as `Box` does where the box cannot start."""
        faulthandler.enable()  # systemd's watchdog kills with SIGABRT: where every thread stood comes into the log
        with process_signals.told((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), self._asked), self.box:
            self.box.file = SiteFileReport(path=str(self._file.path), loaded_at=_now())
            self._notifier.ready()
            while not self._stop.wait(WATCH_EVERY_S) and not self.box.over:
                self.box.watch()
                self._look_at_file()
                self._notifier.alive(f"{len(self.box.lanes)} cameras")
            self._notifier.stopping()
        if left := _left_behind():
            _exit(0, f"stopped; left behind: {', '.join(left)}")
        return 0

    def _asked(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._reread.set()
            return
        self._stop.set()
        late = threading.Timer(STOP_WITHIN_S, _exit, (0, "something hangs; left behind"))
        late.daemon = True
        late.start()
        log.info("%s: stopping", signal.Signals(number).name)

    def _look_at_file(self) -> None:
        asked = self._reread.is_set()
        now_s = time.monotonic()
        if not asked and now_s - self._looked_s < FILE_EVERY_S:
            return
        self._looked_s = now_s
        self._reread.clear()
        if self._file.changed() or asked:
            self._notifier.reloading()
            self._apply()
            self._notifier.ready()

    def _apply(self) -> None:
        """All of a changed file, or nothing of it."""
        before = self.box.file
        try:
            diff = self.box.apply(self._file.read())
        except EdgeGuardError as error:
            log.error("site file not applied, the old one stays in force: %s", error)  # noqa: TRY400 - a person's mistake
            self.box.file = before.model_copy(update={"error": str(error)})
            return
        for change in diff.changes:
            log.info("site file: %s", change)
        self.box.file = before.model_copy(update={"loaded_at": _now(), "error": None})

    def _leave(self, part: str, why: str) -> None:
        """Ends the process, to be started again; not where it was asked to stop, for then it stops, whatever hangs."""
        if self._stop.is_set():
            return
        now = _now()
        alone = part in self.box.supervisor.replaced
        if self.box.mark.left_s(part, now) < (LEAVE_FOR_ONE_S if alone else LEAVE_FOR_ALL_S):
            return
        self.box.mark.left(part, why, now)
        _exit(LEFT_STATUS, f"leaving the process: {part} {why}")


def _left_behind() -> list[str]:
    """Threads that did not stop: cut off inside a native library at the interpreter's end, one makes it abort."""
    return [one.name for one in threading.enumerate() if one.daemon and not isinstance(one, threading.Timer)]


def _service_result(environ: Mapping[str, str]) -> str:
    """What systemd said of the last end; the unit's ExecStopPost leaves it in the state folder."""
    try:
        return (Path(environ["STATE_DIRECTORY"]) / "service-result").read_text().strip()
    except (KeyError, OSError):
        return ""


def _exit(status: int, why: str) -> None:
    """Without waiting for threads that hang."""
    log.critical(why)
    # A log that hangs must not hold it up either.
    flusher = threading.Thread(target=logging.shutdown, daemon=True)
    flusher.start()
    flusher.join(0.3)
    os._exit(status)


def _now() -> datetime:
    return datetime.now(UTC)
