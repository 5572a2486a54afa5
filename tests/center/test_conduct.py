"""The page of conduct: crowds with their plan, counts by hour and place, and the lines for a site file."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import unescape

import httpx
import pytest
import yaml
from pydantic import ValidationError

from edgeguard.center.cards import CardAck
from edgeguard.center.config import RetentionConfig
from edgeguard.center.console import conduct_markup
from edgeguard.center.database import Database
from edgeguard.center.intake import Received
from edgeguard.center.snippet import Wish, snippet
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.center.tallies import Crowd, crowds, tally
from edgeguard.contract import Action, Event, Place, SensorReading
from edgeguard.contract.device import ArmedWindow, CameraInfo, RuleInfo
from edgeguard.scenarios.conduct_loiter import ConductLoiterConfig
from edgeguard.types import Phase, Severity
from tests.center.support import Box, CenterProcess
from tests.support.mosquitto import wait_for

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
EVIL = "<img src=x onerror=alert(1)>"
SQUARE = Place(site="riverside", building="Square")
LOITER = RuleInfo(
    kind="conduct_loiter",
    zone="garage ramp",
    dwell_s=120,
    timezone="Asia/Shanghai",
    windows=(ArmedWindow(start="22:00", end="06:00", days=("mon", "tue")),),
)


@pytest.fixture
def store(database: Database) -> SqliteStore:
    return SqliteStore(database, RetentionConfig(), 600)


def take(store: SqliteStore, *events: Event) -> None:
    topic = "eg1/riverside/box-1/event/conduct"
    store.take([Received(topic, event.to_json(), NOW, number) for number, event in enumerate(events)])


def crowd(box: Box, level: str, count: int, plan: Sequence[str] = (), *, after_s: float = 0) -> Event:
    steps = tuple(Action(type="plan", target="staff", asset=step, result="asked") for step in plan)
    return box.event(
        Phase.NEW,
        code=f"CONDUCT.CROWD.{level}",
        camera="yard-1",
        place=SQUARE,
        zones=("square",),
        at=NOW + timedelta(seconds=after_s),
        sensors={"count": SensorReading(value=count)},
        actions=steps,
    )


def test_levels_at_one_place_are_one_crowd_with_the_plan_of_the_highest(store: SqliteStore, database: Database) -> None:
    box = Box(0)
    second = crowd(box, "L2", 11, ("send two guards", "open gate 2"), after_s=5)
    take(store, crowd(box, "L1", 6, ("look",)), second)
    (one,) = crowds(database)
    assert (one.level, one.count, one.plan) == (2, 11, ("send two guards", "open gate 2"))
    store.acknowledge(second.subject, CardAck(kind="handled", by="operator", at=NOW))
    assert crowds(database)[0].level == 2, "they are still there"
    take(store, box.event(Phase.END, second.subject, code="CONDUCT.CROWD.L2", camera="yard-1", zones=("square",)))
    assert [(one.level, one.plan) for one in crowds(database)] == [(1, ("look",))]


def test_alarms_are_counted_by_hour_and_place_without_the_false_ones(store: SqliteStore, database: Database) -> None:
    box = Box(0)

    def loiter(hours_ago: float, where: Place) -> Event:
        at = NOW - timedelta(hours=hours_ago)
        return box.event(Phase.NEW, code="CONDUCT.LOITER", severity=Severity.INFO, at=at, place=where)

    lift = Place(site="riverside", lift="A")
    false, *real = loiter(1, lift), loiter(1, lift), loiter(1, SQUARE), loiter(2, SQUARE), loiter(30, SQUARE)
    take(store, false, *real)
    store.acknowledge(false.subject, CardAck(kind="false_alarm", by="operator", at=NOW))
    found = tally(database, NOW, 1, CHINA)
    assert (found.total, found.hours[Severity.INFO][15], found.hours[Severity.INFO][14]) == (3, 2, 1)
    assert [(card.place, sum(hours)) for card, hours in found.places] == [(SQUARE, 2), (lift, 1)]
    assert [(card.code, count, false) for card, count, false in found.codes] == [("CONDUCT.LOITER", 4, 1)]
    assert tally(database, NOW, 2, CHINA).total == 4
    assert tally(database, NOW, 1, CHINA, "CONDUCT.FALL").total == 0
    assert conduct_markup.plot("en", found).count("<rect") == 2
    assert "<rect" not in conduct_markup.plot("en", tally(database, NOW, 1, CHINA, "CONDUCT.FALL"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_from_outside_is_markup(store: SqliteStore, database: Database, language: str) -> None:
    event = crowd(Box(0), "L3", 30, (EVIL,)).model_copy()
    data = event.data.model_copy(
        update={"place": Place(site="riverside", building=EVIL), "severity": Severity.CRITICAL}
    )
    take(store, event.model_copy(update={"data": data}))
    found = crowds(database)
    assert isinstance(found[0], Crowd)
    html = conduct_markup.now_there(language, found)
    html += conduct_markup.counted(language, tally(database, NOW, 1, CHINA), 1, "<i>", "UTC")
    assert "<img" not in html
    assert "<i>" not in html


def test_the_lines_are_what_a_site_file_takes() -> None:
    wish = Wish(min_score=0.4, dwell_s=60, start="22:00", end="06:00", days=("mon", "sun"))
    (written,) = yaml.safe_load(snippet("yard-1", LOITER, wish, "en"))
    config = ConductLoiterConfig.model_validate(written)
    assert (config.name, config.min_score, config.dwell_s) == ("garage ramp", 0.4, 60)
    assert (config.armed.timezone, config.armed.windows[0].days) == ("Asia/Shanghai", ("mon", "sun"))
    assert yaml.safe_load(snippet("yard-1", LOITER, Wish(on=False), "zh")) is None
    assert Wish.of(LOITER).days == ("mon", "tue")


@pytest.mark.parametrize(
    "wrong", [{"min_score": 1.5}, {"start": "25:00", "end": "06:00"}, {"start": "22:00"}, {"days": ("someday",)}]
)
def test_a_wish_that_no_site_file_takes(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Wish.model_validate(wrong)


def test_settings_are_shown_and_lines_written(box: Box, center: CenterProcess, client: httpx.Client) -> None:
    camera = CameraInfo(id="yard-1", place=SQUARE, rules=(LOITER, RuleInfo(kind="lift_ebike", zone="cabin")))
    box.introduce(cameras=[camera])
    wait_for(lambda: "garage ramp" in client.get("/conduct").text, "the settings")
    page = client.get("/conduct").text
    assert "22:00-06:00" in page
    assert page.count("/conduct/snippet?") == 1, "only what a zone's rule has can be set"
    where = {"site": "riverside", "box": "box-1", "camera": "yard-1", "rule": "0"}
    asked = {**where, "sent": "1", "dwell_s": "30", "min_score": "", "start": "", "end": ""}
    answer = client.get("/conduct/snippet", params=asked).text
    found = re.search(r"<pre id=snippet>(.*?)</pre>", answer, re.DOTALL)
    assert found is not None
    assert yaml.safe_load(unescape(found[1])) == [{"kind": "conduct_loiter", "name": "garage ramp", "dwell_s": 30.0}]
    refused = client.get("/conduct/snippet", params=asked | {"dwell_s": "-1"}).text
    assert ("role=alert" in refused.partition("<main>")[2], "<pre" in refused) == (True, False)
    for change in ({"rule": "1"}, {"rule": "-1"}, {"camera": "none"}):
        assert client.get("/conduct/snippet", params=where | change).status_code == 404
    assert client.get("/api/conduct").json()["days"] == 1
