"""`edgeguard center audit`: what people did at the center, and whether the trail is as it was written."""

import argparse
from dataclasses import asdict
from pathlib import Path

from edgeguard.audit import Head
from edgeguard.center.audit import Trail
from edgeguard.center.database import Database, database_in
from edgeguard.errors import ConfigError


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        "audit",
        help="who did what, the newest first; whether the trail is whole",
        description="Who looked, acknowledged, opened, spoke, asked for a copy or a deletion. --verify also prints the "
        "last row: write it down elsewhere, and --row tells later whether the trail still goes through it.",
        # An option of `center` may stand before the action or after it.
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="so many rows (%(default)s)")
    parser.add_argument("--verify", action="store_true", default=False, help="reckon the whole trail again")
    parser.add_argument("--row", metavar="ID:HASH", default=None, help="whether this row lies in it")
    return parser


def run(args: argparse.Namespace, data_dir: Path) -> int:
    """Exit status 1: the trail was changed, or the row does not lie in it."""
    database = Database(database_in(data_dir))
    database.open()
    try:
        return _act(args, Trail(database))
    finally:
        database.close()


def _act(args: argparse.Namespace, trail: Trail) -> int:
    if not (args.verify or args.row):
        for row in trail.rows(args.limit):
            print("  ".join(str(value) for value in asdict(row).values() if value != ""))
        return 0
    found = trail.verify()
    lies = args.row is None or trail.holds(_told(args.row))
    if found.broken_at is not None:
        print(f"BROKEN: row {found.broken_at} is not as it was written; {found.rows} rows before it hold")
    else:
        print(f"whole: {found.rows} rows up to {found.head.id}:{found.head.hash.hex()}")
    if args.row is not None:
        print(f"row {args.row.partition(':')[0]} {'holds' if lies else 'does NOT lie in the trail'}")
    return 0 if lies and found.broken_at is None else 1


def _told(text: str) -> Head:
    number, _, digest = text.partition(":")
    try:
        return Head(int(number), bytes.fromhex(digest))
    except ValueError as error:
        raise ConfigError(f"--row: met {text!r}, accepted: ID:HASH as --verify has it") from error
