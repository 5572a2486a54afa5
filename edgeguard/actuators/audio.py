"""Sound as the voice handles it: mono int16 arrays; files are decoded once, before they are needed."""

from pathlib import Path

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import AudioError

Pcm = NDArray[np.int16]
"""(n,) int16, mono, at the rate of the output it is for."""

# A warning that runs longer than this is no warning; it also bounds the memory of a wrong file.
LONGEST_S = 60.0
# Below this a file is silence, which nobody would notice until the day it is needed: -50 dBFS.
QUIETEST_PEAK = 104


class Resampler:
    """Mono int16 chunks from one rate to another, without a seam between the chunks."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def feed(self, pcm: Pcm) -> Pcm:
        """Return what is ready; a few samples stay inside until more come."""
        if not len(pcm):
            return np.zeros(0, np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[None], format="s16", layout="mono")
        frame.rate = self._from_hz
        return _joined(self._resampler.resample(frame))


def decode(path: Path, rate_hz: int) -> Pcm:
    """Read a sound file (wav, flac, mp3, ogg, opus) as mono at `rate_hz`. Raises AudioError naming the file."""
    try:
        pcm, expected_s = _decode(path, rate_hz)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AudioError(f"{path}: cannot be decoded ({error}); accepted: wav, flac, mp3, ogg, opus") from error
    length_s = len(pcm) / rate_hz
    if length_s < 0.9 * min(expected_s, LONGEST_S):
        raise AudioError(f"{path}: damaged, {length_s:.1f} s of its {expected_s:.1f} s can be decoded")
    if not 0.1 <= length_s <= LONGEST_S:
        raise AudioError(f"{path}: {length_s:.1f} s long; accepted: 0.1 to {LONGEST_S:.0f} s")
    if np.abs(pcm.astype(np.int32)).max() < QUIETEST_PEAK:
        raise AudioError(f"{path}: nothing but silence in it; accepted: a peak of at least -50 dBFS")
    return pcm


def _decode(path: Path, rate_hz: int) -> tuple[Pcm, float]:
    """Return the samples, one second more than accepted at most, and the length that the file claims."""
    parts: list[Pcm] = []
    with av.open(str(path)) as container:
        if not container.streams.audio:
            raise ValueError("no sound in it")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
        expected_s = (container.duration or 0) / av.time_base
        samples = 0
        for frame in container.decode(audio=0):
            parts.append(_joined(resampler.resample(frame)))
            samples += len(parts[-1])
            if samples > (LONGEST_S + 1) * rate_hz:
                break
        parts.append(_joined(resampler.resample(None)))
    return np.concatenate(parts), expected_s


def _joined(frames: list[av.AudioFrame]) -> Pcm:
    return np.concatenate([np.zeros(0, np.int16), *(frame.to_ndarray()[0].astype(np.int16) for frame in frames)])


def apply_gain(pcm: Pcm, gain_db: float) -> Pcm:
    """Quieter by `gain_db` <= 0; the array itself where it is 0."""
    return pcm if gain_db == 0 else np.rint(pcm * 10 ** (gain_db / 20)).astype(np.int16)
