# ruff: noqa: INP001  # scripts, not a package
"""How often the rules about bodies raise an alarm where nothing is, and what a closer look costs.

    python benchmarks/bodies.py --clips SHARED/data/fight_clips/no_fight     rendered visits to a lift, and clips
    python benchmarks/bodies.py --visits --lasting 20 --clips DIR            clips played to and fro for so long
    python benchmarks/bodies.py cost [--pose POSE.onnx]                      milliseconds of each part

Nobody lies or fights in the rendered visits (benchmarks/visits.py). Alarms are told per hour of camera, with the upper
end of the 95 % interval of a rare event (exact, Poisson).
"""

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from films import Remembered, films_of, lasting, seldom
from numpy.typing import NDArray
from visits import default_folder, frames, load

from edgeguard.bodies import PoseNet, PostureNet, open_bodies
from edgeguard.bodies.changes import Changes
from edgeguard.bodies.flow import Flow
from edgeguard.bodies.manifest import describe_pose, fight_of, posture_of
from edgeguard.boxes import Hull
from edgeguard.contract import UlidMaker
from edgeguard.errors import ConfigError, ModelError
from edgeguard.networks import ExecutionConfig, models_dir
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.clip import open_clip
from edgeguard.scenarios.conduct_fall import ConductFallConfig
from edgeguard.scenarios.conduct_fight import ConductFightConfig
from edgeguard.scenarios.rule import ZoneConfig
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Phase, Report, Tracks

