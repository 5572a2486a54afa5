"""A visitor's pass: a signed text in a QR code, for some gates and a short time, used once or a few times.

`EG1` and base32 of body and Ed25519 signature. Body: id (8 bytes), from and until (Unix seconds, 4 bytes each), uses
(1 byte), names of the gates with commas between, and for a listed person a zero byte and their ref. The site is signed
too and not written: another site's pass is none.
"""

import base64
import binascii
import secrets
import sqlite3
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edgeguard.access.moments import moment, seconds
from edgeguard.access.store import Act, Store
from edgeguard.errors import DirectoryError

LONGEST = timedelta(days=7)
MAX_USES = 20
_PREFIX = "EG1"
_HEAD = struct.Struct(">8sIIB")
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Pass:
    """`id` stands in the audit and revokes it; `gates`: where it opens; `ref`: whose it is, where they are listed."""

    id: str
    valid_from: datetime
    valid_until: datetime
    uses: int
    gates: tuple[str, ...]
    ref: str | None = None

    @property
    def subject(self) -> str:
        """As events and the audit call its bearer."""
        return f"pass-{self.id}"


class PassState(StrEnum):
    """What has become of a pass so far."""

    FRESH = "fresh"
    USED_UP = "used_up"
    REVOKED = "revoked"


class Passes:
    """Made with the box's own key; read with it, and with `trusted`: raw public keys of who else may make them."""

    def __init__(self, store: Store, trusted: Sequence[bytes] = ()) -> None:
        self._store = store
        self._trusted = tuple(trusted)

    @property
    def public_key(self) -> bytes:
        """(32,) raw, for another box of the site to trust."""
        return self._store.keys.pass_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def make(
        self,
        gates: Sequence[str],
        valid_from: datetime,
        valid_until: datetime,
        uses: int,
        act: Act,
        ref: str | None = None,
    ) -> tuple[Pass, str]:
        """The pass and its text; `ref`: of a listed person, whose face may follow it.

        Raises DirectoryError for a window or number of uses out of bounds.
        """
        _check(gates, valid_from, valid_until, uses, act.at)
        nonce = secrets.token_bytes(8)
        body = _HEAD.pack(nonce, seconds(valid_from), seconds(valid_until), uses) + _named(gates, ref)
        made = Pass(nonce.hex(), moment(seconds(valid_from)), moment(seconds(valid_until)), uses, tuple(gates), ref)
        with self._store.writing() as tx:
            whose = f" for {ref}" if ref else ""
            detail = f"{','.join(gates)}{whose}, until {made.valid_until:%Y-%m-%dT%H:%M:%SZ}, {uses} uses"
            self._store.note(tx, act, "pass_made", made.subject, detail)
        signed = body + self._store.keys.pass_key.sign(self._signed(body))
        return made, _PREFIX + base64.b32encode(signed).decode().rstrip("=")

    def read(self, text: str) -> Pass | None:
        """The pass that a text is, whatever its time; None: none of this site, or changed."""
        signed = _decoded(text)
        if signed is None:
            return None
        body, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
        if not any(self._verified(key, signature, body) for key in (self.public_key, *self._trusted)):
            return None
        nonce, from_s, until_s, uses = _HEAD.unpack_from(body)
        gates, _, ref = body[_HEAD.size :].decode().partition("\0")
        return Pass(nonce.hex(), moment(from_s), moment(until_s), uses, tuple(gates.split(",")), ref or None)

    def use(self, one: Pass) -> PassState:
        """Take one use of it, for good: also after a restart; FRESH: there was one left."""
        with self._store.writing() as tx:
            row = tx.execute("SELECT used, revoked FROM pass WHERE id = ?", (bytes.fromhex(one.id),)).fetchone()
            used, revoked = row or (0, 0)
            if revoked:
                return PassState.REVOKED
            if used >= one.uses:
                return PassState.USED_UP
            self._write(tx, one.id, used + 1, revoked=False, until_s=seconds(one.valid_until))
            return PassState.FRESH

    def revoke(self, pass_id: str, act: Act) -> None:
        """It opens nothing any more. Raises DirectoryError for what is no id of a pass."""
        try:
            known = len(bytes.fromhex(pass_id)) == 8
        except ValueError:
            known = False
        if not known:
            raise DirectoryError(f"pass {pass_id!r}, accepted: the 16 hex digits that `edgeguard visitor pass` tells")
        with self._store.writing() as tx:
            # Its end is not known here; none lasts longer than this.
            self._write(tx, pass_id, 0, revoked=True, until_s=seconds(act.at + LONGEST + LONGEST))
            self._store.note(tx, act, "pass_revoked", f"pass-{pass_id}")

    def forget(self, tx: sqlite3.Connection, at: datetime) -> None:
        """Uses of passes that are over by more than a day."""
        tx.execute("DELETE FROM pass WHERE until_s < ?", (seconds(at - timedelta(days=1)),))

    @staticmethod
    def _write(tx: sqlite3.Connection, pass_id: str, used: int, *, revoked: bool, until_s: int) -> None:
        tx.execute("INSERT OR REPLACE INTO pass VALUES (?, ?, ?, ?)", (bytes.fromhex(pass_id), used, revoked, until_s))

    def _signed(self, body: bytes) -> bytes:
        return f"edgeguard pass 1\0{self._store.site}\0".encode() + body

    def _verified(self, key: bytes, signature: bytes, body: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, self._signed(body))
        except (InvalidSignature, ValueError):
            return False
        return True


def _named(gates: Sequence[str], ref: str | None) -> bytes:
    return "\0".join((",".join(gates), *([] if ref is None else [ref]))).encode()


def _check(gates: Sequence[str], valid_from: datetime, valid_until: datetime, uses: int, now: datetime) -> None:
    if not gates:
        raise DirectoryError("a pass for no gate, accepted: one or more")
    if not 1 <= uses <= MAX_USES:
        raise DirectoryError(f"{uses} uses, accepted: 1 to {MAX_USES}")
    if not valid_from < valid_until or valid_until <= now:
        raise DirectoryError(
            f"a pass from {valid_from} until {valid_until}, accepted: one that ends later than it begins and now"
        )
    if valid_until - valid_from > LONGEST:
        raise DirectoryError(f"a pass for {valid_until - valid_from}, accepted: at most {LONGEST.days} days")


def _decoded(text: str) -> bytes | None:
    """Body and signature; None for whatever else a code may hold."""
    if not text.startswith(_PREFIX) or len(text) > 600:
        return None
    letters = text[len(_PREFIX) :]
    try:
        signed = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        return None
    return signed if len(signed) > _HEAD.size + _SIGNATURE_BYTES else None
