"""Visitors' passes that a box has made, each under a link that nobody can guess, and what has become of them."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from edgeguard.center.database import Database, Row
from edgeguard.center.guard import VISITS
from edgeguard.center.subjects import passes_told
from edgeguard.contract.base import rfc3339
from edgeguard.contract.passes import PassMade

# Whoever opens the link a little late is told that it is over; then nothing of it is here any more.
STAYS: Final = timedelta(days=1)
TOKEN_BYTES: Final = 24

VisitState = Literal["valid", "early", "over", "used", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Visit:
    """`gates`: as people call them; `withdrawn`: '' no, here: the box has not confirmed it, box: it has."""

    token: str
    site: str
    box: str
    pass_id: str
    text: str
    gates: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    uses: int
    by: str
    withdrawn: str
    state: VisitState

    @property
    def path(self) -> str:
        return f"{VISITS}{self.token}"


class Visits:
    """Methods may be called from any thread; raises StoreError."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._db = database
        self._now = now

    def keep(self, site: str, box: str, made: PassMade, by: str) -> Visit:
        """Under a link of its own."""
        token, times = secrets.token_urlsafe(TOKEN_BYTES), (rfc3339(made.valid_from), rfc3339(made.valid_until))
        gates = json.dumps(made.gates, ensure_ascii=False)
        with self._db.writing() as tx:
            row = (token, site, box, made.pass_id, made.text, gates, *times, made.uses, by)
            tx.execute("INSERT INTO visit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')", row)
        return self._read("WHERE token = ?", token)[0]

    def find(self, token: str) -> Visit | None:
        return next(iter(self._read("WHERE token = ?", token)), None)

    def made(self, site: str, box: str, pass_id: str) -> Visit | None:
        """By the id that the box gave the pass."""
        return next(iter(self._read("WHERE (site, box, pass_id) = (?, ?, ?)", site, box, pass_id)), None)

    def all(self) -> list[Visit]:
        """Those that are here still, the one that ends last first."""
        return self._read("ORDER BY valid_until DESC LIMIT 200")

    def withdraw(self, visit: Visit, *, confirmed: bool) -> None:
        """`confirmed`: the box has made the pass void."""
        with self._db.writing() as tx:
            tx.execute("UPDATE visit SET withdrawn = ? WHERE token = ?", ("box" if confirmed else "here", visit.token))

    def prune(self) -> None:
        with self._db.writing() as tx:
            tx.execute("DELETE FROM visit WHERE valid_until < ?", (rfc3339(self._now() - STAYS),))

    def _read(self, where: str, *args: object) -> list[Visit]:
        rows = self._db.read(f"SELECT * FROM visit {where}", args)  # noqa: S608 - callers are above
        told = passes_told(self._db, min(row["valid_from"] for row in rows)) if rows else {}
        return [self._visit(row, told.get((row["site"], row["box"], f"pass-{row['pass_id']}"), [])) for row in rows]

    def _visit(self, row: Row, told: Sequence[str]) -> Visit:
        begins, ends = datetime.fromisoformat(row["valid_from"]), datetime.fromisoformat(row["valid_until"])
        state: VisitState = "valid" if begins <= self._now() else "early"
        if row["withdrawn"] or "revoked" in told:
            state = "withdrawn"
        elif self._now() >= ends:
            state = "over"
        elif "used_up" in told or told.count("listed") >= row["uses"]:
            state = "used"
        facts = {name: row[name] for name in ("token", "site", "box", "pass_id", "text", "uses", "by", "withdrawn")}
        gates = tuple(json.loads(row["gates"]))
        return Visit(**facts, gates=gates, valid_from=begins, valid_until=ends, state=state)
