"""What commands that render take on their command lines."""

import argparse
from collections.abc import Callable
from pathlib import Path

from . import stills
from .outcome import ended
from .stills import Shard


def whole(least: int) -> Callable[[str], int]:
    """Reads a whole number from `least` on; the parser tells what is accepted instead of anything else."""

    def read(text: str) -> int:
        if text.isdecimal() and int(text) >= least:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from {least}")

    return read


def shard(text: str) -> Shard:
    """Reads "i/n"; the parser tells what is accepted instead of anything else."""
    try:
        return Shard.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def add_amount(parser: argparse.ArgumentParser, count: int, counted: str) -> None:
    """How much to render, and which part of it."""
    parser.add_argument("--count", type=whole(1), default=count, help=f"{counted} (default: %(default)s)")
    parser.add_argument("--shard", type=shard, default=Shard(), metavar="i/n", help="render part i of n")


def of_stills(module: str, doc: str | None, seed: int, count: int) -> argparse.ArgumentParser:
    """What every command that renders stills of its own takes."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=doc)
    parser.add_argument("out", type=Path, help="the folder of the stills, CACHE/scenes")
    parser.add_argument("--seed", type=whole(0), default=seed, help="the set (default: %(default)s)")
    add_amount(parser, count, "pictures in the whole set, all shards together")
    return parser


def render_stills(ask: argparse.Namespace, directed: stills.Directed) -> int:
    """Renders what `of_stills` has read; the exit status."""
    numbers = ask.shard.indices(ask.count)
    return ended(lambda: stills.render_all(ask.out, ask.seed, numbers, directed=directed))
