"""Jobs on one thread, now or later."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Timer

from edgeguard.errors import EdgeGuardError

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Agenda:
    """One job at a time; one that fails is logged, the next one goes on. At closing, what is due later is done now."""

    def __init__(self, name: str) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._lock = Lock()
        self._timers: dict[Timer, Job] = {}
        self._closing = False

    def soon(self, job: Job) -> None:
        """As soon as the jobs before it are done."""
        self._worker.submit(job).add_done_callback(_logged)

    def later(self, delay_s: float, job: Job) -> None:
        """In so many seconds; at closing nothing new is taken."""
        timer = Timer(delay_s, lambda: self._ripe(timer))
        timer.daemon = True
        with self._lock:
            if self._closing:
                return
            self._timers[timer] = job
        timer.start()

    def close(self) -> None:
        """Do what waits, then end."""
        with self._lock:
            self._closing = True
            waiting, self._timers = self._timers, {}
        for timer, job in waiting.items():
            timer.cancel()
            self.soon(job)
        self._worker.shutdown()

    def _ripe(self, timer: Timer) -> None:
        with self._lock:
            job = self._timers.pop(timer, None)
            if job is not None:
                self.soon(job)


def _logged(done: Future[None]) -> None:
    error = done.exception()
    if isinstance(error, EdgeGuardError | OSError):
        log.error("evidence: %s", error)
    elif error is not None:
        log.error("evidence: a defect", exc_info=error)
