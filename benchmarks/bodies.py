# ruff: noqa: INP001  # scripts, not a package
"""How often the rules about bodies raise an alarm where nothing is, and what a closer look costs.

    python benchmarks/bodies.py --clips SHARED/data/fight_clips/no_fight     rendered visits to a lift, and clips
    python benchmarks/bodies.py cost [--pose POSE.onnx]                      milliseconds of each part

Nobody lies or fights in the rendered visits (benchmarks/visits.py). Alarms are told per hour of camera, with the upper
end of the 95 % interval of a rare event (exact, Poisson).
"""

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from visits import default_folder, frames, load

from edgeguard.bodies import PoseNet, PostureNet
from edgeguard.bodies.changes import Changes
from edgeguard.bodies.flow import Flow
from edgeguard.bodies.manifest import describe_pose, fight_of, posture_of
from edgeguard.contract import UlidMaker
from edgeguard.errors import ConfigError, ModelError
from edgeguard.networks import ExecutionConfig, models_dir
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.clip import open_clip
from edgeguard.scenarios.conduct_fall import ConductFallConfig
from edgeguard.scenarios.conduct_fight import ConductFightConfig
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Frame, Phase, Report

RULES = (ConductFallConfig(), ConductFightConfig())
LOOKS_HZ = 8.0
VIDEOS = {".avi", ".mkv", ".mov", ".mp4"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("nuisance", "cost"), default="nuisance")
    parser.add_argument("--visits", type=Path, nargs="*", default=[default_folder().with_name("visits-other")])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
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
        paths = sorted(file for file in folder.rglob("*") if file.suffix in VIDEOS)[: options.most]
        nuisance(folder.name, ((path.stem, open_clip(path, "bench")) for path in paths), model)


def nuisance(kind: str, recordings: Iterator[tuple[str, Iterator[Frame]]], model: Model) -> None:
    """Print the alarms of both rules over all recordings."""
    alarms: dict[str, list[str]] = {rule.kind: [] for rule in RULES}
    count, seconds = 0, 0.0
    for name, taken in recordings:
        chain = ChainConfig(detect_hz=LOOKS_HZ, scenarios=RULES)
        pipeline = build_pipeline(chain, "bench", model, UlidMaker(lambda _: 0).new)
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
    """Medians of wall-clock time, one thread each."""
    posture = PostureNet(posture_of(models_dir()), ExecutionConfig())
    chance = np.random.default_rng(0)
    bgr = chance.integers(0, 255, (360, 640, 3)).astype(np.uint8)
    luma = cv2.GaussianBlur(chance.integers(0, 255, (180, 320)).astype(np.uint8), (9, 9), 0)
    moved, flow = np.roll(luma, 2, axis=1), Flow()
    changes, picture = Changes(fight_of(models_dir()), ExecutionConfig()), picture_from_array(bgr, "bgr24")
    person = (100.0, 50.0, 200.0, 300.0)
    parts: dict[str, Callable[[], object]] = {
        "posture of a person": lambda: posture.lying(bgr, person),
        "flow of a look at 320x180": lambda: flow(luma, moved),
        "changes of a look": lambda: changes.take(picture, [person], 0.0),
    }
    if pose:
        net = PoseNet(describe_pose(pose), ExecutionConfig())
        parts["joints of a person"] = lambda: net.keypoints(bgr, person)
    for name, run in parts.items():
        spent_ms = []
        for _ in range(60):
            started_s = perf_counter()
            run()
            spent_ms.append(1000 * (perf_counter() - started_s))
        print(f"{name}: median {np.median(spent_ms):.1f} ms, best {min(spent_ms):.1f} ms")


def _times(count: int, fps: float) -> list[float]:
    return [number / fps for number in range(count)]


if __name__ == "__main__":
    main()
