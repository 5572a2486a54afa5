"""Which episodes have a `new` and no `end`: what a restart has to resume."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from edgeguard.contract import Event, SeenObject
from edgeguard.contract.base import rfc3339
from edgeguard.contract.event import EventData
from edgeguard.errors import ContractError
from edgeguard.types import OpenEpisode, Outcome, Phase, Sighting


def check_phase(connection: sqlite3.Connection, event_id: str, phase: Phase) -> None:
    """Raise ContractError for a second `new` or a second `end` of an episode."""
    if phase is Phase.UPDATE:
        return
    again = "SELECT 1 FROM event WHERE event_id = ? AND phase = ?"
    if connection.execute(again, (event_id, phase)).fetchone():
        raise ContractError(f"episode {event_id} has its {phase.value!r} already, accepted: one per episode")


def follow(connection: sqlite3.Connection, event: Event) -> None:
    """Open, update or close the episode of an event that is being recorded."""
    data = event.data
    sighting = _to_json(data.object) if data.object else None
    if data.phase is Phase.NEW:
        row = (data.event_id, data.code, data.camera or "", data.rule or "", rfc3339(event.time), sighting)
        connection.execute("INSERT INTO episode VALUES (?, ?, ?, ?, ?, ?)", row)
    elif data.phase is Phase.END:
        connection.execute("DELETE FROM episode WHERE event_id = ?", (data.event_id,))
    elif sighting is not None:
        connection.execute("UPDATE episode SET sighting = ? WHERE event_id = ?", (sighting, data.event_id))


def still_open(connection: sqlite3.Connection) -> list[OpenEpisode]:
    """Oldest first."""
    rows = connection.execute("SELECT event_id, code, camera, rule, opened_at, sighting FROM episode ORDER BY event_id")
    return [
        _with_latest(
            OpenEpisode(
                event_id, code, camera, rule, datetime.fromisoformat(opened_at), _sighting(sighting, opened_at)
            ),
            _latest(connection, event_id),
        )
        for event_id, code, camera, rule, opened_at, sighting in rows.fetchall()
    ]


def _latest(connection: sqlite3.Connection, event_id: str) -> EventData | None:
    """The latest step, None where it has been given up."""
    latest = "SELECT payload FROM event WHERE event_id = ? ORDER BY rev DESC LIMIT 1"
    row = connection.execute(latest, (event_id,)).fetchone()
    return Event.from_json(row[0]).data if row else None


def _with_latest(episode: OpenEpisode, data: EventData | None) -> OpenEpisode:
    """What every step tells again, so that the latest one knows: the zones, and whether it travelled."""
    if data is None:
        return episode
    travelled = data.decision is not None and data.decision.outcome == Outcome.TRAVELLED
    return replace(episode, travelled=travelled, zones=data.zones, severity=data.severity)


def _to_json(seen: SeenObject) -> str:
    return seen.to_json().decode()


def _sighting(text: str | None, opened_at: str) -> Sighting | None:
    if text is None:
        return None
    seen = SeenObject.from_json(text)
    opened = datetime.fromisoformat(opened_at)
    return Sighting(
        label=seen.label,
        track_id=seen.track_id if seen.track_id is not None else -1,
        box=seen.box or (0.0, 0.0, 1.0, 1.0),
        score=seen.score or 0.0,
        frames_seen=seen.frames_seen,
        first_seen=seen.first_seen or opened,
        last_seen=seen.last_seen or opened,
    )
