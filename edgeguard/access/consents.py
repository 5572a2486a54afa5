"""Consents to a face: who was told what, where, by whom, until when. Without one there is no template."""

import sqlite3
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from edgeguard.access.keys import Keys
from edgeguard.access.moments import maybe_moment, moment, seconds
from edgeguard.access.store import Act, Store
from edgeguard.contract.base import Order, Sha256, Text, Timestamp, Word
from edgeguard.errors import DirectoryError

SCOPE = "face_at_gate"


class Consent(Order):
    """`notice`: SHA-256 of the text that was shown; `channel`: paper, desk, app ...; `operator`: who took it.

    `under_14`: a guardian consents (`guardian`: who, sealed on the box). `withdrawn_at`: it has ended.
    """

    ref: str
    notice: Sha256
    channel: Word
    operator: Annotated[Text, StringConstraints(min_length=1)]
    scope: Word = SCOPE
    given_at: Timestamp
    expires_at: Timestamp
    under_14: bool = False
    guardian: Text | None = Field(default=None, repr=False)
    withdrawn_at: Timestamp | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.expires_at <= self.given_at:
            raise ValueError(f"expires_at {self.expires_at} must be later than given_at {self.given_at}")
        if self.under_14 and not self.guardian:
            raise ValueError("under 14 a guardian consents: guardian is required")
        return self

    def holds(self, at: datetime) -> bool:
        return self.scope == SCOPE and self.withdrawn_at is None and self.given_at <= at < self.expires_at


class Consents:
    """Rows are added and ended, never changed; they outlive the template as proof."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, consent: Consent, act: Act) -> None:
        """Raises DirectoryError where nobody has that pseudonym, or it is over already."""
        if consent.expires_at <= act.at:
            raise DirectoryError(f"a consent until {consent.expires_at}, accepted: one that is not over yet")
        guardian = None
        if consent.guardian:
            guardian = self._store.keys.seal(consent.guardian.encode(), _about(consent.ref))
        with self._store.writing() as tx:
            if tx.execute("SELECT 1 FROM person WHERE ref = ?", (consent.ref,)).fetchone() is None:
                raise DirectoryError(f"nobody is listed as {consent.ref!r}, accepted: a ref of `edgeguard people list`")
            tx.execute(
                "INSERT INTO consent VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (consent.ref, consent.notice, consent.channel, consent.operator, consent.scope,
                 seconds(consent.given_at), seconds(consent.expires_at), consent.under_14, guardian),
            )  # fmt: skip
            self._store.note(tx, act, "consent_given", consent.ref, f"{consent.scope} {consent.channel}")

    def of(self, ref: str) -> list[Consent]:
        """All there were, oldest first."""
        rows = self._store.rows("SELECT * FROM consent WHERE ref = ? ORDER BY id", ref)
        return [self._consent(row) for row in rows]

    def holds(self, ref: str, at: datetime) -> bool:
        """Whether there is a consent to a face that is neither over nor withdrawn."""
        return any(consent.holds(at) for consent in self.of(ref))

    def withdraw(self, ref: str, act: Act) -> int:
        """End every consent, and with it remove the templates at once; cards, PIN and plates stay. Returns templates.

        Raises DirectoryError where there is nothing to withdraw.
        """
        with self._store.writing() as tx:
            ended = tx.execute(
                "UPDATE consent SET withdrawn_s = ? WHERE ref = ? AND withdrawn_s IS NULL", (act.at_s, ref)
            ).rowcount
            gone = tx.execute("DELETE FROM face WHERE ref = ?", (ref,)).rowcount
            if not ended and not gone:
                raise DirectoryError(f"{ref!r} has given no consent that could be withdrawn")
            self._store.count_up(tx, "faces_version")
            self._store.note(tx, act, "consent_withdrawn", ref, f"{gone} templates removed")
        self._store.wipe()
        return gone

    def forget(self, tx: sqlite3.Connection, before_s: int) -> int:
        """Delete the proofs of consents that ended before that."""
        ended = "min(expires_s, ifnull(withdrawn_s, expires_s)) < ?"
        return tx.execute(f"DELETE FROM consent WHERE {ended}", (before_s,)).rowcount  # noqa: S608 - own text

    def reseal(self, tx: sqlite3.Connection, fresh: Keys) -> None:
        for row, ref, guardian in tx.execute(
            "SELECT id, ref, guardian FROM consent WHERE guardian IS NOT NULL"
        ).fetchall():
            sealed = fresh.seal(self._store.keys.open(guardian, _about(ref)), _about(ref))
            tx.execute("UPDATE consent SET guardian = ? WHERE id = ?", (sealed, row))

    def _consent(self, row: tuple[Any, ...]) -> Consent:
        _, ref, notice, channel, operator, scope, given_s, expires_s, under_14, guardian, withdrawn_s = row
        told = None if guardian is None else self._store.keys.open(guardian, _about(ref)).decode()
        return Consent(
            ref=ref, notice=notice, channel=channel, operator=operator, scope=scope, given_at=moment(given_s),
            expires_at=moment(expires_s), under_14=bool(under_14), guardian=told,
            withdrawn_at=maybe_moment(withdrawn_s),
        )  # fmt: skip


def _about(ref: str) -> str:
    return f"guardian\0{ref}"
