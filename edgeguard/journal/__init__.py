"""The durable event log of a box and its outbox (SQLite)."""

from edgeguard.journal.journal import Journal, JournalLimits, JournalStats
from edgeguard.journal.outbox import OutboxKind, OutboxRow

__all__ = ["Journal", "JournalLimits", "JournalStats", "OutboxKind", "OutboxRow"]
