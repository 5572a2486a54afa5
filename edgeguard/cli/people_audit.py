"""`edgeguard people audit`: who did what, whether the trail holds, and whether a row that was told still lies in it."""

import argparse
from dataclasses import asdict

from edgeguard.access import Act, Directory
from edgeguard.audit import Head
from edgeguard.cli.access_shown import DONE, NOT_SO, Subparsers, print_json, task
from edgeguard.errors import ConfigError


def add_parser(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = task(
        tasks,
        "audit",
        "who did what, the newest first",
        "Exit status 1 with --verify and --row: the trail was changed, the row does not lie in it.",
    )
    parser.add_argument("ref", nargs="?", metavar="SUBJECT", help="only of this ref, vehicle or pass")
    parser.add_argument("--verify", action="store_true", help="reckon the whole trail again")
    parser.add_argument("--row", metavar="ID:HASH", help="whether this row, told as proof of a deletion, lies in it")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="so many rows (%(default)s)")
    parser.set_defaults(act=_audit)


def _audit(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    if args.verify or args.row:
        return _row(directory, args) if args.row else _verify(directory, args, act)
    rows = directory.trail(args.ref, args.limit)
    directory.looked(act, "audit_read", args.ref or "")
    if args.json:
        print_json({"audit": [asdict(row) for row in rows]})
    else:
        for row in rows:
            print("  ".join(str(value) for value in asdict(row).values() if value != ""))
    return DONE


def _verify(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    found = directory.anchors.verify()
    if found.whole:
        directory.anchors.drop(act.at)
    if args.json:
        told = {"rows": found.rows, "head": found.head.id, "anchors": found.anchors, "whole": found.whole}
        print_json({**told, "broken_at": found.broken_at, "torn": found.torn})
    elif found.broken_at is not None:
        print(f"BROKEN: row {found.broken_at} is not as it was written; {found.rows} rows before it hold")
    elif found.torn is not None:
        print(f"BROKEN: the row anchored as {found.torn} is not there any more: the trail was cut off or written anew")
    else:
        print(f"whole: {found.rows} rows up to {found.head.id}, {found.anchors} anchors hold")
    return DONE if found.whole else NOT_SO


def _row(directory: Directory, args: argparse.Namespace) -> int:
    """A row that is not there is worth nothing where the trail before it is broken too: both are looked at."""
    number, _, digest = args.row.partition(":")
    try:
        told = Head(int(number), bytes.fromhex(digest))
    except ValueError as error:
        raise ConfigError(f"--row: met {args.row!r}, accepted: ID:HASH as the answer to a deletion has it") from error
    lies, whole = directory.holds(told), directory.anchors.verify().whole
    if args.json:
        print_json({"row": told.id, "holds": lies, "whole": whole})
    else:
        lying = "holds" if lies else "does NOT lie in the trail"
        print(f"row {told.id} {lying}; the trail is {'whole' if whole else 'BROKEN'}")
    return DONE if lies and whole else NOT_SO
