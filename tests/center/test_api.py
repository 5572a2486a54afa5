"""The API over HTTP, against the program as a person starts it."""

import json
from collections.abc import Iterator

import httpx
import pytest

from edgeguard.contract import Ack, CommandStatus
from edgeguard.types import Phase
from tests.center.support import PASSWORD, Box, CenterProcess, drawn_lift
from tests.support.mosquitto import Mosquitto, wait_for

DATA_PATHS = ("/api/alarms", "/api/alarms/x", "/api/pictures/x/1.jpg", "/api/boxes", "/api/dead-letters", "/api/stream")


def card(client: httpx.Client, event_id: str) -> dict[str, object]:
    wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the card")
    told: dict[str, object] = client.get(f"/api/alarms/{event_id}").json()
    return told


@pytest.mark.parametrize("path", [*DATA_PATHS, "/assets/console.js", "/_nicegui_ws/socket.io/?EIO=4", "/favicon.ico"])
def test_nothing_without_a_session(center: CenterProcess, path: str) -> None:
    assert httpx.get(center.address + path, trust_env=False).status_code == 401
    cookies = {"edgeguard_session": "guess"}
    assert httpx.get(center.address + path, cookies=cookies, trust_env=False).status_code == 401


def test_the_page_leads_to_the_login(center: CenterProcess) -> None:
    response = httpx.get(center.address, trust_env=False)
    assert (response.status_code, response.headers["location"]) == (303, "/login")


def test_health_and_source_are_for_everybody(center: CenterProcess) -> None:
    assert httpx.get(f"{center.address}/healthz", trust_env=False).json() == {"status": "ok", "broker": "connected"}
    source = httpx.get(f"{center.address}/source.zip", trust_env=False)
    assert source.content.startswith(b"PK")
    assert b"edgeguard/center/app.py" in source.content


@pytest.mark.parametrize("path", ["/login", "/setup", "/logout", "/api/alarms/x/ack"])
def test_another_site_cannot_act(center: CenterProcess, client: httpx.Client, path: str) -> None:
    for origin in ("https://elsewhere.example", "null"):
        response = client.post(path, headers={"origin": origin})
        assert response.status_code == 403, origin


def test_the_cookie_is_out_of_reach(center: CenterProcess, client: httpx.Client) -> None:
    headers = {"origin": center.address}
    form = {"name": "operator", "password": PASSWORD}
    response = httpx.post(f"{center.address}/login", data=form, headers=headers, trust_env=False)
    cookie = response.headers["set-cookie"].lower()
    assert response.status_code == 303
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert PASSWORD not in response.text


@pytest.mark.parametrize("form", [{}, {"name": "operator"}, {"name": "operator", "password": "x" * 9000}])
def test_a_bad_login_form(center: CenterProcess, client: httpx.Client, form: dict[str, str]) -> None:
    headers = {"origin": center.address}
    response = httpx.post(f"{center.address}/login?lang=en", data=form, headers=headers, trust_env=False)
    assert response.status_code == 403
    assert "The name or the password is wrong." in response.text


def test_an_alarm_with_its_picture(client: httpx.Client, box: Box) -> None:
    event_id = box.alarm()
    box.publish(box.topics.picture(event_id, 1), drawn_lift())
    wait_for(lambda: card(client, event_id)["picture"], "the picture")
    picture = client.get(str(card(client, event_id)["picture"]))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content == drawn_lift()
    assert event_id in [alarm["event_id"] for alarm in client.get("/api/alarms").json()["open"]]
    assert client.get(f"/api/pictures/{event_id}/2.jpg").status_code == 404


def test_an_acknowledgement_reaches_the_box(client: httpx.Client, box: Box) -> None:
    event_id = box.alarm()
    card(client, event_id)
    asked = {"kind": "false_alarm", "why": "wheelchair", "note": "told the guard"}
    told = client.post(f"/api/alarms/{event_id}/ack", json=asked).json()
    assert (told["acks"][0]["by"], told["acks"][0]["why"]) == ("operator", "wheelchair")
    wait_for(lambda: any(topic == box.topics.ack for topic, _ in box.heard), "the acknowledgement")
    ack = Ack.from_json(next(payload for topic, payload in box.heard if topic == box.topics.ack))
    assert (ack.event_id, ack.ack, ack.by, ack.note) == (event_id, "false_alarm", "operator", "told the guard")


