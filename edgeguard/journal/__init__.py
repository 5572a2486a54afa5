"""The durable event log of a box and its outbox (SQLite)."""

from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.journal.journal import Journal, JournalLimits, JournalStats

__all__ = ["Journal", "JournalLimits", "JournalStats", "OutboxKind", "OutboxRow"]
