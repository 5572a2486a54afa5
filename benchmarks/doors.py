# ruff: noqa: INP001  # a script, not a package
"""How well a door is told from the picture, on rendered visits, and what it costs next to the motion gate.

python -m models.training.scenes visits --count 24      renders them (in the scenes' own environment), about 15 minutes
python benchmarks/doors.py [--visits DIR] [--odd] [--json]

Only cameras that see the door face on: one beside or above it cannot tell. Each visit: the closed door, it opens, an
e-bike comes in, it closes (`travelled`); and the same with the e-bike going out again before it closes (`complied`).
`--odd`: every second visit only, those that no setting was chosen on.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from latency import Remembering
from visits import Bgr, Visit, default_folder, frames, lit, load

from edgeguard.contract import UlidMaker
from edgeguard.doors import PictureConfig, PictureDoor
from edgeguard.motion import MotionGate
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.pipeline.door import DoorWatch
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import DoorState, Outcome, Phase, Picture, Report

FACE_ON = ("rear", "corner rear left", "corner rear right", "centre down")
LEARN_S, AFTER_S = 24.0, 20.0
CLOSED, OPEN, UNKNOWN = DoorState.CLOSED, DoorState.OPEN, DoorState.UNKNOWN
COST_ROUNDS, COST_FRAMES = 5, 200


@dataclass(slots=True)
class Told:
    """Pictures by (what is so, what was said); late: seconds from fully open, or closed, to its being said."""

    pictures: Counter[tuple[DoorState, DoorState]] = field(default_factory=Counter)
    late_s: dict[DoorState, list[float | None]] = field(default_factory=lambda: {OPEN: [], CLOSED: []})
    cycles: list[int] = field(default_factory=list)
    invented: dict[str, int] = field(default_factory=dict)
    outcomes: dict[Outcome, Counter[Outcome]] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=Path, default=default_folder())
    parser.add_argument("--odd", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    visits = [visit for visit in load(options.visits) if visit.mount in FACE_ON and visit.region is not None]
    visits = [visit for visit in visits if not options.odd or int(visit.name[-1]) % 2]
    told = Told()
    for visit in visits:
        watch(visit, told)
        told.invented.update({f"{visit.name} {name}": count for name, count in invented(visit) if count})
    told.outcomes = outcomes(visits)
    cost = cost_ms()
    lines = list(table(told, len(visits), cost))
    print(json.dumps({"lines": lines, "cost": cost}) if options.json else "\n".join(lines))


def door_of(visit: Visit) -> PictureDoor:
    return PictureDoor(PictureConfig.model_validate({"kind": "picture", "region": visit.region}))


def quiet(visit: Visit, seconds: float) -> list[int]:
    """Numbers of pictures of the closed, empty lift."""
    return list(islice(cycle(range(visit.quiet)), round(seconds * visit.fps)))


def stays(visit: Visit) -> list[int]:
    """Numbers of the pictures: learnt, the visit, and the end of it for a while."""
    last = range(len(visit.pictures) - 4, len(visit.pictures))
    held = list(islice(cycle(last), round(AFTER_S * visit.fps)))
    return [*quiet(visit, LEARN_S), *range(visit.quiet, len(visit.pictures)), *held]


def leaves(visit: Visit) -> list[int]:
    """In until the doors are about to close, and back again: out, and then they close."""
    inside = max(n for n, opening in enumerate(visit.opening) if opening == 1.0)
    there = range(visit.quiet, inside)
    return [*quiet(visit, LEARN_S), *there, *reversed(there), *quiet(visit, AFTER_S)]


def watch(visit: Visit, told: Told) -> None:
    """Say what each picture says and count the cycles: one in each visit."""
    for numbers in (stays(visit), leaves(visit)):
        watched = DoorWatch(door_of(visit))
        said: list[DoorState] = []
        for index, n in enumerate(numbers):
            luma = cv2.cvtColor(visit.pictures[n], cv2.COLOR_BGR2GRAY)
            said.append(watched.update(index / visit.fps, np.asarray(luma, np.uint8)))
        learning = round(LEARN_S * visit.fps)
        so = [state_of(visit.opening[n]) for n in numbers]
        told.pictures.update(zip(so[learning:], said[learning:], strict=True))
        told.cycles.append(watched.cycles)
        for state in (OPEN, CLOSED):
            told.late_s[state].append(late_s(so[learning:], said[learning:], state, visit.fps))


def state_of(opening: float) -> DoorState:
    """UNKNOWN stands for leaves that move: nothing said of them is wrong."""
    if opening <= 0.0:
        return CLOSED
    return OPEN if opening >= 0.99 else UNKNOWN


def late_s(so: Sequence[DoorState], said: Sequence[DoorState], state: DoorState, fps: int) -> float | None:
    """None: never said while it lasted."""
    moved = next(n for n, one in enumerate(so) if one is OPEN)
    start = moved if state is OPEN else next(n for n in range(moved, len(so)) if so[n] is CLOSED)
    end = next((n for n in range(start, len(so)) if so[n] is not state), len(so))
    found = next((n for n in range(start, end) if said[n] is state), None)
    return None if found is None else (found - start) / fps


def invented(visit: Visit) -> Iterator[tuple[str, int]]:
    """Pictures in which a closed door is said to be open, under what is no movement of it."""
    still = [visit.pictures[n] for n in quiet(visit, LEARN_S)]
    after = [visit.pictures[n] for n in quiet(visit, 20.0)]
    disturbed: dict[str, list[Bgr]] = {
        "lamp goes out": [lit(one, 0.4 if n > 40 else 1.0) for n, one in enumerate(after)],
        "lamp goes on": [lit(one, 2.2 if n > 40 else 1.0) for n, one in enumerate(after)],
        "light off": [lit(one, 0.002 if 40 < n < 100 else 1.0) for n, one in enumerate(after)],
        "flicker": [lit(one, 1 + 0.15 * np.sin(2.1 * n)) for n, one in enumerate(after)],
        "infrared": [infrared(one) if n > 40 else one for n, one in enumerate(after)],
        "person": [with_figure(one, visit, n / len(after)) for n, one in enumerate(after)],
    }
    for name, pictures in disturbed.items():
        door = door_of(visit)
        count = 0
        for index, picture in enumerate([*still, *pictures]):
            count += door.state(index / visit.fps, picture_from_array(picture, "bgr24")) is OPEN
        yield name, count


def infrared(picture: Bgr) -> Bgr:
    """One grey out of other shares of the colours, lit from the camera: bright in the middle, dark in the corners."""
    grey = picture.astype(np.float32) @ np.array([0.1, 0.2, 0.7], np.float32)
    height, width = grey.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lamp = 1.3 - 0.8 * np.clip((x**2 + y**2) / 2, 0, 1)
    return np.repeat(np.clip(grey * lamp, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def with_figure(picture: Bgr, visit: Visit, share: float) -> Bgr:
    """A dark figure that crosses before the doorway, half as wide and three quarters as high as it."""
    out = picture.copy()
    height, width = out.shape[:2]
    corners = np.array(visit.region) * [width, height]
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    middle = x0 + (x1 - x0) * (1.6 * share - 0.3)
    half = (x1 - x0) / 4
    top = int(y0 + (y1 - y0) / 4)
    out[top:, max(int(middle - half), 0) : max(int(middle + half), 0)] = (40, 45, 50)
    return out


def outcomes(visits: Sequence[Visit]) -> dict[Outcome, Counter[Outcome]]:
    """By what is true: what the whole chain says, with the door told from the picture."""
    model = open_model(ChainConfig())
    told: dict[Outcome, Counter[Outcome]] = {Outcome.TRAVELLED: Counter(), Outcome.COMPLIED: Counter()}
    for visit in visits:
        seen = Model(Remembering(model), model.labels, model.thresholds, model.name)
        for true, numbers in ((Outcome.TRAVELLED, stays(visit)), (Outcome.COMPLIED, leaves(visit))):
            told[true].update(ends(visit, numbers, seen))
    return told


def ends(visit: Visit, numbers: Sequence[int], model: Model) -> Iterator[Outcome]:
    config = ChainConfig.model_validate({"door": {"kind": "picture", "region": visit.region}})
    pipeline = build_pipeline(config, "bench", model, UlidMaker(lambda _: 0).new)
    times = [index / visit.fps for index in range(len(numbers))]
    last = None
    signals = []
    for last in frames([visit.pictures[n] for n in numbers], times):
        signals += pipeline.look(last)
    if last is not None:
        signals += pipeline.close(last.monotonic_s, last.captured_at, "end_of_recording")
    for signal in signals:
        if isinstance(signal, Report) and signal.phase is Phase.END and "EBIKE" in signal.code and signal.outcome:
            yield signal.outcome


def cost_ms() -> dict[str, float]:
    """Median ms a picture of 640x360, the best of several rounds taken in turns with the motion gate."""
    rng = np.random.default_rng(0)
    base = np.tile(np.linspace(60, 160, 640), (360, 1))
    noisy = [(base + rng.normal(0, 2, base.shape)).astype(np.uint8) for _ in range(20)]
    pictures = [picture_from_array(luma, "gray") for luma in noisy]
    region = [[0.35, 0.1], [0.65, 0.1], [0.65, 0.7], [0.35, 0.7]]
    door = PictureDoor(PictureConfig.model_validate({"kind": "picture", "region": region, "learn_s": 2}))
    gate = MotionGate()
    spent: dict[str, list[float]] = {"door": [], "gate": []}
    for number in range(COST_ROUNDS):
        start_s = number * COST_FRAMES / 10.0
        spent["door"].append(median_ms(pictures, start_s, lambda picture, now_s: door.state(now_s, picture)))
        spent["gate"].append(
            median_ms(pictures, start_s, lambda picture, now_s: gate.update(picture, now_s, held=False))
        )
    return {name: round(min(values), 4) for name, values in spent.items()}


def median_ms(pictures: list[Picture], start_s: float, step) -> float:  # noqa: ANN001
    spent = []
    for index in range(COST_FRAMES):
        picture = pictures[index % len(pictures)]
        picture.luma.max()
        began = perf_counter()
        step(picture, start_s + index / 10)
        spent.append(perf_counter() - began)
    return float(np.median(spent)) * 1000


def table(told: Told, visits: int, cost: dict[str, float]) -> Iterator[str]:
    yield f"{visits} cameras, two visits each"
    for so in (CLOSED, OPEN):
        counts = {said: told.pictures[so, said] for said in (CLOSED, OPEN, UNKNOWN)}
        n = sum(counts.values())
        yield f"{so:<7} n {n:>6} pictures: " + ", ".join(f"{said} {count / n:.3f}" for said, count in counts.items())
    for state, values in told.late_s.items():
        known = [value for value in values if value is not None]
        low, high = wilson_interval(len(known), len(values))
        p50, p95 = np.quantile(known, [0.5, 0.95], method="higher") if known else (np.nan, np.nan)
        yield (
            f"said {state:<7} in {len(known)}/{len(values)} ({low:.2f} to {high:.2f}), late p50 {p50:.2f} s, "
            f"p95 {p95:.2f} s"
        )
    right = sum(count == 1 for count in told.cycles)
    low, high = wilson_interval(right, len(told.cycles))
    yield f"cycles: 1 of 1 in {right}/{len(told.cycles)} ({low:.2f} to {high:.2f}), else {sorted(told.cycles)}"
    yield f"closed door said to be open under disturbances (6 kinds): {told.invented or 'never'}"
    for true, said in told.outcomes.items():
        yield f"truly {true:<9}: " + ", ".join(f"{name} {count}" for name, count in said.most_common())
    yield f"cost: {cost['door']:.3f} ms a picture, motion gate {cost['gate']:.3f} ms in the same run"


if __name__ == "__main__":
    main()
