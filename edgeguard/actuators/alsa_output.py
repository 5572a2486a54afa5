"""A sound card through PortAudio (sounddevice), which brings the host's own ALSA with its configuration and plugins."""

import importlib
import time
from types import TracebackType
from typing import Any, Self

import numpy as np

from edgeguard.actuators.audio import Pcm
from edgeguard.actuators.outputs import Cue
from edgeguard.errors import AudioError


class AlsaOutput:
    """Plays on an output device named whole or in part; the stream stays open, so that a phrase starts at once."""

    def __init__(self, device: str = "default", rate_hz: int = 48_000, latency_s: float = 0.06) -> None:
        self.device = device
        self.rate_hz = rate_hz
        self._latency_s = latency_s
        self._stream: Any = None
        self._channels = 1
        self._fed_until_s = 0.0

    @property
    def name(self) -> str:
        return f"alsa:{self.device}"

    def __enter__(self) -> Self:
        portaudio = load_portaudio()
        # PortAudio lists the devices once, when it starts: without this a card plugged in later is never seen.
        portaudio._terminate()  # noqa: SLF001 - the library has no public name for it
        portaudio._initialize()  # noqa: SLF001
        try:
            self._channels = min(2, portaudio.query_devices(self.device, "output")["max_output_channels"])
            self._stream = portaudio.OutputStream(
                device=self.device,
                samplerate=self.rate_hz,
                channels=self._channels,
                dtype="int16",
                latency=self._latency_s,
            )
            self._stream.start()
        except (portaudio.PortAudioError, ValueError) as error:
            self._close(abort=True)
            found = ", ".join(list_devices()) or "none"
            raise AudioError(f"no sound device {self.device!r}: {error}; found: {found}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(abort=kind is not None)

    def play(self, pcm: Pcm, cue: Cue) -> None:  # noqa: ARG002 - a loudspeaker has no use for the cue
        if self._stream is None:
            raise AudioError(f"sound device {self.device!r} is not open")
        now_s = time.monotonic()
        try:
            if now_s > self._fed_until_s:
                # It ran dry between two phrases: how it goes on after that is the driver's choice, a start is not.
                self._stream.abort()
                self._stream.start()
            self._stream.write(np.repeat(pcm[:, None], self._channels, axis=1))
        except load_portaudio().PortAudioError as error:
            raise AudioError(f"sound device {self.device!r} has failed: {error}") from error
        self._fed_until_s = max(now_s, self._fed_until_s) + len(pcm) / self.rate_hz

    def _close(self, *, abort: bool) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True) if abort else self._drain(stream)

    @staticmethod
    def _drain(stream: Any) -> None:  # noqa: ANN401 - the library has no types
        stream.stop(ignore_errors=True)
        stream.close(ignore_errors=True)


def list_devices() -> list[str]:
    """Names of the output devices that PortAudio sees. Raises AudioError without PortAudio."""
    return [device["name"] for device in load_portaudio().query_devices() if device["max_output_channels"] > 0]


def load_portaudio() -> Any:  # noqa: ANN401 - the library has no types
    """Import sounddevice, which looks for the host's PortAudio as it is imported: only where a card is wanted."""
    try:
        return importlib.import_module("sounddevice")
    except (ImportError, OSError) as error:
        raise AudioError(f"the box's sound library is missing ({error}); apt-get install libportaudio2") from error
