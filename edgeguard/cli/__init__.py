"""The command line: one module per command, each with `add_parser(subparsers)` and `run(args) -> exit status`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from edgeguard import __version__
from edgeguard.agent.logs import set_up
from edgeguard.errors import EdgeGuardError

# Imported only when asked for: `edgeguard speak` must not wait for the center's libraries.
COMMANDS: dict[str, str] = {
    "run": "guard: run a box on its cameras",
    "status": "how a running box is, what is wrong first",
    "config": "check, show and compare site files, print their schema",
    "center": "the control room's page over many boxes",
    "demo": "broker, box and center in one go over a bundled recording",
    "replay": "run recorded video through the same stages on a virtual clock, and score it",
    "whatif": "the rules again over a replay's detections, one setting swept",
    "eval": "score a detector, face models or liveness on labelled pictures",
    "speak": "play a phrase through the box's voice",
    "relay": "try a relay that opens a door or a barrier",
    "models": "list, check and install detectors and face models",
    "people": "who may go in: residents, visitors, contractors; consents, faces, cards",
    "vehicles": "which vehicles may go in, by plate",
    "visitor": "passes for visitors, as a QR code",
    "bench": "measure what a look costs and how many cameras this machine carries",
    "contract": "print the event codes, example messages and schemas",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 the answer is no, 2 wrong input, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser(words).parse_args(words)
    set_up(verbose=args.verbose, chosen=getattr(args, "log_format", None))
    try:
        status: int = args.run(args)
    except EdgeGuardError as error:
        print(f"edgeguard {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone; nothing is left to say.
        sys.stderr.close()
        return 0
    return status


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edgeguard",
        description="EdgeGuard: an edge AI guard for residential compounds.",
        epilog="edgeguard COMMAND --help teaches each command.",
    )
    parser.add_argument("--version", action="version", version=f"edgeguard {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens in detail")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in words if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        if name == wanted:
            module = importlib.import_module(f"edgeguard.cli.{name}")
            module.add_parser(commands)
            commands.choices[name].set_defaults(run=module.run)
        else:
            commands.add_parser(name, help=summary)
    return parser
