"""`edgeguard eval clips` and `edgeguard eval stills`: how well a rule about conduct tells what it is about."""

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edgeguard.cli.eval_shown import flat, print_json, print_table
from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Model, open_model
from edgeguard.replay.conduct_scores import (
    IN_STILLS,
    KINDS,
    Labelled,
    kind_of,
    labelled_of,
    result_of,
    score_clip,
    score_still,
)
from edgeguard.replay.csvrows import files_of, read_rows

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
CSV `{column},label`; label: {labels}. Each {what} gets one score: the most evidence that the rule of the box has for
it at any moment, with the bundled networks. AUC needs no threshold; recall and false rate are at the rule's own. Paths
start at the CSV's folder.
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Both: they differ in their column alone."""
    _add(subparsers, "clips", "video", tuple(KINDS), score_clip)
    _add(subparsers, "stills", "image", IN_STILLS, score_still)


def _add(
    subparsers: "Subparsers[argparse.ArgumentParser]",
    what: str,
    column: str,
    kinds: tuple[str, ...],
    score: Callable[[Labelled, str, Model], float],
) -> None:
    labels = "; ".join(" or ".join(KINDS[kind].labels) for kind in kinds)
    told = f"{what} of conduct: {' or '.join(kind.removeprefix('conduct_') for kind in kinds)}"
    parser = subparsers.add_parser(
        what,
        help=told,
        description=ABOUT.format(column=column, labels=labels, what=what.removesuffix("s")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--manifest", type=Path, required=True, metavar="FILE.csv", help=f"{column},label")
    parser.add_argument("--scenario", required=True, metavar="NAME", help=", ".join(kinds))
    parser.add_argument("--scores", type=Path, metavar="FILE.csv", help="write the score of each row, the worst first")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    parser.set_defaults(score=run, column=column, kinds=kinds, score_one=score)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every row was looked at."""
    kind = kind_of(args.scenario, args.kinds)
    _, rows = read_rows(args.manifest, ((args.column, "label"),))
    labelled = labelled_of(args.manifest, rows, args.column, kind)
    files_of(args.manifest, rows, (args.column,))
    model = open_model(ChainConfig())
    console = Console(stderr=True)
    shown = track(labelled, f"{kind} on {len(labelled)} {args.what}", console=console, disable=not console.is_terminal)
    scored = [(one, args.score_one(one, kind, model)) for one in shown]
    result = result_of([(one.positive, score) for one, score in scored], KINDS[kind].threshold)
    if args.scores is not None:
        _write(args.scores, scored)
    if args.json:
        print_json({"scenario": kind, "model": model.name, **flat(result)})
        return 0
    yes, no = KINDS[kind].labels
    print_table(
        f"{kind}: {result.n} {args.what}, threshold {result.threshold:g}",
        {"AUC (n: yes, no)": result.auc, f"recall: {yes}": result.recall, f"false rate: {no}": result.false_rate},
    )
    return 0


def _write(path: Path, scored: list[tuple[Labelled, float]]) -> None:
    """The worst first: what is missed by far, and what is taken for it most surely."""
    ranked = sorted(scored, key=lambda pair: pair[1] if pair[0].positive else 1 - pair[1])
    try:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("file", "label", "score"))
            writer.writerows((one.path, one.row.cells["label"], f"{score:.4f}") for one, score in ranked)
    except OSError as error:
        raise ConfigError(f"--scores {path}: cannot be written ({error.strerror}), accepted: a file") from error
