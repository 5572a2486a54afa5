"""Cards and PINs. A card's number is found by its keyed hash, a PIN is only ever compared (scrypt)."""

import hashlib
import hmac
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from edgeguard.access.keys import Keys
from edgeguard.access.moments import seconds
from edgeguard.access.store import Act, Store
from edgeguard.errors import DirectoryError

PIN_DIGITS = (6, 12)
# RFC 7914 with N = 2^14, r = 8: 16 MB and about 50 ms a try.
_SCRYPT: Final[dict[str, Any]] = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
# Five wrong ones in a row lock a number, for twice as long each time; a gate, over all numbers, later and not longer.
NUMBER_TRIES, GATE_TRIES = 5, 20
LOCK_S, LONGEST_LOCK_S = 60, 24 * 3600
GATE_LOCK_S = 300
# After so long without a wrong one, counting begins anew.
NUMBER_FORGET_S, GATE_FORGET_S = 24 * 3600, 600


@dataclass(frozen=True, slots=True)
class PinAnswer:
    """`ref`: whose it is, None: wrong; `locked`: nothing was compared."""

    ref: str | None
    locked: bool = False


def normal_card(number: str) -> str:
    """Digits or hexadecimal without separators, in capitals. Raises DirectoryError."""
    normal = re.sub(r"[\s:-]", "", number).upper()
    if not re.fullmatch(r"[0-9A-F]{4,40}", normal):
        raise DirectoryError(f"card number of {len(normal)} characters, accepted: 4 to 40 digits or hexadecimal")
    return normal


class Credentials:
    """What opens besides a face. Changes are audited, numbers never are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_card(self, ref: str, number: str, act: Act) -> bool:
        """False: it was theirs already. Raises DirectoryError where it is somebody else's."""
        normal = normal_card(number)
        digest = self._store.keys.digest("card", normal)
        with self._store.writing() as tx:
            self._check_ref(tx, ref)
            owner = tx.execute("SELECT ref FROM card WHERE digest = ?", (digest,)).fetchone()
            if owner is not None and owner[0] != ref:
                raise DirectoryError(f"this card belongs to {owner[0]}, accepted: a card of nobody")
            if owner is None:
                sealed = self._store.keys.seal(normal.encode(), _about("card", ref))
                tx.execute("INSERT INTO card VALUES (?, ?, ?)", (digest, ref, sealed))
                self._store.note(tx, act, "card_added", ref)
            return owner is None

    def remove_card(self, number: str, act: Act) -> str:
        """Returns whose it was; raises DirectoryError where it is nobody's."""
        with self._store.writing() as tx:
            digest = self._store.keys.digest("card", normal_card(number))
            owner = tx.execute("DELETE FROM card WHERE digest = ? RETURNING ref", (digest,)).fetchone()
            if owner is None:
                raise DirectoryError("this card belongs to nobody, accepted: a card of `edgeguard people show`")
            self._store.note(tx, act, "card_removed", owner[0])
            return str(owner[0])

    def owner(self, number: str) -> str | None:
        """Whose card it is; None: nobody's, or no card number at all."""
        try:
            digest = self._store.keys.digest("card", normal_card(number))
        except DirectoryError:
            return None
        found = self._store.rows("SELECT ref FROM card WHERE digest = ?", digest)
        return found[0][0] if found else None

    def cards(self, ref: str) -> list[str]:
        rows = self._store.rows("SELECT sealed FROM card WHERE ref = ? ORDER BY rowid", ref)
        return [self._store.keys.open(sealed, _about("card", ref)).decode() for (sealed,) in rows]

    def set_pin(self, ref: str, number: str, pin: str, act: Act) -> None:
        """`number`: what is typed before the PIN; one person may have one. Raises DirectoryError."""
        _check_pin(number, pin)
        salt = secrets.token_bytes(16)
        digest = self._store.keys.digest("pin", number)
        with self._store.writing() as tx:
            self._check_ref(tx, ref)
            owner = tx.execute("SELECT ref FROM pin WHERE digest = ?", (digest,)).fetchone()
            if owner is not None and owner[0] != ref:
                raise DirectoryError(f"number {number} belongs to {owner[0]}, accepted: a number of nobody")
            tx.execute("DELETE FROM pin WHERE ref = ?", (ref,))
            sealed = self._store.keys.seal(number.encode(), _about("pin", ref))
            tx.execute("INSERT INTO pin VALUES (?, ?, ?, ?, ?)", (digest, ref, sealed, salt, _hash(pin, salt)))
            self._store.note(tx, act, "pin_set", ref)

    def pin_number(self, ref: str) -> str | None:
        found = self._store.rows("SELECT sealed FROM pin WHERE ref = ?", ref)
        return self._store.keys.open(found[0][0], _about("pin", ref)).decode() if found else None

    def owner_of_number(self, number: str) -> str | None:
        """Who types this number before a PIN; None: nobody. It proves nothing."""
        found = self._store.rows("SELECT ref FROM pin WHERE digest = ?", self._store.keys.digest("pin", number))
        return found[0][0] if found else None

    def try_pin(self, number: str, pin: str, gate: str, at: datetime) -> PinAnswer:
        """Compare; wrong ones are counted by number and by gate, also over a restart, and lock both for a while."""
        digest = self._store.keys.digest("pin", number)
        subjects = (f"number {digest.hex()}", f"gate {gate}")
        with self._store.writing() as tx:
            if any(_locked(tx, subject, seconds(at)) for subject in subjects):
                return PinAnswer(None, locked=True)
            found = tx.execute("SELECT ref, salt, hash FROM pin WHERE digest = ?", (digest,)).fetchone()
            # An unknown number takes as long as a wrong PIN.
            ref, salt, expected = found or (None, bytes(16), bytes(32))
            if ref is not None and hmac.compare_digest(_hash(pin, salt), expected):
                tx.execute("DELETE FROM attempt WHERE subject IN (?, ?)", subjects)
                return PinAnswer(ref)
            if ref is None:
                _hash(pin, salt)
            for subject in subjects:
                _count(tx, subject, seconds(at))
            return PinAnswer(None)

    def forget_attempts(self, tx: sqlite3.Connection, at: datetime) -> None:
        before_s = seconds(at - timedelta(seconds=NUMBER_FORGET_S))
        tx.execute("DELETE FROM attempt WHERE max(last_s, locked_until_s) < ?", (before_s,))

    def reseal(self, tx: sqlite3.Connection, fresh: Keys) -> None:
        """Cards and numbers are found by a keyed hash: under fresh keys it is another one."""
        for kind in ("card", "pin"):
            for digest, ref, sealed in tx.execute(f"SELECT digest, ref, sealed FROM {kind}").fetchall():  # noqa: S608
                plain = self._store.keys.open(sealed, _about(kind, ref))
                values = (fresh.digest(kind, plain.decode()), fresh.seal(plain, _about(kind, ref)), digest)
                tx.execute(f"UPDATE {kind} SET digest = ?, sealed = ? WHERE digest = ?", values)  # noqa: S608
        tx.execute("DELETE FROM attempt")

    def _check_ref(self, tx: sqlite3.Connection, ref: str) -> None:
        if tx.execute("SELECT 1 FROM person WHERE ref = ?", (ref,)).fetchone() is None:
            raise DirectoryError(f"nobody is listed as {ref!r}, accepted: a ref of `edgeguard people list`")


