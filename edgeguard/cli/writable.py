"""Files that options name: opened before the work begins, so that one that cannot be written is told then."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from edgeguard.errors import ConfigError


def writable(option: str, path: Path | None) -> AbstractContextManager[TextIO | None]:
    """The file, empty, in UTF-8 with plain line ends; nothing where the option is not given. Raises ConfigError."""
    if path is None:
        return nullcontext()
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{option} {path}: {error.strerror}, accepted: a file that can be written") from error
