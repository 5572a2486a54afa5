"""The durable event log of a box and the outbox of what its platform has not confirmed yet."""

import secrets
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from edgeguard.contract import (
    CommandAck,
    Decision,
    Event,
    EventDraft,
    Lost,
    Tail,
    Topics,
    UlidMaker,
    find,
)
from edgeguard.contract.commands import MAX_SIGNED_LIFE_S
from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.errors import JournalError
from edgeguard.journal import commands, episodes, facts, outbox, store
from edgeguard.journal.outbox import Waiting
from edgeguard.journal.writer import Connection, Writer
from edgeguard.types import OpenEpisode, Phase

T = TypeVar("T")

# After a damaged database the note of the last `seq` may be some seconds old (power cut): no number is given twice.
_DAMAGE_MARGIN = 1000
# A full disk is relieved by up to 4 MB at a time: room for some thousand events.
_ROOM_STEPS = 8
_ROOM_STEP_BYTES = 512 * 1024
# How many lost ranges the retained tail names.
_TAIL_RANGES = 20


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """How much room the journal may take.

    `total_bytes` the database; `evidence_bytes` the waiting pictures in it; `reserve_bytes` laid by for a full disk;
    `kept_events` the events that stay for a consumer that asks for them again, confirmed or not.
    """

    total_bytes: int = 512 * 1024 * 1024
    evidence_bytes: int = 128 * 1024 * 1024
    reserve_bytes: int = 4 * 1024 * 1024
    kept_events: int = 20_000


