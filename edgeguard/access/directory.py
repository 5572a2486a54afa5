"""The box's directory: who may go in. One file, one key, one box; the parts of it, and what concerns all of them."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from edgeguard import audit
from edgeguard.access.anchors import Anchors
from edgeguard.access.config import AccessConfig, GateRules
from edgeguard.access.consents import Consent, Consents
from edgeguard.access.credentials import Credentials
from edgeguard.access.faces import Faces
from edgeguard.access.keys import Keys
from edgeguard.access.moments import moment, seconds
from edgeguard.access.passback import Presences
from edgeguard.access.passes import Passes
from edgeguard.access.people import People, Person
from edgeguard.access.store import Act, Store
from edgeguard.access.timemark import TimeMark
from edgeguard.access.vehicles import Vehicles
from edgeguard.contract.base import rfc3339
from edgeguard.contract.lists import VehicleRow
from edgeguard.errors import DirectoryError

KEY_NAME, DATABASE_NAME = "access.key", "access.sqlite3"
# When the last sweep was; a box may have been off for so long without anybody's wondering.
SWEPT, LEAP_S = "swept_s", 14 * 24 * 3600
# Up to which row of the audit the pictures of whoever was deleted are gone too.
FORGOTTEN = "forgotten_row"
# What a part of a center's list is sealed for, while it waits for the others.
ABOUT_PART = "part of a list"


@dataclass(frozen=True, slots=True)
class Template:
    """What may be told of a template: everything but itself."""

    model: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the box has of one person, for that person. A PIN is not kept, a template never leaves the box."""

    person: Person
    consents: tuple[Consent, ...]
    templates: tuple[Template, ...]
    cards: tuple[str, ...]
    pin_number: str | None
    vehicles: tuple[VehicleRow, ...]
    trail: tuple[audit.Row, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """What had its time: templates whose consent is over, entries, proofs, old passages and rows of the audit."""

    templates: int
    people: int
    vehicles: int
    consents: int
    passages: int
    audit_rows: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of a person was deleted; `proof`: the row of the audit that says so, with its hash."""

    templates: int
    cards: int
    pins: int
    consents: int
    vehicles: int
    proof: audit.Head

    def __str__(self) -> str:
        """One line for who asked; the row is found again by `edgeguard people audit --row ID:HASH`."""
        counts = ", ".join(f"{name} {getattr(self, name)}" for name in self.__slots__ if name != "proof")
        return f"deleted: {counts}; audit row {self.proof.id}:{self.proof.hash.hex()}"


class Directory:
    """Open it with `with`; any thread and several processes may use it at once. Raises DirectoryError.

    `trusted`: raw Ed25519 public keys of whoever else may sign visitors' passes for this site.
    """

    def __init__(
        self,
        database: Path,
        key_file: Path,
        *,
        site: str,
        box: str,
        config: AccessConfig,
        trusted: Sequence[bytes] = (),
    ) -> None:
        self.config = config
        self._where = (database, key_file, site, box)
        self._trusted = trusted

    @classmethod
    def of(cls, data_dir: Path, site: str, box: str, config: AccessConfig) -> Self:
        """Where a box has it."""
        return cls(data_dir / DATABASE_NAME, config.key_file or data_dir / KEY_NAME, site=site, box=box, config=config)

    def __enter__(self) -> Self:
        self.store = Store(*self._where)
        self.people = People(self.store)
        self.consents = Consents(self.store)
        self.faces = Faces(self.store, self.consents)
        self.credentials = Credentials(self.store)
        self.vehicles = Vehicles(self.store)
        self.passes = Passes(self.store, self._trusted)
        self.presences = Presences(self.store)
        self.mark = TimeMark(self.store)
        self.anchors = Anchors(self.store)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def gate(self, name: str) -> GateRules:
        found = self.config.gate(name)
        if found is None:
            raise DirectoryError(f"gate {name!r}, accepted: {', '.join(gate.id for gate in self.config.gates)}")
        return found

    def trail(self, subject: str | None = None, limit: int = -1) -> list[audit.Row]:
        """Rows of the audit, the newest first."""
        with self.store.reading() as connection:
            return audit.rows(connection, subject, limit)

    def holds(self, row: audit.Head) -> bool:
        """Whether the trail still goes through a row that was told, say as proof of a deletion."""
        with self.store.reading() as connection:
            return audit.holds(connection, row)

    def looked(self, act: Act, action: str, subject: str = "", detail: str = "") -> None:
        """Somebody looked at entries or took them out: a row of the audit."""
        with self.store.writing() as tx:
            self.store.note(tx, act, action, subject, detail)

    def tell(self, ref: str, act: Act) -> Dossier:
        """Everything about one person; that it was looked at is audited. Raises DirectoryError for nobody's ref."""
        person = self.people.get(ref)
        self.looked(act, "person_exported", ref)
        vehicles = self.vehicles.all(ref=ref)
        return Dossier(
            person,
            tuple(self.consents.of(ref)),
            tuple(Template(model, moment(at_s)) for model, at_s in self.faces.counted(ref)),
            tuple(self.credentials.cards(ref)),
            self.credentials.pin_number(ref),
            tuple(vehicles),
            self._trail_of([ref, *(self.vehicles.pseudonym(vehicle.plate) for vehicle in vehicles)]),
        )

    def _trail_of(self, subjects: Sequence[str]) -> tuple[audit.Row, ...]:
        """Of a person and their vehicles, the newest first."""
        found = [row for subject in subjects for row in self.trail(subject)]
        return tuple(sorted(found, key=lambda row: row.id, reverse=True))

    def erase(self, ref: str, act: Act) -> Erased:
        """Delete one person: template, credentials, consents with the guardian's name, presence and their vehicles.

        In the audit and in events their pseudonym stays, which is nobody's from now on.
        """
        self.people.get(ref)
        with self.store.writing() as tx:
            cars = self.vehicles.remove([vehicle.plate for vehicle in self.vehicles.all(ref=ref)], act, "erased")
            templates, cards, pins, consents = (
                tx.execute(f"SELECT count(*) FROM {table} WHERE ref = ?", (ref,)).fetchone()[0]  # noqa: S608 - four words
                for table in ("face", "card", "pin", "consent")
            )
            tx.execute("DELETE FROM consent WHERE ref = ?", (ref,))
            self.people.remove([ref], act, "erased")
            proof = audit.head(tx)
        self.store.wipe()
        return Erased(templates, cards, pins, consents, cars, proof)

    def forgotten(self, forget: Callable[[Sequence[str]], None]) -> None:
        """Have `forget` delete what lies elsewhere on the box of everybody erased since; what it raises comes out.

        It gets pseudonyms of people and vehicles, those of a call that failed once more.
        """
        erased = "action IN ('person_removed', 'vehicle_removed') AND detail = 'erased'"
        found = self.store.rows(
            f"SELECT id, subject FROM audit WHERE id > ? AND {erased} ORDER BY id",  # noqa: S608 - own text
            self.store.number(FORGOTTEN),
        )
        if found:
            forget([subject for _, subject in found])
            with self.store.writing() as tx:
                self.store.set_number(tx, FORGOTTEN, found[-1][0])

    def sweep(self, at: datetime, *, synced: bool = True) -> Swept | None:
        """Once an hour: remove what had its time by class of data, anchor the audit.

        None, and nothing is removed: the clock has leapt since the last sweep and is not kept by a time server
        (`synced`). What a wrong clock deletes would be gone for good.
        """
        now, keep = self.mark.reckon(at).now, self.config.keep
        swept_s = self.store.number(SWEPT)
        if not synced and swept_s and seconds(now) - swept_s > LEAP_S:
            return None
        act = Act(now, "box")
        templates = self.faces.drop_unconsented(act)
        with self.store.writing() as tx:
            people = self._over(now - timedelta(days=keep.people_days))
            plates = self.vehicles.over(now - timedelta(days=keep.vehicles_days))
            gone = self.people.remove(people, act, "time over"), self.vehicles.remove(plates, act, "time over")
            consents = self.consents.forget(tx, seconds(now - timedelta(days=keep.consents_days)))
            before_s = seconds(now - timedelta(days=keep.passages_days))
            passages = tx.execute("DELETE FROM presence WHERE at_s < ?", (before_s,)).rowcount
            self.passes.forget(tx, now)
            self.credentials.forget_attempts(tx, now)
            self.store.set_number(tx, SWEPT, seconds(now))
            rows = audit.prune(tx, rfc3339(now - timedelta(days=keep.audit_days)))
        self.anchors.drop(now)
        self.store.wipe()
        return Swept(templates, *gone, consents, passages, rows)

    def rekey(self, act: Act) -> None:
        """A new key, everything under it in one transaction. Visitors' passes made before are void."""
        old = self.store.keys
        self.store.change_key(lambda tx, fresh: self._reseal(tx, fresh, act))
        self.anchors.sign_anew(old)

    def _reseal(self, tx: sqlite3.Connection, fresh: Keys, act: Act) -> None:
        for part in (self.people, self.consents, self.faces, self.credentials, self.vehicles):
            part.reseal(tx, fresh)
        for revision, number, body in tx.execute("SELECT * FROM list_part").fetchall():
            sealed = fresh.seal(self.store.keys.open(body, ABOUT_PART), ABOUT_PART)
            tx.execute("UPDATE list_part SET body = ? WHERE revision = ? AND part = ?", (sealed, revision, number))
        tx.execute("DELETE FROM presence")
        self.store.note(tx, act, "rekeyed", "")

    def _over(self, before: datetime) -> list[str]:
        """Whose time ended before that; who has no end stays until they are removed."""
        sql = "SELECT ref FROM person WHERE valid_until < ?"
        return [ref for (ref,) in self.store.rows(sql, seconds(before))]
