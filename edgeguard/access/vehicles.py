"""Vehicles by plate. A plate stands nowhere in the clear: it is found by its keyed hash."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from edgeguard.access.keys import Keys
from edgeguard.access.people import Change, Source, admission_fields, admission_values
from edgeguard.access.store import Act, Store
from edgeguard.contract.lists import VehicleList, VehicleRow, normal_plate
from edgeguard.errors import DirectoryError

_ABOUT = "plate"


class Vehicles:
    """Rows of vehicles. Every change is audited by the vehicle's pseudonym."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, vehicle: VehicleRow, act: Act, source: Source = Source.BOX) -> Change:
        """Add, or change what differs."""
        digest = self._store.keys.digest(_ABOUT, vehicle.plate)
        subject = pseudonym(digest)
        with self._store.writing() as tx:
            before = tx.execute("SELECT * FROM vehicle WHERE digest = ?", (digest,)).fetchone()
            values = (vehicle.list_name.value, vehicle.ref, *admission_values(vehicle), source.value)
            if before is not None and before[2:] == values:
                return Change(subject, "same")
            sealed = self._store.keys.seal(vehicle.plate.encode(), _ABOUT)
            tx.execute("INSERT OR REPLACE INTO vehicle VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (digest, sealed, *values))
            what = "added" if before is None else "changed"
            self._store.note(tx, act, f"vehicle_{what}", subject, vehicle.list_name)
            return Change(subject, what)

    def find(self, plate: str) -> VehicleRow | None:
        """`plate` as anybody writes it; None: on no list."""
        try:
            digest = self.digest(plate)
        except ValueError:
            return None
        rows = self._store.rows("SELECT * FROM vehicle WHERE digest = ?", digest)
        return self._vehicle(rows[0]) if rows else None

    def pseudonym(self, plate: str) -> str:
        """What stands for a plate in events and in the audit of this box. Raises ValueError for what is none."""
        return pseudonym(self.digest(plate))

    def digest(self, plate: str) -> bytes:
        return self._store.keys.digest(_ABOUT, normal_plate(plate))

    def all(self, list_name: VehicleList | None = None, ref: str | None = None) -> list[VehicleRow]:
        """By plate; of one list or one person, where given."""
        where = "WHERE ifnull(?, list) = list AND (?2 IS NULL OR ref = ?2)"
        rows = self._store.rows(f"SELECT * FROM vehicle {where}", list_name, ref)  # noqa: S608 - own text
        return sorted((self._vehicle(row) for row in rows), key=lambda vehicle: vehicle.plate)

    def plates(self, source: Source) -> set[str]:
        rows = self._store.rows("SELECT sealed FROM vehicle WHERE source = ?", source)
        return {self._store.keys.open(sealed, _ABOUT).decode() for (sealed,) in rows}

    def count(self) -> int:
        return int(self._store.rows("SELECT count(*) FROM vehicle")[0][0])

    def remove(self, plates: Iterable[str], act: Act, why: str) -> int:
        """Returns how many there were. Raises DirectoryError for what is no plate."""
        removed = 0
        with self._store.writing() as tx:
            for plate in plates:
                try:
                    digest = self.digest(plate)
                except ValueError as error:
                    raise DirectoryError(f"plate: accepted: {error}") from error
                gone = tx.execute("DELETE FROM vehicle WHERE digest = ?", (digest,)).rowcount
                if gone:
                    tx.execute("DELETE FROM presence WHERE subject = ?", (pseudonym(digest),))
                    self._store.note(tx, act, "vehicle_removed", pseudonym(digest), why)
                removed += gone
        return removed

    def over(self, before: datetime) -> list[str]:
        """Plates whose time ended before that."""
        rows = self._store.rows("SELECT sealed FROM vehicle WHERE valid_until < ?", before.timestamp())
        return [self._store.keys.open(sealed, _ABOUT).decode() for (sealed,) in rows]

    def reseal(self, tx: sqlite3.Connection, fresh: Keys) -> None:
        """Under fresh keys a plate has another hash and so another pseudonym: who is inside is forgotten."""
        for digest, sealed in tx.execute("SELECT digest, sealed FROM vehicle").fetchall():
            plain = self._store.keys.open(sealed, _ABOUT)
            values = (fresh.digest(_ABOUT, plain.decode()), fresh.seal(plain, _ABOUT), digest)
            tx.execute("UPDATE vehicle SET digest = ?, sealed = ? WHERE digest = ?", values)

    def _vehicle(self, row: tuple[Any, ...]) -> VehicleRow:
        _, sealed, list_name, ref, *admission, _ = row
        plate = self._store.keys.open(sealed, _ABOUT).decode()
        return VehicleRow.model_construct(
            plate=plate, list_name=VehicleList(list_name), ref=ref, **admission_fields(*admission)
        )


def pseudonym(digest: bytes) -> str:
    return f"v-{digest.hex()}"
