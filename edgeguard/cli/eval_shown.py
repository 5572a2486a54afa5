"""What `eval face` and `eval liveness` share: which models they use, results as one JSON object or as a table."""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edgeguard.catalogue import default_folder
from edgeguard.replay.rates import Area, Rate


def add_face_options(parser: argparse.ArgumentParser) -> None:
    """Where the face models lie, which of them finds faces, and how the result is printed."""
    folder = default_folder()
    parser.add_argument("--finder", metavar="NAME", help="what finds faces (the only one installed)")
    parser.add_argument(
        "--in", dest="folder", type=Path, default=folder, metavar="DIR", help=f"folder of the face models ({folder})"
    )
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")


def flat(result: object) -> dict[str, object]:
    """Fields by name; of a share `name`, `name_n` and `name_interval`."""
    return dict(_flat(result)) if not isinstance(result, Mapping) else dict(result)


def _flat(result: object) -> Iterator[tuple[str, object]]:
    if not is_dataclass(result):
        raise TypeError(f"{type(result).__name__}, accepted: a dataclass")
    for field in fields(result):
        yield from expand(field.name, getattr(result, field.name))


def expand(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A value under its name; a share as three."""
    if isinstance(value, Rate):
        yield from ((name, value.value), (f"{name}_n", value.n), (f"{name}_interval", list(value.interval)))
    elif isinstance(value, Area):
        yield from ((name, value.value), (f"{name}_n", [value.n_high, value.n_low]))
        yield f"{name}_interval", list(value.interval)
    else:
        yield name, value


def print_json(values: Mapping[str, object]) -> None:
    """The last line."""
    print(json.dumps({name: _rounded(value) for name, value in values.items()}, ensure_ascii=False))


def print_table(title: str, rows: Mapping[str, object]) -> None:
    """Shares with n and interval."""
    table = Table(title=title, title_justify="left")
    for heading in ("what", "value", "n", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "what" else "right", overflow="fold")
    for name, value in rows.items():
        table.add_row(name, *_cells(value))
    Console().print(table)


def _cells(value: object) -> tuple[str, str, str]:
    if isinstance(value, Rate):
        low, high = value.interval
        return _text(value.value), f"{value.count}/{value.n}", f"{low:.4f}..{high:.4f}"
    if isinstance(value, Area):
        low, high = value.interval
        return _text(value.value), f"{value.n_high}, {value.n_low}", f"{low:.4f}..{high:.4f}"
    return _text(value), "", ""


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
