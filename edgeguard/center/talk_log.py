"""Every live talk: who spoke into which lift, when, for how long, and what came of it."""

from edgeguard.center import rows
from edgeguard.center.attachments import CardTalk
from edgeguard.center.cards import Card
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339
from edgeguard.contract.commands import Command


class TalkLog:
    """Rows of the table `talk`. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, card: Card, talk: CardTalk, command: Command | None) -> None:
        """Remember a talk before it is asked for; without a command it was refused here."""
        at = rfc3339(talk.started_at)
        with self._db.writing() as tx:
            ended = None if talk.ended_at is None else rfc3339(talk.ended_at)
            facts = (talk.camera, talk.by, at, ended, talk.audio_s, talk.result, talk.detail)
            tx.execute(
                "INSERT INTO talk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (talk.id, card.event_id, card.site, card.box, *facts),
            )
            if command is not None:
                args = command.model_dump_json(include={"args"})
                sent = (args, command.by, at, rfc3339(command.expires_at))
                tx.execute(
                    "INSERT INTO command VALUES (?, ?, ?, ?, 'talk', ?, ?, ?, ?, 'sent', '')",
                    (command.id, card.event_id, card.site, card.box, *sent),
                )
            rows.audit(tx, at, talk.by, "cmd/talk", card.event_id, talk.camera or "")

    def end(self, event_id: str, talk: CardTalk) -> None:
        """Say how it ended."""
        if talk.ended_at is None:
            raise ValueError(f"talk {talk.id} has not ended")
        at = rfc3339(talk.ended_at)
        with self._db.writing() as tx:
            tx.execute(
                "UPDATE talk SET ended_at = ?, audio_s = ?, result = ?, detail = ? WHERE id = ?",
                (at, talk.audio_s, talk.result, talk.detail, talk.id),
            )
            told = f"{talk.result}, {talk.audio_s:.1f} s{': ' if talk.detail else ''}{talk.detail}"
            rows.audit(tx, at, talk.by, "talk", event_id, told)

    def cut_off(self) -> list[str]:
        """End what a stopped center left open; returns the alarms it belongs to."""
        with self._db.writing() as tx:
            found = tx.execute("SELECT DISTINCT event_id FROM talk WHERE result = 'speaking'").fetchall()
            tx.execute("UPDATE talk SET result = 'lost', ended_at = started_at WHERE result = 'speaking'")
            return [row["event_id"] for row in found]
