"""`edgeguard eval face`: pairs of pictures, or people in a gallery."""

import argparse
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edgeguard.catalogue import finder_of, template_of
from edgeguard.cli.eval_shown import add_face_options, expand, flat, print_json, print_table
from edgeguard.recognizers import FaceReader, TemplateMaker, TemplateSpec, YunetFinder
from edgeguard.replay import face_pairs, face_search
from edgeguard.replay.csvrows import Row, files_of, read_rows
from edgeguard.replay.face_looks import Seen, look_at, seen

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
CSV `a,b,same` (same: 1 or 0): accuracy at the best threshold, which is fitted to these pairs, and at the model's own;
true accepts where 1 in 100 and 1 in 1,000 other people are accepted.

CSV `image,person`: of people with two pictures or more the first is enrolled, in galleries as large as the model's rule
allows; the other pictures and the people outside are searched for. rank-1; FNIR: a person enrolled is not found; FPIR:
somebody else is taken for anybody. It ends with the table of impostors for the model's description.

A picture without a face, or with several of about one size, is counted apart. Paths start at the CSV's folder.
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "face",
        help="pairs of pictures, or people in a gallery",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--manifest", type=Path, required=True, metavar="FILE.csv", help="a,b,same or image,person")
    parser.add_argument("--model", metavar="NAME", help="what tells faces apart (the only one installed)")
    add_face_options(parser)
    parser.set_defaults(score=run)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every picture was looked at."""
    columns, rows = read_rows(args.manifest, (face_pairs.COLUMNS, face_search.COLUMNS))
    in_pairs = columns == face_pairs.COLUMNS
    pairs = face_pairs.pairs_of(args.manifest, rows) if in_pairs else []
    files = files_of(args.manifest, rows, ("a", "b") if in_pairs else ("image",))
    spec, found_by = template_of(args.folder, args.model), finder_of(args.folder, args.finder)
    looks = look_at(_shown(files.items(), spec.name), FaceReader(YunetFinder(found_by), TemplateMaker(spec)))
    models = {"model": spec.name, "finder": found_by.name}
    told = seen(files, looks)
    if in_pairs:
        _print_pairs(args, models, told, face_pairs.score_pairs(pairs, looks, spec.threshold))
    else:
        people = face_search.people_of(args.manifest, rows)
        _print_search(args, models, told, face_search.score_search(people, looks, spec.threshold), spec)
    return 0


def _shown(files: Iterable[tuple[Path, Row]], name: str) -> Iterable[tuple[Path, Row]]:
    console, files = Console(stderr=True), list(files)
    return track(files, f"{name} on {len(files)} pictures", console=console, disable=not console.is_terminal)


def _print_pairs(args: argparse.Namespace, models: dict[str, str], told: Seen, result: face_pairs.PairsResult) -> None:
    if args.json:
        headline = dict(expand("accuracy", result.best_accuracy))
        for one in result.at_far:
            name = f"tar_at_far_{one.far:.0e}".replace("e-0", "e-")
            headline |= {**dict(expand(name, one.tar)), f"{name}_threshold": one.threshold}
        rest = {name: value for name, value in flat(result).items() if name != "at_far" and "best_acc" not in name}
        print_json({**models, **headline, **rest, **asdict(told)})
        return
    rows: dict[str, object] = {
        f"accuracy at the best threshold, {result.best_threshold:.4f}": result.best_accuracy,
        f"accuracy at the model's threshold, {result.rule_threshold:.4f}": result.rule_accuracy,
        "   true accepts": result.rule_tar,
        "   false accepts": result.rule_far,
    }
    for one in result.at_far:
        few = "" if one.far * result.different >= 1 else f" (none of only {result.different})"
        at = "" if one.threshold is None else f", {one.threshold:.4f}"
        rows[f"true accepts at FAR {one.far:g}{few}{at}"] = one.tar
    print_table(f"{models['model']}: {result.compared} of {result.pairs} pairs", rows)
    _print_seen(told)


def _print_search(
    args: argparse.Namespace,
    models: dict[str, str],
    told: Seen,
    result: face_search.SearchResult,
    spec: TemplateSpec,
) -> None:
    if args.json:
        values = flat(result)
        del values["impostors"]
        table = [{"fmr": fmr, "similarity": similarity} for fmr, similarity in result.impostors.table]
        print_json({**models, **values, "impostor_pairs": result.impostors.pairs, "impostors": table, **asdict(told)})
        return
    rows: dict[str, object] = {
        "people": result.people,
        "templates in a gallery": result.gallery_size,
        "galleries": result.galleries,
        "rank-1": result.rank1,
        "threshold": result.threshold,
        "FNIR": result.fnir,
        "FPIR": result.fpir,
    }
    print_table(f"{models['model']}: {told.pictures} pictures", rows)
    if result.threshold is None:
        print(f"{spec.name} has no table of impostors, or nobody has two pictures: no threshold for a gallery")
    _print_seen(told)
    if result.impostors.table:
        print(f"impostors:  # {result.impostors.pairs} pairs of {result.people} people, {args.manifest.name}")
        for fmr, similarity in result.impostors.table:
            print(f"  - {{fmr: {fmr:.0e}, similarity: {similarity:.4f}}}")


def _print_seen(told: Seen) -> None:
    unseen = f"without a face {told.no_face}, with several of about one size {told.several_faces}"
    print(f"pictures {told.pictures}: {unseen}")
    if told.unseen_lines:
        lines = ", ".join(map(str, told.unseen_lines[:20]))
        print(f"   first named in lines {lines}{' ...' if len(told.unseen_lines) > 20 else ''}")
    flaws = ", ".join(f"{flaw} {count}" for flaw, count in sorted(told.flaws.items()))
    print(f"   a gate would ask {told.poor} for another look{f': {flaws}' if flaws else ''}; they are compared here")
