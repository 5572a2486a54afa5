import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edgeguard.contract import SpeakArgs, SpeakCommand, ViewCommand, read_command
from edgeguard.errors import ContractError

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def payload(args: object, **changes: Any) -> bytes:
    command = {"id": "c1", "issued_at": "2026-01-31T08:00:00Z", "expires_at": "2026-01-31T08:00:30Z", "by": "desk"}
    return json.dumps({**command, "args": args, **changes}).encode()


def test_speak_is_read() -> None:
    command = read_command("speak", payload({"phrase": "ebike_leave", "language": "zh", "repeat": 2}))
    assert isinstance(command, SpeakCommand)
    assert command.args == SpeakArgs(phrase="ebike_leave", language="zh", repeat=2)


def test_view_has_defaults() -> None:
    command = read_command("view", payload({"camera": "lift-1"}))
    assert isinstance(command, ViewCommand)
    assert (command.args.duration_s, command.args.rate_hz) == (30.0, 2.0)


@pytest.mark.parametrize(("after_s", "expired"), [(-60, False), (0, False), (29.999, False), (30, True), (3600, True)])
def test_expiry(after_s: float, expired: bool) -> None:
    command = read_command("talk", payload({"camera": "lift-1"}))
    assert command.expired(NOW + timedelta(seconds=after_s)) is expired


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("dance", payload({}), "'dance', accepted: speak, view, talk, open, release"),
        ("speak", b"", "SpeakCommand"),
        ("speak", b"\x00\xff", "SpeakCommand"),
        ("speak", payload({}), "args.phrase"),
        ("speak", payload({"phrase": "../etc/passwd"}), "args.phrase"),
        ("speak", payload({"phrase": "a", "repeat": 100}), "args.repeat"),
        ("speak", payload({"phrase": "a", "volume": 11}), "args.volume"),
        ("speak", payload({"phrase": "a"}, sudo=True), "sudo"),
        ("speak", payload({"phrase": "a"}, id="a/b"), "id"),
        ("speak", payload({"phrase": "a"}, expires_at="2026-01-31T07:59:00Z"), "must be later"),
        ("view", payload({"camera": "c", "duration_s": 100000}), "args.duration_s"),
    ],
)
def test_a_wrong_command_is_refused(name: str, body: bytes, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        read_command(name, body)
