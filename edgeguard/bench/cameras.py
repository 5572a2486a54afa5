"""How many cameras a box carries: the whole box, on streams that come at the pace of real cameras.

The streams are files that loop at real pace: demuxed, decoded, gated, looked at and told by the very box that
`edgeguard run` starts. An RTSP server on the same cores would take the time that is to be measured; what a network
camera costs beyond this is the unpacking of RTP, some fifty packets a second.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from edgeguard.actuators import VoiceConfig
from edgeguard.actuators.config import MemoryOutputConfig
from edgeguard.agent.box import Box
from edgeguard.agent.metrics import Metrics
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.bench.stream import Streams
from edgeguard.detectors import ExecutionConfig
from edgeguard.sources import FileConfig

# The gate is open while a camera warms up; a keep-alive look comes every five seconds.
WARM_UP_S = 8.0
MUST_BE_DONE = 0.99
MOST_CAMERAS = 64  # a site file's limit
DECISION = "capture_to_decision_ms"


@dataclass(frozen=True, slots=True)
class Load:
    """What the box is given, and for how long; `busy` is the share of cameras with an e-bike in the picture."""

    streams: Streams
    detect_hz: float = 5.0
    busy: float = 0.2
    measure_s: float = 15.0
    warm_up_s: float = WARM_UP_S
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)

    @property
    def interval_ms(self) -> float:
        return 1000 / self.detect_hz


@dataclass(frozen=True, slots=True)
class Run:
    """One box over one window.

    `looks_due`: of the busy cameras, detect_hz each. `done` is the share of these that came, and came within one
    interval of the frame's capture. `decision_ms` are read from the box's own histogram, so between its bounds.
    """

    cameras: int
    busy: int
    window_s: float
    cpu_cores: float
    frames: int
    frames_dropped: int
    looks: int
    looks_due: int
    done: float
    late: int
    decision_p50_ms: float
    decision_p95_ms: float

    @property
    def sustained(self) -> bool:
        return self.done >= MUST_BE_DONE


@dataclass(frozen=True, slots=True)
class Quiet:
    """What one more quiet camera costs: the difference of two boxes that differ in quiet cameras alone."""

    cores_per_camera: float
    few: Run
    many: Run


@dataclass(frozen=True, slots=True)
class Sustained:
    """The most cameras of which every due look was done, and the runs that led there."""

    cameras: int
    cores: int
    runs: tuple[Run, ...]


def quiet_cost(load: Load, few: int = 1, many: int = 9) -> Quiet:
    """Core per quiet camera, decoding and keep-alive looks included, the box's own idle cost not."""
    calm = replace(load, busy=0.0)
    first, second = run_box(few, calm), run_box(many, calm)
    return Quiet(round((second.cpu_cores - first.cpu_cores) / (many - few), 4), first, second)


def sustained(load: Load, cores: int, say: Callable[[Run], None], start: int = 8) -> Sustained:
    """Double until it is too much, then halve the gap down to a tenth; on so many cores of this machine."""
    runs: list[Run] = []

    def fits(cameras: int) -> bool:
        runs.append(run_box(cameras, load))
        say(runs[-1])
        return runs[-1].sustained

    with pinned(cores) as held:
        good = search(fits, start)
    return Sustained(good, held, tuple(runs))


