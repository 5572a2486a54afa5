"""Who did what to what, for the rows that belong to no other change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from edgeguard import audit as chain
from edgeguard.center import rows
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339

# A player fetches a clip in many pieces: that is one look at it.
SAME_LOOK: Final = timedelta(minutes=5)
MAX_LOOKS: Final = 10_000


class Audit:
    """Rows are only ever added. Raises StoreError."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._db = database
        self._now = now
        self._looks: dict[tuple[str, str, str], datetime] = {}

    def note(self, who: str, action: str, subject: str, detail: str) -> None:
        with self._db.writing() as tx:
            rows.audit(tx, rfc3339(self._now()), who, action, subject, detail)

    def looked(self, who: str, subject: str, name: str) -> None:
        """Somebody opened a piece of evidence; pieces of the same look are counted once."""
        key, now = (who, subject, name), self._now()
        last = self._looks.pop(key, None)
        self._looks[key] = now
        if len(self._looks) > MAX_LOOKS:
            del self._looks[next(iter(self._looks))]
        if last is None or now - last > SAME_LOOK:
            self.note(who, "evidence", subject, name)


class Trail:
    """All of them, to read and to verify. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def rows(self, limit: int) -> list[chain.Row]:
        """The newest first; after the chain's first row those from before there was one."""
        with self._db.writing() as tx:
            found = chain.rows(tx, limit=limit)
            left = -1 if limit < 0 else limit - len(found)
            before = tx.execute(
                "SELECT id, at, who, action, subject, detail FROM audit_before ORDER BY id DESC LIMIT ?", (left,)
            )
            return [*found, *(chain.Row(*row) for row in before)]

    def verify(self) -> chain.Verified:
        with self._db.writing() as tx:
            return chain.verify(tx)

    def holds(self, row: chain.Head) -> bool:
        with self._db.writing() as tx:
            return chain.holds(tx, row)
