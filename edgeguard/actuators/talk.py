"""A live voice on its way to the loudspeaker: pieces come as the network brings them, sound never stalls."""

import threading
import time
from collections.abc import Iterator

import numpy as np

from edgeguard.actuators.audio import Pcm, Resampler
from edgeguard.actuators.jitter import JitterBuffer
from edgeguard.actuators.outputs import Cue
from edgeguard.contract import TalkChunk

# One step of the loudspeaker; a stop is heeded between two of them.
BLOCK_S = 0.02
# Silence is fed so far ahead of what is heard: less, and a busy box would let the loudspeaker run dry.
LEAD_S = 0.04
# Nothing for so long: the button, the browser or the network is gone.
SILENT_S = 2.0

LIVE_TALK = "live_talk"
OPENING = Cue("talk_opens", "")
"""The silence between the moment the box falls silent for somebody and their first word."""


class TalkLine:
    """One person's talk. `put` from any thread, hardly waiting; `blocks` is the voice's thread's.

    It ends with its `last` piece, after `duration_s`, or when nothing came for `SILENT_S`; times count from here.
    """

    def __init__(self, by: str, duration_s: float, event_id: str | None = None) -> None:
        self.by = by
        self.event_id = event_id
        self.heard_s = 0.0
        self.ended_by = ""  # why, where it was not by its last piece
        self.first_put_s: float | None = None
        self._duration_s = duration_s
        self._opened_s = self._put_s = time.monotonic()
        self._changed = threading.Condition()
        self._buffer = JitterBuffer()

    def put(self, chunk: TalkChunk) -> str | None:
        """Take a piece; return why it, or older ones in its place, was dropped: late, duplicate, astray, backlog."""
        now_s = time.monotonic()
        with self._changed:
            dropped = self._buffer.put(chunk, now_s)
            if dropped in {None, "backlog"}:
                self._put_s = now_s
                self.first_put_s = self.first_put_s or now_s
                self._changed.notify()
        return dropped

    def blocks(self, rate_hz: int) -> Iterator[tuple[Cue, Pcm]]:
        """Yield sound at `rate_hz`, silence where none is there in time, until the talk ends."""
        said, step = Cue(LIVE_TALK, "", self.event_id), round(BLOCK_S * rate_hz)
        silence = np.zeros(step, np.int16)
        resampler, from_hz = None, 0
        fed_until_s = time.monotonic()
        while not self._ended():
            chunk = self._take(fed_until_s - LEAD_S)
            pcm = silence
            if chunk is not None:
                if resampler is None or chunk.rate_hz != from_hz:
                    resampler, from_hz = Resampler(chunk.rate_hz, rate_hz), chunk.rate_hz
                pcm = resampler.feed(chunk.pcm)
            cue = OPENING if chunk is None and self.heard_s == 0 else said
            for start in range(0, len(pcm), step):
                block = pcm[start : start + step]
                yield cue, block
                seconds = len(block) / rate_hz
                self.heard_s += 0 if chunk is None else seconds
                fed_until_s = max(fed_until_s, time.monotonic()) + seconds

    def _take(self, until_s: float) -> TalkChunk | None:
        """Wait for the next piece; None: a block of silence is due."""
        with self._changed:
            while (chunk := self._buffer.take(time.monotonic())) is None:
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    self._buffer.fed_silence(BLOCK_S)
                    return None
                # A piece that is there may become due without a sign.
                self._changed.wait(min(left_s, BLOCK_S))
            return chunk

    def _ended(self) -> bool:
        now_s = time.monotonic()
        with self._changed:
            if self._buffer.finished:
                return True
            if now_s - self._opened_s >= self._duration_s:
                self.ended_by = f"its {self._duration_s:g} s were over"
            elif self._buffer.empty and now_s - self._put_s >= SILENT_S:
                self.ended_by = f"no sound came for {SILENT_S:.0f} s"
            return bool(self.ended_by)
