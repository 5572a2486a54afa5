"""Signatures of the commands that open, release or change lists or configuration: Ed25519 over the exact text.

What is signed is `edgeguard-command-v1`, the topic and the command's JSON as it was sent, one after the other with a
line feed between: nothing has to be written anew the same way to be verified, and a command for one box or of one name
is worth nothing at another (docs/adr/0009).
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edgeguard.contract.commands import Command, SignedOrder
from edgeguard.errors import ContractError

PREFIX = "ed25519:"
KEY_BYTES = 32
_DOMAIN = b"edgeguard-command-v1"


class VerifyKey:
    """A center's public key, as it is pinned in site files: `ed25519:` and 32 bytes in base64."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.text = PREFIX + base64.b64encode(raw).decode()
        # Enough to tell a handful of keys apart; nothing rests on it.
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Raise ValueError for anything else than a public key."""
        try:
            raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except ValueError:
            raw = b""
        if not text.startswith(PREFIX) or len(raw) != KEY_BYTES:
            raise ValueError(f"{PREFIX} and 44 characters of base64, as `edgeguard center keys` shows")
        return cls(raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A center's private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.public = VerifyKey(raw)

    @classmethod
    def new(cls) -> Self:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of_seed(cls, seed: bytes) -> Self:
        """32 bytes, always the same key: for examples."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def of_pem(cls, pem: bytes) -> Self:
        """Raise ValueError for anything else than an unencrypted Ed25519 key in PKCS #8."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except TypeError as error:
            raise ValueError("a key without a passphrase") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("a private Ed25519 key in PEM")  # noqa: TRY004 - the file is wrong, not the program
        return cls(key)

    def pem(self) -> bytes:
        """PKCS #8, not encrypted: the file's mode protects it."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, topic: str, command: Command) -> SignedOrder:
        """The command as it travels on this topic, and on no other."""
        text = command.to_json().decode()
        signature = base64.b64encode(self._key.sign(_signed_bytes(topic, text))).decode()
        return SignedOrder(key_id=self.public.key_id, signature=signature, command=text)


class Keyring:
    """The public keys a box trusts; more than one while a center changes its key."""

    def __init__(self, keys: Sequence[VerifyKey] = ()) -> None:
        self._keys = {key.key_id: key for key in keys}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def opened(self, topic: str, order: SignedOrder) -> bytes:
        """The command's JSON; raises ContractError where none of the keys has signed it for this topic."""
        key = self._keys.get(order.key_id)
        if key is None:
            raise ContractError(
                f"signed with key {order.key_id}, accepted: {', '.join(self._keys) or 'none is pinned'}"
            )
        if not key.verifies(base64.b64decode(order.signature), _signed_bytes(topic, order.command)):
            raise ContractError(f"the signature is not that of key {order.key_id} over this command and this topic")
        return order.command.encode()


def _signed_bytes(topic: str, text: str) -> bytes:
    """A topic has no line feed, so the parts cannot be moved against each other."""
    try:
        return b"\n".join((_DOMAIN, topic.encode(), text.encode()))
    except UnicodeEncodeError as error:
        raise ContractError("the command is no UTF-8") from error
