"""The key of a directory, in a file outside of its database, and what is derived from it."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edgeguard.durable import sync_folder
from edgeguard.errors import DirectoryError

KEY_BYTES = 32
_NONCE_BYTES = 12
_DIGEST_BYTES = 16
# Nobody but its owner reads or writes a key.
_MODE = 0o600
_OTHERS = 0o077


class Keys:
    """AES-256-GCM, HMAC-SHA-256 and Ed25519, each with a key of its own (HKDF-SHA-256, RFC 5869)."""

    def __init__(self, master: bytes) -> None:
        self._aead = AESGCM(_derived(master, "seal"))
        self._mac = _derived(master, "digest")
        self.pass_key = Ed25519PrivateKey.from_private_bytes(_derived(master, "visitor pass"))

    def seal(self, plain: bytes, about: str) -> bytes:
        """Nonce and ciphertext. `about` is bound to it: under any other it does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises DirectoryError where key, `about` or a byte of it is not the same."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise DirectoryError("a sealed entry does not open: another key, or it was changed or moved") from error

    def digest(self, what: str, value: str) -> bytes:
        """(16,) to look a value up by without its being written anywhere; `what` keeps cards and plates apart."""
        return hmac.digest(self._mac, f"{what}\0{value}".encode(), hashlib.sha256)[:_DIGEST_BYTES]


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def read_key(path: Path) -> bytes:
    """Of a file with 64 hex digits that only its owner may read. Raises DirectoryError."""
    accepted = f"a file of {2 * KEY_BYTES} hex digits with mode 0600"
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise DirectoryError(f"key {path}: {error.strerror}, accepted: {accepted}") from error
    if mode & _OTHERS:
        raise DirectoryError(f"key {path}: has mode {mode & 0o777:04o}, accepted: {accepted} (chmod 600 {path})")
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise DirectoryError(f"key {path}: {len(text)} bytes that are no hex digits, accepted: {accepted}") from error
    if len(key) != KEY_BYTES:
        raise DirectoryError(f"key {path}: {len(key)} bytes, accepted: {accepted}")
    return key


def write_key(path: Path, key: bytes) -> None:
    """A new file, on the disk when this returns; one that is there is never written over. Raises DirectoryError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            os.write(handle, key.hex().encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(path.parent)
    except OSError as error:
        raise DirectoryError(f"key {path}: cannot be made ({error.strerror})") from error


def _derived(master: bytes, purpose: str) -> bytes:
    info = b"edgeguard access 1: " + purpose.encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)
