"""Which sequence numbers of a box have come, and which are missing; works inside the transaction it is given.

A box counts its events without holes, so a hole in what came is an event that was lost on the way.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from edgeguard.contract.device import Tail
from edgeguard.contract.event import Event

# A center that meets a box for the first time wants this much of its past; what is older was another center's.
LOOK_BACK: Final = 1000

# The last hole of a box reaches to the end its tail names.
HOLES: Final = """
SELECT site, box, last + 1 AS first, coalesce(next_first - 1, json_extract(box.tail, '$.seq')) AS last FROM (
  SELECT site, box, last, lead(first) OVER (PARTITION BY site, box ORDER BY first) AS next_first FROM seq_range)
  LEFT JOIN box USING (site, box)
  WHERE coalesce(next_first - 1, json_extract(box.tail, '$.seq')) > last ORDER BY site, box, first
"""


@dataclass(frozen=True, slots=True)
class Hole:
    """Events of a box that have not come, both ends included."""

    site: str
    box: str
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def came(tx: sqlite3.Connection, event: Event) -> None:
    """Count an event that is new here. A number that another event has come with: the box counts anew."""
    seq = event.data.seq
    # Only among what counts as come: events of an earlier count stay in the table.
    others = tx.execute(
        "SELECT 1 FROM event JOIN seq_range USING (site, box) WHERE site = ? AND box = ? AND seq = ? AND id != ?"
        " AND seq BETWEEN first AND last",
        (event.site, event.box, seq, event.id),
    )
    if others.fetchone() is not None:
        tx.execute("DELETE FROM seq_range WHERE site = ? AND box = ?", (event.site, event.box))
        tx.execute("UPDATE box SET tail = NULL WHERE site = ? AND box = ?", (event.site, event.box))
    _meet(tx, event.site, event.box, seq)
    _cover(tx, event.site, event.box, seq, seq)


def came_again(tx: sqlite3.Connection, event: Event) -> None:
    """Count an event that was here before: if it was asked for all the same, it is not missing."""
    _cover(tx, event.site, event.box, event.data.seq, event.data.seq)


def told(tx: sqlite3.Connection, site: str, box: str, tail: Tail) -> None:
    """Take in what a box says about its end, and about what can never come."""
    if tail.seq == 0:
        return
    _meet(tx, site, box, tail.seq)
    for lost in tail.lost:
        _cover(tx, site, box, lost.from_seq, lost.to_seq)


def _meet(tx: sqlite3.Connection, site: str, box: str, seq: int) -> None:
    """The first word of a box: all before the look-back counts as come (0 is never given out)."""
    known = tx.execute("SELECT 1 FROM seq_range WHERE site = ? AND box = ? LIMIT 1", (site, box)).fetchone()
    if known is None:
        start = max(0, seq - 1 - LOOK_BACK)
        tx.execute("INSERT INTO seq_range VALUES (?, ?, ?, ?)", (site, box, start, start))


def _cover(tx: sqlite3.Connection, site: str, box: str, first: int, last: int) -> None:
    """Add a range, joined with all it touches; what lies before the look-back is left out."""
    start = tx.execute("SELECT min(first) FROM seq_range WHERE site = ? AND box = ?", (site, box)).fetchone()[0]
    first = max(first, start)
    if first > last:
        return
    touching = "site = ? AND box = ? AND first <= ? AND last >= ?"
    where = (site, box, last + 1, first - 1)
    low, high = tx.execute(f"SELECT min(first), max(last) FROM seq_range WHERE {touching}", where).fetchone()  # noqa: S608
    tx.execute(f"DELETE FROM seq_range WHERE {touching}", where)  # noqa: S608 - no word from outside
    joined = (first, last) if low is None else (min(first, low), max(last, high))
    tx.execute("INSERT INTO seq_range VALUES (?, ?, ?, ?)", (site, box, *joined))
