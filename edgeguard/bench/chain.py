"""What a look costs beyond the bare network: everything from a decoded frame to an event's draft, in pairs."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from time import perf_counter
from typing import TypeVar

from av.video.frame import VideoFrame

from edgeguard.bench.stats import Ratio, Spent, median, ratio, spent
from edgeguard.bench.stream import BUSY_FROM_S, BUSY_TO_S, recorded
from edgeguard.contract import UlidMaker
from edgeguard.detectors import ExecutionConfig, ModelSpec, OnnxDetector
from edgeguard.detectors.letterbox import Preprocessor
from edgeguard.motion import MotionGate
from edgeguard.networks import Network
from edgeguard.pipeline import CameraPipeline, ChainConfig, Model, Scene, build_pipeline, thresholds_of, to_draft
from edgeguard.scenarios import build
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detector, Frame, Observation, Report, Signal

WARM_UP = 5
# The e-bike's part of the recording has 10 frames a second.
FRAME_S = 0.1
START = datetime(2026, 1, 1, tzinfo=UTC)
# Every frame is looked at.
CHAIN = ChainConfig(detect_hz=60)
CAMERA = "bench"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overhead:
    """`overhead`: from decoded frame to draft over the bare run of the network; milliseconds are medians by wall clock.

    Each pair is the bare network, the whole chain, and the bare network again; stages are timed alone, beside them.
    """

    model: str
    overhead: Ratio
    bare_ms: float
    chain_ms: float
    stages_ms: dict[str, float]


def measure_overhead(
    spec: ModelSpec, execution: ExecutionConfig, pairs: int, shown: Callable[[Iterable[int]], Iterable[int]]
) -> Overhead:
    """Take so many pairs on frames with an e-bike; `shown` wraps the loop in a progress bar."""
    detector = OnnxDetector(spec, execution.model_copy(update={"sessions": 1}))
    network = Network(spec, execution)
    preprocessor = Preprocessor(spec.input, centred=spec.head != "yolox")
    pipeline, stages = new_pipeline(spec, detector), Stages(spec, detector, preprocessor, network)
    frames = endless_frames()
    whole, bare = list[Spent](), list[Spent]()

    def pair() -> None:
        frame = next(frames)
        preprocessor.load(frame.picture)
        first = spent(lambda: network.run(preprocessor.tensor))
        whole.append(spent(lambda: drafts(pipeline.look(frame))))
        second = spent(lambda: network.run(preprocessor.tensor))
        bare.append(Spent((first.wall_ms + second.wall_ms) / 2, (first.cpu_ms + second.cpu_ms) / 2))
        stages.run(frame)

    for _ in range(WARM_UP):
        pair()
    for taken in (whole, bare, stages.taken):
        taken.clear()
    for _ in shown(range(pairs)):
        pair()
    return Overhead(
        spec.name,
        ratio(whole, bare),
        median([one.wall_ms for one in bare]),
        median([one.wall_ms for one in whole]),
        {name: median(taken) for name, taken in stages.taken.items()},
    )


class Stages:
    """The chain's stages one by one, each with a memory of its own."""

    def __init__(self, spec: ModelSpec, detector: OnnxDetector, preprocessor: Preprocessor, network: Network) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self._preprocessor = preprocessor
        self._network = network
        self._detector = detector
        self._gate = MotionGate()
        self._tracker = GreedyTracker(spec.labels)
        new_id = UlidMaker(secrets.randbits).new
        (self._scenario,) = build(CHAIN.scenarios, CAMERA, spec.labels, thresholds_of(spec), new_id)

    def run(self, frame: Frame) -> None:
        """Take every stage's time on one frame."""
        picture, at_s = frame.picture, frame.monotonic_s
        self._time("gate", lambda: self._gate.update(picture, at_s, held=True))
        letterbox = self._time("letterbox", lambda: self._preprocessor.load(picture))
        output = self._time("network", lambda: self._network.run(self._preprocessor.tensor))
        detections = self._time("head", lambda: self._detector.read(output, letterbox))
        tracks = self._time("tracker", lambda: self._tracker.update(detections, at_s))
        now = Observation(at_s, frame.captured_at, picture.width, picture.height, tracks)
        self._time("scenario and draft", lambda: drafts(self._scenario.update(now).signals))

    def _time(self, stage: str, work: Callable[[], T]) -> T:
        started_s = perf_counter()
        result = work()
        self.taken[stage].append((perf_counter() - started_s) * 1000)
        return result


def new_pipeline(spec: ModelSpec, detector: Detector) -> CameraPipeline:
    """A camera's chain at rest, as a box builds it."""
    model = Model(detector, spec.labels, thresholds_of(spec), spec.name)
    return build_pipeline(CHAIN, CAMERA, model, UlidMaker(secrets.randbits).new)


def endless_frames() -> Iterator[Frame]:
    """The e-bike comes in and stands there, again and again, in one running time."""
    scaler = Scaler()
    there = [VideoFrame.from_ndarray(planes, "yuv420p") for planes in recorded(BUSY_FROM_S, BUSY_TO_S)]
    for index, picture in enumerate(cycle(there)):
        at_s = index * FRAME_S
        # A picture keeps its luma view; a decoder hands out a new one every time.
        yield Frame(CAMERA, index, at_s, START + timedelta(seconds=at_s), DecodedPicture(picture, scaler))


def drafts(signals: Sequence[Signal]) -> int:
    """Make the draft of every report; returns how many."""
    made = [to_draft(signal, Scene(), decided=signal.at) for signal in signals if isinstance(signal, Report)]
    return len(made)
