"""`edgeguard visitor`: passes for visitors, as a QR code."""

import argparse
import re
from datetime import timedelta
from pathlib import Path

from edgeguard.access import Act, Directory
from edgeguard.access.passes import LONGEST, MAX_USES, Pass
from edgeguard.access.qr import QrReader, png
from edgeguard.cli.access_shown import (
    DONE,
    NOT_SO,
    Subparsers,
    gates_of,
    moment_of,
    opened,
    print_json,
    task,
    write_private,
)
from edgeguard.contract.base import rfc3339
from edgeguard.errors import ConfigError
from edgeguard.recognizers import read_photo

ABOUT = """\
  edgeguard visitor pass -c site.yaml --gates north --for 4h --png pass.png
  edgeguard visitor read -c site.yaml pass.png
  edgeguard visitor revoke -c site.yaml 5f3c9a1e77b20d48

A pass opens its gates in its window, as often as it says; the same picture shown again opens nothing.
"""
_SPAN = re.compile(r"(\d+)\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "visitor",
        help="passes for visitors, as a QR code",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    make = task(
        tasks, "pass", "make a pass and print its text", "The text is what the QR code holds: send it, or the picture."
    )
    make.add_argument("--gates", required=True, metavar="A,B", help="where it opens")
    make.add_argument("--from", dest="valid_from", metavar="TIME", help="not before (default: now)")
    make.add_argument(
        "--for", dest="span", default="4h", metavar="SPAN", help=f"30m, 4h, 2d; up to {LONGEST.days}d (%(default)s)"
    )
    make.add_argument("--uses", type=int, default=1, metavar="N", help=f"1 to {MAX_USES} (%(default)s)")
    make.add_argument("--ref", metavar="REF", help="of a listed person: where faces are verified, theirs may follow")
    make.add_argument("--png", type=Path, metavar="FILE.png", help="draw the code into a new file")
    make.set_defaults(act=_make)
    read = task(
        tasks, "read", "read the code of a picture, without using it up", "Exit status 1: it is no pass of this site."
    )
    read.add_argument("picture", type=Path, metavar="PICTURE")
    read.set_defaults(act=_read)
    revoke = task(tasks, "revoke", "make a pass void")
    revoke.add_argument("id", metavar="ID", help="the 16 hex digits that `pass` told")
    revoke.set_defaults(act=_revoke)


def run(args: argparse.Namespace) -> int:
    with opened(args) as (directory, act):
        status: int = args.act(directory, args, act)
        return status


def _make(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    start = act.at if args.valid_from is None else moment_of(args.valid_from, "--from", directory.config)
    gates = gates_of(args.gates, directory.config)
    if args.ref is not None:
        directory.people.get(args.ref)
    made, text = directory.passes.make(gates, start, start + _span(args.span), args.uses, act, args.ref)
    if args.png is not None:
        write_private(args.png, png(text))
    if args.json:
        print_json({**_told(made), "text": text})
    else:
        print(_words(made))
        print(text)
    return DONE


def _read(directory: Directory, args: argparse.Namespace, _: Act) -> int:
    text = QrReader().read(read_photo(args.picture))
    one = None if text is None else directory.passes.read(text)
    if one is None:
        why = "no code is found" if text is None else "the code is no pass of this site"
        print_json({"pass": None, "why": why}) if args.json else print(f"{args.picture}: {why}")
        return NOT_SO
    print_json(_told(one)) if args.json else print(_words(one))
    return DONE


def _revoke(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    directory.passes.revoke(args.id, act)
    print_json({"id": args.id, "done": "revoked"}) if args.json else print(f"{args.id}: revoked")
    return DONE


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"--for: met {text!r}, accepted: 30m, 4h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _words(one: Pass) -> str:
    window = f"{rfc3339(one.valid_from)} to {rfc3339(one.valid_until)}"
    whose = f", of {one.ref}" if one.ref else ""
    return f"{one.id}: {', '.join(one.gates)}, {window}, {one.uses} use{'s' * (one.uses != 1)}{whose}"


def _told(one: Pass) -> dict[str, object]:
    window = {"valid_from": rfc3339(one.valid_from), "valid_until": rfc3339(one.valid_until)}
    return {"id": one.id, **window, "uses": one.uses, "gates": one.gates, **({"ref": one.ref} if one.ref else {})}
