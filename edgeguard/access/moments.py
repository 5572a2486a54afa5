"""Times as the tables have them: whole Unix seconds."""

from datetime import UTC, datetime


def seconds(at: datetime) -> int:
    """Whole Unix seconds."""
    return int(at.timestamp())


def maybe_seconds(at: datetime | None) -> int | None:
    return None if at is None else seconds(at)


def moment(at_s: int) -> datetime:
    """Aware UTC."""
    return datetime.fromtimestamp(at_s, UTC)


def maybe_moment(at_s: int | None) -> datetime | None:
    return None if at_s is None else moment(at_s)
