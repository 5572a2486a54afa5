import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.contract import Event, EventDraft, Place, SeenObject, Timing
from edgeguard.contract.event import stamped
from edgeguard.errors import ContractError
from edgeguard.types import Phase, Severity

AT = datetime(2026, 1, 31, 8, 0, 0, 123_987, tzinfo=UTC)
EVENT_ID = "01KG9H1S000000000000000001"


def draft(**changes: Any) -> EventDraft:
    facts: dict[str, Any] = {
        "event_id": EVENT_ID,
        "at": AT,
        "phase": Phase.NEW,
        "code": "LIFT.EBIKE.ENTER",
        "severity": Severity.CRITICAL,
    }
    return EventDraft(**{**facts, **changes})


def event(**changes: Any) -> Event:
    return Event.of(draft(**changes), site="s1", box="b1", seq=7, rev=2)


def raw(**changes: Any) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(event().to_json())
    return {**message, **changes}


def test_envelope_follows_from_the_draft() -> None:
    message = json.loads(event().to_json())
    assert message["specversion"] == "1.0"
    assert message["id"] == f"{EVENT_ID}.2"
    assert message["source"] == "//s1/b1"
    assert message["type"] == "edgeguard.lift.LIFT.EBIKE.ENTER.v1"
    assert message["subject"] == EVENT_ID
    assert message["time"] == "2026-01-31T08:00:00.123Z"
    assert message["data"]["seq"] == 7
    assert message["data"]["place"] == {"site": "s1"}


def test_reads_back_what_it_wrote() -> None:
    written = event(object=SeenObject(label="e-bike", box=(0.0, 0.1, 0.2, 1.0)), timing=Timing(captured=AT))
    assert Event.from_json(written.to_json()) == written
    assert (written.site, written.box) == ("s1", "b1")


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    china = timezone(timedelta(hours=8))
    assert event(at=AT.astimezone(china)).to_json() == event().to_json()


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        draft(at=AT.replace(tzinfo=None))


def test_class_is_the_json_name_of_label() -> None:
    message = json.loads(event(object=SeenObject(label="e-bike")).to_json())
    assert message["data"]["object"] == {"class": "e-bike", "frames_seen": 0}


def test_a_place_of_the_site_file_is_kept() -> None:
    assert event(place=Place(site="s1", lift="A")).data.place == Place(site="s1", lift="A")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "LIFT.EBIKE.FLY"}, "not in the table"),
        ({"code": "lift"}, "pattern"),
        ({"event_id": "42"}, "pattern"),
        ({"camera": "a/b"}, "pattern"),
        ({"dwell_s": -1}, "greater than or equal"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_wrong_draft_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        draft(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"specversion": "2.0"}, "specversion"),
        ({"id": f"{EVENT_ID}.3"}, "id is"),
        ({"subject": "01KG9H1S000000000000000002"}, "subject is"),
        ({"type": "edgeguard.lift.LIFT.BICYCLE.ENTER.v1"}, "type is"),
        ({"source": "s1/b1"}, "source"),
        ({"data": {}}, "data.event_id"),
    ],
)
def test_a_wrong_event_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Event.from_json(json.dumps(raw(**changes)))


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"[]", b"null", b"{", b"x" * 70_000])
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(ContractError, match=r"^Event: "):
        Event.from_json(payload)


def test_a_newer_writer_is_understood() -> None:
    newer = raw(traceparent="00-1")
    code = "LIFT.SCOOTER.ENTER"
    newer["data"] |= {"weather": "rain", "code": code}
    newer["type"] = f"edgeguard.lift.{code}.v1"
    assert Event.from_json(json.dumps(newer)).data.code == code


def test_stamping_changes_only_published_and_historical() -> None:
    stored = event(timing=Timing(captured=AT)).to_json()
    sent = Event.from_json(stamped(stored, AT + timedelta(seconds=1), historical=True))
    assert sent.data.historical
    assert sent.data.timing == Timing(captured=AT, published=AT + timedelta(seconds=1))
    assert sent.id == Event.from_json(stored).id
