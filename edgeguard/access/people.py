"""Residents, visitors and contractors: a pseudonym, when and where they are admitted, and nothing else in the clear."""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from edgeguard.access.keys import Keys
from edgeguard.access.moments import maybe_moment, maybe_seconds
from edgeguard.access.store import Act, Store
from edgeguard.contract.lists import Admission, PersonKind, PersonRow
from edgeguard.errors import DirectoryError

Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
# 50 bits: two of 100,000 refs are the same once in 200,000 boxes; a collision is refused, not merged.
_REF_LETTERS, _REF_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 10


class Source(StrEnum):
    """Who answers for an entry: the center's list replaces only its own."""

    BOX = "box"
    CENTER = "center"


class Person(PersonRow):
    """`label`: what the staff call them, sealed on the box. It is never needed and never leaves."""

    label: Label | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changed."""

    ref: str
    what: str  # added, changed, same


def new_ref() -> str:
    """A pseudonym that says nothing."""
    return "p-" + "".join(secrets.choice(_REF_LETTERS) for _ in range(_REF_LENGTH))


class People:
    """Rows of people. Every change is audited."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, person: Person, act: Act, source: Source = Source.BOX) -> Change:
        """Add, or change what differs."""
        with self._store.writing() as tx:
            before = self._find(tx, person.ref)
            change = Change(person.ref, _what(before, (person, source)))
            if change.what != "same":
                self._write(tx, person, source)
                self._store.note(tx, act, f"person_{change.what}", person.ref, person.kind)
            return change

    def get(self, ref: str) -> Person:
        """Raises DirectoryError where nobody has that pseudonym."""
        person = self.find(ref)
        if person is None:
            raise DirectoryError(f"nobody is listed as {ref!r}, accepted: a ref of `edgeguard people list`")
        return person

    def find(self, ref: str) -> Person | None:
        with self._store.reading() as connection:
            found = self._find(connection, ref)
        return None if found is None else found[0]

    def all(self, kind: PersonKind | None = None) -> list[Person]:
        """By pseudonym."""
        return [person for person, _ in self._read() if kind in {None, person.kind}]

    def refs(self, source: Source) -> set[str]:
        return {ref for (ref,) in self._store.rows("SELECT ref FROM person WHERE source = ?", source)}

    def count(self) -> int:
        return int(self._store.rows("SELECT count(*) FROM person")[0][0])

    def remove(self, refs: Iterable[str], act: Act, why: str) -> int:
        """With their templates and credentials; consents stay as proof, vehicles without an owner. Returns how many."""
        removed = 0
        with self._store.writing() as tx:
            for ref in refs:
                gone = tx.execute("DELETE FROM person WHERE ref = ?", (ref,)).rowcount
                if gone:
                    tx.execute("UPDATE vehicle SET ref = NULL WHERE ref = ?", (ref,))
                    tx.execute("DELETE FROM presence WHERE subject = ?", (ref,))
                    self._store.note(tx, act, "person_removed", ref, why)
                removed += gone
            if removed:
                self._store.count_up(tx, "faces_version")
        self._store.wipe()
        return removed

    def reseal(self, tx: sqlite3.Connection, fresh: Keys) -> None:
        """Seal every label under the fresh keys."""
        for ref, label in tx.execute("SELECT ref, label FROM person WHERE label IS NOT NULL").fetchall():
            sealed = fresh.seal(self._store.keys.open(label, _about(ref)), _about(ref))
            tx.execute("UPDATE person SET label = ? WHERE ref = ?", (sealed, ref))

    def _write(self, tx: sqlite3.Connection, person: Person, source: Source) -> None:
        label = None if not person.label else self._store.keys.seal(person.label.encode(), _about(person.ref))
        # No REPLACE: it would take templates and credentials along.
        tx.execute(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ref) DO UPDATE SET kind = excluded.kind,"
            " valid_from = excluded.valid_from, valid_until = excluded.valid_until, hours = excluded.hours,"
            " gates = excluded.gates, label = excluded.label, source = excluded.source",
            (person.ref, person.kind, *admission_values(person), label, source),
        )

    def _find(self, connection: sqlite3.Connection, ref: str) -> tuple[Person, Source] | None:
        row = connection.execute("SELECT * FROM person WHERE ref = ?", (ref,)).fetchone()
        return None if row is None else self._person(row)

    def _read(self) -> Iterator[tuple[Person, Source]]:
        for row in self._store.rows("SELECT * FROM person ORDER BY ref"):
            yield self._person(row)

    def _person(self, row: tuple[Any, ...]) -> tuple[Person, Source]:
        ref, kind, valid_from, valid_until, hours, gates, label, source = row
        told = None if label is None else self._store.keys.open(label, _about(ref)).decode()
        person = Person.model_construct(
            ref=ref, kind=PersonKind(kind), **admission_fields(valid_from, valid_until, hours, gates), label=told
        )
        return person, Source(source)


def admission_values(row: Admission) -> tuple[int | None, int | None, str, str]:
    """As the columns valid_from, valid_until, hours, gates have them."""
    return maybe_seconds(row.valid_from), maybe_seconds(row.valid_until), row.hours, " ".join(row.gates)


def admission_fields(valid_from: int | None, valid_until: int | None, hours: str, gates: str) -> dict[str, Any]:
    """And back; what is stored was checked when it came in."""
    return {
        "valid_from": maybe_moment(valid_from),
        "valid_until": maybe_moment(valid_until),
        "hours": hours,
        "gates": tuple(gates.split()),
    }


def _what(before: tuple[object, object] | None, after: tuple[object, object]) -> str:
    if before is None:
        return "added"
    return "same" if before == after else "changed"


def _about(ref: str) -> str:
    return f"label\0{ref}"
