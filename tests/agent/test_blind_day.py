from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edgeguard.agent.blind_day import BlindDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)  # 00:00 in Shanghai


@pytest.mark.parametrize(
    ("steps", "today_s"),
    [
        ([], 0.0),
        ([(-10, 3.0), (-1, 4.0)], 4.0),
        ([(-10, 3.0), (-1, 4.0), (1, 4.5)], 0.5),
        ([(-1, 4.0), (1, 4.0), (86398, 9.0)], 5.0),
        ([(-1, 4.0), (86401, 9.0)], 5.0),
        ([(1, 4.0), (2, 1.0), (3, 1.5)], 5.5),  # another reader counts from 0
    ],
    ids=["nothing", "one day", "midnight", "the whole day", "a day later", "replaced"],
)
def test_counts_the_day_of_the_zone(steps: list[tuple[float, float]], today_s: float) -> None:
    day = BlindDay(SHANGHAI)
    for second, blind_s in steps:
        day.count(blind_s, MIDNIGHT + timedelta(seconds=second))
    assert day.today_s == pytest.approx(today_s)


def test_without_a_zone_it_is_the_machines_own() -> None:
    day = BlindDay()
    assert day.count(2.0, datetime.now(UTC)) == 2.0
