"""Export and deletion of one person, asked for here and done on their box: waits for the box, expires, says so."""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

from edgeguard.center import rights_rows, rows
from edgeguard.center.database import Database, Row
from edgeguard.center.evidence import EvidenceFiles
from edgeguard.center.hub import CardChanged, HealthChanged, Hub
from edgeguard.center.store import BoxHealth, Store
from edgeguard.center.subjects import events_of, told_of
from edgeguard.contract.base import rfc3339
from edgeguard.contract.commands import COMMANDS, MAX_SIGNED_LIFE_S, Command
from edgeguard.contract.rights import EraseArgs, ExportArgs, unpacked
from edgeguard.contract.sealing import ReplyKey
from edgeguard.contract.signing import SigningKey
from edgeguard.contract.topics import Topics
from edgeguard.errors import AccessError, CenterError, StoreError

log = logging.getLogger(__name__)

# A box may be away over a holiday. The request waits here; each command that is sent lives for minutes only.
WAITS: Final = timedelta(days=7)
LIFE: Final = timedelta(seconds=MAX_SIGNED_LIFE_S)
STEP_S: Final = 2.0

Right = Literal["export", "erase"]


@dataclass(frozen=True, slots=True)
class Request:
    """`state`: waiting, accepted, done, refused, failed, expired. `file_until`: until then the copy can be fetched.

    `here`: of a deletion, pictures and files deleted at the center, and of how many passages: "2/3".
    """

    id: str
    site: str
    box: str
    ref: str
    kind: Right
    by: str
    asked_at: datetime
    until: datetime
    state: str
    detail: str
    sent: bool
    answered_at: datetime | None
    file_until: datetime | None
    here: str | None


class Post(Protocol):
    """How a command gets to a box (`Orders`)."""

    def send(self, box: Topics, name: str, command: Command) -> bool:
        """False: the broker is away, nothing was sent. Raises CenterError."""

    def signing_key(self, name: str) -> SigningKey:
        """Raises CenterError where there is none."""


