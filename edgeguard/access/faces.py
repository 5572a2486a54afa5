"""Templates: sealed on the disk, in the clear only in memory, and only as long as there is a consent."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edgeguard.access.config import FILING_FACES, GateRules
from edgeguard.access.consents import SCOPE, Consents
from edgeguard.access.keys import Keys
from edgeguard.access.moments import seconds
from edgeguard.access.store import Act, Store
from edgeguard.errors import EnrolmentRefused

# Of one person: with glasses, without; with a beard, without.
MAX_PER_PERSON = 5
INSTEAD = "give some people a card, QR or plate, or let the gate `verify` (1:1) after one of these"


@dataclass(frozen=True, slots=True, eq=False)
class FaceTemplate:
    """`vector` (d,) float32 of length 1; `model`: sha256 of the network that made it."""

    vector: NDArray[np.float32] = field(repr=False)
    model: str


@dataclass(frozen=True, slots=True)
class Filing:
    """How many people have a face on record here, and from how many on the authority wants a filing."""

    faces: int
    limit: int = FILING_FACES

    @property
    def due(self) -> bool:
        return self.faces >= self.limit


class Faces:
    """`box`: site/box, to which every template is bound, with its person and its model."""

    def __init__(self, store: Store, consents: Consents) -> None:
        self._store = store
        self._consents = consents
        self._box = f"{store.site}/{store.box}"

    def version(self) -> int:
        """Changes with every template that comes or goes, whichever process did it."""
        return self._store.number("faces_version")

    def enrol(
        self, ref: str, template: FaceTemplate, act: Act, *, same_from: float, searched: Sequence[tuple[str, int]] = (),
        twin: bool = False, filed: bool = False,
    ) -> None:  # fmt: skip
        """Keep a template. Raises EnrolmentRefused with the reason where it may not be kept.

        `same_from`: cosine from which two templates are one person; `searched`: gates that look among all of theirs
        (1:N) and how many templates each bears; `twin`: whoever looks the same is known to be somebody else.
        """
        with self._store.writing() as tx:
            self.require_consent(ref, act.at)
            self._refuse_many(ref)
            if not twin:
                self._refuse_another(ref, template, same_from)
            self._refuse_full(ref, template.model, searched, act.at)
            self._refuse_unfiled(ref, filed=filed)
            sealed = self._store.keys.seal(template.vector.astype("<f4").tobytes(), self._about(ref, template.model))
            tx.execute("INSERT INTO face VALUES (NULL, ?, ?, ?, ?)", (ref, template.model, sealed, act.at_s))
            self._store.count_up(tx, "faces_version")
            self._store.note(tx, act, "face_enrolled", ref, f"model {template.model:.12}")

    def of(self, ref: str, at: datetime) -> list[FaceTemplate]:
        """All of one person, for 1:1; none without a consent."""
        return [template for _, template in self._select(at, "AND face.ref = ?", ref)]

    def all(self, at: datetime, model: str | None = None) -> list[tuple[str, FaceTemplate]]:
        """Of everybody with a consent; of one model, where one is given."""
        return self._select(at, "" if model is None else "AND model = ?", *([] if model is None else [model]))

    def of_gate(self, gate: str, at: datetime, model: str) -> list[tuple[str, FaceTemplate]]:
        """(ref, template) of those whom the gate may admit, now or later."""
        admitted = "AND model = ? AND (person.gates = '' OR instr(' ' || person.gates || ' ', ?) > 0)"
        over = "AND ifnull(person.valid_until, 1 << 60) > ?"
        return self._select(at, f"{admitted} {over}", model, f" {gate} ", seconds(at))

    def counted(self, ref: str) -> list[tuple[str, int]]:
        """(model, Unix seconds of enrolment) of each template of a person: all that is ever told of one."""
        return self._store.rows("SELECT model, enrolled_s FROM face WHERE ref = ? ORDER BY id", ref)

    def enrolled(self, at: datetime) -> set[str]:
        """Who has a template and a consent; nothing is opened for it."""
        sql = f"SELECT DISTINCT ref FROM face WHERE ref IN ({_CONSENTING})"  # noqa: S608 - own text
        return {ref for (ref,) in self._store.rows(sql, *_held(at))}

    def filing(self) -> Filing:
        return Filing(int(self._store.rows("SELECT count(DISTINCT ref) FROM face")[0][0]))

    def drop_unconsented(self, act: Act) -> int:
        """Remove the templates whose consent is over; returns how many."""
        with self._store.writing() as tx:
            sql = f"SELECT DISTINCT ref FROM face WHERE ref NOT IN ({_CONSENTING})"  # noqa: S608 - own text
            rows = tx.execute(sql, _held(act.at)).fetchall()
            gone = 0
            for (ref,) in rows:
                removed = tx.execute("DELETE FROM face WHERE ref = ?", (ref,)).rowcount
                self._store.note(tx, act, "consent_over", ref, f"{removed} templates removed")
                gone += removed
            if gone:
                self._store.count_up(tx, "faces_version")
        if gone:
            self._store.wipe()
        return gone

    def reseal(self, tx: sqlite3.Connection, fresh: Keys) -> None:
        for row, ref, model, sealed in tx.execute("SELECT id, ref, model, sealed FROM face").fetchall():
            about = self._about(ref, model)
            tx.execute(
                "UPDATE face SET sealed = ? WHERE id = ?",
                (fresh.seal(self._store.keys.open(sealed, about), about), row),
            )

    def require_consent(self, ref: str, at: datetime) -> None:
        """Before anybody looks at the face. Raises EnrolmentRefused where there is none that holds."""
        if not self._store.rows("SELECT 1 FROM person WHERE ref = ?", ref):
            raise EnrolmentRefused(f"nobody is listed as {ref!r}, accepted: a ref of `edgeguard people list`")
        if not self._consents.holds(ref, at):
            raise EnrolmentRefused(f"{ref} has given no consent that holds; first: edgeguard people consent {ref}")

    def _refuse_many(self, ref: str) -> None:
        kept = self._store.rows("SELECT count(*) FROM face WHERE ref = ?", ref)[0][0]
        if kept >= MAX_PER_PERSON:
            raise EnrolmentRefused(f"{ref} has {kept} templates, accepted: at most {MAX_PER_PERSON}")

    def _refuse_another(self, ref: str, template: FaceTemplate, same_from: float) -> None:
        others = [(other, one.vector) for other, one in self.all_stored(template.model) if other != ref]
        if not others:
            return
        similarities = np.stack([vector for _, vector in others]) @ template.vector
        nearest = int(similarities.argmax())
        if similarities[nearest] >= same_from:
            raise EnrolmentRefused(
                f"this face is enrolled as {others[nearest][0]} already (similarity {similarities[nearest]:.2f}, one"
                f" person from {same_from:.2f}); for a twin: --twin"
            )

    def all_stored(self, model: str) -> Iterable[tuple[str, FaceTemplate]]:
        for ref, sealed in self._store.rows("SELECT ref, sealed FROM face WHERE model = ?", model):
            yield ref, self._opened(ref, model, sealed)

    def _refuse_full(self, ref: str, model: str, searched: Sequence[tuple[str, int]], at: datetime) -> None:
        for gate, most in searched:
            there = len(self.of_gate(gate, at, model))
            if there >= most and self._admits(gate, ref):
                raise EnrolmentRefused(f"gate {gate} has {there} templates, accepted: at most {most} (1:N); {INSTEAD}")

    def _admits(self, gate: str, ref: str) -> bool:
        gates = str(self._store.rows("SELECT gates FROM person WHERE ref = ?", ref)[0][0]).split()
        return not gates or gate in gates

    def _refuse_unfiled(self, ref: str, *, filed: bool) -> None:
        faces = self.filing().faces + (not self.counted(ref))
        if faces >= FILING_FACES and not filed:
            raise EnrolmentRefused(f"this would be face {faces:,}: from {FILING_FACES:,} on, a filing (access.filing)")

    def _select(self, at: datetime, more: str, *values: object) -> list[tuple[str, FaceTemplate]]:
        columns = "SELECT face.ref, model, sealed FROM face JOIN person ON person.ref = face.ref"
        sql = f"{columns} WHERE face.ref IN ({_CONSENTING}) {more} ORDER BY face.id"
        rows = self._store.rows(sql, *_held(at), *values)
        return [(ref, self._opened(ref, model, sealed)) for ref, model, sealed in rows]

    def _opened(self, ref: str, model: str, sealed: bytes) -> FaceTemplate:
        vector = np.frombuffer(self._store.keys.open(sealed, self._about(ref, model)), "<f4").astype(np.float32)
        vector.flags.writeable = False
        return FaceTemplate(vector, model)

    def _about(self, ref: str, model: str) -> str:
        return f"face\0{ref}\0{self._box}\0{model}"


_CONSENTING = "SELECT ref FROM consent WHERE scope = ? AND withdrawn_s IS NULL AND given_s <= ? AND expires_s > ?"


def _held(at: datetime) -> tuple[str, int, int]:
    return SCOPE, seconds(at), seconds(at)


def searched_gates(gates: Iterable[GateRules], most: int) -> list[tuple[str, int]]:
    """The gates that look among all of their templates, with how many each bears."""
    return [(gate.id, most) for gate in gates if "face" in gate.means and gate.face == "search"]
