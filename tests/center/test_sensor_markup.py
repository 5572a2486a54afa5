"""What a card says of a sensor, in both languages, with whatever a box sends."""

from datetime import UTC, datetime, timedelta
from typing import Any

from edgeguard.center.attachments import CardNotice
from edgeguard.center.cards import Card, fold
from edgeguard.center.console import markup, sensor_markup
from edgeguard.center.hub import CommandChanged
from edgeguard.center.sla import CardTimer
from edgeguard.contract import Action, Event, EventDraft, SensorReading
from edgeguard.types import Phase, Severity

START = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)
ID = "01KG9GZYD00000000000000001"


def card(update: dict[str, Any] | None = None, **facts: Any) -> Card:
    usual: dict[str, Any] = {"code": "SENSOR.HEAT", "severity": Severity.CRITICAL, "rule": "sensor", "zones": ("c-3",)}
    draft = EventDraft(event_id=ID, at=START, phase=Phase.NEW, **(usual | facts))
    made = fold([(Event.of(draft, site="s", box="b", seq=1, rev=0), START)], [], 600)
    return made.model_copy(update=update or {})


def test_readings_tell_value_unit_and_what_is_old() -> None:
    sensors = {
        "temperature": SensorReading(value=78.25, unit="°C", age_ms=200),
        "<b>": SensorReading(value="<i>", unit="<u>", age_ms=45_000),
    }
    told = sensor_markup.readings("zh", card(sensors=sensors))
    assert "温度</small><b>78.25</b> °C" in told
    assert "45 秒前" in told
    assert "&lt;b&gt;</small><b>&lt;i&gt;</b> &lt;u&gt;" in told
    assert sensor_markup.readings("en", card(rule="lift_ebike", sensors=sensors)) == ""


def test_timers_count_down_or_tell_how_long_it_took() -> None:
    def timer(**facts: Any) -> CardTimer:
        return CardTimer(goal="arrived", started_at=START, due_at=START + timedelta(seconds=60), **facts)

    running = sensor_markup.timers("en", card({"timers": (timer(),)}))
    assert 'data-due="2026-01-31T08:01:00.000Z" data-left="left" data-over="overdue"' in running
    met = sensor_markup.timers("en", card({"timers": (timer(met_at=START + timedelta(seconds=75), missed=True),)}))
    assert "Arrival</small><b>took 01:15</b> · missed" in met
    assert "data-due" not in met
    assert sensor_markup.timers("en", card()) == ""


def test_who_was_told_and_what_was_cut_off() -> None:
    def notice(state: Any, **facts: Any) -> CardNotice:
        return CardNotice(name="<Li>", level="grid", step=0, state=state, created_at=START, **facts)

    off = Action(type="cut_off", target="c-3", started_at=START, result="done", detail="Zhang: coil <5>")
    update = {"notices": (notice("sent", sent_at=START), notice("waiting", detail="HTTP 503"), notice("given_up"))}
    told = markup.facts("en", card(update, actions=(off,)))
    assert "&lt;Li&gt; told at" in told
    assert "Telling &lt;Li&gt; (Grid): HTTP 503" in told
    assert "could not be told" in told
    assert "Power is off (Zhang: coil &lt;5&gt;)" in told
    assert "Called again" in markup.facts("en", card({"again_at": START}))


def test_a_cut_off_is_told_as_it_goes() -> None:
    told = sensor_markup.said("zh", CommandChanged("c", ID, "failed", "no <coil>"))
    assert told == '<span class="bad">断电失败: no &lt;coil&gt;</span>'
    assert "No camera nearby" in markup.picture("en", card(camera=None))
