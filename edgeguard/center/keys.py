"""The key with which the center signs commands that open, release or change: a file that only it may read."""

import os
import stat
from pathlib import Path
from typing import Final

from edgeguard.contract.signing import SigningKey
from edgeguard.errors import CenterError

NAME: Final = "signing-key.pem"
NEXT: Final = "signing-key.next.pem"
OWNER_ONLY: Final = 0o600


class KeyFile:
    """In the center's data folder. `name`: the key in use, or the one that is to follow it."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self.path = folder / name

    def read(self) -> SigningKey | None:
        """None: there is none. Raises CenterError for a file others can read, or that is no key."""
        try:
            mode = self.path.stat().st_mode
            pem = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CenterError(f"{self.path}: cannot be read ({error.strerror})") from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CenterError(f"{self.path}: met mode {stat.S_IMODE(mode):03o}, accepted: 600; others may have read it")
        try:
            return SigningKey.of_pem(pem)
        except ValueError as error:
            raise CenterError(f"{self.path}: is no private Ed25519 key in PEM without a passphrase") from error

    def make(self) -> SigningKey:
        """A new key, durable when this returns; never over one that is there. Raises CenterError."""
        key = SigningKey.new()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except FileExistsError as error:
            raise CenterError(f"{self.path}: is there already, and is not written over") from error
        except OSError as error:
            raise CenterError(f"{self.path}: cannot be written ({error.strerror})") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.pem())
            file.flush()
            os.fsync(file.fileno())
        return key


def rotate(folder: Path) -> SigningKey:
    """Go over to the next key; raises CenterError where there is none. The old one is gone."""
    following = KeyFile(folder, NEXT)
    key = following.read()
    if key is None:
        raise CenterError(f"{following.path}: there is no next key, make one first: edgeguard center keys new --next")
    following.path.replace(folder / NAME)
    return key
