"""Labelled pictures in a CSV: its columns, its labels and its files are checked before the first picture is read."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgeguard.errors import TruthError

# A whole folder may be missing; the first few tell.
PROBLEMS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `where`: "file:line", for messages."""

    where: str
    line: int
    cells: Mapping[str, str]


def read_rows(path: Path, accepted: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[Row]]:
    """Which of the `accepted` sets of columns the file has, in any order, and its rows.

    Columns of none of them and empty lines are passed over. Raises TruthError with file, line, the value
    met and those accepted.
    """
    choices = " or ".join(",".join(columns) for columns in accepted)
    try:
        text = path.read_text("utf-8-sig")  # spreadsheets begin with a byte order mark
    except OSError as error:
        told = f"cannot be read ({error.strerror}), accepted: a CSV with columns {choices}"
        raise TruthError(f"{path}: {told}") from error
    except UnicodeDecodeError as error:
        raise TruthError(f"{path}: met bytes that are not UTF-8 at {error.start}, accepted: a CSV in UTF-8") from error
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        header = tuple(name.strip().casefold() for name in next(lines, []))
        known = sorted(name for name in header if any(name in columns for columns in accepted))
        columns = next((columns for columns in accepted if sorted(columns) == known), None)
        if columns is None:
            raise TruthError(f"{path}:1: columns {','.join(header) or 'none'}, accepted: {choices}")
        rows = [_row(path, lines.line_num, header, cells, columns) for cells in lines if any(cells)]
    except csv.Error as error:
        raise TruthError(f"{path}:{lines.line_num}: met {error}, accepted: a CSV") from error
    if not rows:
        raise TruthError(f"{path}: no row, accepted: at least one")
    return columns, rows


def _row(path: Path, line: int, header: tuple[str, ...], cells: list[str], columns: tuple[str, ...]) -> Row:
    where = f"{path}:{line}"
    if len(cells) != len(header):
        raise TruthError(f"{where}: {len(cells)} cells, accepted: {len(header)} ({','.join(header)})")
    told = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name in columns}
    row = Row(where, line, told)
    if empty := [name for name, cell in row.cells.items() if not cell]:
        raise TruthError(f"{where}: {empty[0]}: met nothing, accepted: a value")
    return row


def label_of(row: Row, column: str, accepted: Mapping[str, bool]) -> bool:
    """What a label says. Raises TruthError."""
    met = row.cells[column]
    label = accepted.get(met.casefold())
    if label is None:
        raise TruthError(f"{row.where}: {column}: met {met!r}, accepted: {', '.join(accepted)}")
    return label


def files_of(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> dict[Path, Row]:
    """Every file named, once, with the first row that names it; relative ones start at the CSV's folder.

    Raises TruthError naming the first that are not there, a line each.
    """
    files: dict[Path, Row] = {}
    for row in rows:
        for column in columns:
            files.setdefault(path.parent / row.cells[column], row)
    missing = [(file, row) for file, row in files.items() if not file.is_file()]
    if missing:
        told = [f"{row.where}: {file} is not there, accepted: a file" for file, row in missing[:PROBLEMS_TOLD]]
        more = len(missing) - len(told)
        raise TruthError("\n".join([*told, f"and {more} more"] if more else told))
    return files
