"""The center's list of people and vehicles: collected from its parts, put in force as one change or not at all."""

from collections.abc import Iterable

from edgeguard.access.directory import ABOUT_PART, Directory
from edgeguard.access.people import Person, Source
from edgeguard.access.store import Act
from edgeguard.contract.lists import ListsArgs, PersonRow
from edgeguard.errors import CommandRefused, DirectoryError

_REVISION = "lists_revision"


def revision(directory: Directory) -> int:
    """Number of the list in force; 0: none has come yet."""
    return directory.store.number(_REVISION)


def apply(directory: Directory, args: ListsArgs, act: Act) -> str:
    """Take a part; with the last one the list is in force. Returns what was done, for the command's answer.

    The same part again changes nothing. Raises CommandRefused, with nothing changed, for an older list or changes to
    another one than the box has.
    """
    try:
        with directory.store.writing():
            done = _take(directory, args, act)
        directory.store.wipe()
    except DirectoryError as error:
        raise CommandRefused(str(error)) from error
    return done


def _take(directory: Directory, args: ListsArgs, act: Act) -> str:
    have = revision(directory)
    if args.revision == have:
        return f"revision {have} is in force already"
    if args.revision < have:
        raise CommandRefused(f"list {args.revision}, accepted: later than {have}, which is in force")
    if args.base is not None and args.base != have:
        raise CommandRefused(f"changes to list {args.base}, accepted: to list {have}, or a whole list (no base)")
    here = _keep(directory, args)
    if here < args.parts:
        return f"part {args.part} of list {args.revision}: {here} of {args.parts} are here"
    return _put_in_force(directory, _kept(directory), act)


def _keep(directory: Directory, args: ListsArgs) -> int:
    """Lay a part by; those of other lists are given up. Returns how many are here.

    Raises CommandRefused where it does not fit them.
    """
    with directory.store.writing() as tx:
        tx.execute("DELETE FROM list_part WHERE revision != ?", (args.revision,))
        first = next(iter(_kept(directory, limit=1)), args)
        if (first.parts, first.base) != (args.parts, args.base):
            raise CommandRefused(f"part {args.part} of list {args.revision} does not fit the parts that are here")
        body = directory.store.keys.seal(args.to_json(), ABOUT_PART)
        tx.execute("INSERT OR REPLACE INTO list_part VALUES (?, ?, ?)", (args.revision, args.part, body))
        return int(tx.execute("SELECT count(*) FROM list_part").fetchone()[0])


def _kept(directory: Directory, limit: int = -1) -> list[ListsArgs]:
    rows = directory.store.rows("SELECT body FROM list_part ORDER BY part LIMIT ?", limit)
    return [ListsArgs.from_json(directory.store.keys.open(body, ABOUT_PART)) for (body,) in rows]


def _put_in_force(directory: Directory, parts: list[ListsArgs], act: Act) -> str:
    number, base = parts[0].revision, parts[0].base
    people = [row for part in parts for row in part.people]
    vehicles = [row for part in parts for row in part.vehicles]
    gone = {ref for part in parts for ref in part.people_gone}
    gone_plates = {plate for part in parts for plate in part.vehicles_gone}
    if base is None:
        gone |= directory.people.refs(Source.CENTER) - {row.ref for row in people}
        gone_plates |= directory.vehicles.plates(Source.CENTER) - {row.plate for row in vehicles}
    with directory.store.writing() as tx:
        removed = directory.people.remove(sorted(gone), act, f"list {number}")
        removed += directory.vehicles.remove(sorted(gone_plates), act, f"list {number}")
        changes = [directory.people.put(_person(directory, row), act, Source.CENTER) for row in people]
        changes += [directory.vehicles.put(row, act, Source.CENTER) for row in vehicles]
        withdrawn = _withdraw(directory, (ref for part in parts for ref in part.withdrawn), act)
        tx.execute("DELETE FROM list_part")
        directory.store.set_number(tx, _REVISION, number)
        told = f"{len(people)} people and {len(vehicles)} vehicles told"
        directory.store.note(tx, act, "list_applied", str(number), told)
    added, changed = (sum(change.what == what for change in changes) for what in ("added", "changed"))
    end = f", {withdrawn} templates removed" if withdrawn else ""
    return f"revision {number} is in force: {added} added, {changed} changed, {removed} removed{end}"


def _person(directory: Directory, row: PersonRow) -> Person:
    """With the label that the staff of this box gave them."""
    known = directory.people.find(row.ref)
    fields = {name: getattr(row, name) for name in PersonRow.model_fields}
    return Person.model_construct(**fields, label=None if known is None else known.label)


def _withdraw(directory: Directory, refs: Iterable[str], act: Act) -> int:
    """Templates removed; a center may tell of a withdrawal more than once."""
    templates = 0
    for ref in refs:
        if any(consent.withdrawn_at is None for consent in directory.consents.of(ref)):
            templates += directory.consents.withdraw(ref, act)
    return templates
