"""`edgeguard eval plate`: how well plates are found and read."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edgeguard.cli.eval_shown import expand, flat, print_json, print_table
from edgeguard.detectors import models_dir
from edgeguard.recognizers.plates import grammar_of, regions
from edgeguard.recognizers.plates.build import plate_chain
from edgeguard.replay.csvrows import files_of, read_rows
from edgeguard.replay.page import ReportFolder
from edgeguard.replay.plate_looks import COLUMNS, Judged, PlateResult, TruePlate, judge, plates_of, score_plates
from edgeguard.replay.plate_sheet import PlateSheet

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
CSV `image,text`, with `colour` and the box `cx,cy,w,h,angle` where they are known: centre and size in pixels, angle in
degrees, a row per plate. Without a box the plate may be anywhere in the picture. Paths start at the CSV's folder.

exact: the whole text is right, of all labelled plates; found: a look overlaps the box by 0.4, or is in the picture;
province: the first character; green_last: the last character of green plates, which is lost most easily.
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "plate",
        help="plates of pictures: found, and read",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--manifest", type=Path, required=True, metavar="FILE.csv", help="image,text[,colour][,cx,cy,w,h,angle]"
    )
    parser.add_argument("--region", default="cn", help=f"which plates there are: {', '.join(regions())} (cn)")
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a page of the plates missed or misread")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    parser.set_defaults(score=run)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every picture was looked at."""
    grammar = grammar_of(args.region)
    _, rows = read_rows(args.manifest, COLUMNS)
    truths = plates_of(args.manifest, rows, grammar)
    files = files_of(args.manifest, rows, ("image",))
    sheet = None if args.report is None else PlateSheet(ReportFolder(args.report))
    chain = plate_chain(models_dir(args.models_dir), grammar)
    console = Console(stderr=True)
    shown = track(files, f"{len(files)} pictures", console=console, disable=not console.is_terminal)
    judged: list[Judged] = []
    extra = 0
    for path in shown:
        seen, beside = judge(path, _of(path, truths), chain)
        judged += seen
        extra += beside
        if sheet is not None:
            sheet.add(seen)
    result = score_plates(judged, grammar.region.alphabets["province"], extra)
    if sheet is not None:
        console.print(f"report: {sheet.write(result)}")
    _print(args, result)
    return 0


def _of(path: Path, truths: Sequence[TruePlate]) -> list[TruePlate]:
    return [truth for truth in truths if truth.path == path]


def _print(args: argparse.Namespace, result: PlateResult) -> None:
    if args.json:
        values = flat(result)
        values["by_kind"] = {kind: dict(expand("exact_rate", rate)) for kind, rate in result.by_kind.items()}
        print_json(values)
        return
    rows: dict[str, object] = {
        "exact": result.exact_rate,
        "found": result.detection_rate,
        "exact, of those found": result.read_rate,
        "province": result.province_rate,
        "last character of green": result.green_last_rate,
        "colour, of those found": result.colour_rate,
        **{f"   exact: {kind}": rate for kind, rate in result.by_kind.items()},
    }
    print_table(f"{result.n} plates in {result.pictures} pictures", rows)
    print(f"looks at no labelled plate, where every plate of a picture has a box: {result.extra}")
