"""A WAV file instead of a loudspeaker: a timeline of exactly what would have been heard, silence included."""

import json
import time
import wave
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from edgeguard.actuators.audio import Pcm
from edgeguard.actuators.outputs import Cue
from edgeguard.errors import AudioError

# How far a phrase may be written ahead of its time: what the buffer of a sound card is.
AHEAD_S = 0.1


class FileOutput:
    """Writes `path`, and beside it `path`.jsonl with a line {phrase, language, event_id, started_at, offset_s} per cue.

    Second 0 of the file is the moment of opening; chunks are accepted no faster than they would be heard, and where
    none came the file is silent. Both files are whole after every chunk; an earlier pair is overwritten.
    """

    def __init__(self, path: Path, rate_hz: int = 24_000, limit_s: float = 3600.0) -> None:
        self.path = path
        self.sidecar_path = path.with_name(path.name + ".jsonl")
        self.rate_hz = rate_hz
        self._limit_s = limit_s
        self._closing = ExitStack()
        self._wav: wave.Wave_write | None = None

    @property
    def name(self) -> str:
        return f"file:{self.path.name}"

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            try:
                self._file: IO[bytes] = opening.enter_context(self.path.open("wb"))
                self._sidecar = opening.enter_context(self.sidecar_path.open("w", encoding="utf-8"))
                self._wav = self._header(opening)
            except OSError as error:
                raise AudioError(f"voice file {self.path} cannot be written: {error.strerror}") from error
            self._closing = opening.pop_all()
        self._opened_at, self._opened_s = datetime.now(UTC), time.monotonic()
        self._samples = 0
        self._cue: Cue | None = None
        return self

    def _header(self, opening: ExitStack) -> wave.Wave_write:
        wav = wave.Wave_write(self._file)
        opening.callback(wav.close)
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(self.rate_hz)
        wav.writeframes(b"")
        self._file.flush()
        return wav

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wav = None
        try:
            self._closing.close()
        except OSError as failure:
            raise AudioError(f"voice file {self.path} cannot be written: {failure.strerror}") from failure

    def play(self, pcm: Pcm, cue: Cue) -> None:
        if self._wav is None:
            raise AudioError(f"voice file {self.path} is not open")
        now_s = self._elapsed_s()
        if now_s > self._limit_s:
            raise AudioError(f"voice file {self.path} is full: it has reached its limit_s of {self._limit_s:.0f} s")
        try:
            self._write(self._wav, pcm, cue, missing=int(now_s * self.rate_hz) - self._samples)
        except OSError as error:
            raise AudioError(f"voice file {self.path} cannot be written: {error.strerror}") from error
        time.sleep(max(0.0, self._samples / self.rate_hz - self._elapsed_s() - AHEAD_S))

    def _write(self, wav: wave.Wave_write, pcm: Pcm, cue: Cue, missing: int) -> None:
        while missing > 0:  # a second at a time: an hour of silence need not be in memory
            silence = np.zeros(min(missing, self.rate_hz), np.int16)
            self._append(wav, silence)
            missing -= len(silence)
        if cue is not self._cue:
            self._cue = cue
            self._sidecar.write(json.dumps(self._line(cue), ensure_ascii=False) + "\n")
            self._sidecar.flush()
        self._append(wav, pcm)
        self._file.flush()

    def _append(self, wav: wave.Wave_write, pcm: Pcm) -> None:
        wav.writeframes(pcm.astype("<i2").tobytes())
        self._samples += len(pcm)

    def _line(self, cue: Cue) -> dict[str, str | float | None]:
        offset_s = self._samples / self.rate_hz
        started_at = self._opened_at + timedelta(seconds=offset_s)
        return {
            "phrase": cue.phrase,
            "language": cue.language,
            "event_id": cue.event_id,
            "started_at": started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "offset_s": round(offset_s, 6),  # finer than a sample, so that it names one
        }

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._opened_s
