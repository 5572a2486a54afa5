"""Keeps an audio output open: opens it, notices its loss, and says when to try again."""

import logging
import time

from edgeguard.actuators.outputs import AudioOutput
from edgeguard.errors import AudioError

# A card that was pulled out is often back in seconds; a box without one should not fill its log.
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
# A USB card that wakes up takes a second or two.
OPENED_WITHIN_S = 5.0

_log = logging.getLogger(__name__)


class OutputLink:
    """An output that may be missing. Used by one thread; `reason` may be read by others."""

    def __init__(self, output: AudioOutput) -> None:
        self.output = output
        self.is_open = False
        self.reason = "not opened yet"
        self._busy_since_s: float | None = None
        self._retry_s = FIRST_RETRY_S
        self._retry_at_s = time.monotonic()

    def overdue_s(self) -> float:
        """How much longer than any card needs the output is already being opened or closed."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else max(time.monotonic() - since_s - OPENED_WITHIN_S, 0.0)

    def seconds_to_retry(self) -> float | None:
        """How long to wait before `open` is due; None while it is open."""
        return None if self.is_open else max(0.0, self._retry_at_s - time.monotonic())

    def open(self) -> bool:
        """Open the output if it is not, and tell whether it is now. Never raises."""
        if self.is_open:
            return True
        self._busy_since_s = time.monotonic()
        try:
            self.output.__enter__()
        except AudioError as error:
            self._missing(error)
            return False
        finally:
            self._busy_since_s = None
        _log.info("voice: %s is open", self.output.name)
        self.is_open, self.reason, self._retry_s = True, "", FIRST_RETRY_S
        return True

    def lost(self, error: AudioError) -> None:
        """Close after a failure while playing."""
        self.is_open = False
        self._close(error)
        self._missing(error)

    def close(self) -> None:
        """Close in peace: what was accepted is heard to its end."""
        if self.is_open:
            self.is_open, self.reason = False, "closed"
            self._close(None)

    def _close(self, error: AudioError | None) -> None:
        try:
            self.output.__exit__(type(error) if error else None, error, None)
        except AudioError as failure:
            _log.warning("voice: %s", failure)

    def _missing(self, error: AudioError) -> None:
        if str(error) != self.reason:
            _log.warning("voice: %s", error)
        self.reason = str(error)
        self._retry_at_s = time.monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)
