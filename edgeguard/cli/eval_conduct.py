"""`edgeguard eval clips` and `edgeguard eval stills`: how well a rule about conduct tells what it is about."""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import track

from edgeguard.cli.eval_shown import flat, print_json, print_table
from edgeguard.cli.scenario_names import kind_of, listed
from edgeguard.cli.writable import writable
from edgeguard.errors import TruthError
from edgeguard.pipeline import ChainConfig, Model, open_model
from edgeguard.replay.conduct_scores import (
    IN_STILLS,
    KINDS,
    ConductResult,
    Labelled,
    Scored,
    labelled_of,
    result_of,
    score_clip,
    score_still,
)
from edgeguard.replay.csvrows import files_of, read_rows

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
CSV `{column},label`; label: {labels}.
Other columns are passed over; paths start at the CSV's folder. Each {what} gets one score: the most evidence that the
rule of the box has for it at any moment, with the bundled networks. AUC needs no threshold; recall and false rate are
shares of scores at or above the rule's own: of evidence, not of alarms.
{alarms}What cannot be read is told and left out; the rest is scored, with exit status 2.
"""
ALARMS = """\
`told` and `falsely_told` are shares of alarms: of clips of which the rule as it is shipped, with its times, tells.
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Both: they differ in their column alone."""
    _add(subparsers, "clips", "video", tuple(KINDS), score_clip, ALARMS)
    _add(subparsers, "stills", "image", IN_STILLS, score_still)


def _add(
    subparsers: "Subparsers[argparse.ArgumentParser]",
    what: str,
    column: str,
    kinds: tuple[str, ...],
    score: Callable[[Labelled, str, Model], Scored],
    alarms: str = "",
) -> None:
    labels = "; ".join(" or ".join(KINDS[kind].labels) for kind in kinds)
    told = f"{what} of conduct: {' or '.join(kind.removeprefix('conduct_') for kind in kinds)}"
    parser = subparsers.add_parser(
        what,
        help=told,
        description=ABOUT.format(column=column, labels=labels, what=what.removesuffix("s"), alarms=alarms),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--manifest", type=Path, required=True, metavar="FILE.csv", help=f"{column},label")
    parser.add_argument("--scenario", required=True, metavar="NAME", help=listed(kinds))
    parser.add_argument("--scores", type=Path, metavar="FILE.csv", help="write the score of each row, the worst first")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    parser.set_defaults(score=run, column=column, kinds=kinds, score_one=score)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every row was scored, 2 where one could not be read."""
    kind = kind_of(args.scenario, args.kinds)
    _, rows = read_rows(args.manifest, ((args.column, "label"),))
    labelled = labelled_of(args.manifest, rows, args.column, kind)
    files_of(args.manifest, rows, (args.column,))
    with writable("--scores", args.scores) as out:
        model = open_model(ChainConfig())
        scored, failed = _scored(args, labelled, kind, model)
        if out is not None:
            _write(out, scored)
    result = result_of([(one.positive, score) for one, score in scored], KINDS[kind].threshold)
    for why in failed:
        print(why, file=sys.stderr)
    if args.json:
        print_json({"scenario": kind, "model": model.name, **flat(result), "failed": failed})
    else:
        _show(args.what, kind, result, len(failed))
    return 2 if failed else 0


def _scored(
    args: argparse.Namespace, labelled: list[Labelled], kind: str, model: Model
) -> tuple[list[tuple[Labelled, Scored]], list[str]]:
    """Every row that can be read, and why the others cannot."""
    scored: list[tuple[Labelled, Scored]] = []
    failed: list[str] = []
    console = Console(stderr=True)
    for one in track(
        labelled, f"{kind} on {len(labelled)} {args.what}", console=console, disable=not console.is_terminal
    ):
        try:
            scored.append((one, args.score_one(one, kind, model)))
        except TruthError as error:
            failed.append(str(error))
    return scored, failed


def _show(what: str, kind: str, result: ConductResult, failed: int) -> None:
    yes, no = KINDS[kind].labels
    table: dict[str, object] = {
        "AUC (n: yes, no)": result.auc,
        f"recall: {yes} (evidence)": result.recall,
        f"false rate: {no} (evidence)": result.false_rate,
    }
    if what == "clips":
        table |= {f"told: {yes}": result.told, f"falsely told: {no}": result.falsely_told}
    lost = f", {failed} could not be read" if failed else ""
    print_table(f"{kind}: {result.n} {what}, threshold {result.threshold:g}{lost}", table)


def _write(out: TextIO, scored: list[tuple[Labelled, Scored]]) -> None:
    """The worst first: what is missed by far, and what is taken for it most surely."""
    ranked = sorted(scored, key=lambda pair: pair[1].score if pair[0].positive else 1 - pair[1].score)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("file", "label", "score"))
    writer.writerows((one.path, one.row.cells["label"], f"{of.score:.4f}") for one, of in ranked)
