from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edgeguard.contract import Action, Clock, Event, ModelRef, Place, SensorReading
from edgeguard.pipeline import Scene, to_draft
from edgeguard.scenarios import orphan_end
from edgeguard.types import Floors, OpenEpisode, Outcome, Phase, Report, Severity, Sighting

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
ULID = "01KG9H1S000000000000000001"
SIGHTING = Sighting("e-bike", 7, (0.1, 0.2, 0.3, 1 / 3), 0.912345678, 12, START, START + timedelta(seconds=4))
REPORT = Report(
    event_id=ULID,
    code="LIFT.EBIKE.ENTER",
    phase=Phase.END,
    severity=Severity.CRITICAL,
    camera_id="lift-1",
    rule="lift_ebike",
    at=START + timedelta(seconds=20),
    monotonic_s=20,
    sighting=SIGHTING,
    zones=("cabin",),
    dwell_s=4.0,
    outcome=Outcome.UNKNOWN,
    end_reason="left",
)
SCENE = Scene(Place(site="demo", lift="A"), ModelRef(name="lift-n", sha256="0" * 64))


def test_everything_a_rule_and_a_site_know_is_in_the_draft() -> None:
    action = Action(type="voice", target="alsa", asset="ebike_leave", result="played")
    decided = START + timedelta(seconds=20.04)
    draft = to_draft(REPORT, SCENE, decided=decided, actions=[action], clock=Clock(synced=True))
    assert (draft.event_id, draft.at, draft.phase, draft.code) == (ULID, REPORT.at, Phase.END, "LIFT.EBIKE.ENTER")
    assert (draft.severity, draft.camera, draft.rule, draft.zones) == (
        Severity.CRITICAL,
        "lift-1",
        "lift_ebike",
        ("cabin",),
    )
    assert (draft.place, draft.model, draft.actions, draft.clock) == (
        SCENE.place,
        SCENE.model,
        (action,),
        Clock(synced=True),
    )
    assert draft.object is not None
    assert (draft.object.label, draft.object.box, draft.object.score) == ("e-bike", (0.1, 0.2, 0.3, 0.33333), 0.91235)
    assert draft.decision is not None
    assert (draft.decision.outcome, draft.end_reason, draft.dwell_s) == ("unknown", "left", 4.0)
    assert (draft.timing.captured, draft.timing.decided) == (REPORT.at, decided)


def test_a_crowd_is_counted_and_comes_with_its_plan() -> None:
    crowd = replace(SIGHTING, label="person", count=12)
    report = replace(REPORT, code="CONDUCT.CROWD.L2", sighting=crowd, plan=("open gate 2", "call the police station"))
    spoken = Action(type="voice", target="alsa", asset="staff_coming", result="played")
    draft = to_draft(report, SCENE, decided=REPORT.at, actions=[spoken])
    assert draft.sensors == {"count": SensorReading(value=12.0, unit="person")}
    assert draft.actions == (
        Action(type="plan", target="staff", asset="open gate 2", result="asked"),
        Action(type="plan", target="staff", asset="call the police station", result="asked"),
        spoken,
    )
    assert to_draft(REPORT, SCENE, decided=REPORT.at).sensors == {}


def test_a_fall_comes_with_its_floors() -> None:
    fell = replace(SIGHTING, label="thing", floors=Floors(low=4, likely=5, high=7))
    sensors = to_draft(replace(REPORT, code="CONDUCT.THROWN", sighting=fell), SCENE, decided=REPORT.at).sensors
    assert {name: (reading.value, reading.unit) for name, reading in sensors.items()} == {
        "floor": (5.0, "floor"),
        "floor_low": (4.0, "floor"),
        "floor_high": (7.0, "floor"),
    }


def test_a_draft_becomes_an_event() -> None:
    draft = to_draft(REPORT, Scene(), decided=REPORT.at)
    event = Event.of(draft, site="demo", box="box-1", seq=1, rev=2)
    assert Event.from_json(event.to_json()) == event


def test_the_end_of_an_orphan() -> None:
    orphan = OpenEpisode(ULID, "LIFT.EBIKE.ENTER", "lift-9", "lift_ebike", START, SIGHTING)
    end = orphan_end(orphan, START + timedelta(hours=1), 5.0)
    assert (end.event_id, end.phase, end.end_reason, end.outcome) == (ULID, Phase.END, "restart", Outcome.UNKNOWN)
    assert end.severity is Severity.CRITICAL
    assert (end.camera_id, end.dwell_s) == ("lift-9", 4.0)
    assert orphan_end(OpenEpisode(ULID, "SENSOR.GAS", "c", "r", START), START, 0).sighting is None
