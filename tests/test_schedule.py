from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from edgeguard.schedule import Schedule, read_hours, write_hours

FRIDAY_NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)
DAY = {"start": "06:00", "end": "23:30"}
NIGHT = {"start": "22:00", "end": "06:00", "days": ["fri"]}


@pytest.mark.parametrize(
    ("windows", "timezone", "at", "armed"),
    [
        ([], None, "2026-01-30T03:00Z", True),
        ([DAY], None, "2026-01-30T05:59Z", False),
        ([DAY], None, "2026-01-30T06:00Z", True),
        ([DAY], None, "2026-01-30T23:30Z", False),
        ([DAY], "Asia/Shanghai", "2026-01-29T22:00Z", True),
        ([DAY], "Asia/Shanghai", "2026-01-29T21:59Z", False),
        ([NIGHT], None, "2026-01-30T21:59Z", False),
        ([NIGHT], None, "2026-01-30T22:00Z", True),
        ([NIGHT], None, "2026-01-31T05:59Z", True),
        ([NIGHT], None, "2026-01-31T22:00Z", False),
        ([NIGHT, DAY], None, "2026-01-31T22:00Z", True),
    ],
)
def test_armed(windows: list[dict[str, object]], timezone: str | None, at: str, armed: bool) -> None:
    schedule = Schedule.model_validate({"timezone": timezone, "windows": windows})
    assert schedule.armed(datetime.fromisoformat(at)) is armed


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timezone": "Asia/Shangai"}, "met 'Asia/Shangai'"),
        ({"windows": [{"start": "25:00", "end": "06:00"}]}, "hour value is outside expected range"),
        ({"windows": [{"start": "06:00", "end": "07:00", "days": ["funday"]}]}, "'mon', 'tue'"),
        ({"windows": [{"start": "06:00", "end": "07:00", "days": []}]}, "at least 1 item"),
    ],
)
def test_a_wrong_schedule_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Schedule.model_validate(wrong)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("8:00-18:00", "08:00-18:00"),
        ("Mon-Fri 08:00 - 18:00;sat 9:00-12:00;", "mon-fri 08:00-18:00; sat 09:00-12:00"),
        ("mon,wed,fri 22:00-06:00", "mon,wed,fri 22:00-06:00"),
        ("sat-mon 08:00-10:00", "mon,sat,sun 08:00-10:00"),
        ("mon-sun 08:00-10:00", "08:00-10:00"),
    ],
)
def test_hours_are_read_and_written(text: str, written: str) -> None:
    schedule = read_hours(text, "Asia/Shanghai")
    assert write_hours(schedule.windows) == written
    assert read_hours(written, "Asia/Shanghai") == schedule


@pytest.mark.parametrize(
    "text", ["9 to 5", "8-18", "25:00-26:00", "monday 08:00-10:00", "mon-xyz 08:00-10:00", "08:00"]
)
def test_what_are_no_hours_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="mon-fri"):
        read_hours(text)
