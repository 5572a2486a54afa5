"""The center's memory on one SQLite file."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from edgeguard.center import rights_rows, rows, sequence, timer_rows
from edgeguard.center.attachments import Attached, CardNotice, CardTalk
from edgeguard.center.cards import Card, CardAck, fold, is_late
from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.hub import CardChanged, Change, CommandChanged, HealthChanged
from edgeguard.center.intake import Arrival, EventArrival, PictureArrival, Received, read
from edgeguard.center.sla import DEFAULT_SLA, CardTimer, CodeSla, Said, again_at, starts_at
from edgeguard.center.store import BoxHealth, DeadLetter, UnsentAck
from edgeguard.contract.access import AccessSummary
from edgeguard.contract.base import rfc3339
from edgeguard.contract.commands import Command, CommandAck, CommandStatus
from edgeguard.contract.device import Birth, CameraHealth, State, Tail
from edgeguard.contract.event import Event
from edgeguard.contract.rights import DossierPart
from edgeguard.contract.topics import Address
from edgeguard.errors import ContractError

# What people say that stays at the center.
HERE_ONLY = frozenset({"note", "arrived"})


class SqliteStore:
    """`Store` on one SQLite file."""

    def __init__(
        self,
        database: Database,
        retention: RetentionConfig,
        late_after_s: float,
        sla: Mapping[str, CodeSla] = DEFAULT_SLA,
    ) -> None:
        self._db = database
        self._retention = retention
        self._late_after_s = late_after_s
        self._sla = sla

    def take(self, messages: Sequence[Received]) -> list[Change]:
        touched: dict[str, None] = {}
        changes: list[Change] = []
        with self._db.writing() as tx:
            for message in messages:
                self._take_one(tx, message, touched, changes)
            cards = [card for event_id in touched if (card := self._refold(tx, event_id))]
        return [*(CardChanged(card) for card in cards), *changes]

    def _take_one(
        self, tx: sqlite3.Connection, message: Received, touched: dict[str, None], changes: list[Change]
    ) -> None:
        tx.execute("SAVEPOINT one")
        try:
            arrival = read(message)
            self._keep(tx, arrival, message, touched, changes)
        except (ContractError, sqlite3.DataError, sqlite3.IntegrityError, OverflowError, UnicodeError) as error:
            # Whatever is wrong with this message, the others of the batch are not to blame.
            tx.execute("ROLLBACK TO one")
            rows.bury(tx, message, str(error))
        tx.execute("RELEASE one")

    def _keep(
        self,
        tx: sqlite3.Connection,
        arrival: Arrival,
        message: Received,
        touched: dict[str, None],
        changes: list[Change],
    ) -> None:
        at, address = rfc3339(message.received_at), arrival.address
        match arrival.content:
            case EventArrival() as step:
                if rows.add_event(tx, step, at):
                    sequence.came(tx, step.event)
                    touched[step.event.subject] = None
                else:
                    sequence.came_again(tx, step.event)
            case PictureArrival() as picture:
                rows.add_picture(tx, address, picture, at)
                touched[picture.event_id] = None
            case CommandAck() | DossierPart() as answer:
                changes += _answered(tx, address, answer, message.received_at)
            case Birth() | State() | CameraHealth() | AccessSummary() as told:
                _keep_health(tx, address, told, at)
                changes.append(HealthChanged())
            case Tail() as tail:
                rows.set_box(tx, address, "tail", tail.to_json(), at)
                sequence.told(tx, address.site, address.box, tail)
            case None:
                pass

    def acknowledge(self, event_id: str, ack: CardAck) -> Card | None:
        with self._db.writing() as tx:
            episode = tx.execute("SELECT site, box FROM episode WHERE event_id = ?", (event_id,)).fetchone()
            if episode is None:
                return None
            at = rfc3339(ack.at)
            tx.execute(
                "INSERT INTO ack (event_id, kind, why, note, by, at, site, box, sent_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                # A note is for the next shift, and who has arrived is nothing that a box acts on.
                (event_id, ack.kind, ack.why, ack.note, ack.by, at, *episode, at if ack.kind in HERE_ONLY else None),
            )
            rows.audit(tx, at, ack.by, ack.kind, event_id, ack.why or ack.note)
            return self._refold(tx, event_id)

    def refresh(self, event_id: str) -> Card | None:
        with self._db.writing() as tx:
            return self._refold(tx, event_id)

    def run_out(self, now: datetime) -> list[Card]:
        with self._db.writing() as tx:
            missed = timer_rows.run_out(tx, now)
            for event_id, goal in missed:
                rows.audit(tx, rfc3339(now), "timers", f"missed/{goal}", event_id, "")
            cards = [self._refold(tx, event_id) for event_id in dict.fromkeys(event_id for event_id, _ in missed)]
        return [card for card in cards if card is not None]

    def holes(self) -> list[sequence.Hole]:
        return [sequence.Hole(*row) for row in self._db.read(sequence.HOLES)]

    def unsent_acks(self) -> list[UnsentAck]:
        found = self._db.read("SELECT * FROM ack WHERE sent_at IS NULL ORDER BY id")
        return [UnsentAck(row["id"], row["site"], row["box"], rows.box_ack(row)) for row in found]

    def ack_sent(self, row: int, at: datetime) -> None:
        with self._db.writing() as tx:
            tx.execute("UPDATE ack SET sent_at = ? WHERE id = ?", (rfc3339(at), row))

    def add_command(self, site: str, box: str, event_id: str, name: str, command: Command) -> None:
        args, issued = command.model_dump_json(include={"args"}), rfc3339(command.issued_at)
        with self._db.writing() as tx:
            tx.execute(
                "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent', '')",
                (command.id, event_id, site, box, name, args, command.by, issued, rfc3339(command.expires_at)),
            )
            rows.audit(tx, issued, command.by, f"cmd/{name}", event_id, args)

    def end_command(self, command_id: str, status: CommandStatus, detail: str) -> CommandChanged | None:
        with self._db.writing() as tx:
            return rows.answer(tx, command_id, status, detail)

    def card(self, event_id: str) -> Card | None:
        return next(iter(self._cards("WHERE event_id = ?", event_id)), None)

    def board(self) -> list[Card]:
        return self._cards("WHERE open = 1 ORDER BY opened_at DESC")

    def recent(self, limit: int) -> list[Card]:
        return self._cards("WHERE open = 0 ORDER BY opened_at DESC LIMIT ?", limit)

    def picture(self, event_id: str, n: int) -> bytes | None:
        found = self._db.read(
            "SELECT jpeg FROM picture JOIN episode USING (event_id, site, box) WHERE event_id = ? AND n = ?",
            (event_id, n),
        )
        return bytes(found[0]["jpeg"]) if found else None

    def boxes(self) -> list[BoxHealth]:
        cameras: dict[tuple[str, str], list[CameraHealth]] = {}
        for row in self._db.read("SELECT * FROM camera ORDER BY camera"):
            cameras.setdefault((row["site"], row["box"]), []).append(CameraHealth.from_json(row["health"]))
        missing: dict[tuple[str, str], int] = {}
        for hole in self.holes():
            missing[hole.site, hole.box] = missing.get((hole.site, hole.box), 0) + len(hole)
        found = self._db.read(
            "SELECT site, box, state, birth, access FROM box UNION"
            " SELECT site, box, NULL, NULL, NULL FROM camera WHERE (site, box) NOT IN (SELECT site, box FROM box)"
            " ORDER BY site, box"
        )
        return [
            BoxHealth(
                site=row["site"],
                box=row["box"],
                state=State.from_json(row["state"]) if row["state"] else None,
                birth=Birth.from_json(row["birth"]) if row["birth"] else None,
                cameras=tuple(cameras.get((row["site"], row["box"]), ())),
                missing=missing.get((row["site"], row["box"]), 0),
                access=AccessSummary.from_json(row["access"]) if row["access"] else None,
            )
            for row in found
        ]

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        found = self._db.read("SELECT * FROM dead_letter ORDER BY id DESC LIMIT ?", (limit,))
        return [
            DeadLetter(datetime.fromisoformat(row["received_at"]), row["topic"], row["reason"], row["payload"])
            for row in found
        ]

    def prune(self, now: datetime) -> None:
        pictures = rfc3339(now - timedelta(days=self._retention.pictures_days))
        facts = rfc3339(now - timedelta(days=self._retention.events_days))
        closed = "event_id IN (SELECT event_id FROM episode WHERE open = 0 AND opened_at < ?)"
        with self._db.writing() as tx:
            tx.execute(
                "DELETE FROM picture WHERE received_at < ?"
                " AND event_id NOT IN (SELECT event_id FROM episode WHERE open = 1)",
                (pictures,),
            )
            for table in ("event", "ack", "command", "talk", "timer", "routed", "notice", "episode"):
                tx.execute(f"DELETE FROM {table} WHERE {closed}", (facts,))  # noqa: S608 - names from the line above
            tx.execute("DELETE FROM rights WHERE state != 'waiting' AND asked_at < ?", (facts,))

    def _cards(self, where: str, *args: object) -> list[Card]:
        found = self._db.read(f"SELECT card FROM episode {where}", args)  # noqa: S608 - callers are above
        return [Card.model_validate_json(row["card"]) for row in found]

    def _refold(self, tx: sqlite3.Connection, event_id: str) -> Card | None:
        """Make the card anew from all that is known; None while only a picture has come."""
        found = tx.execute("SELECT site, box, body, received_at FROM event WHERE event_id = ?", (event_id,)).fetchall()
        if not found:
            return None
        site, box = found[0]["site"], found[0]["box"]
        arrivals = [(Event.from_json(row["body"]), datetime.fromisoformat(row["received_at"])) for row in found]
        acks = tx.execute("SELECT kind, by, at, why, note FROM ack WHERE event_id = ? ORDER BY id", (event_id,))
        said = [CardAck.model_validate(dict(row)) for row in acks]
        timers = self._timers(tx, event_id, arrivals, [Said(kind=ack.kind, at=ack.at) for ack in said])
        attached = _attached(tx, event_id, site, box).model_copy(update={"timers": timers})
        card = fold(arrivals, said, self._late_after_s, attached)
        tx.execute(
            "INSERT OR REPLACE INTO episode VALUES (?, ?, ?, ?, ?, ?, ?)",
            (event_id, site, box, card.code, rfc3339(card.opened_at), card.open, card.model_dump_json()),
        )
        return card

    def _timers(
        self, tx: sqlite3.Connection, event_id: str, arrivals: Sequence[tuple[Event, datetime]], acks: Sequence[Said]
    ) -> tuple[CardTimer, ...]:
        """What is history here has nobody on the way."""
        news = [(event, moment) for event, moment in arrivals if not is_late(event, moment, self._late_after_s)]
        started_at = starts_at(self._sla, news, again_at(news, acks)) if news else None
        return timer_rows.keep(tx, event_id, self._sla.get(arrivals[0][0].data.code), started_at, acks)


def _attached(tx: sqlite3.Connection, event_id: str, site: str, box: str) -> Attached:
    """What hangs on an episode, from its own box only."""
    owned = "event_id = ? AND site = ? AND box = ?"
    of = (event_id, site, box)
    numbers = tx.execute(f"SELECT n FROM picture WHERE {owned} ORDER BY n", of)  # noqa: S608 - no word from outside
    files = tx.execute(f"SELECT name, size_bytes FROM evidence WHERE {owned}", of)  # noqa: S608
    talks = tx.execute(f"SELECT * FROM talk WHERE {owned} ORDER BY started_at, id", of)  # noqa: S608
    notices = tx.execute("SELECT * FROM notice WHERE event_id = ? ORDER BY id", (event_id,))
    return Attached(
        numbers=tuple(row["n"] for row in numbers),
        files={row["name"]: row["size_bytes"] for row in files},
        notices=tuple(CardNotice.model_validate(dict(row)) for row in notices),
        talks=tuple(CardTalk.model_validate(dict(row)) for row in talks),
    )


def _answered(tx: sqlite3.Connection, address: Address, answer: CommandAck | DossierPart, at: datetime) -> list[Change]:
    """What a box says to a command, or to a request about a person."""
    if isinstance(answer, DossierPart):
        return [HealthChanged()] if rights_rows.arrived(tx, address, answer, at) else []
    change = rows.answer(tx, answer.id, answer.status, answer.reason or "", address)
    if change is not None:
        return [change]
    return [HealthChanged()] if rights_rows.answered(tx, address, answer, at) else []


def _keep_health(
    tx: sqlite3.Connection, address: Address, told: Birth | State | CameraHealth | AccessSummary, at: str
) -> None:
    match told:
        case Birth():
            rows.set_box(tx, address, "birth", told.to_json(), at)
        case State():
            rows.set_box(tx, address, "state", told.to_json(), at)
        case AccessSummary():
            rows.set_box(tx, address, "access", told.to_json(), at)
        case CameraHealth():
            row = (address.site, address.box, told.camera, told.to_json().decode(), at)
            tx.execute("INSERT OR REPLACE INTO camera VALUES (?, ?, ?, ?, ?)", row)
