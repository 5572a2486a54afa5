"""Whole boxes with gates: a face and a plate through relays and a broker, and every byte that leaves."""

import base64
import json
import re
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from edgeguard.access.qr import QrReader
from edgeguard.contract import Event
from edgeguard.contract.access import AccessSummary
from edgeguard.errors import DirectoryError
from tests.conftest import MakeModel
from tests.support.boxes import lab, running_box
from tests.support.directories import act, at, person, vehicle
from tests.support.gates import (
    ALIVE,
    NOBODY,
    PLATE,
    camera,
    code_picture,
    decoded,
    enrol,
    face_picture,
    gate_site,
    models,
    opened_directory,
    plate_drawn,
    video,
)
from tests.support.mosquitto import Listener, Mosquitto, free_port, wait_for
from tests.support.relay_board import RelayBoard

TOKEN = "0123456789abcdef"
LABEL = "third floor, second door"


def events(listener: Listener) -> list[Event]:
    return [Event.from_json(one) for one in (*listener.on("/event/access"), *listener.on("/event/vehicle"))]


def told(listener: Listener, code: str, phase: str = "new") -> Event | None:
    return next((one for one in events(listener) if (one.data.code, one.data.phase) == (code, phase)), None)


def post(port: int, body: dict[str, str]) -> tuple[int, dict[str, str]]:
    """What a card reader does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        connection.request("POST", "/gates/north/claims", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def spellings(text: str) -> list[bytes]:
    """As bytes may have it: UTF-8, UTF-16, GB 18030, escaped in JSON and in a URL."""
    escaped = json.dumps(text).strip('"').encode()
    return [text.encode(), text.encode("utf-16-le"), text.encode("gb18030"), escaped, escaped.upper()]


def test_a_face_and_a_plate_open_and_no_byte_that_leaves_tells_who_it_was(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    detectors, faces = models(tmp_path, make_model)
    face = video(tmp_path / "face.mp4", [(face_picture(NOBODY), 1), (face_picture(ALIVE), 4)])
    car = video(tmp_path / "car.mp4", [(plate_drawn(), 5)])
    with RelayBoard() as north, RelayBoard() as south:
        cameras = [camera("gate_face", "north", face), camera("gate_plate", "south", car)]
        boards = {"north": north, "south": south}
        settings = gate_site(tmp_path, detectors, faces, cameras, boards, uplink=lab(broker.port))
        with opened_directory(settings) as directory:
            enrol(directory, faces, "p-1", ALIVE, label=LABEL)
            directory.vehicles.put(vehicle(PLATE), act())
            (template,) = directory.faces.of("p-1", at())
        with running_box(settings):
            wait_for(lambda: told(listener, "ACCESS.FACE.GRANTED", "update"), "the face's relay")
            wait_for(lambda: told(listener, "VEHICLE.PLATE.GRANTED", "update"), "the plate's relay")
            wait_for(lambda: len(listener.on("/picture/")) >= 2, "the pictures")
        assert [len(north.pulses_s), len(south.pulses_s)] >= [1, 1]
    somebody, car_event = told(listener, "ACCESS.FACE.GRANTED"), told(listener, "VEHICLE.PLATE.GRANTED")
    assert somebody is not None
    assert car_event is not None
    assert somebody.data.decision is not None
    assert (somebody.data.decision.reason, somebody.data.decision.subject_ref) == ("listed", "p-1")
    assert somebody.data.face is not None
    assert (somebody.data.face.enrol_ref, somebody.data.place and somebody.data.place.gate) == ("p-1", "Gate north")
    assert somebody.data.model is not None
    assert somebody.data.model.name == "tiny-face"
    assert car_event.data.plate is not None
    assert re.fullmatch(r"v-[0-9a-f]{8,}", car_event.data.plate.text)
    opened = told(listener, "VEHICLE.PLATE.GRANTED", "update")
    assert opened is not None
    assert [(one.type, one.target, one.result) for one in opened.data.actions] == [("relay", "south", "opened")]

    counted = [body for topic, body, _ in listener.messages if topic.endswith("/access") and "/event/" not in topic]
    assert [(one.people, one.vehicles) for one in AccessSummary.model_validate_json(counted[-1]).gates] == [(1, 1)] * 2

    published = b"\n".join(topic.encode() + b" " + payload for topic, payload, _ in listener.messages)
    vector = template.vector.tobytes()
    secret = [*spellings(PLATE), *spellings(PLATE[1:]), *spellings(LABEL)]
    for bytes_ in (vector, vector[:8], vector[4:12]):
        secret += [bytes_, bytes_.hex().encode(), base64.b64encode(bytes_).rstrip(b"=")[:-1]]
    secret += [repr(round(float(value), 6))[:7].encode() for value in template.vector]
    assert [one for one in secret if one in published] == []
    assert len(published) > 10_000, "there was something to look into"
    assert PLATE not in caplog.text
    assert LABEL not in caplog.text


LAWFUL = {"legal_basis": "contract of tenancy, section 12"}
FACE_AT, PLATE_AT = (45, 115, 115, 205), (115, 131, 205, 147)


@pytest.mark.parametrize("legal_basis", [None, LAWFUL["legal_basis"]])
def test_pictures_that_leave_show_no_face_and_a_plate_only_by_law(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, legal_basis: str | None
) -> None:
    detectors, faces = models(tmp_path, make_model)
    with RelayBoard() as north, RelayBoard() as south:
        cameras = [
            camera("gate_face", "north", video(tmp_path / "face.mp4", [(face_picture(ALIVE), 3)])),
            camera("gate_plate", "south", video(tmp_path / "car.mp4", [(plate_drawn(), 3)])),
        ]
        boards = {"north": north, "south": south}
        more = {"uplink": lab(broker.port), "privacy": {"legal_basis": legal_basis}}
        settings = gate_site(tmp_path, detectors, faces, cameras, boards, **more)
        with running_box(settings):
            for code in ("ACCESS.FACE.UNKNOWN", "VEHICLE.PLATE.UNKNOWN"):
                wait_for(partial(told, listener, code), code)
            wait_for(lambda: len(listener.on("/picture/")) >= 2, "the pictures")
        assert (north.history, south.history) == ([], [])
    assert contrast(listener, "ACCESS.FACE.UNKNOWN", FACE_AT) < 12, "nothing is left of it"
    assert contrast(listener, "ACCESS.FACE.UNKNOWN", (200, 260, 300, 310)) > 20, "what is beside it can be seen"
    car = told(listener, "VEHICLE.PLATE.UNKNOWN")
    assert car is not None
    assert car.data.plate is not None
    assert (car.data.plate.text == PLATE) is (legal_basis is not None)
    assert car.data.plate.candidates == (() if legal_basis is None else (PLATE,))
    assert (contrast(listener, "VEHICLE.PLATE.UNKNOWN", PLATE_AT) > 20) is (legal_basis is not None)


def test_a_code_that_is_shown_cannot_be_read_from_what_leaves(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    detectors, faces = models(tmp_path, make_model)
    shown = code_picture("EG1" + "ABCDEFGHIJ234567" * 9)
    with RelayBoard() as north:
        cameras = [camera("gate_plate", "north", video(tmp_path / "code.mp4", [(shown, 3)]))]
        settings = gate_site(
            tmp_path, detectors, faces, cameras, {"north": north}, uplink=lab(broker.port), privacy=LAWFUL
        )
        with running_box(settings):
            wait_for(lambda: len(listener.on("/picture/")) >= 2, "the pictures")
        assert north.history == []
    assert QrReader().read(shown) is not None
    for jpeg in listener.on("/picture/"):
        assert QrReader().read(decoded(jpeg)) is None


def contrast(listener: Listener, code: str, box: tuple[int, int, int, int]) -> float:
    """Of a part of the picture that came with an event."""
    event = told(listener, code)
    assert event is not None
    (jpeg,) = listener.on(f"/picture/{event.data.event_id}/1")
    x0, y0, x1, y1 = box
    return float(decoded(jpeg)[y0:y1, x0:x1].astype(float).std(axis=(0, 1)).max())


def test_a_relay_board_that_says_nothing_is_told_with_the_passage(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    detectors, faces = models(tmp_path, make_model)
    with RelayBoard() as south:
        car = video(tmp_path / "car.mp4", [(plate_drawn(), 3)])
        settings = gate_site(
            tmp_path, detectors, faces, [camera("gate_plate", "south", car)], {"south": south}, uplink=lab(broker.port)
        )
        with opened_directory(settings) as directory:
            directory.vehicles.put(vehicle(PLATE), act())
        south.dead = True
        with running_box(settings):
            wait_for(lambda: told(listener, "VEHICLE.PLATE.GRANTED", "update"), "what the relay did")
        step = told(listener, "VEHICLE.PLATE.GRANTED", "update")
        assert step is not None
        assert step.data.decision is not None
        assert (step.data.decision.outcome, step.data.decision.reason) == ("granted", "unopened")
        assert step.data.actions[0].result in {"failed", "refused", "expired"}
        assert step.data.actions[0].detail


def test_a_card_handed_in_on_loopback_opens_and_is_answered(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READERS_TOKEN", TOKEN)
    detectors, faces = models(tmp_path, make_model)
    with RelayBoard() as north:
        nobody = video(tmp_path / "nobody.mp4", [(face_picture(NOBODY), 3)])
        port = free_port()
        settings = gate_site(
            tmp_path,
            detectors,
            faces,
            [camera("gate_face", "north", nobody)],
            {"north": north},
            uplink=lab(broker.port),
            claims={"port": port, "token_env": "READERS_TOKEN"},
        )
        with opened_directory(settings) as directory:
            directory.people.put(person("p-1"), act())
            directory.credentials.add_card("p-1", "04A1B2C3", act())
        with running_box(settings):
            answers = [post(port, {"card": number}) for number in ("04a1:b2c3", "04A1B2C4")]
            wait_for(lambda: told(listener, "ACCESS.PASS.GRANTED", "update"), "the relay")
            wait_for(lambda: told(listener, "ACCESS.PASS.UNKNOWN"), "the other card")
        assert answers == [
            (200, {"outcome": "granted", "reason": "listed"}),
            (200, {"outcome": "unknown", "reason": "not_listed"}),
        ]
        assert len(north.pulses_s) == 1
    published = b"".join(payload for _, payload, _ in listener.messages)
    assert b"04A1B2C" not in published.upper()


def test_a_box_whose_directory_is_another_ones_does_not_start(tmp_path: Path, make_model: MakeModel) -> None:
    detectors, faces = models(tmp_path, make_model)
    with RelayBoard() as south:
        car = video(tmp_path / "car.mp4", [(plate_drawn(), 1)])
        settings = gate_site(tmp_path, detectors, faces, [camera("gate_plate", "south", car)], {"south": south})
        with opened_directory({**settings, "box": "box-2"}):
            pass
        with pytest.raises(DirectoryError, match="box-2"), running_box(settings):
            pass
