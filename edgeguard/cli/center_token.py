"""`edgeguard center box-token`: who may upload."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from edgeguard.center.database import Database, database_in
from edgeguard.center.tokens import BoxTokens, TokenInfo
from edgeguard.errors import ConfigError


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        "box-token",
        help="make, list or revoke the tokens with which boxes upload clips",
        description="Makes the token of a box and shows it once; only its hash is stored. A new one replaces the old "
        "at once, also while the center runs. Without SITE/BOX: lists the boxes that have one.",
        # An option of `center` may stand before the action or after it.
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("box", nargs="?", metavar="SITE/BOX", default=None, help="the box, as in its site file")
    parser.add_argument("--revoke", action="store_true", default=False, help="take the box's token away")
    return parser


def run(args: argparse.Namespace, data_dir: Path) -> int:
    """Exit status 1: there was no token to revoke."""
    if args.box is None and args.revoke:
        raise ConfigError("--revoke: met no box, accepted: edgeguard center box-token SITE/BOX --revoke")
    database = Database(database_in(data_dir))
    database.open()
    try:
        return _act(args, BoxTokens(database, lambda: datetime.now(UTC)))
    finally:
        database.close()


def _act(args: argparse.Namespace, tokens: BoxTokens) -> int:
    if args.box is None:
        for info in tokens.all():
            print(_line(info))
        return 0
    site, slash, box = args.box.partition("/")
    if not slash or "/" in box:
        raise ConfigError(f"box-token: met {args.box!r}, accepted: SITE/BOX")
    if args.revoke:
        gone = tokens.revoke(site, box)
        print(f"{args.box}: {'revoked' if gone else 'has no token'}")
        return 0 if gone else 1
    print(tokens.issue(site, box))
    return 0


def _line(info: TokenInfo) -> str:
    used = "never used" if info.used_at is None else f"last used {info.used_at:%Y-%m-%d %H:%M}"
    return f"{info.site}/{info.box}  made {info.created_at:%Y-%m-%d %H:%M}  {used} (UTC)"
