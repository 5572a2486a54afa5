"""The table `timer`: until when people must be there and done; each function works in the transaction it is given."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from edgeguard.center.sla import CardTimer, CodeSla, Said, judged, timers_from
from edgeguard.contract.base import rfc3339


def keep(
    tx: sqlite3.Connection, event_id: str, config: CodeSla | None, started_at: datetime | None, acks: Sequence[Said]
) -> tuple[CardTimer, ...]:
    """The timers that run or ran last, begun where they have not; what a code was given then stays in force."""
    if config is not None and started_at is not None:
        for timer in timers_from(config, started_at):
            tx.execute(
                "INSERT OR IGNORE INTO timer (event_id, goal, started_at, due_at) VALUES (?, ?, ?, ?)",
                (event_id, timer.goal, rfc3339(timer.started_at), rfc3339(timer.due_at)),
            )
    found = tx.execute(
        "SELECT goal, started_at, due_at, missed FROM timer AS one WHERE event_id = ? AND started_at ="
        " (SELECT max(started_at) FROM timer WHERE event_id = one.event_id) ORDER BY due_at",
        (event_id,),
    ).fetchall()
    timers = tuple(judged(CardTimer.model_validate(dict(row)), acks) for row in found)
    for timer in timers:
        tx.execute(
            "UPDATE timer SET met_at = ?, missed = ? WHERE event_id = ? AND goal = ? AND started_at = ?",
            (timer.met_at and rfc3339(timer.met_at), timer.missed, event_id, timer.goal, rfc3339(timer.started_at)),
        )
    return timers


def run_out(tx: sqlite3.Connection, now: datetime) -> list[tuple[str, str]]:
    """Mark what is due and not met as missed, once; returns (event_id, goal)."""
    found = tx.execute(
        "UPDATE timer SET missed = 1 WHERE missed = 0 AND met_at IS NULL AND due_at < ? RETURNING event_id, goal",
        (rfc3339(now),),
    )
    return [(row["event_id"], row["goal"]) for row in found.fetchall()]
