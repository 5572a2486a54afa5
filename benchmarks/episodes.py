# ruff: noqa: INP001  # a script, not a package
"""Thousands of composed door cycles through the whole chain: is every e-bike confirmed, how soon, and what else is?

python -m models.training.scenes rooms                   renders lifts and visitors apart (environment with bpy)
python -m models.training prepare real emptied           adds real lifts, emptied (training environment)
python benchmarks/episodes.py [--count 4000] [--shard i/n] [--out FILE.jsonl] [--model NAME] [--json]
python benchmarks/episodes.py --ordinary --others ...    people come, as in nearly all cycles of a lift; no e-bikes
python benchmarks/episodes.py --sheet FILE.png           looks at some of them instead
python benchmarks/episodes.py --out FILE.jsonl --errors FILE.jpg      and shows what was confirmed wrongly or missed

Even numbers bring an e-bike, odd ones a wheelchair, a pram, a bicycle, luggage or nobody but people. A cycle depends
on seed and number alone; --out is written as they are done and goes on where it was, if it tells of the same model,
rooms and composer. Many cycles share a room and a visitor: the intervals hold for other moments of the same ones rather
than for other lifts.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from detectors import UPRIGHT
from numpy.typing import NDArray
from rich.progress import track
from visits import VISIBLE_ENOUGH, frames

from edgeguard.contract import UlidMaker
from edgeguard.detectors import find_model, models_dir
from edgeguard.motion import MotionConfig
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.types import Phase, Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from models.training.cycles import composer as composed
from models.training.cycles.composer import FPS, REAL, Composer, Cycle
from models.training.cycles.room import Room, is_e_bike, real_lifts, rooms
from models.training.prepare import cache_root
from models.training.scenes.mounts import DOWN

# The gate has been watching for long when somebody comes; here it is warm after the quiet second.
MOTION = MotionConfig(warmup_s=0.75)
CELL_PX = (240, 135)


@dataclass(frozen=True, slots=True)
class Played:
    """Video times; None: never. `visible_s` of an e-bike is its first picture with 30 % of it."""

    number: int
    kind: str
    lift: str
    visible_s: float | None
    confirmed_s: float | None


def play(visit: Cycle, chain: ChainConfig, model: Model) -> Played:
    times = [n / FPS for n in range(len(visit.pictures))]
    pipeline = build_pipeline(chain, "bench", model, UlidMaker(lambda _: 0).new)
    confirmed = None
    for frame in frames(visit.pictures, times):
        signals = pipeline.look(frame)
        if any(isinstance(s, Report) and s.phase is Phase.NEW and "EBIKE" in s.code for s in signals):
            confirmed = frame.monotonic_s
            break
    seen = (time_s for time_s, share in zip(times, visit.visible, strict=True) if share >= VISIBLE_ENOUGH)
    return Played(visit.number, visit.kind, visit.lift, next(seen, None), confirmed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument(
        "--shard", default="1/1", metavar="i/n", help="part i of n; an odd n, so that each has both kinds"
    )
    parser.add_argument("--ordinary", action="store_true", help="odd numbers bring people and nothing on wheels")
    parser.add_argument("--others", action="store_true", help="odd numbers only")
    parser.add_argument("--out", type=Path, help="one line a visit; what is there is not played again")
    parser.add_argument("--errors", type=Path, help="write a picture of each error in a rendered lift")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet instead")
    parser.add_argument("--upright", action="store_true", help=UPRIGHT)
    parser.add_argument("--model", default=ChainConfig().model)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cache = cache_root()
    there = rooms(cache / "rooms")
    try:
        composer = Composer(there, real_lifts(cache / "train"), options.seed, ordinary=options.ordinary)
    except ValueError as error:
        parser.error(f"{cache / 'rooms'}: {error}")
    if options.sheet:
        write_sheet([composer.cycle(number) for number in range(14)], options.sheet)
        return
    if options.out:
        begin(options.out, subject(options, there), parser)
    played = list(_play_all(composer, there, options))
    if options.errors:
        write_errors(composer, played, options.errors)
    result = summary(played)
    print(json.dumps(result) if options.json else "\n".join(f"{name:<34} {value}" for name, value in result.items()))


def subject(options: argparse.Namespace, there: Sequence[Room]) -> dict[str, object]:
    """What the rows of a file tell of; the code of the chain is not in it."""
    spec = find_model(options.model, models_dir(options.models_dir))
    places = {"folder": True, "asked": {"folder"}}
    code = b"".join(file.read_bytes() for file in sorted(Path(composed.__file__).parent.glob("*.py")))
    return {
        "model": spec.name,
        "manifest": hashlib.sha256(spec.model_dump_json(exclude=places).encode()).hexdigest()[:12],
        "composer": hashlib.sha256(code).hexdigest()[:12],
        "rooms": [room.name for room in there],
        "seed": options.seed,
        "ordinary": options.ordinary,
        "upright": options.upright,
    }


def begin(out: Path, told: dict[str, object], parser: argparse.ArgumentParser) -> None:
    """Its first line says what it tells of. Ends the command where it tells of something else."""
    if not out.exists() or not out.stat().st_size:
        out.write_text(json.dumps(told) + "\n", encoding="ascii")
    with out.open(encoding="ascii") as file:
        met = json.loads(file.readline())
    if other := [name for name, value in told.items() if met.get(name) != value]:
        mine = {name: told[name] for name in other}
        theirs = {name: met.get(name) for name in other}
        parser.error(f"--out {out}: met rows of {theirs}, accepted: a new file, or rows of {mine}")


def _play_all(composer: Composer, there: Sequence[Room], options: argparse.Namespace) -> Iterator[Played]:
    chain = ChainConfig(model=options.model, detect_hz=60, motion=MOTION)
    model = open_model(chain, options.models_dir)
    down = {room.name for room in there if room.kind == DOWN and not options.upright}
    done = {one.number: one for one in _read(options.out)}
    part, parts = (int(word) for word in options.shard.split("/"))
    for number in track(range(part - 1, options.count, parts), "visits", disable=options.json):
        if options.others and number % 2 == 0:
            continue
        if number in done:
            yield done[number]
            continue
        cycle = composer.cycle(number)
        one = play(cycle, chain.model_copy(update={"looks_down": cycle.lift in down}), model)
        if options.out:
            with options.out.open("a", encoding="ascii") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        yield one


def _read(path: Path | None) -> list[Played]:
    """The rows below its first line."""
    return [Played(**json.loads(line)) for line in path.read_text("ascii").splitlines()[1:]] if path else []


def summary(played: list[Played]) -> dict[str, object]:
    """Visits whose e-bike is never visible to 30 % prove nothing and are left out."""
    bikes = [one for one in played if is_e_bike(one.kind) and one.visible_s is not None]
    others = [one for one in played if not is_e_bike(one.kind)]
    kinds = _by_kind(bikes)
    late = [np.inf if one.confirmed_s is None else max(one.confirmed_s - (one.visible_s or 0.0), 0.0) for one in bikes]
    quantiles = {
        f"latency_p{share}_s": float(np.quantile(late, share / 100, method="higher")) if late else None
        for share in (50, 95)
    }
    return {
        "e-bikes confirmed": _confirmed(bikes),
        **quantiles,
        "e-bikes in real lifts": _confirmed([one for one in bikes if one.lift == REAL]),
        **({f"confirmed, {kind}": told for kind, told in kinds.items()} if len(kinds) > 1 else {}),
        "nuisance, all others": _confirmed(others),
        **{f"nuisance, {kind}": told for kind, told in _by_kind(others).items()},
    }


def _by_kind(played: Sequence[Played]) -> dict[str, str]:
    groups: dict[str, list[Played]] = defaultdict(list)
    for one in played:
        groups[one.kind].append(one)
    return {kind: _confirmed(group) for kind, group in sorted(groups.items())}


def _confirmed(played: Sequence[Played]) -> str:
    count, of = sum(one.confirmed_s is not None for one in played), len(played)
    low, high = wilson_interval(count, of)
    return f"{count}/{of} = {count / max(of, 1):.4f} ({low:.4f} to {high:.4f})"


def write_errors(composer: Composer, played: list[Played], path: Path) -> None:
    """Five a row: the picture at which something else was confirmed, or that shows most of a missed e-bike.

    Nothing of real lifts: such pictures are nobody's to publish.
    """
    cells = [_cell(composer.cycle(one.number), one) for one in played if one.lift != REAL and _wrong(one)]
    cells += [np.zeros((CELL_PX[1], CELL_PX[0], 3), np.uint8)] * (-len(cells) % 5)
    if cells:
        rows = [np.hstack(cells[first : first + 5]) for first in range(0, len(cells), 5)]
        cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85])


def _wrong(one: Played) -> bool:
    if not is_e_bike(one.kind):
        return one.confirmed_s is not None
    return one.visible_s is not None and one.confirmed_s is None


def _cell(cycle: Cycle, one: Played) -> NDArray[np.uint8]:
    missed = one.confirmed_s is None
    at = int(np.argmax(cycle.visible)) if missed else round((one.confirmed_s or 0.0) * FPS)
    cell = cv2.resize(cycle.pictures[at], CELL_PX, interpolation=cv2.INTER_AREA)
    text = "missed" if missed else cycle.kind
    cv2.putText(cell, f"{cycle.number} {text}", (4, CELL_PX[1] - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
    return np.asarray(cell, np.uint8)


def write_sheet(visits: list[Cycle], path: Path) -> None:
    """A row a visit, every third picture."""
    rows = [np.hstack([cv2.resize(picture, (200, 112)) for picture in visit.pictures[7:34:3]]) for visit in visits]
    cv2.imwrite(str(path), np.vstack(rows))


if __name__ == "__main__":
    main()
