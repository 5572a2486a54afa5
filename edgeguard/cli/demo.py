"""`edgeguard demo`: the whole way on one machine."""

import argparse
import dataclasses
import json
import logging
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edgeguard.errors import ConfigError
from edgeguard.recordings import truth
from edgeguard.replay.truth import read_truth

if TYPE_CHECKING:
    from edgeguard.demo.show import Measured

DEFAULT_FOLDER = Path("demo-out")
DEFAULT_PORT = 8080
# Made in a folder of ours, so that --out never empties one of somebody else.
MARK = ".edgeguard-demo"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="broker, box and center in one go over a bundled recording",
        description="Runs an MQTT broker, a box on bundled recordings and the control room's page on this machine. "
        "Only loopback is opened. Ends with Ctrl-C; with --once after one episode, with status 1 if that failed.",
        epilog="What the lift would hear is written to voice.wav under --out; nothing is played aloud.",
    )
    parser.add_argument("--once", action="store_true", help="one episode, then what was measured")
    parser.add_argument("--json", action="store_true", help="with --once: the last line is one JSON object")
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="(default: ./demo-out, emptied)"
    )
    parser.add_argument("--port", type=int, metavar="N", help="the page's port (default: 8080; with --once a free one)")


def run(args: argparse.Namespace) -> int:
    if args.json and not args.once:
        raise ConfigError("--json: met without --once, accepted: edgeguard demo --once --json")
    if args.port is not None and not 0 < args.port < 65536:
        raise ConfigError(f"--port: met {args.port}, accepted: 1 to 65535")
    folder = _emptied(args.out.absolute())
    _quiet_libraries()
    say = _teller(to_stderr=args.json)
    say("starting broker, center and box on this machine; nothing is opened to the outside")
    # Imported here: --help needs none of the extras, and the line above comes before the seconds this takes.
    from edgeguard.demo.broker import free_port  # noqa: PLC0415
    from edgeguard.demo.show import Demo  # noqa: PLC0415

    if not args.once:
        Demo(folder, args.port or DEFAULT_PORT, say).forever(threading.Event())
        return 0
    first_visible_s = read_truth(truth("lift_ebike"))[0].start_s
    measured = Demo(folder, args.port or free_port(), say).once(first_visible_s)
    _tell(measured, as_json=args.json)
    return 0 if measured.confirmed and measured.phases[-1:] == ["end"] else 1


def _emptied(folder: Path) -> Path:
    """An empty folder of the demo's; raises ConfigError rather than empty one that it did not make."""
    if folder.exists() and not (folder / MARK).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"--out: met {folder}, which holds other things; accepted: an empty or a new folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def _quiet_libraries() -> None:
    """The demo tells what happens itself; a library speaks up only when something is wrong."""
    logging.getLogger().setLevel(logging.ERROR)


def _teller(*, to_stderr: bool) -> Callable[[str], None]:
    stream = sys.stderr if to_stderr else sys.stdout

    def say(line: str) -> None:
        print(line, file=stream, flush=True)

    return say


def _tell(measured: "Measured", *, as_json: bool) -> None:
    told = dataclasses.asdict(measured)
    if as_json:
        print(json.dumps(told), flush=True)
        return
    for name, value in told.items():
        print(f"{name:32} {value}")
