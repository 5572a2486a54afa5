"""From a packet of the camera to the first sound: decode, gate, look, decide, speak, nothing waited for in between."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from av.video.codeccontext import VideoCodecContext

from edgeguard.actuators import Voice, VoiceConfig
from edgeguard.actuators.audio import Pcm
from edgeguard.actuators.catalogue import load_catalogue
from edgeguard.actuators.outputs import Cue, MemoryOutput
from edgeguard.agent.reporter import Reporter
from edgeguard.bench.chain import CAMERA, START, new_pipeline
from edgeguard.bench.stats import median, percentile
from edgeguard.bench.stream import FPS, encode, entering_pictures
from edgeguard.contract import Action, EventDraft
from edgeguard.detectors import ExecutionConfig, ModelSpec, open_detector
from edgeguard.errors import EdgeGuardError
from edgeguard.journal import Journal
from edgeguard.pipeline import CameraPipeline, Scene, to_draft
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Detector, Frame, Report, Say, Signal

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet
    from av.video.stream import VideoStream

# Sound that has not come by then will not come.
AUDIO_TIMEOUT_S = 10.0
# What an episode is given before the frame that confirms it: enough for the suspicion.
LEAD_FRAMES = 6


@dataclass(frozen=True, slots=True)
class PacketToVoice:
    """Milliseconds from the packet that confirms an e-bike to the first chunk of the phrase at the output."""

    episodes: int
    p50_ms: float
    p95_ms: float


class FirstSound(MemoryOutput):
    """Tells when the first chunk came since it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Event()
        self.at_s = 0.0

    def play(self, pcm: Pcm, cue: Cue) -> None:
        if not self.came.is_set():
            self.at_s = perf_counter()
            self.came.set()
        super().play(pcm, cue)


def measure_voice(
    spec: ModelSpec, execution: ExecutionConfig, episodes: int, shown: Callable[[Iterable[int]], Iterable[int]]
) -> PacketToVoice:
    """So many episodes, each in a chain of its own; raises EdgeGuardError where nothing is said."""
    detector = open_detector(spec, execution.model_copy(update={"sessions": 1}))
    packets = encode(entering_pictures())
    confirming = _confirming(packets, new_pipeline(spec, detector))
    config, output = VoiceConfig(languages=("zh",)), FirstSound()
    voice = Voice(config, load_catalogue(output.rate_hz, config.languages, None), output, lambda _: None)
    with (
        TemporaryDirectory(prefix="edgeguard-bench-") as folder,
        Journal(Path(folder) / "j", "bench", "box") as journal,
    ):
        reporter = Reporter(journal, voice, _drafted, lambda _: None, lambda: datetime.now(UTC))
        with voice:
            taken = [_episode(packets, confirming, spec, detector, reporter, output) for _ in shown(range(episodes))]
    return PacketToVoice(len(taken), median(taken), percentile(taken, 95))


def _episode(
    packets: "Sequence[Packet[VideoStream]]",
    confirming: int,
    spec: ModelSpec,
    detector: Detector,
    reporter: Reporter,
    output: FirstSound,
) -> float:
    """Milliseconds."""
    pipeline, decoder = new_pipeline(spec, detector), Decoder()
    for index in range(confirming):
        frame = decoder.frame(packets[index], index)
        if index >= confirming - LEAD_FRAMES:
            reporter.handle(pipeline.look(frame))
    output.came.clear()
    started_s = perf_counter()
    signals = pipeline.look(decoder.frame(packets[confirming], confirming))
    reporter.handle(signals)
    if not output.came.wait(AUDIO_TIMEOUT_S):
        raise EdgeGuardError(f"no sound within {AUDIO_TIMEOUT_S:g} s of the packet that confirms an e-bike")
    for signal in signals:
        if isinstance(signal, Say) and signal.event_id is not None:
            reporter.handle(pipeline.close(frame.monotonic_s + 1, frame.captured_at, "end_of_recording"))
    return (output.at_s - started_s) * 1000


class Decoder:
    """A camera's decoder, one thread, one frame per packet."""

    def __init__(self) -> None:
        self._codec = VideoCodecContext.create("h264", "r")
        self._codec.thread_count = 1
        self._scaler = Scaler()

    def frame(self, packet: "Packet[VideoStream]", index: int) -> Frame:
        (picture,) = self._codec.decode(packet)
        at_s = index / FPS
        return Frame(CAMERA, index, at_s, START + timedelta(seconds=at_s), DecodedPicture(picture, self._scaler))


def _confirming(packets: "Sequence[Packet[VideoStream]]", pipeline: CameraPipeline) -> int:
    """The packet with which the first phrase is asked for; raises EdgeGuardError where there is none."""
    decoder = Decoder()
    for index, packet in enumerate(packets):
        if any(isinstance(signal, Say) for signal in _look(pipeline, decoder, packet, index)):
            return index
    raise EdgeGuardError("the detector does not see the e-bike of the bundled recording, accepted: one that does")


def _look(pipeline: CameraPipeline, decoder: Decoder, packet: "Packet[VideoStream]", index: int) -> tuple[Signal, ...]:
    return pipeline.look(decoder.frame(packet, index))


def _drafted(report: Report, actions: Sequence[Action], decided: datetime) -> EventDraft:
    return to_draft(report, Scene(), decided=decided, actions=actions)
