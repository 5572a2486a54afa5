"""Who is inside: a card that went in does not go in again before it has come out."""

from datetime import datetime, timedelta

from edgeguard.access.config import GateRules, Passback
from edgeguard.access.moments import moment, seconds
from edgeguard.access.store import Store


class Presences:
    """The last passage of each pseudonym, by area."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def inside(self, subject: str, gate: GateRules, at: datetime) -> bool:
        """Whether they are in already. An exit that nobody saw is forgiven after the gate's hours."""
        if gate.anti_passback is Passback.OFF or gate.direction != "in":
            return False
        sql = "SELECT gate, at_s FROM presence WHERE subject = ? AND area = ? AND inside"
        rows = self._store.rows(sql, subject, gate.area)
        if not rows:
            return False
        last_gate, at_s = rows[0]
        since = at - moment(at_s)
        again = last_gate == gate.id and since <= timedelta(seconds=gate.again_s)
        return not again and since < timedelta(hours=gate.forgive_h)

    def passed(self, subject: str, gate: GateRules, at: datetime) -> None:
        """They were let through."""
        if gate.direction == "both":
            return
        row = (subject, gate.area, gate.direction == "in", gate.id, seconds(at))
        with self._store.writing() as tx:
            tx.execute("INSERT OR REPLACE INTO presence VALUES (?, ?, ?, ?, ?)", row)

    def count(self, area: str) -> int:
        return int(self._store.rows("SELECT count(*) FROM presence WHERE area = ? AND inside", area)[0][0])
