"""`edgeguard run`: the box."""

import argparse
import signal
import threading
from pathlib import Path

from rich.console import Console

from edgeguard.agent.box import Box
from edgeguard.agent.logs import LogFormat
from edgeguard.agent.site import load_site
from edgeguard.cli.config import check

WRONG = 2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "run",
        help="guard: run a box on its cameras",
        description="Runs the box that a site file describes, until SIGTERM or Ctrl-C. Examples are in cameras/.",
        epilog="Exit status: 0 stopped, 1 a part died (start it again: open episodes are resumed), 2 wrong site file.",
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
    box = Box(load_site(args.config))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with box:
        box.run(stop)
    return 0
