"""`edgeguard run`: the box."""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from edgeguard.agent.keeper import LEFT_STATUS, Keeper
from edgeguard.agent.logs import LogFormat
from edgeguard.agent.sitefile import SiteFile
from edgeguard.cli.config import check
from edgeguard.errors import ConfigError, EdgeGuardError

FAILED, WRONG = 1, 2
RETRY_S = 3.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "run",
        help="guard: run a box on its cameras",
        description="Runs the box that a site file describes, until SIGTERM or Ctrl-C. "
        "A changed file is applied within a second or two, or refused as a whole. Examples are in cameras/.",
        epilog=f"Exit status: 0 stopped, 1 it cannot start now, 2 wrong site file, {LEFT_STATUS} something "
        "hangs that only a new process mends (start it again: open episodes are resumed).",
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="SITE.yaml", help="the site file")
    parser.add_argument("--check", action="store_true", help="only check the site file, its models and its phrases")
    parser.add_argument(
        "--log-format",
        type=LogFormat,
        choices=tuple(LogFormat),
        help="lines for a person, or JSON, one object a line (default: json under systemd, else text)",
    )


def run(args: argparse.Namespace) -> int:
    if args.check:
        return WRONG if check(args.config, Console(highlight=False)) else 0
    keeper = Keeper(SiteFile(args.config))
    try:
        return keeper.run()
    except ConfigError:
        raise
    except EdgeGuardError as error:
        # A journal in use, a certificate that is being renewed: whoever started it may try again, but not all the time.
        print(f"edgeguard run: {error}", file=sys.stderr)
        time.sleep(RETRY_S)
        return FAILED
