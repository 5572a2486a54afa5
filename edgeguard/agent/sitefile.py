"""The site file a box was started with, looked at once a second: has it changed, and can it be read?"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from edgeguard.agent.site import SiteConfig, load_site


@dataclass(frozen=True, slots=True)
class _Stamp:
    mtime_ns: int
    size: int
    digest: str


class SiteFile:
    """Raises ConfigError for a file that is wrong, once for each change of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = _stamp(path, None)

    def read(self) -> SiteConfig:
        """What the file says now."""
        return load_site(self.path)

    def changed(self) -> bool:
        """Whether it says something else than when this was asked before; false while there is no file."""
        stamp = _stamp(self.path, self._seen)
        before = self._seen
        self._seen = stamp or before
        return stamp is not None and (before is None or stamp.digest != before.digest)


def _stamp(path: Path, before: _Stamp | None) -> _Stamp | None:
    """None while there is no file: an editor may be putting a new one in its place."""
    try:
        stat = path.stat()
        if before is not None and (stat.st_mtime_ns, stat.st_size) == (before.mtime_ns, before.size):
            return before
        return _Stamp(stat.st_mtime_ns, stat.st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    except OSError:
        return None
