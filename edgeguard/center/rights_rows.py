"""Requests of people about their data, as rows; each function works inside the transaction it is given."""

import sqlite3
from datetime import datetime, timedelta
from typing import Final

from edgeguard.center import rows
from edgeguard.contract.base import rfc3339
from edgeguard.contract.commands import CommandAck, CommandStatus
from edgeguard.contract.rights import DossierPart
from edgeguard.contract.sealing import ReplyKey
from edgeguard.contract.topics import Address, Topics
from edgeguard.errors import ContractError

# The copy is for who asked: they fetch it, and it goes.
FILE_STAYS: Final = timedelta(hours=24)
# `accepted`: the box is at it. Everything else is a last word.
UNDER_WAY: Final = ("waiting", "accepted")
# A box that did it and could not say so in time says so later.
OPEN: Final = (*UNDER_WAY, "expired")


def answered(tx: sqlite3.Connection, address: Address, ack: CommandAck, now: datetime) -> bool:
    """Take what a box says to a request; False where it is none of this box's, or is over."""
    row = _row(tx, address, ack.id)
    if row is None or row["state"] not in OPEN:
        return False
    reason = ack.reason or ""
    match ack.status:
        case CommandStatus.ACCEPTED:
            tx.execute("UPDATE rights SET state = 'accepted', detail = '' WHERE id = ?", (ack.id,))
        case CommandStatus.EXPIRED:
            # It lay at the broker while the box was away, or clocks disagree: it is sent again in its time.
            tx.execute("UPDATE rights SET detail = ? WHERE id = ?", (reason, ack.id))
        case CommandStatus.DONE:
            end(tx, row, "done", reason, now)
        case _:
            end(tx, row, "refused" if ack.status is CommandStatus.REJECTED else "failed", reason, now)
    return True


def arrived(tx: sqlite3.Connection, address: Address, part: DossierPart, now: datetime) -> bool:
    """Keep a part of a copy; with the last one it is opened. Raises ContractError for a part that is none."""
    row = _row(tx, address, part.id)
    if row is None or row["secret"] is None or row["kind"] != "export":
        return False
    tx.execute("INSERT OR REPLACE INTO rights_part VALUES (?, ?, ?)", (part.id, part.part, part.body()))
    bodies = tx.execute("SELECT body FROM rights_part WHERE id = ? ORDER BY part", (part.id,)).fetchall()
    if len(bodies) < part.parts:
        return False
    about = Topics(address.site, address.box).dossier(part.id)
    try:
        file = ReplyKey(row["secret"]).open(b"".join(body for (body,) in bodies), about)
    except ContractError as error:
        tx.execute("UPDATE rights SET secret = NULL WHERE id = ?", (part.id,))
        end(tx, row, "failed", str(error), now)
    else:
        values = (file, rfc3339(now + FILE_STAYS), part.id)
        tx.execute("UPDATE rights SET file = ?, file_until = ?, secret = NULL WHERE id = ?", values)
    tx.execute("DELETE FROM rights_part WHERE id = ?", (part.id,))
    return True


def end(tx: sqlite3.Connection, row: sqlite3.Row, state: str, detail: str, now: datetime) -> None:
    """The last word about a request, with its row of the audit; what opens the copy goes where none will come."""
    at = rfc3339(now)
    secret = "" if state == "done" else ", secret = NULL"
    tx.execute(
        f"UPDATE rights SET state = ?, detail = ?, answered_at = ?{secret} WHERE id = ?",  # noqa: S608 - own words
        (state, detail, at, row["id"]),
    )
    subject = f"{row['site']}/{row['box']}/{row['ref']}"
    rows.audit(tx, at, row["by"], f"{row['kind']}_answer", subject, f"{row['id']}: {state} {detail}".rstrip())


def _row(tx: sqlite3.Connection, address: Address, request_id: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = tx.execute(
        "SELECT * FROM rights WHERE id = ? AND site = ? AND box = ?", (request_id, address.site, address.box)
    ).fetchone()
    return found
