"""Speech for a microphone and for comparing: the product's own phrases as samples and WAV files."""

import wave
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]


def phrase_pcm(name: str, rate_hz: int) -> Pcm:
    """(n,) int16 mono of a bundled phrase such as "staff_coming.zh"."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
    with av.open(str(files("edgeguard.phrases") / f"{name}.flac")) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.int16)


def write_wav(path: Path, pcm: Pcm, rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.astype("<i2").tobytes())
    return path


def read_wav(path: Path) -> tuple[Pcm, int]:
    """Samples of the first channel, and their rate."""
    with wave.open(str(path), "rb") as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return pcm.reshape(-1, file.getnchannels())[:, 0].astype(np.int16), file.getframerate()


def loudness_curve(pcm: Pcm, rate_hz: int, step_s: float = 0.02) -> NDArray[np.float64]:
    """RMS in dB of each step: what stays of speech when a browser has cleaned and levelled it."""
    step = round(rate_hz * step_s)
    blocks = pcm[: len(pcm) // step * step].astype(np.float64).reshape(-1, step)
    curve: NDArray[np.float64] = 10 * np.log10((blocks**2).mean(axis=1) + 30.0)
    return curve


def best_match(heard: NDArray[np.float64], said: NDArray[np.float64]) -> tuple[int, float]:
    """Where in `said` the whole of `heard` fits best, and the correlation there (-1..1)."""
    found = [(float(np.corrcoef(heard, said[at : at + len(heard)])[0, 1]), at) for at in range(len(said) - len(heard))]
    correlation, at = max(found)
    return at, correlation
