"""Tables of people and vehicles in CSV, as spreadsheets write them: UTF-8 with or without a mark, or GBK."""

import csv
import io
import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from edgeguard.access.credentials import normal_card
from edgeguard.access.people import Person
from edgeguard.contract.base import rfc3339
from edgeguard.contract.lists import Admission, VehicleRow
from edgeguard.errors import DirectoryError

T = TypeVar("T")
ADMISSION = ("valid_from", "valid_until", "hours", "gates")
PEOPLE = ("ref", "kind", "label", *ADMISSION, "cards")
VEHICLES = ("plate", "list", "ref", *ADMISSION)
TIME_ACCEPTED = "2026-12-31 (the whole day), 2026-12-31 18:00 or 2026-12-31T18:00:00+08:00"
_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}")
# GBK and what is written in it beyond; every GBK file is one of these.
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Member:
    """A person and the numbers of their cards."""

    person: Person
    cards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """`rows` and `errors` by their line in the file; an error is one line, `file:line: column: met X, accepted: Y`."""

    path: Path
    rows: Mapping[int, T]
    errors: Mapping[int, str]


def read_people(path: Path, timezone: str | None = None) -> Sheet[Member]:
    """Raises DirectoryError where it is no table of people at all; `timezone`: of times without one, default UTC."""
    zone = zone_of(timezone)
    return _read(path, PEOPLE, ("ref", "kind"), lambda cells: _member(cells, zone), lambda member: member.person.ref)


def read_vehicles(path: Path, timezone: str | None = None) -> Sheet[VehicleRow]:
    """Likewise of vehicles."""
    zone = zone_of(timezone)
    return _read(path, VEHICLES, ("plate", "list"), lambda cells: _vehicle(cells, zone), lambda vehicle: vehicle.plate)


def write_people(members: Sequence[Member]) -> str:
    """What `read_people` reads. With the labels: the file is personal data."""
    rows = (
        (one.person.ref, one.person.kind, one.person.label or "", *_written(one.person), " ".join(one.cards))
        for one in members
    )
    return _table(PEOPLE, rows)


def write_vehicles(vehicles: Sequence[VehicleRow]) -> str:
    rows = ((one.plate, one.list_name, one.ref or "", *_written(one)) for one in vehicles)
    return _table(VEHICLES, rows)


def read_time(text: str, zone: tzinfo, *, end: bool = False) -> datetime:
    """Aware; of a date alone its beginning, as an `end` its end. Raises ValueError."""
    text = text.strip().replace("/", "-")
    try:
        if _DATE.fullmatch(text):
            day = date(*map(int, text.split("-"))) + timedelta(days=end)
            return datetime.combine(day, time(), zone)
        met = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"met {text!r}, accepted: {TIME_ACCEPTED}") from error
    return met if met.tzinfo is not None else met.replace(tzinfo=zone)


def zone_of(name: str | None) -> tzinfo:
    """Of a name that was checked before; None: UTC."""
    return UTC if name is None else zoneinfo.ZoneInfo(name)


def _read(
    path: Path,
    columns: tuple[str, ...],
    needed: tuple[str, ...],
    row_of: Callable[[dict[str, str]], T],
    name_of: Callable[[T], str],
) -> Sheet[T]:
    rows: dict[int, T] = {}
    errors: dict[int, str] = {}
    first: dict[str, int] = {}
    for line, cells in _lines(path, columns, needed):
        try:
            row = row_of(cells)
        except ValidationError as error:
            errors[line] = f"{path}:{line}: {_problem(error)}"
            continue
        except (ValueError, DirectoryError) as error:
            errors[line] = f"{path}:{line}: {error}"
            continue
        before = first.setdefault(name_of(row), line)
        if before == line:
            rows[line] = row
        else:
            errors[line] = f"{path}:{line}: {needed[0]}: met {name_of(row)!r} in line {before} too, accepted: each once"
    return Sheet(path, rows, errors)


def _lines(path: Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column); empty lines are passed over."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        unknown = [name for name in header if name not in columns]
        if unknown or len(set(header)) != len(header) or any(name not in header for name in needed):
            met = ",".join(header) or "nothing"
            raise DirectoryError(
                f"{path}:1: columns {met}, accepted: {','.join(needed)} and any of {','.join(columns)}"
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                # Too many cells are told as one that no column has.
                named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
                yield reader.line_num, named if len(cells) == len(header) else {"": f"{len(cells)} cells"}
    except csv.Error as error:
        raise DirectoryError(f"{path}:{reader.line_num}: met {error}, accepted: a CSV") from error


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DirectoryError(f"{path}: cannot be read ({error.strerror}), accepted: a CSV") from error
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DirectoryError(f"{path}: met bytes that are neither UTF-8 nor GBK, accepted: a CSV in one of these")


def _member(cells: dict[str, str], zone: tzinfo) -> Member:
    _whole(cells)
    row = {"ref": cells["ref"], "kind": cells["kind"], "label": cells.get("label") or None, **_admission(cells, zone)}
    return Member(Person.model_validate(row), tuple(map(normal_card, cells.get("cards", "").split())))


def _vehicle(cells: dict[str, str], zone: tzinfo) -> VehicleRow:
    _whole(cells)
    row = {"plate": cells["plate"], "list": cells["list"], "ref": cells.get("ref") or None, **_admission(cells, zone)}
    return VehicleRow.model_validate(row)


def _whole(cells: dict[str, str]) -> None:
    if "" in cells:
        raise ValueError(f"met {cells['']}, accepted: as many as the first line has")


def _admission(cells: dict[str, str], zone: tzinfo) -> dict[str, object]:
    return {
        "valid_from": _time(cells, "valid_from", zone),
        "valid_until": _time(cells, "valid_until", zone),
        "hours": cells.get("hours", ""),
        "gates": tuple(cells.get("gates", "").split()),
    }


def _time(cells: dict[str, str], column: str, zone: tzinfo) -> datetime | None:
    text = cells.get(column)
    try:
        return read_time(text, zone, end=column == "valid_until") if text else None
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from error


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong with a row."""
    item = error.errors(include_url=False)[0]
    column = str(item["loc"][0]) if item["loc"] else ""
    accepted = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if not column:
        return f"accepted: {accepted}"
    met = "" if column == "label" else f"met {item['input']!r}, "
    return f"{column}: {met}accepted: {accepted}"


def _written(row: Admission) -> tuple[str, str, str, str]:
    valid_from, valid_until = ("" if at is None else rfc3339(at) for at in (row.valid_from, row.valid_until))
    return valid_from, valid_until, row.hours, " ".join(row.gates)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """With a byte order mark: without it a spreadsheet takes Chinese for something else."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(rows)
    return f"\ufeff{out.getvalue()}"