def search(fits: Callable[[int], bool], start: int, most: int = MOST_CAMERAS) -> int:
    """The most that fits, within a tenth; 0 where not even one does, never beyond `most`."""
    good, bad = 0, most + 1
    trial = min(start, most)
    while bad - good > max(1, good // 10):
        if fits(trial):
            good = trial
        else:
            bad = trial
        trial = min(2 * good, most) if bad > most else (good + bad) // 2
        if good == most:
            break
    return good


def run_box(cameras: int, load: Load) -> Run:
    """Start a box, let it warm up, watch it for the window, stop it."""
    with TemporaryDirectory(prefix="edgeguard-bench-") as folder:
        busy = round(cameras * load.busy)
        site = _site(Path(folder), cameras, busy, load)
        stop = threading.Event()
        with Box(site) as box:
            watcher = threading.Thread(target=box.run, args=(stop,), name="bench-box")
            watcher.start()
            try:
                time.sleep(load.warm_up_s)
                before = _Reading.take(box)
                time.sleep(load.measure_s)
                return _run(before, _Reading.take(box), cameras, busy, load)
            finally:
                stop.set()
                watcher.join()


@contextmanager
def pinned(cores: int) -> Iterator[int]:
    """Keep this process on so many of its cores, at most all."""
    allowed = os.sched_getaffinity(0)
    chosen = set(sorted(allowed)[:cores])
    os.sched_setaffinity(0, chosen)
    try:
        yield len(chosen)
    finally:
        os.sched_setaffinity(0, allowed)


def _site(folder: Path, cameras: int, busy: int, load: Load) -> SiteConfig:
    def camera(number: int) -> CameraConfig:
        path = load.streams.busy if number < busy else load.streams.quiet
        return CameraConfig(
            id=f"{'busy' if number < busy else 'quiet'}-{number}",
            source=FileConfig(path=path, loop=True),
            detect_hz=load.detect_hz,
            execution=load.execution,
        )

    return SiteConfig(
        site="bench",
        box="box-1",
        data_dir=folder,
        cameras=tuple(camera(number) for number in range(cameras)),
        voice=VoiceConfig(output=MemoryOutputConfig(kind="memory")),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """The box's counters at a moment."""

    at_s: float
    cpu_s: float
    frames: int
    dropped: int
    looks: Counter[float]  # of the busy cameras, by the upper bound of their capture-to-decision time in ms
    all_looks: int

    @classmethod
    def take(cls, box: Box) -> "_Reading":
        status = [lane.worker.reader.status() for lane in box.lanes.values()]
        looks = _decisions(box.services.metrics)
        busy = sum((counts for camera, counts in looks.items() if camera.startswith("busy")), Counter[float]())
        return cls(
            time.monotonic(),
            time.process_time(),
            sum(each.frames_in for each in status),
            sum(sum(each.dropped.values()) for each in status),
            busy,
            sum(counts.total() for counts in looks.values()),
        )


def _decisions(metrics: Metrics) -> dict[str, Counter[float]]:
    """Looks by camera and bucket; the registry counts cumulatively."""
    found: dict[str, Counter[float]] = {}
    for family in metrics.registry.collect():
        if family.name != DECISION:
            continue
        below: dict[str, float] = {}
        for sample in family.samples:
            if sample.name == f"{DECISION}_bucket":
                camera, bound = sample.labels["camera"], float(sample.labels["le"])
                found.setdefault(camera, Counter())[bound] = int(sample.value - below.get(camera, 0.0))
                below[camera] = sample.value
    return found


def _run(before: _Reading, after: _Reading, cameras: int, busy: int, load: Load) -> Run:
    window_s = after.at_s - before.at_s
    looks = after.looks - before.looks
    in_time = sum(count for bound, count in looks.items() if bound <= load.interval_ms)
    due = int(busy * window_s * load.detect_hz)
    return Run(
        cameras=cameras,
        busy=busy,
        window_s=round(window_s, 2),
        cpu_cores=round((after.cpu_s - before.cpu_s) / window_s, 3),
        frames=after.frames - before.frames,
        frames_dropped=after.dropped - before.dropped,
        looks=after.all_looks - before.all_looks,
        looks_due=due,
        done=round(min(in_time / due, 1.0), 4) if due else 1.0,
        late=looks.total() - in_time,
        decision_p50_ms=bucket_percentile(looks, 0.50),
        decision_p95_ms=bucket_percentile(looks, 0.95),
    )


def bucket_percentile(counts: Counter[float], share: float) -> float:
    """The value below which `share` of the counts lie, linear within a bucket, never beyond the last finite bound."""
    wanted, seen, lower = share * counts.total(), 0.0, 0.0
    for bound in sorted(counts):
        count = counts[bound]
        if count and seen + count >= wanted:
            return round(lower + (bound - lower) * (wanted - seen) / count, 1) if bound < float("inf") else lower
        seen, lower = seen + count, bound
    return 0.0
