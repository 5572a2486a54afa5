"""The page of conduct: crowds with their plan, counts by hour and place, and the lines for a site file."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Any

import httpx
import pytest
import yaml
from pydantic import ValidationError

from edgeguard.center.cards import CardAck
from edgeguard.center.config import RetentionConfig
from edgeguard.center.console import conduct_markup, rules_markup, whatif_markup
from edgeguard.center.database import Database
from edgeguard.center.intake import Received
from edgeguard.center.rule_words import RuleWord
from edgeguard.center.snippet import Wish, WishedWindow, snippet
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.center.store import BoxHealth
from edgeguard.center.tallies import Crowd, crowds, tally
from edgeguard.contract import CODES, Action, Birth, Event, Family, Place, SensorReading, Software
from edgeguard.contract.device import ArmedWindow, CameraInfo, RuleInfo, RuleOverride, RuleValues
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_that_a_box_tells_of_its_rules_is_markup(language: str) -> None:
    evil = f"\"'>{EVIL}"
    windows = (ArmedWindow(start=evil, end=evil),)
    values: dict[str, Any] = {"dwell_s": 9, "timezone": evil, "windows": windows}
    over = RuleOverride(fields=("armed",), by=evil, at=NOW, until=NOW, site_file=RuleValues(**values))
    rule = RuleInfo(kind="conduct_loiter", zone=evil, settable=("on",), override=over, **values)
    camera = CameraInfo(id="yard-1", label=evil, place=Place(site="riverside", building=evil), rules=(rule,))
    told: dict[str, Any] = {"software": Software(version="0"), "boot_id": "b", "bd_seq": 1, "settings_lost": evil}
    box = BoxHealth("riverside", "box-1", None, Birth(cameras=(camera,), **told), ())
    word = RuleWord("refused", evil, evil, NOW, evil)
    html = rules_markup.Rules(language, lambda _: word, may=True).all([box])
    html += rules_markup.form(language, box, camera, 0, Wish.of(rule), evil, evil)
    html += whatif_markup.form(
        language, [evil], dict.fromkeys(("scenario", "param", "first", "last", "step"), evil), evil
    )
    html += whatif_markup.shown(language, evil)
    assert ("<img" not in html, "\"'>" not in html) == (True, True)


def test_every_kind_of_conduct_vehicle_and_sensor_is_counted(store: SqliteStore, database: Database) -> None:
    box = Box(0)
    take(store, *(box.event(Phase.NEW, code=code, at=NOW - timedelta(hours=1), place=SQUARE) for code in CODES))
    found = tally(database, NOW, 1, UTC)
    families = {Family.LIFT, Family.CONDUCT, Family.VEHICLE, Family.SENSOR}
    wanted = {code for code, row in CODES.items() if row.family in families and ".PLATE." not in code}
    assert {card.code for card, _, _ in found.codes} == wanted | {"ACCESS.TAILGATE"}
    assert {"VEHICLE.WRONGWAY", "SENSOR.SOS"} <= wanted
    assert sum(found.places[0][1]) == found.total == len(wanted) + 1, "in the plot and in the heat too"


LUNCH = ArmedWindow(start="12:00", end="13:00")


def written(rule: RuleInfo, wish: Wish) -> dict[str, Any]:
    (lines,) = yaml.safe_load(snippet("yard-1", rule, wish, "en"))
    ConductLoiterConfig.model_validate(lines)
    return dict(lines)


def test_the_lines_are_what_a_site_file_takes() -> None:
    night = WishedWindow(start="22:00", end="06:00", days=("mon", "sun"))
    config = ConductLoiterConfig.model_validate(written(LOITER, Wish(min_score=0.4, dwell_s=60, windows=(night,))))
    assert (config.name, config.min_score, config.dwell_s) == ("garage ramp", 0.4, 60)
    assert (config.armed.timezone, config.armed.windows[0].days) == ("Asia/Shanghai", ("mon", "sun"))
    assert yaml.safe_load(snippet("yard-1", LOITER, Wish(on=False), "zh")) is None
    assert Wish.of(LOITER).windows == (WishedWindow(start="22:00", end="06:00", days=("mon", "tue")),)


def test_the_lines_say_all_windows_or_none() -> None:
    two = LOITER.model_copy(update={"windows": (*LOITER.windows, LUNCH)})
    as_they_are = Wish.of(two).windows
    assert as_they_are is not None
    assert "armed" not in written(two, Wish(dwell_s=90, windows=as_they_are)), "what is not changed stays in the file"
    earlier = as_they_are[0].model_copy(update={"start": "21:00"})
    rows = written(two, Wish(windows=(earlier, as_they_are[1])))["armed"]["windows"]
    assert [row["start"] for row in rows] == ["21:00", "12:00"]
    assert written(two, Wish(windows=()))["armed"] == {"windows": []}, "always armed is said, not left out"
    utc = two.model_copy(update={"timezone": None})
    assert "timezone" not in written(utc, Wish(windows=(earlier,)))["armed"], "the hours stay in UTC"
    fresh = RuleInfo(kind="conduct_loiter", zone="z", dwell_s=9)
    assert written(fresh, Wish(windows=(earlier,)))["armed"]["timezone"] == "Asia/Shanghai"
    over = RuleOverride(fields=("armed",), by="w", at=NOW, site_file=RuleValues(dwell_s=120))
    set_here = LOITER.model_copy(update={"override": over})
    assert written(set_here, Wish.of(set_here))["armed"]["windows"], "what was set from here is not in the file"


@pytest.mark.parametrize("wrong", [{"min_score": 1.5}, {"windows": ({"start": "22:00"},)}, {"dwell_s": -1}])
def test_a_wish_that_no_site_file_takes(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Wish.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong", [{"start": "25:00", "end": "06:00"}, {"start": "22:00", "end": ""}, {"days": ("someday",)}, {"days": ()}]
)
def test_a_window_that_no_site_file_takes(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WishedWindow.model_validate({"start": "22:00", "end": "06:00", **wrong})


def test_settings_are_shown_and_lines_written(box: Box, center: CenterProcess, client: httpx.Client) -> None:
    camera = CameraInfo(id="yard-1", place=SQUARE, rules=(LOITER, RuleInfo(kind="lift_ebike", zone="cabin")))
    box.introduce(cameras=[camera])
    wait_for(lambda: "garage ramp" in client.get("/conduct").text, "the settings")
    page = client.get("/conduct").text
    assert "22:00-06:00" in page
    assert page.count("/conduct/snippet?") == 1, "only what a zone's rule has can be set"
    assert ("data-rule=" not in page, "id=setting" not in page) == (True, True), "nobody here is a supervisor"
    where = {"site": "riverside", "box": "box-1", "camera": "yard-1", "rule": "0"}
    form = client.get("/conduct/snippet", params=where).text
    assert (form.count("name=start"), "name=days1" in form) == (2, True), "the window there is, and another"
    asked: dict[str, Any] = {**where, "sent": "1", "dwell_s": "30", "min_score": ""}
    nights = {"start": ["22:00", ""], "end": ["06:00", ""], "days0": ["mon", "tue"], "days1": ["mon"]}
    loiter = {"kind": "conduct_loiter", "name": "garage ramp", "dwell_s": 30.0}
    assert lines(client.get("/conduct/snippet", params=asked | nights).text) == [loiter]
    always = client.get("/conduct/snippet", params=asked | {"start": ["", ""], "end": ["", ""]}).text
    assert lines(always) == [loiter | {"armed": {"windows": []}}]
    for wrong in ({"dwell_s": "-1"}, {"start": "22:00", "end": ""}, {"start": "22:00", "end": "06:00"}):
        refused = client.get("/conduct/snippet", params=asked | wrong).text
        assert ("role=alert" in refused.partition("<main>")[2], "<pre" in refused) == (True, False)
    for change in ({"rule": "1"}, {"rule": "-1"}, {"camera": "none"}):
        assert client.get("/conduct/snippet", params=where | change).status_code == 404
    assert client.get("/api/conduct").json()["days"] == 1


def lines(page: str) -> Any:
    found = re.search(r"<pre id=snippet>(.*?)</pre>", page, re.DOTALL)
    assert found is not None
    return yaml.safe_load(unescape(found[1]))
