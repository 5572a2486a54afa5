"""`edgeguard eval detect`: how good a detector is on labelled pictures."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from edgeguard.detectors import DEFAULT_MODEL, find_model, looking_down, models_dir, open_detector
from edgeguard.replay.contact import ContactSheets
from edgeguard.replay.evaluate import AP_SCORE_FLOOR, Evaluation, Tally, evaluate, wilson_interval
from edgeguard.replay.labelled import read_manifest
from edgeguard.replay.page import ReportFolder

ABOUT = """\
Boxes and labels of single pictures. A line of the manifest per picture, xyxy in its pixels; paths start at its folder:

  {"image": "a.jpg", "objects": [{"label": "e-bike", "xyxy": [412, 80, 655, 540]}], "groups": ["lift 3", "from above"]}

`groups` may be left out; the e-bikes of each are told apart. An e-bike where none is labelled is a false alarm, so
pictures without any object belong in, too.
"""

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "detect",
        help="boxes and labels of single pictures",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        required=True,
        metavar="FILE.jsonl",
        help="a line per picture",
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"name, or path of an .onnx file ({DEFAULT_MODEL})")
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")
    parser.add_argument(
        "--looks-down",
        action="store_true",
        help="the cameras look straight down (a site's `looks_down`)",
    )
    parser.add_argument("--report", type=Path, metavar="DIR", help="write contact sheets of misses and false alarms")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    parser.set_defaults(score=run)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every picture was looked at."""
    spec = find_model(args.model, models_dir(args.models_dir))
    images = read_manifest(args.manifest, spec.labels)
    folder = None if args.report is None else ReportFolder(args.report)
    sheets = None if folder is None else ContactSheets(folder, spec.labels, spec.highs())
    upright = open_detector(spec, score_floor=AP_SCORE_FLOOR)
    detector = looking_down(upright) if args.looks_down else upright
    console = Console(stderr=True)
    if args.looks_down and detector is upright:
        console.print(f"--looks-down changes nothing: {spec.name} has no second look and asks no other model")
    shown = track(images, f"{spec.name} on {len(images)} pictures", console=console, disable=not console.is_terminal)
    result = evaluate(detector, shown, spec.labels, spec.highs(), sheets.watch if sheets else None)
    if folder is not None and sheets is not None:
        console.print(f"report: {folder.write('index.html', sheets.html(spec.name, result))}")
    if args.json:
        print(json.dumps(_rounded(asdict(result)), ensure_ascii=False))
    else:
        Console().print(_table(spec.name, result))
        if result.groups:
            Console().print(_by_group(result.groups))
    return 0


def _table(name: str, result: Evaluation) -> Table:
    alarms = f"{result.false_alarm_images} with an e-bike that is not there"
    table = Table(title=f"{name}: {result.images} pictures, {alarms}")
    for heading in ("label", "n", "found", "recall", "95 % interval", "AP50"):
        table.add_column(heading, justify="left" if heading == "label" else "right", no_wrap=True)
    for label, score in result.labels.items():
        if score.recall is None or score.ap50 is None:
            table.add_row(label, "0", "-", "-", "-", "-")
            continue
        low, high = wilson_interval(score.found, score.n)
        share, ap50 = f"{score.recall:.3f}", f"{score.ap50:.3f}"
        table.add_row(label, str(score.n), str(score.found), share, f"{low:.3f}..{high:.3f}", ap50)
    return table


def _by_group(groups: dict[str, Tally]) -> Table:
    table = Table(title="e-bikes by group")
    table.add_column("group", overflow="fold")
    for heading in ("pictures", "found", "95 %", "false alarms", "95 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, tally in sorted(groups.items()):
        recall, alarms = _share(tally.found, tally.n), _share(tally.false_alarm_images, tally.images)
        table.add_row(name, str(tally.images), *recall, *alarms)
    return table


def _share(hits: int, n: int) -> tuple[str, str]:
    low, high = wilson_interval(hits, n)
    return (f"{hits}/{n}", f"{low:.2f}..{high:.2f}") if n else ("-", "-")


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value
