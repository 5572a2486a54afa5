"""Files that are whole or not there, whatever happens while they are written."""

import os
from pathlib import Path

HALF = ".part"


def write_durably(path: Path, data: bytes) -> None:
    """Beside its name first, on the disk, then renamed; a half goes. Raises OSError."""
    half = path.with_name(path.name + HALF)
    try:
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        sync_folder(path.parent)
    except OSError:
        half.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk when this returns. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
