"""`edgeguard center keys`: the key that signs commands which open, release or change something."""

import argparse
from pathlib import Path

from edgeguard.center.keys import NAME, NEXT, KeyFile, rotate

TOLD = "# in every box's site file:\ncommands: {{keys: [{keys}]}}"


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        "keys",
        help="make or show the key that signs commands which open gates",
        description="Boxes open a gate only for a command that is signed with a key named in their site file. The "
        "private key is a file in the center's data folder and never leaves it; what is shown here is public. To "
        "change it: `new --next`, put both public keys into the site files, `rotate`, then take the old one out.",
        epilog="Exit status: 0 done, 1 there is no key yet, 2 it cannot be done.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("act", nargs="?", choices=("new", "rotate"), default=None, help="default: show what there is")
    parser.add_argument("--next", action="store_true", default=False, help="with new: the key that is to follow")
    return parser


def run(args: argparse.Namespace, data_dir: Path) -> int:
    if args.act == "new":
        KeyFile(data_dir, NEXT if args.next else NAME).make()
    elif args.act == "rotate":
        rotate(data_dir)
    found = [key for key in (KeyFile(data_dir, name).read() for name in (NAME, NEXT)) if key is not None]
    if not found:
        print(f"no key in {data_dir}; make one: edgeguard center keys new")
        return 1
    print(TOLD.format(keys=", ".join(f'"{key.public.text}"' for key in found)))
    return 0