@pytest.mark.parametrize(
    ("asked", "status"),
    [({}, 422), ({"kind": "gone"}, 422), ({"kind": "seen", "why": "x"}, 422), ({"kind": "seen", "by": "another"}, 422),
     ({"kind": "seen", "note": "x" * 2001}, 422), ({"kind": "seen"}, 404)],
)  # fmt: skip
def test_a_bad_acknowledgement(client: httpx.Client, asked: dict[str, str], status: int) -> None:
    assert client.post("/api/alarms/none/ack", json=asked).status_code == status


def test_a_phrase_is_asked_for_and_answered(client: httpx.Client, box: Box) -> None:
    box.introduce()
    event_id = box.alarm()
    card(client, event_id)
    assert client.post(f"/api/alarms/{event_id}/speak", json={"phrase": "shout"}).status_code == 422
    with client.stream("GET", "/api/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: board"
        sent = client.post(f"/api/alarms/{event_id}/speak", json={}).json()
        command = box.command()
        assert (sent["state"], command.id, command.args.phrase) == ("sent", sent["command_id"], "staff_coming")
        box.answer(command, CommandStatus.ACCEPTED)
        box.answer(command, CommandStatus.DONE)
        states = [json.loads(line[6:])["state"] for line in _data_of(lines, "command", 3)]
    assert states == ["sent", "accepted", "done"]


def _data_of(lines: Iterator[str], kind: str, count: int) -> list[str]:
    found = []
    for line in lines:
        if line == f"event: {kind}":
            found.append(next(lines))
            if len(found) == count:
                break
    return found


def test_the_stream_tells_each_card(client: httpx.Client, box: Box) -> None:
    with client.stream("GET", "/api/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: board"
        event_id = box.alarm()
        cards = [json.loads(line[6:]) for line in _data_of(lines, "card", 1)]
        # After the first is told: steps that share a commit share a card.
        box.end(event_id)
        cards += [json.loads(line[6:]) for line in _data_of(lines, "card", 1)]
    assert [(told["event_id"], told["rev"], told["phase"]) for told in cards] == [
        (event_id, 0, "new"),
        (event_id, 1, "end"),
    ]


def test_bad_messages_are_counted_and_stop_nothing(client: httpx.Client, box: Box) -> None:
    box.publish("eg1/riverside/box-1/event/lift", b"\xff not json")
    box.publish("eg1/riverside/box-1/nonsense", b"")
    card(client, box.alarm())
    topics = [letter["topic"] for letter in client.get("/api/dead-letters").json()]
    assert {"eg1/riverside/box-1/event/lift", "eg1/riverside/box-1/nonsense"} <= set(topics)


def test_nothing_is_lost_while_the_center_is_dead(center: CenterProcess, client: httpx.Client, box: Box) -> None:
    before = box.alarm()
    card(client, before)
    center.kill()
    missed = [box.alarm() for _ in range(50)]
    repeated = box.event(Phase.NEW)
    for _ in range(2):
        box.send(repeated)
    center.start()
    for event_id in (before, *missed, repeated.subject):
        card(client, event_id)
    found = [alarm["event_id"] for alarm in client.get("/api/alarms").json()["open"]]
    assert len(found) == len(set(found))


def test_an_acknowledgement_waits_for_the_broker(
    center: CenterProcess, client: httpx.Client, broker: Mosquitto
) -> None:
    with Box(broker.port) as first:
        event_id = first.alarm()
        card(client, event_id)
    broker.stop()
    wait_for(lambda: client.get("/healthz").json()["broker"] == "away", "the outage")
    assert client.post(f"/api/alarms/{event_id}/ack", json={"kind": "seen"}).status_code == 200
    spoken = client.post(f"/api/alarms/{event_id}/speak", json={}).json()
    assert (spoken["state"], spoken["detail"]) == ("failed", "no_broker")
    broker.start()
    with Box(broker.port) as again:
        wait_for(lambda: any(topic == again.topics.ack for topic, _ in again.heard), "the acknowledgement")


def test_logging_out_ends_the_session(center: CenterProcess) -> None:
    with center.client() as client:
        assert client.get("/api/alarms").status_code == 200
        assert client.post("/logout").status_code == 303
        assert client.get("/api/alarms").status_code == 401