class Rights:
    """`officers`: accounts that may ask. Methods may be called from any thread; raises StoreError."""

    def __init__(
        self,
        database: Database,
        store: Store,
        evidence: EvidenceFiles,
        orders: Post,
        hub: Hub,
        now: Callable[[], datetime],
        officers: Sequence[str],
    ) -> None:
        self._db = database
        self._store = store
        self._evidence = evidence
        self._orders = orders
        self._hub = hub
        self._now = now
        self._officers = frozenset(officers)

    def may(self, user: str) -> bool:
        return user in self._officers

    def able(self) -> list[BoxHealth]:
        """Boxes that say they can."""
        return [box for box in self._store.boxes() if _is_able(box)]

    def ask(self, site: str, box: str, ref: str, kind: Right, by: str) -> Request:
        """Raises AccessError for somebody who may not, CenterError where it cannot be asked (now)."""
        if not self.may(by):
            raise AccessError("rights_not_yours")
        if not any((one.site, one.box) == (site, box) for one in self.able()):
            raise CenterError(f"box {site}/{box} does not say that it can {kind} people")
        self._orders.signing_key(kind)
        secret, now = ReplyKey.new().raw if kind == "export" else None, self._now()
        row = (secrets.token_hex(8), site, box, ref, kind, by, rfc3339(now), rfc3339(now + WAITS), secret)
        with self._db.writing() as tx:
            if tx.execute(
                "SELECT 1 FROM rights WHERE (site, box, ref, kind) = (?, ?, ?, ?) AND state IN ('waiting', 'accepted')",
                (site, box, ref, kind),
            ).fetchone():
                raise CenterError(f"{kind} of {ref} is asked for already, and waits for its box")
            tx.execute(
                "INSERT INTO rights (id, site, box, ref, kind, by, asked_at, until, secret)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            rows.audit(tx, rfc3339(now), by, kind, f"{site}/{box}/{ref}", row[0])
        self.step()
        return self.get(row[0])

    def get(self, request_id: str) -> Request:
        """Raises CenterError where there is none."""
        found = self._db.read("SELECT * FROM rights WHERE id = ?", (request_id,))
        if not found:
            raise CenterError("no such request")
        return _request(found[0])

    def all(self, limit: int) -> list[Request]:
        """The newest first."""
        return [_request(row) for row in self._db.read("SELECT * FROM rights ORDER BY asked_at DESC LIMIT ?", (limit,))]

    def copy(self, request_id: str, by: str) -> bytes:
        """The copy as a JSON file, for who asked; that it was fetched is audited.

        Raises AccessError for somebody else, CenterError where it is not there (any more).
        """
        request = self.get(request_id)
        if request.by != by or not self.may(by):
            raise AccessError("rights_not_yours")
        found = self._db.read("SELECT file FROM rights WHERE id = ?", (request_id,))
        if request.file_until is None or request.file_until <= self._now():
            raise CenterError("the copy is not here (any more): ask again")
        told = unpacked(bytes(found[0]["file"]))
        with self._db.writing() as tx:
            subject = f"{request.site}/{request.box}/{request.ref}"
            rows.audit(tx, rfc3339(self._now()), by, "export_fetched", subject, request.id)
        return json.dumps(self._whole(request, told), ensure_ascii=False, indent=2).encode()

    async def run(self) -> None:
        """Every few seconds."""
        while True:
            try:
                await asyncio.to_thread(self.step)
            except StoreError as error:
                log.error("requests about people wait for the database: %s", error)  # noqa: TRY400
            await asyncio.sleep(STEP_S)

    def step(self) -> None:
        """Give up what is over, send what waits for a box that is there, delete here what was deleted there."""
        now = self._now()
        changed = self._expire(now)
        waiting = "SELECT * FROM rights WHERE state = 'waiting' AND ifnull(sent_until, '') <= ? ORDER BY asked_at"
        if rows_waiting := self._db.read(waiting, (rfc3339(now),)):
            online = {(box.site, box.box) for box in self._store.boxes() if box.online}
            for row in rows_waiting:
                changed |= (row["site"], row["box"]) in online and self._send(row, now)
        for row in self._db.read("SELECT * FROM rights WHERE kind = 'erase' AND state = 'done' AND here IS NULL"):
            self._forget_here(row)
            changed = True
        if changed:
            self._hub.publish(HealthChanged())

    def _expire(self, now: datetime) -> bool:
        over = self._db.read(
            "SELECT * FROM rights WHERE state IN ('waiting', 'accepted') AND until <= ?", (rfc3339(now),)
        )
        files = "file IS NOT NULL AND file_until <= ?"
        if not over and not self._db.read(f"SELECT 1 FROM rights WHERE {files}", (rfc3339(now),)):  # noqa: S608
            return False
        with self._db.writing() as tx:
            for row in over:
                rights_rows.end(tx, row, "expired", "the box gave no answer in time", now)
            tx.execute(f"UPDATE rights SET file = NULL WHERE {files}", (rfc3339(now),))  # noqa: S608 - own words
        return True

    def _send(self, row: Row, now: datetime) -> bool:
        until = min(now + LIFE, datetime.fromisoformat(row["until"]))
        try:
            sent = self._orders.send(Topics(row["site"], row["box"]), row["kind"], _command(row, now, until))
        except CenterError as error:
            log.error("%s %s waits: %s", row["kind"], row["id"], error)  # noqa: TRY400 - one line is enough
            return False
        if sent:
            with self._db.writing() as tx:
                values = (rfc3339(until), row["id"])
                tx.execute("UPDATE rights SET sent_until = ? WHERE id = ? AND state = 'waiting'", values)
        return sent

    def _forget_here(self, row: Row) -> None:
        """Pictures and files of the passages of whoever is deleted; of open alarms they stay until somebody ends it."""
        touched, gone = events_of(self._db, row["site"], row["box"], [row["ref"]]), 0
        for event_id in touched:
            card = self._store.card(event_id)
            if card is None or card.open:
                continue
            gone += self._evidence.forget(event_id)
            with self._db.writing() as tx:
                gone += tx.execute("DELETE FROM picture WHERE event_id = ?", (event_id,)).rowcount
            changed = self._store.refresh(event_id)
            if changed is not None:
                self._hub.publish(CardChanged(changed))
        here = f"{gone}/{len(touched)}"
        with self._db.writing() as tx:
            tx.execute("UPDATE rights SET here = ? WHERE id = ?", (here, row["id"]))
            subject = f"{row['site']}/{row['box']}/{row['ref']}"
            rows.audit(
                tx,
                rfc3339(self._now()),
                row["by"],
                "erased_here",
                subject,
                f"{row['id']}: {gone} pictures and files of {len(touched)} passages",
            )

    def _whole(self, request: Request, told: dict[str, Any]) -> dict[str, Any]:
        """What the box tells, and what the center has under the same pseudonyms."""
        refs = [request.ref, *(one["subject"] for one in told.get("vehicles", ()))]
        here = told_of(self._db, events_of(self._db, request.site, request.box, refs))
        asked = {"id": request.id, "by": request.by, "asked_at": rfc3339(request.asked_at)}
        return {"request": asked, "at_the_box": told, "at_the_center": {"passages": here}}


def _is_able(box: BoxHealth) -> bool:
    return box.birth is not None and {"export", "erase"} <= {one.name for one in box.birth.capabilities}


def _command(row: Row, now: datetime, until: datetime) -> Command:
    """The same id each time: the box does it once."""
    ref = row["ref"]
    erases = row["kind"] == "erase"
    args = EraseArgs(ref=ref) if erases else ExportArgs(ref=ref, reply_key=ReplyKey(row["secret"]).public)
    return COMMANDS[row["kind"]].model_validate(
        {"id": row["id"], "issued_at": now, "expires_at": until, "by": row["by"], "args": args}
    )


def _request(row: Row) -> Request:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return Request(
        id=row["id"],
        site=row["site"],
        box=row["box"],
        ref=row["ref"],
        kind=row["kind"],
        by=row["by"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        until=datetime.fromisoformat(row["until"]),
        state=row["state"],
        detail=row["detail"],
        sent=row["sent_until"] is not None,
        answered_at=moment("answered_at"),
        file_until=moment("file_until") if row["file"] is not None else None,
        here=row["here"],
    )
