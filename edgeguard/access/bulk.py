"""A whole table into the directory, as one change or not at all."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from edgeguard.access.directory import Directory
from edgeguard.access.sheet import Member, Sheet
from edgeguard.access.store import Act
from edgeguard.contract.lists import VehicleRow
from edgeguard.errors import DirectoryError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """`errors`: one line each; where there are any and they were not to be skipped, nothing was changed."""

    added: int
    changed: int
    same: int
    errors: tuple[str, ...]
    done: bool


def import_people(
    directory: Directory, sheet: Sheet[Member], act: Act, *, dry: bool = False, skip_bad: bool = False
) -> Imported:
    """Add and change what the sheet has; whom it has not stays as they are. Cards are added, never taken away."""
    return _import(directory, sheet, lambda row: _put_member(directory, row, act), dry=dry, skip_bad=skip_bad)


def import_vehicles(
    directory: Directory, sheet: Sheet[VehicleRow], act: Act, *, dry: bool = False, skip_bad: bool = False
) -> Imported:
    """Likewise of vehicles."""
    return _import(directory, sheet, lambda row: directory.vehicles.put(row, act).what, dry=dry, skip_bad=skip_bad)


def members(directory: Directory) -> list[Member]:
    """Everybody with their cards, as an export has them."""
    return [Member(person, tuple(directory.credentials.cards(person.ref))) for person in directory.people.all()]


def _import(directory: Directory, sheet: Sheet[T], put: Callable[[T], str], *, dry: bool, skip_bad: bool) -> Imported:
    """Everything is tried, so that a dry run tells what a real one would."""
    counts: Counter[str] = Counter()
    errors = dict(sheet.errors)
    with directory.store.tried() as attempt:
        for line, row in sheet.rows.items():
            try:
                with attempt.line():
                    counts[put(row)] += 1
            except DirectoryError as error:
                errors[line] = f"{sheet.path}:{line}: {error}"
        attempt.keep = not dry and (skip_bad or not errors)
    told = tuple(errors[line] for line in sorted(errors))
    return Imported(counts["added"], counts["changed"], counts["same"], told, attempt.keep)


def _put_member(directory: Directory, member: Member, act: Act) -> str:
    change = directory.people.put(member.person, act)
    fresh = [directory.credentials.add_card(member.person.ref, number, act) for number in member.cards]
    return "changed" if change.what == "same" and any(fresh) else change.what
