"""`edgeguard run`: the box."""

import argparse
import signal
import threading
from pathlib import Path

from edgeguard.agent.box import Box
from edgeguard.agent.site import load_site


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "run",
        help="guard: run a box on its cameras",
        description="Runs the box that a site file describes, until SIGTERM or Ctrl-C. Examples are in cameras/.",
        epilog="Exit status: 0 stopped, 1 a part died (start it again: open episodes are resumed), 2 wrong site file.",
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="SITE.yaml", help="the site file")
    parser.add_argument("--check", action="store_true", help="only check the site file, its models and its phrases")


def run(args: argparse.Namespace) -> int:
    site = load_site(args.config)
    box = Box(site)
    if args.check:
        box.check()
        print(f"{args.config}: {len(site.cameras)} cameras, ready to run")
        return 0
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with box:
        box.run(stop)
    return 0