@dataclass(frozen=True, slots=True)
class JournalStats:
    """`outbox_oldest_s` is the age of the oldest waiting message, 0 without one; `damaged` the file set aside."""

    last_seq: int
    outbox_depth: int
    outbox_oldest_s: float
    evidence_waiting_bytes: int
    evidence_dropped_total: int
    tombstones_total: int
    damaged: Path | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """One per box and process. Open it with `with`; every method may be called from any thread.

    Raises JournalError when the files are in use, cannot be opened, or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        site: str,
        box: str,
        *,
        limits: JournalLimits = JournalLimits(),
        now: Callable[[], datetime] = _utc_now,
        ulids: UlidMaker | None = None,
    ) -> None:
        self.topics = Topics(site, box)
        self._files = store.Files(path)
        self._limits = limits
        self._now = now
        self._ulids = ulids or UlidMaker(secrets.randbits)
        self._sent: set[int] = set()
        self._sent_lock = Lock()
        self._read_lock = Lock()
        self._damaged: Path | None = None
        self._seq_floor = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(store.only_writer(self._files))
            connection, self._damaged = store.open_database(self._files, f"{self._now():%Y%m%dT%H%M%S}")
            connection.execute(f"PRAGMA max_page_count={self._limits.total_bytes // store.PAGE_BYTES}")
            store.make_reserve(self._files, self._limits.reserve_bytes)
            noted, found = store.noted_seq(self._files), facts.last_seq(connection)
            self._writer = Writer(connection, self._make_room, self._after_commit, self._tidy_up)
            self._writer.start()
            stack.callback(self._writer.close)
            self._reader = store.connect(self._files.database)
            stack.callback(self._reader.close)
            self._reader.execute("PRAGMA query_only=1")
            if self._damaged is not None:
                self._report_loss(noted, f"the journal was damaged and set aside as {self._damaged.name}")
            elif found < noted:
                self._report_loss(noted, "the journal was taken away")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def beat(self) -> tuple[bool, float]:
        """Whether its writer lives, and for how many seconds it has been at its present commit."""
        return self._writer.beat()

    def record(self, draft: EventDraft) -> Event:
        """Give the step its `seq` and `rev` and queue it; durable when this returns.

        Raise ContractError for a second `new` or `end` of an episode, JournalError when it cannot be written.
        """
        return self.record_many([draft])[0]

    def record_many(self, drafts: Sequence[EventDraft]) -> list[Event]:
        """Record several steps in one commit, all or none."""
        queued_s = self._now().timestamp()

        def record(connection: Connection) -> list[Event]:
            return [facts.record(connection, draft, self.topics, self._seq_floor, queued_s) for draft in drafts]

        return self._writer.do(record)

    def enqueue(
        self, topic: str, payload: bytes, *, kind: OutboxKind, event_id: str, retain: bool = False
    ) -> int | None:
        """Queue a picture or an answer; `event_id` ties what belongs together (for an answer the command's id).

        Older pictures make room for a new one; None when it is larger than all the room there is.
        """
        waiting = Waiting(kind, topic, event_id, payload, len(payload), self._now().timestamp(), retain=retain)
        if kind is OutboxKind.PICTURE:
            return self._writer.do(lambda connection: self._put_picture(connection, waiting), durable=False)
        return self._writer.do(lambda connection: outbox.put(connection, waiting))

    def pending(
        self, limit: int, *, live_since_s: float = 0.0, history: int | None = None, skip: Collection[int] = ()
    ) -> list[OutboxRow]:
        """The next rows to send (see `outbox` for the order), without those of `skip` (in flight).

        `live_since_s` is the Unix time when the connection came up; `history` caps the rows older than that.
        """
        with self._sent_lock:
            skipped = {*skip, *self._sent}
        most = limit if history is None else history
        return self._read(
            lambda reader: outbox.first(reader, limit=limit, history=most, live_since_s=live_since_s, skip=skipped)
        )

    def sent(self, *ids: int) -> None:
        """Take confirmed rows out of the outbox; returns at once (a row lost from this is only sent once more)."""
        with self._sent_lock:
            self._sent.update(ids)

        def remove(connection: Connection) -> None:
            outbox.remove(connection, ids)

        def forget(_: Future[None]) -> None:
            with self._sent_lock:
                self._sent.difference_update(ids)

        self._writer.submit(remove, durable=False).add_done_callback(forget)

    def tombstone(self, row: OutboxRow, reason: str) -> None:
        """Give up a row that can never be sent; for an event its `seq` and the reason stay, and the tail tells."""

        def bury(connection: Connection) -> None:
            outbox.remove(connection, [row.id])
            if row.seq is not None:
                facts.lose(connection, row.seq, row.seq, reason, self._now())
            facts.count(connection, "tombstones", 1)

        self._writer.do(bury)

    def resend(self, from_seq: int, to_seq: int) -> int:
        """Queue the events of a gap again as history; return how many there are (others were lost or pruned)."""
        queued_s = self._now().timestamp()
        return self._writer.do(lambda connection: facts.resend(connection, from_seq, to_seq, queued_s))

    def open_episodes(self) -> list[OpenEpisode]:
        """Episodes with a `new` and no `end`, oldest first."""
        return self._read(episodes.still_open)

    def episodes_of(self, subjects: Sequence[str]) -> list[str]:
        """Ids of the kept episodes whose decision names one of these pseudonyms, oldest first."""
        return self._read(lambda reader: facts.episodes_of(reader, subjects))

    def tail(self) -> Tail:
        """The last `seq` given out, and what can never be sent."""

        def read(reader: Connection) -> Tail:
            rows = reader.execute(
                "SELECT from_seq, to_seq, reason FROM tombstone ORDER BY from_seq DESC LIMIT ?", (_TAIL_RANGES,)
            ).fetchall()
            lost = tuple(Lost(from_seq=start, to_seq=end, reason=reason) for start, end, reason in reversed(rows))
            return Tail(seq=facts.last_seq(reader), lost=lost)

        return self._read(read)

    def stats(self) -> JournalStats:
        """Counts for health and metrics."""

        def read(reader: Connection) -> JournalStats:
            depth, oldest_s = reader.execute("SELECT count(*), min(queued_s) FROM outbox").fetchone()
            return JournalStats(
                last_seq=facts.last_seq(reader),
                outbox_depth=depth,
                outbox_oldest_s=max(0.0, self._now().timestamp() - oldest_s) if depth else 0.0,
                evidence_waiting_bytes=outbox.evidence_bytes(reader),
                evidence_dropped_total=facts.value(reader, "evidence_dropped"),
                tombstones_total=facts.value(reader, "tombstones"),
                damaged=self._damaged,
            )

        return self._read(read)

    def check(self) -> None:
        """Write a little: a disk that takes nothing more is known before the next event. Raises JournalError."""
        self._writer.do(lambda connection: facts.count(connection, "checks", 1), durable=False)

    def tidy(self) -> None:
        """Forget confirmed events beyond those kept, and commands long expired; done anyway when the box is idle."""
        self._writer.do(self._tidy_up, durable=False)

    def next_bd_seq(self) -> int:
        """Count the connections of this box, over restarts."""

        def count(connection: Connection) -> int:
            facts.count(connection, "bd_seq", 1)
            return facts.value(connection, "bd_seq")

        return self._writer.do(count)

    def take_command(self, command_id: str, name: str, expires_at: datetime) -> bool:
        """Remember a command before it is executed; False when its id was taken before. Durable when this returns."""
        now = self._now()
        return self._writer.do(
            lambda connection: commands.take(
                connection, command_id=command_id, name=name, expires_at=expires_at, now=now
            )
        )

    def answer_command(self, ack: CommandAck) -> None:
        """Remember and queue the answer to a command."""
        payload = ack.to_json()
        waiting = Waiting(
            OutboxKind.REPLY, self.topics.cmd_ack(ack.id), ack.id, payload, len(payload), self._now().timestamp()
        )

        def keep(connection: Connection) -> None:
            commands.answer(connection, ack)
            outbox.put(connection, waiting)

        self._writer.do(keep)

    def last_answer(self, command_id: str) -> CommandAck | None:
        """The latest word on a command, if there was any."""
        return self._read(lambda reader: commands.last_answer(reader, command_id))

    def unfinished_commands(self) -> list[tuple[str, str]]:
        """(id, name) of commands accepted before a restart that got no last word."""
        return self._read(commands.unfinished)

    def _put_picture(self, connection: Connection, waiting: Waiting) -> int | None:
        over = outbox.evidence_bytes(connection) + waiting.bytes - self._limits.evidence_bytes
        if waiting.bytes > self._limits.evidence_bytes:
            facts.count(connection, "evidence_dropped", 1)
            return None
        if over > 0:
            facts.count(connection, "evidence_dropped", outbox.drop_evidence(connection, over))
        return outbox.put(connection, waiting)

    def _make_room(self, connection: Connection) -> None:
        """The disk or the quota is full: pictures go, then confirmed events; facts that wait stay."""
        store.free_reserve(self._files)
        store.fold(connection)
        # In small steps: dropping needs room itself.
        for _ in range(_ROOM_STEPS):
            connection.execute("BEGIN IMMEDIATE")
            dropped = outbox.drop_evidence(connection, _ROOM_STEP_BYTES)
            facts.count(connection, "evidence_dropped", dropped)
            if not dropped:
                facts.prune(connection, facts.last_seq(connection) - self._limits.kept_events // 2)
            connection.execute("COMMIT")
            store.fold(connection)
            if not dropped:
                return

    def _after_commit(self, connection: Connection) -> None:
        store.note_seq(self._files, facts.last_seq(connection))

    def _tidy_up(self, connection: Connection) -> None:
        facts.prune(connection, facts.last_seq(connection) - self._limits.kept_events)
        commands.forget(connection, self._now())
        store.make_reserve(self._files, self._limits.reserve_bytes)

    def _report_loss(self, noted: int, reason: str) -> None:
        """The database is new, but the box is not: go on above every `seq` it can have given out, and say so."""
        self._seq_floor = noted + _DAMAGE_MARGIN if noted else 0
        if noted:
            at = self._now()
            self._writer.do(lambda connection: facts.lose(connection, noted + 1, self._seq_floor, reason, at))
        code, at = find("DEVICE.JOURNAL.DAMAGED"), self._now()
        # Which signed commands were executed is lost with it: none is taken that may have been.
        floor_s = at.timestamp() + MAX_SIGNED_LIFE_S
        self._writer.do(lambda connection: commands.raise_floor(connection, floor_s))
        new = EventDraft(
            event_id=self._ulids.new(at),
            at=at,
            phase=Phase.NEW,
            code=code.code,
            severity=code.severity,
            decision=Decision(reason="set_aside"),
        )
        self.record_many([new, new.model_copy(update={"phase": Phase.END, "end_reason": "set_aside"})])

    def _read(self, read: Callable[[Connection], T]) -> T:
        with self._read_lock:
            try:
                return read(self._reader)
            except sqlite3.Error as error:
                raise JournalError(f"journal {self._files.database} cannot be read: {error}") from error
