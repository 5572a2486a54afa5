import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeguard.agent.logs import (
    BURST,
    REMEMBERED,
    REPEAT_S,
    JsonFormatter,
    LogFormat,
    RepeatFilter,
    TextFormatter,
    default_format,
    without_secrets,
)


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("edgeguard.test.logs")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_a_line_is_an_object(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    fields = {"camera": "lift-a", "event_id": "01", "code": "LIFT.EBIKE.ENTER", "seq": 4}
    logger.warning("灯 %s", "on", extra=fields)
    entry: dict[str, Any] = json.loads(stream.getvalue())
    assert entry.pop("ts").endswith("Z")
    assert entry == {"level": "warning", "logger": "edgeguard.test.logs", "msg": "灯 on", **fields}


def test_an_error_and_a_banner_stay_on_their_line(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    try:
        int("rtsp://me:hunter2@cam/1")
    except ValueError:
        logger.exception("\n!!!!\n!! loud\n!! and clear\n!!!!")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["msg"] == "loud and clear"
    assert "'rtsp://***@cam/1'" in json.loads(line)["error"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("opens rtsp://user:hunter2@10.0.0.1/x", "opens rtsp://***@10.0.0.1/x"),
        ("rtsp://user:hun/ter2@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
        ("rtsp://user:hun@ter2:x@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
        ("http://cam/snap?user=a&password=hunter2&x=1", "http://cam/snap?user=a&password=***&x=1"),
        ("token: hunter2", "token: ***"),
        ("Authorization: Bearer hunter2", "Authorization: Bearer ***"),
        ("{'password': 'hunter2'}", "{'password': '***'}"),
        ("password_env: the variable LIFT_A is not set", "password_env: the variable LIFT_A is not set"),
        ("user name or password refused (401)", "user name or password refused (401)"),
        ("mail guard@site.example", "mail guard@site.example"),
    ],
)
@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()], ids=["json", "text"])
def test_no_secret_is_written(text: str, shown: str, formatter: logging.Formatter) -> None:
    assert without_secrets(text) == shown
    line = formatter.format(logging.LogRecord("x", logging.INFO, "", 1, "%s", (text,), None))
    assert "hunter2" not in line
    assert "ter2" not in line


def record(message: str, **fields: str) -> logging.LogRecord:
    made = logging.LogRecord("x", logging.WARNING, "", 1, message, (), None)
    made.__dict__.update(fields)
    return made


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_camera_that_fails_every_second_does_not_fill_the_disk() -> None:
    clock = Clock()
    repeats = RepeatFilter(clock)
    passed = []
    for second in range(3600):
        clock.now_s += 1
        line = record(f"camera lift-a is blind: no frame for {second}.2 s", camera="lift-a")
        if repeats.filter(line):
            passed.append(line.getMessage())
    assert len(passed) == BURST + 3600 // REPEAT_S - 1
    assert passed[BURST].endswith(f"({int(REPEAT_S) - BURST} more like this were left out)")
    assert "left out" not in "".join(passed[:BURST])


def test_what_differs_in_more_than_numbers_passes() -> None:
    repeats = RepeatFilter(Clock())
    events = [record(f"LIFT.EBIKE.ENTER new seq {n}", event_id=f"id{n}") for n in range(100)]
    cameras = [record("camera is blind", camera=f"lift-{n}") for n in range(100)]
    assert all(repeats.filter(line) for line in (*events, *cameras))


def test_lines_met_long_ago_are_forgotten() -> None:
    repeats = RepeatFilter(Clock())
    for n in range(REMEMBERED + 500):
        repeats.filter(record("x", camera=str(n)))
    assert len(repeats._lines) == REMEMBERED


def test_the_journal_gets_json_and_a_person_text() -> None:
    with Path(os.devnull).open("w") as stream:
        at = os.fstat(stream.fileno())
        journal = {"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"}
        assert default_format(stream, journal) is LogFormat.JSON
        assert default_format(stream, {"JOURNAL_STREAM": "1:2"}) is LogFormat.TEXT
        assert default_format(stream, {}) is LogFormat.TEXT
    assert default_format(io.StringIO(), journal) is LogFormat.TEXT


@pytest.mark.parametrize(("chosen", "starts"), [("LogFormat.JSON", "{"), ("LogFormat.TEXT", "20"), ("None", "20")])
def test_a_process_writes_to_its_stderr(chosen: str, starts: str) -> None:
    program = (
        "import logging; from edgeguard.agent.logs import LogFormat, set_up;"
        f"set_up(verbose=False, chosen={chosen});"
        "[logging.getLogger('a').warning('again %d', n) for n in range(50)]; logging.getLogger('a').debug('no')"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    lines = done.stderr.splitlines()
    assert len(lines) == BURST
    assert all(line.startswith(starts) for line in lines)
