"""An answer that only who asked can read: X25519, HKDF-SHA-256 and AES-256-GCM, a new key for each message.

`sealed` is the sender's 32 bytes of a public key made for this message, then the ciphertext with its tag. Both public
keys go into the derivation, as in RFC 9180 (DHKEM); a key is used once, so the nonce is zero.
"""

import base64
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edgeguard.errors import ContractError

PREFIX: Final = "x25519:"
KEY_BYTES: Final = 32
REPLY_KEY_PATTERN: Final = r"^x25519:[A-Za-z0-9+/]{43}=$"
_DOMAIN: Final = b"edgeguard-reply-v1"
_NONCE: Final = bytes(12)


class ReplyKey:
    """Of who asks. It is worth one answer: throw it away then."""

    def __init__(self, raw: bytes) -> None:
        """`raw`: 32 bytes."""
        self._key = X25519PrivateKey.from_private_bytes(raw)
        self.raw = raw
        self._public = self._key.public_key().public_bytes_raw()
        self.public = PREFIX + base64.b64encode(self._public).decode()

    @classmethod
    def new(cls) -> Self:
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises ContractError where it was sealed to another key, about something else, or changed on its way."""
        sender, body = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(sender))
            return _cipher(shared, sender, self._public).decrypt(_NONCE, body, about.encode())
        except (InvalidTag, ValueError) as error:
            raise ContractError("a sealed answer does not open: another key, or it was changed") from error


def seal(reply_key: str, plain: bytes, about: str) -> bytes:
    """To the public key of who asked; `about` is bound to it. Raises ContractError for what is no key."""
    try:
        receiver = base64.b64decode(reply_key.removeprefix(PREFIX), validate=True)
        ours = X25519PrivateKey.generate()
        shared = ours.exchange(X25519PublicKey.from_public_bytes(receiver))
    except ValueError as error:
        raise ContractError(f"reply_key {reply_key[:20]!r}, accepted: {PREFIX} and 32 bytes in base64") from error
    sender = ours.public_key().public_bytes_raw()
    return sender + _cipher(shared, sender, receiver).encrypt(_NONCE, plain, about.encode())


def _cipher(shared: bytes, sender: bytes, receiver: bytes) -> AESGCM:
    kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=_DOMAIN + sender + receiver)
    return AESGCM(kdf.derive(shared))
