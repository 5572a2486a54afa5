"""The box's log: lines for a person or JSON for a machine; no secrets, and a repeated line does not fill the disk."""

import json
import logging
import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO

# What a log call may add with `extra={...}`, one field each in the JSON.
FIELDS = ("camera", "event_id", "code", "phase", "seq", "part", "output")

# A line that differs only in its numbers is the same one. So many of it pass, then one in `REPEAT_S`.
BURST = 5
REPEAT_S = 60.0
# More different lines than this are not remembered: the oldest may pass again.
REMEMBERED = 1000

TEXT_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

# All up to the last "@" of a word goes: a password that was not percent-encoded may hold any of "/", "@" and ":".
_USERINFO = re.compile(r"(?<=://)[^\s'\"<>]*@")
_NAMED_SECRET = re.compile(
    r"(?i)\b((?:pass(?:word|wd|phrase)?|pwd|secret|token)[\"']?\s*[=:]\s*[\"']?)(?:bearer\s+)?[^\s&;,/\"']+"
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]+")
_DIGITS = re.compile(r"\d+")


class LogFormat(StrEnum):
    """TEXT for a person's eyes, JSON one object a line."""

    TEXT = "text"
    JSON = "json"


def without_secrets(text: str) -> str:
    """The text with user names and passwords of addresses, and values named like a secret, replaced by `***`."""
    text = _USERINFO.sub("***@", text)
    return _BEARER.sub(r"\1***", _NAMED_SECRET.sub(r"\1***", text))


class JsonFormatter(logging.Formatter):
    """One JSON object: ts (RFC 3339 UTC), level, logger, msg, the FIELDS that were given, error where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "ts": _rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": _in_one_line(without_secrets(record.getMessage())),
        }
        entry |= {name: _plain(getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            entry["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """A line for a person."""

    def __init__(self) -> None:
        super().__init__(TEXT_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


@dataclass(slots=True)
class _Line:
    """A line as it was met lately."""

    window_s: float
    passed: int = 0
    left_out: int = 0


class RepeatFilter(logging.Filter):
    """Lets `BURST` lines of a kind pass, then one in `REPEAT_S` that tells how many were left out."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic_s = monotonic_s
        self._lines: OrderedDict[tuple[object, ...], _Line] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        now_s = self._monotonic_s()
        message = record.getMessage()
        # The fields keep camera 1 and camera 2 apart, whose lines differ in a number only.
        fields = tuple(str(getattr(record, name, "")) for name in FIELDS)
        line = self._line((record.name, record.levelno, _DIGITS.sub("#", message), *fields), now_s)
        if now_s - line.window_s >= REPEAT_S:
            line.window_s, line.passed = now_s, BURST - 1 if line.left_out else 0
        if line.passed >= BURST:
            line.left_out += 1
            return False
        line.passed += 1
        if line.left_out:
            record.msg, record.args = f"{message} ({line.left_out} more like this were left out)", None
            line.left_out = 0
        return True

    def _line(self, key: tuple[object, ...], now_s: float) -> _Line:
        line = self._lines.pop(key, None) or _Line(now_s)
        self._lines[key] = line
        if len(self._lines) > REMEMBERED:
            self._lines.popitem(last=False)
        return line


def default_format(stream: TextIO, environ: Mapping[str, str] = os.environ) -> LogFormat:
    """JSON where systemd's journal reads the stream, else text."""
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return LogFormat.TEXT
    to_journal = environ.get("JOURNAL_STREAM") == f"{at.st_dev}:{at.st_ino}"
    return LogFormat.JSON if to_journal else LogFormat.TEXT


def set_up(*, verbose: bool, chosen: LogFormat | None = None) -> None:
    """Send the log of this process to its stderr, unless it goes somewhere already."""
    stream = sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if (chosen or default_format(stream)) is LogFormat.JSON else TextFormatter())
    if not verbose:  # who asks for detail wants all of it
        handler.addFilter(RepeatFilter())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])


def _rfc3339(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_one_line(message: str) -> str:
    """A banner for eyes, as a sentence."""
    lines = (line.strip("! ") for line in message.splitlines())
    return " ".join(line for line in lines if line)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else without_secrets(str(value))
