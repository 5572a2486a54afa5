# ruff: noqa: INP001  # a script, not a package
"""Falls in lifts through the whole chain: is whoever lies there told, how soon, and who only crouches?

python -m models.training.falls CACHE/falls             renders the steps of falls (environment with bpy)
python benchmarks/falls.py [--lying 24] [--json] [--sheet FILE.png]

Each fall is composed of four rendered steps at 8 pictures a second, each seen by a camera with noise of its own:
nobody, standing, crouching, lying. Beside it is one who crouches for 5 s, as to tie a shoe, and stands up. The rules
are at their defaults, and the lift's once more by the box alone. Left out is who is seen to less than 30 % when lying.
The people are of the kind that the detector was trained on; no real fall is here.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track
from visits import VISIBLE_ENOUGH, Bgr, default_folder, frames

from edgeguard.contract import UlidMaker
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.scenarios.conduct_fall import ConductFallConfig
from edgeguard.scenarios.lift_person_down import LiftPersonDownConfig
from edgeguard.types import Phase, Report
from models.training.cycles.composer import seen
from models.training.stats import told as told_share

FPS = 8
RULES = {
    "conduct_fall": ConductFallConfig(),
    "lift_person_down": LiftPersonDownConfig(),
    "by the box": LiftPersonDownConfig(name="by the box", posture="box", min_score=None),
}
EMPTY_S, STANDING_S, SINKING_S, CROUCHING_S = 2.0, 3.0, 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Clip:
    """`steps`: what is seen and for how long; `falls_s`: when somebody lies, None: never."""

    name: str
    mount: str
    steps: tuple[tuple[str, float], ...]
    falls_s: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--falls", type=Path, default=default_folder().with_name("falls"))
    parser.add_argument("--lying", type=float, default=24.0, help="seconds (default: %(default)s)")
    parser.add_argument("--sheet", type=Path, help="write a picture of all steps instead")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    made = list(clips(options.falls, options.lying))
    if options.sheet:
        write_sheet(options.falls, made, options.sheet)
        return
    model = open_model(ChainConfig(), options.models_dir)
    told = [(clip, alarms(clip, options.falls, model)) for clip in track(made, "falls", disable=options.json)]
    result = summary(told)
    print(json.dumps(result) if options.json else "\n".join(f"{name:<34} {value}" for name, value in result.items()))


def clips(folder: Path, lying_s: float) -> Iterator[Clip]:
    """Raises SystemExit with the command that renders falls where there are none."""
    files = sorted(folder.glob("*/fall.json"))
    if not files:
        raise SystemExit(
            f"no falls in {folder}; accepted: what `python -m models.training.falls {folder}` has rendered"
        )
    for file in files:
        facts, before = json.loads(file.read_text("ascii")), (("empty", EMPTY_S), ("standing", STANDING_S))
        if facts["visible"]["lying"] >= VISIBLE_ENOUGH:
            name, mount = file.parent.name, facts["mount"]
            falls_s = EMPTY_S + STANDING_S + SINKING_S
            yield Clip(name, mount, (*before, ("crouching", SINKING_S), ("lying", lying_s)), falls_s)
            yield Clip(name, mount, (*before, ("crouching", CROUCHING_S), ("standing", lying_s)), None)


def pictures(clip: Clip, folder: Path) -> Iterator[Bgr]:
    """Exposed for somebody who stands."""
    clean = {step: np.asarray(cv2.imread(str(folder / clip.name / f"{step}.jpg")), np.uint8) for step, _ in clip.steps}
    shown = [step for step, lasts_s in clip.steps for _ in range(round(lasts_s * FPS))]
    rng = np.random.default_rng([int(clip.name), 9])
    return seen(rng, [clean[step] for step in shown], shown.index("standing"))


def alarms(clip: Clip, folder: Path, model: Model) -> dict[str, float]:
    """When each rule raised its first alarm."""
    names = {(rule.kind, rule.zone_name): name for name, rule in RULES.items()}
    chain = ChainConfig(detect_hz=FPS, scenarios=tuple(RULES.values()))
    pipeline = build_pipeline(chain, "bench", model, UlidMaker(lambda _: 0).new)
    raised: dict[str, float] = {}
    played = list(pictures(clip, folder))
    for frame in frames(played, [n / FPS for n in range(len(played))]):
        for signal in pipeline.look(frame):
            if isinstance(signal, Report) and signal.phase is Phase.NEW:
                raised.setdefault(names[signal.rule, signal.zones[0]], frame.monotonic_s)
    return raised


def summary(told: list[tuple[Clip, dict[str, float]]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for rule in RULES:
        late = [raised[rule] - clip.falls_s for clip, raised in told if clip.falls_s is not None and rule in raised]
        fell = [(clip.mount, rule in raised) for clip, raised in told if clip.falls_s is not None]
        result[f"{rule}: falls told"] = _share([hit for _, hit in fell])
        result[f"{rule}: median s after lying"] = round(float(np.median(late)), 1) if late else None
        result[f"{rule}: who crouched"] = _share([rule in raised for clip, raised in told if clip.falls_s is None])
        for mount in sorted({mount for mount, _ in fell}):
            result[f"{rule}: falls, {mount}"] = _share([hit for of, hit in fell if of == mount])
    return result


def _share(hits: list[bool]) -> str:
    return told_share(sum(hits), len(hits))


def write_sheet(folder: Path, made: list[Clip], path: Path) -> None:
    """A row a fall."""
    rows = []
    for clip in (one for one in made if one.falls_s is not None):
        cells = [cv2.imread(str(folder / clip.name / f"{step}.jpg")) for step, _ in clip.steps]
        rows.append(np.hstack([cv2.resize(cell, (240, 135)) for cell in cells if cell is not None]))
    cv2.imwrite(str(path), np.vstack(rows))


if __name__ == "__main__":
    main()
