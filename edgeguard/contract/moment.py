"""When a live picture was taken, written into its JPEG: whoever shows it can tell a late one from a live one."""

from datetime import datetime

from edgeguard.contract.base import rfc3339
from edgeguard.errors import ContractError

_START = b"\xff\xd8"
_COMMENT = b"\xff\xfe"
_KEY = b"captured="
# Marker, length, key and an RFC 3339 time in UTC with milliseconds.
STAMP_BYTES = 4 + len(_KEY) + 24


def stamped_jpeg(jpeg: bytes, captured_at: datetime) -> bytes:
    """Return the JPEG with a comment `captured=2026-01-31T08:00:00.000Z` in front, `STAMP_BYTES` longer."""
    if not jpeg.startswith(_START):
        raise ContractError(f"picture: met {jpeg[:2]!r} at its start, accepted: a JPEG")
    text = _KEY + rfc3339(captured_at).encode()
    return _START + _COMMENT + (len(text) + 2).to_bytes(2, "big") + text + jpeg[len(_START) :]


def captured_at(jpeg: bytes) -> datetime | None:
    """When a live picture was taken; None where it does not say."""
    text = jpeg[len(_START) + 4 : len(_START) + STAMP_BYTES]
    if not jpeg.startswith(_START + _COMMENT) or not text.startswith(_KEY):
        return None
    try:
        told = datetime.fromisoformat(text.removeprefix(_KEY).decode("ascii"))
    except ValueError:
        return None
    # Without its zone it is no moment.
    return told if told.tzinfo is not None else None
