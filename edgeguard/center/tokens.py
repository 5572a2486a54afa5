"""One bearer token per box for its uploads: shown once, kept as a hash, replaced or revoked at any time."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edgeguard.center import rows
from edgeguard.center.accounts import digest
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339
from edgeguard.contract.topics import checked_segment

# Tells what a string is for when it is found somewhere it should not be.
PREFIX: Final = "egbox_"
# The last use is written at most this often.
USED_EVERY: Final = timedelta(hours=1)
TERMINAL: Final = "terminal"


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A box that may upload; the token itself is known to nobody here."""

    site: str
    box: str
    created_at: datetime
    used_at: datetime | None


class BoxTokens:
    """Raises StoreError, and ContractError for a name that no box can have."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._db = database
        self._now = now

    def issue(self, site: str, box: str) -> str:
        """A new token; an older one of this box is void from now on."""
        checked_segment("site", site)
        checked_segment("box", box)
        token = PREFIX + secrets.token_urlsafe(32)
        at = rfc3339(self._now())
        with self._db.writing() as tx:
            tx.execute("INSERT OR REPLACE INTO box_token VALUES (?, ?, ?, ?, NULL)", (site, box, digest(token), at))
            rows.audit(tx, at, TERMINAL, "box_token", f"{site}/{box}", "")
        return token

    def revoke(self, site: str, box: str) -> bool:
        """False: the box has none."""
        with self._db.writing() as tx:
            gone = tx.execute("DELETE FROM box_token WHERE site = ? AND box = ?", (site, box)).rowcount > 0
            if gone:
                rows.audit(tx, rfc3339(self._now()), TERMINAL, "box_token_revoked", f"{site}/{box}", "")
            return gone

    def all(self) -> list[TokenInfo]:
        found = self._db.read("SELECT * FROM box_token ORDER BY site, box")
        return [
            TokenInfo(row["site"], row["box"], datetime.fromisoformat(row["created_at"]), _moment(row["used_at"]))
            for row in found
        ]

    def belongs(self, token: str, site: str, box: str) -> bool:
        """Whether this is the token of this box; takes the same time however wrong it is."""
        found = self._db.read("SELECT token_hash, used_at FROM box_token WHERE site = ? AND box = ?", (site, box))
        stored = found[0]["token_hash"] if found else ""
        good = secrets.compare_digest(stored, digest(token))
        if good:
            self._used(site, box, _moment(found[0]["used_at"]))
        return good

    def known(self, token: str) -> bool:
        """Whether it is the token of any box: then the refusal says so."""
        given = digest(token)
        found = self._db.read("SELECT token_hash FROM box_token")
        return sum(secrets.compare_digest(row["token_hash"], given) for row in found) > 0

    def _used(self, site: str, box: str, last: datetime | None) -> None:
        now = self._now()
        if last is None or now - last > USED_EVERY:
            with self._db.writing() as tx:
                tx.execute("UPDATE box_token SET used_at = ? WHERE site = ? AND box = ?", (rfc3339(now), site, box))


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