def _check_pin(number: str, pin: str) -> None:
    least, most = PIN_DIGITS
    if not re.fullmatch(r"[0-9]{1,12}", number):
        raise DirectoryError(f"number {number!r}, accepted: 1 to 12 digits, typed before the PIN")
    if not re.fullmatch(rf"[0-9]{{{least},{most}}}", pin):
        raise DirectoryError(f"a PIN of {len(pin)} characters, accepted: {least} to {most} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise DirectoryError("a PIN of equal or consecutive digits, accepted: one that is not guessed first")


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, maxmem=64 * 1024 * 1024, **_SCRYPT)


def _locked(tx: sqlite3.Connection, subject: str, at_s: int) -> bool:
    return (
        tx.execute("SELECT 1 FROM attempt WHERE subject = ? AND locked_until_s > ?", (subject, at_s)).fetchone()
        is not None
    )


def _count(tx: sqlite3.Connection, subject: str, at_s: int) -> None:
    by_number = subject.startswith("number")
    tries, forget_s = (NUMBER_TRIES, NUMBER_FORGET_S) if by_number else (GATE_TRIES, GATE_FORGET_S)
    row = tx.execute(
        "SELECT failures, max(last_s, locked_until_s) FROM attempt WHERE subject = ?", (subject,)
    ).fetchone()
    failures = 1 if row is None or at_s - row[1] > forget_s else row[0] + 1
    lock_s = 0
    if failures >= tries:
        lock_s = min(LOCK_S << min(failures - tries, 12), LONGEST_LOCK_S) if by_number else GATE_LOCK_S
    tx.execute("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?)", (subject, failures, at_s, at_s + lock_s))


def _about(kind: str, ref: str) -> str:
    return f"{kind}\0{ref}"
