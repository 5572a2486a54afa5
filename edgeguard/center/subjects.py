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


def decisions_of(database: Database, site: str, box: str, ref: str) -> list[str]:
    """Why it was decided so, of every passage that names it, oldest first. Raises StoreError."""
    why = "json_extract(CAST(body AS TEXT), '$.data.decision.reason')"
    where = f"site = ? AND box = ? AND {_NAMED} = ?"
    sql = f"SELECT DISTINCT event_id, {why} AS why FROM event WHERE {where} ORDER BY event_id"  # noqa: S608 - constants
    return [row["why"] for row in database.read(sql, (site, box, ref)) if row["why"]]
