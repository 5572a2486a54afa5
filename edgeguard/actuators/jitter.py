"""Pieces of live speech put in order, and what to do where one is missing: no threads, no clock."""

from edgeguard.contract import TalkChunk

# How much later than the first a piece may come without being heard as a gap. Wireless hops jitter by 20 to 60 ms.
HOLD_S = 0.08
# A longer hole in the numbers is not waited out: whoever speaks has not paused, the network has.
LONGEST_GAP_S = 0.5
# What waits beyond this is dropped, the oldest first: a voice a second late cannot answer the people it sees.
MAX_BACKLOG_S = 1.0
# A number so far ahead is no lost piece but a wrong one; 20 s of the shortest pieces in use.
FARTHEST_AHEAD = 1000


class JitterBuffer:
    """`put` what comes; `take` what can be heard now, or feed silence and say so with `fed_silence`."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[TalkChunk, float]] = {}
        self._next: int | None = None
        self._last: int | None = None
        self._piece_s = 0.0  # length of the latest piece heard: that of a lost one
        self._silent_s = 0.0  # silence fed since then
        self._dry = True  # nothing was there when it was needed: collect a little before going on

    @property
    def empty(self) -> bool:
        return not self._waiting

    @property
    def finished(self) -> bool:
        """The last piece has been taken."""
        return self._last is not None and self._next is not None and self._next > self._last

    def put(self, chunk: TalkChunk, now_s: float) -> str | None:
        """Return why it, or older ones in its place, was dropped: late, duplicate, astray or backlog."""
        if self._next is not None and chunk.number < self._next:
            return "late"
        if chunk.number in self._waiting:
            return "duplicate"
        if chunk.number > max(self._waiting, default=self._next or 0) + FARTHEST_AHEAD:
            return "astray"
        self._waiting[chunk.number] = chunk, now_s
        if chunk.last:
            self._last = chunk.number
        return self._drop_backlog()

    def take(self, now_s: float) -> TalkChunk | None:
        """The next piece; None where it has to wait, for others or for silence that is due before it."""
        if not self._waiting:
            return None
        number = min(self._waiting)
        if self._collecting(number, now_s) or self._silent_s < self._lost_s(number):
            return None
        chunk, _ = self._waiting.pop(number)
        self._next, self._piece_s = number + 1, _seconds(chunk) or self._piece_s
        self._silent_s, self._dry = 0.0, False
        return chunk

    def fed_silence(self, seconds: float) -> None:
        """The loudspeaker needed something and was given silence."""
        self._silent_s += seconds
        self._dry = self._dry or not self._waiting

    def _collecting(self, number: int, now_s: float) -> bool:
        if not self._dry or self._last is not None:
            return False
        chunk, put_s = self._waiting[number]
        return self._waiting_s() - _seconds(chunk) < HOLD_S and now_s - put_s < HOLD_S

    def _lost_s(self, number: int) -> float:
        """Length of what is missing before this piece."""
        lost = 0 if self._next is None else number - self._next
        return min(lost * self._piece_s, LONGEST_GAP_S)

    def _drop_backlog(self) -> str | None:
        dropped = None
        while self._waiting_s() > MAX_BACKLOG_S:
            oldest = min(self._waiting)
            del self._waiting[oldest]
            self._next = oldest + 1
            dropped = "backlog"
        return dropped

    def _waiting_s(self) -> float:
        return sum(_seconds(chunk) for chunk, _ in self._waiting.values())


def _seconds(chunk: TalkChunk) -> float:
    return len(chunk.pcm) / chunk.rate_hz
