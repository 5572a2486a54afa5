"""Single rows of the center's database; each function works inside the transaction it is given."""

import sqlite3
from datetime import datetime
from typing import Final

from edgeguard import audit as chain
from edgeguard.center.hub import CommandChanged
from edgeguard.center.intake import EventArrival, PictureArrival, Received
from edgeguard.contract.ack import Ack, AckKind
from edgeguard.contract.base import rfc3339
from edgeguard.contract.commands import CommandStatus
from edgeguard.contract.topics import Address
from edgeguard.errors import ContractError

# A box gone mad must not fill the disk with what nobody can read.
MAX_DEAD_LETTERS: Final = 10_000
LAST_WORDS: Final = (CommandStatus.REJECTED, CommandStatus.DONE, CommandStatus.FAILED, CommandStatus.EXPIRED)


def add_event(tx: sqlite3.Connection, step: EventArrival, at: str) -> bool:
    """False: this id was here before. Raises ContractError when the episode belongs to another box."""
    event = step.event
    owner = tx.execute("SELECT site, box FROM episode WHERE event_id = ?", (event.subject,)).fetchone()
    if owner is not None and tuple(owner) != (event.site, event.box):
        raise ContractError(f"event_id {event.subject} of {event.source} belongs to //{owner['site']}/{owner['box']}")
    row = (event.site, event.box, event.id, event.subject, event.data.rev, event.data.seq, at, step.body)
    return tx.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row).rowcount == 1


def add_picture(tx: sqlite3.Connection, address: Address, picture: PictureArrival, at: str) -> bool:
    """False: this picture was here before."""
    row = (address.site, address.box, picture.event_id, picture.n, at, picture.jpeg)
    return tx.execute("INSERT OR IGNORE INTO picture VALUES (?, ?, ?, ?, ?, ?)", row).rowcount == 1


def set_box(tx: sqlite3.Connection, address: Address, column: str, body: bytes, at: str) -> None:
    """`column` is "birth", "state", "tail" or "access"."""
    tx.execute(
        f"INSERT INTO box (site, box, {column}, updated_at) VALUES (?, ?, ?, ?)"  # noqa: S608 - one of four words
        f" ON CONFLICT DO UPDATE SET {column} = excluded.{column}, updated_at = excluded.updated_at",
        (address.site, address.box, body.decode(), at),
    )


def answer(
    tx: sqlite3.Connection, command_id: str, status: CommandStatus, detail: str, address: Address | None = None
) -> CommandChanged | None:
    """Move a command on; None when it is unknown, another box's, or has had its last word."""
    row = tx.execute("SELECT event_id, site, box, state FROM command WHERE id = ?", (command_id,)).fetchone()
    if row is None or row["state"] in LAST_WORDS or row["state"] == status:
        return None
    if address is not None and (row["site"], row["box"]) != (address.site, address.box):
        return None
    tx.execute("UPDATE command SET state = ?, detail = ? WHERE id = ?", (status, detail, command_id))
    return CommandChanged(command_id, row["event_id"], status, detail)


def box_ack(row: sqlite3.Row) -> Ack:
    """The acknowledgement as the contract tells it to a box."""
    return Ack(
        event_id=row["event_id"],
        ack=AckKind(row["kind"]),
        why=row["why"] or None,
        by=row["by"],
        note=row["note"] or None,
        at=datetime.fromisoformat(row["at"]),
    )


def bury(tx: sqlite3.Connection, message: Received, reason: str) -> None:
    """Keep an unusable message with its reason; the oldest make room."""
    buried = tx.execute(
        "INSERT INTO dead_letter (received_at, topic, reason, payload) VALUES (?, ?, ?, ?)",
        (rfc3339(message.received_at), message.topic, reason, message.payload),
    )
    tx.execute("DELETE FROM dead_letter WHERE id <= ?", (int(buried.lastrowid or 0) - MAX_DEAD_LETTERS,))


def audit(tx: sqlite3.Connection, at: str, who: str, action: str, subject: str, detail: str) -> None:
    """Who did what to what; rows are only ever added, each chained to the one before."""
    chain.append(tx, at, who, action, subject, detail)
