"""What the center holds under a pseudonym: the passages whose event names it, with pictures and files."""

from collections.abc import Sequence
from typing import Any

from edgeguard.center.database import Database
from edgeguard.center.passages import passage

_NAMED = "json_extract(CAST(body AS TEXT), '$.data.decision.subject_ref')"


def events_of(database: Database, site: str, box: str, refs: Sequence[str]) -> list[str]:
    """Ids of the episodes that name one of them, oldest first. A pseudonym is one box's. Raises StoreError."""
    marks = ", ".join("?" for _ in refs)
    sql = f"SELECT DISTINCT event_id FROM event WHERE site = ? AND box = ? AND {_NAMED} IN ({marks}) ORDER BY event_id"  # noqa: S608 - marks only
    return [row["event_id"] for row in database.read(sql, (site, box, *refs))]


def told_of(database: Database, event_ids: Sequence[str]) -> list[dict[str, Any]]:
    """As the copy for a person has it: when, where, how it was decided, and what pictures and files there are."""
    found = [passage(database, event_id) for event_id in event_ids]
    return [
        {
            "event_id": one.card.event_id,
            "at": one.card.model_dump(mode="json")["opened_at"],
            "code": one.card.code,
            "gate": one.gate,
            "reason": one.decision.reason if one.decision else None,
            "subject": one.decision.subject_ref if one.decision else None,
            "pictures": len(one.card.pictures),
            "clip": one.card.clip is not None,
        }
        for one in found
        if one is not None
    ]


def passes_told(database: Database, since: str) -> dict[tuple[str, str, str], list[str]]:
    """By site, box and pseudonym of a visitor's pass: why each passage since then was decided so. Raises StoreError."""
    why = "json_extract(CAST(body AS TEXT), '$.data.decision.reason')"
    sql = (
        f"SELECT DISTINCT site, box, event_id, {_NAMED} AS subject, {why} AS why"  # noqa: S608 - constants
        " FROM episode JOIN event INDEXED BY event_episode USING (event_id, site, box)"
        # Both, so that the index over time is used; by itself SQLite would read all events of the box.
        " WHERE open IN (0, 1) AND opened_at >= ? AND code LIKE 'ACCESS.%' AND subject LIKE 'pass-%'"
    )
    told: dict[tuple[str, str, str], list[str]] = {}
    for row in database.read(sql, (since,)):
        told.setdefault((row["site"], row["box"], row["subject"]), []).append(row["why"])
    return told