RULES = (ConductFallConfig(), ConductFightConfig())
LOOKS_HZ = 8.0
TWO = ((100.0, 50.0, 200.0, 300.0), (210.0, 50.0, 310.0, 300.0))
CORNER = ((0.9, 0.0), (1.0, 0.0), (1.0, 0.1), (0.9, 0.1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("nuisance", "cost"), default="nuisance")
    parser.add_argument("--visits", type=Path, nargs="*", default=[default_folder().with_name("visits-other")])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--lasting", type=float, default=0.0, help="seconds a clip, to and fro; left out: once")
    parser.add_argument("--most", type=int, default=1000, help="recordings of a folder at most")
    parser.add_argument("--pose", type=Path, help="a converted pose network, for cost")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.what == "cost":
        try:
            cost(options.pose)
        except (ConfigError, ModelError) as error:
            parser.error(str(error))
        return
    model = open_model(ChainConfig())
    for folder in options.visits:
        visits = list(load(folder))[: options.most]
        told = ((visit.name, frames(visit.pictures, _times(len(visit.pictures), visit.fps))) for visit in visits)
        nuisance(folder.name, told, model)
    for folder in options.clips:
        films = films_of([folder])[: options.most]
        shown = ((film.stem, played(film, options.lasting)) for film in films)
        nuisance(folder.name, shown, model, again=options.lasting > 0)


def played(film: Path, seconds: float) -> Iterator[Frame]:
    """At the pace of looks, where it is to last, each picture once seen by the detector."""
    frames = open_clip(film, "bench")
    return lasting(list(seldom(frames, LOOKS_HZ)), seconds) if seconds else frames


def nuisance(
    kind: str, recordings: Iterator[tuple[str, Iterator[Frame]]], model: Model, *, again: bool = False
) -> None:
    """Print the alarms of both rules over all recordings; `again`: their pictures come again."""
    alarms: dict[str, list[str]] = {rule.kind: [] for rule in RULES}
    count, seconds = 0, 0.0
    for name, taken in recordings:
        chain = ChainConfig(detect_hz=LOOKS_HZ, scenarios=RULES)
        seeing = replace(model, detector=Remembered(model.detector)) if again else model
        pipeline = build_pipeline(chain, "bench", seeing, UlidMaker(lambda _: 0).new)
        last_s = 0.0
        for frame in taken:
            last_s = frame.monotonic_s
            for signal in pipeline.look(frame):
                if isinstance(signal, Report) and signal.phase is Phase.NEW:
                    alarms[signal.rule].append(name)
        count, seconds = count + 1, seconds + last_s
    for rule, names in alarms.items():
        hours = seconds / 3600
        bound = f"at most {most(len(names)) / hours:.1f} an hour" if hours else "nothing played"
        told = ", ".join(names[:8]) or "none"
        print(f"{kind}: {rule} {len(names)} alarms in {count} recordings, {seconds / 60:.1f} min, {bound}: {told}")


def most(events: int) -> float:
    """The mean of which so few or fewer are seen once in 40 times: the upper end of the exact 95 % interval."""
    low, high = float(events), 10.0 * (events + 1)
    for _ in range(60):
        middle = (low + high) / 2
        chance = sum(math.exp(-middle) * middle**k / math.factorial(k) for k in range(events + 1))
        low, high = (middle, high) if chance > 0.025 else (low, middle)
    return high


def cost(pose: Path | None) -> None:
    """Processor time, one thread each: medians, and means where not every look is as much work."""
    posture = PostureNet(posture_of(models_dir()), ExecutionConfig())
    bgr = _noise((360, 640, 3))
    luma = cv2.GaussianBlur(_noise((180, 320)), (9, 9), 0)
    moved, flow = np.roll(luma, 2, axis=1), Flow()
    changes, picture = Changes(fight_of(models_dir()), ExecutionConfig()), picture_from_array(bgr, "bgr24")
    parts: dict[str, Callable[[], object]] = {
        "posture of a person": lambda: posture.lying(bgr, TWO[0]),
        "flow of a look at 320x180": lambda: flow(luma, moved),
        "changes of a look": lambda: changes.take(picture, TWO[:1], 0.0),
        "a look of conduct_fight, two people": staged(ConductFightConfig(), TWO),
        "conduct_fight, nobody for long": staged(ConductFightConfig(), ()),
        "conduct_fight, two outside its zone": staged(ConductFightConfig(zone=CORNER), TWO),
        "a look of conduct_fall, two people": staged(ConductFallConfig(), TWO),
        "conduct_fall, two outside its zone": staged(ConductFallConfig(zone=CORNER), TWO),
    }
    if pose:
        net = PoseNet(describe_pose(pose), ExecutionConfig())
        parts["joints of a person"] = lambda: net.keypoints(bgr, TWO[0])
    for name, run in parts.items():
        spent_ms = []
        for _ in range(60):
            started_s = process_time()
            run()
            spent_ms.append(1000 * (process_time() - started_s))
        print(
            f"{name}: median {np.median(spent_ms):.1f} ms, mean {np.mean(spent_ms):.1f} ms, best {min(spent_ms):.1f} ms"
        )


def staged(config: ZoneConfig, people: Sequence[Hull]) -> Callable[[], object]:
    """Eight looks a second of the body stage at people who step to and fro; they have been there, or not, for long."""
    asked = {ask: [config.asks_of()] for ask in config.asks}
    stage = open_bodies(asked, ("person",), None, ExecutionConfig(), asked)
    assert stage is not None
    pictures = [picture_from_array(_noise((360, 640, 3), seed), "bgr24") for seed in range(2)]
    score, label = np.ones(len(people), np.float32), np.zeros(len(people), np.int16)
    looks = count()

    def look() -> object:
        number = next(looks)
        step = np.array([40, 0, 40, 0], np.float32) * (number % 2)
        boxes = np.array(people, np.float32).reshape(-1, 4) + step
        tracks = Tracks(Detections(boxes, score, label), np.arange(len(people)), np.zeros(len(people), np.float32))
        return stage.read(pictures[number % 2], tracks, number / LOOKS_HZ)

    for _ in range(60):
        look()
    return look


def _noise(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 255, shape).astype(np.uint8)


def _times(count: int, fps: float) -> list[float]:
    return [number / fps for number in range(count)]


if __name__ == "__main__":
    main()
