"""The whole box with sensors: a drawn camera, a real Modbus server, a real broker for sensors and platform."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import Ack, AckKind, Clock, CommandAck, CutOffArgs, CutOffCommand, Event, Topics
from edgeguard.contract.event import EventData
from edgeguard.contract.signing import SigningKey
from edgeguard.errors import AudioError, ConfigError
from edgeguard.types import Phase
from tests.conftest import MakeModel
from tests.support.boxes import Scrape, at_work, box_settings, get_json, lab, running_box
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import Listener, Mosquitto, wait_for

NOBODY = np.array([[[0, 0, 1, 1, 0, 0]]], np.float32)
BOX = Topics("hz", "box-1")
KEY = SigningKey.of_seed(bytes(32))


def points(broker: Mosquitto, device: ModbusDevice) -> dict[str, Any]:
    there = {"kind": "modbus", "host": "127.0.0.1", "port": device.port, "poll_ms": 50}
    charger = {
        "id": "charger-3",
        "camera": "lift-a",
        "place": {"building": "7", "grid_code": "G0042"},
        "readings": {
            "current": {**there, "address": 0, "scale": 0.01, "unit": "A"},
            "temperature": {**there, "address": 1, "scale": 0.1, "unit": "°C"},
        },
        "alarms": [
            {"code": "SENSOR.CURRENT", "reading": "current", "alarm": {"above": 10}, "clear_s": 0},
            {"code": "SENSOR.HEAT", "reading": "temperature", "alarm": {"above": 70}, "clear_s": 0},
        ],
        "cut_off": {"host": "127.0.0.1", "port": device.port, "address": 5},
    }
    button = {
        "id": "flat-12",
        "readings": {"pressed": {"kind": "mqtt", "broker": "yard", "topic": "call/12", "momentary": True}},
        "alarms": [{"code": "SENSOR.SOS", "phrase": "staff_coming"}],
    }
    yard = {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True}
    return {"brokers": {"yard": yard}, "points": [charger, button]}


class Yard:
    """A box with a charging point and a call button."""

    def __init__(self, folder: Path, models: Path, broker: Mosquitto, device: ModbusDevice) -> None:
        trusted = {"keys": [KEY.public.text]}
        self.settings = box_settings(
            folder, models, uplink=lab(broker.port), sensors=points(broker, device), commands=trusted
        )
        # The elder presses, the charger is warm: what stands at the start is no alarm.
        device.set("coil", 5, 1)


def told(listener: Listener, code: str) -> list[EventData]:
    events = [Event.from_json(payload).data for payload in listener.on("/event/")]
    return [event for event in events if event.code == code]


def first(listener: Listener, code: str, phase: Phase = Phase.NEW) -> EventData:
    fitting: Callable[[], list[EventData]] = lambda: [one for one in told(listener, code) if one.phase is phase]  # noqa: E731
    wait_for(fitting, f"{phase} of {code}")
    return fitting()[0]


def press(listener: Listener, topic: str = "call/12") -> None:
    listener.publish(topic, b"1")


def order(event_id: str | None, sensor: str = "charger-3", name: str = "cut-1", age_s: float = 0) -> CutOffCommand:
    issued = datetime.now(UTC) - timedelta(seconds=age_s)
    args = CutOffArgs(sensor=sensor, event_id=event_id)
    return CutOffCommand(id=name, issued_at=issued, expires_at=issued + timedelta(seconds=15), by="Zhang", args=args)


def cut(listener: Listener, event_id: str | None, sensor: str = "charger-3", name: str = "cut-1") -> CommandAck:
    topic = BOX.cmd("cut_off")
    return sent(listener, name, KEY.sign(topic, order(event_id, sensor, name)).to_json())


def sent(listener: Listener, name: str, payload: bytes) -> CommandAck:
    """The box's last word."""
    listener.publish(BOX.cmd("cut_off"), payload)

    def answers() -> list[CommandAck]:
        acks = [CommandAck.from_json(told) for told in listener.on(f"cmd_ack/{name}")]
        return [ack for ack in acks if ack.status in {"done", "failed", "rejected", "expired"}]

    wait_for(answers, "the answer")
    return answers()[0]


def test_current_alarms_with_the_picture_and_is_cut_off_when_asked(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        device.set("input", 1, 312)
        with running_box(yard.settings, kept=lambda: Clock(synced=True)):
            wait_for(lambda: listener.on("/birth"), "the birth")
            device.set("input", 0, 1250)
            new = first(listener, "SENSOR.CURRENT")
            assert (new.camera, new.zones, new.severity) == ("lift-a", ("charger-3",), "warning")
            assert new.place is not None
            assert (new.place.building, new.place.grid_code) == ("7", "G0042")
            assert {name: (one.value, one.unit) for name, one in new.sensors.items()} == {
                "current": (12.5, "A"),
                "temperature": (pytest.approx(31.2), "°C"),
            }
            wait_for(lambda: listener.on(f"picture/{new.event_id}/1"), "the picture")
            assert device.get("coil", 5) == 1, "never cut off by a rule"
            done = cut(listener, new.event_id)
            assert (done.status, done.reason) == ("done", "coil 5 reads back 0")
            assert device.get("coil", 5) == 0
            wait_for(lambda: any(one.actions for one in told(listener, "SENSOR.CURRENT")), "the action")
            update = next(one for one in told(listener, "SENSOR.CURRENT") if one.actions)
            (action,) = update.actions
            assert update.decision is not None
            assert (update.decision.reason, action.type, action.target) == ("cut_off", "cut_off", "charger-3")
            assert (action.result, action.detail) == ("done", "Zhang: coil 5 reads back 0")
            device.set("input", 0, 0)
            end = first(listener, "SENSOR.CURRENT", Phase.END)
            assert (end.end_reason, end.actions) == ("cleared", (action,))


def test_power_is_cut_for_the_centers_signature_only_and_once(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    topic = BOX.cmd("cut_off")
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        with running_box(yard.settings, kept=lambda: Clock(synced=True)):
            wait_for(lambda: listener.on("/birth"), "the birth")
            for name, payload, status, reason in (
                ("plain", order(None, name="plain").to_json(), "rejected", "signature: Field required"),
                ("other", SigningKey.new().sign(topic, order(None, name="other")).to_json(), "rejected", "signed with"),
                ("moved", KEY.sign(BOX.cmd("open"), order(None, name="moved")).to_json(), "rejected", "this topic"),
                ("late", KEY.sign(topic, order(None, name="late", age_s=20)).to_json(), "expired", "the box's clock"),
            ):
                answer = sent(listener, name, payload)
                assert (answer.status, reason in (answer.reason or "")) == (status, True), answer
            assert device.get("coil", 5) == 1
            payload = KEY.sign(topic, order(None)).to_json()
            assert sent(listener, "cut-1", payload).status == "done"
            device.set("coil", 5, 1)
            told = len(listener.on("cmd_ack/cut-1"))
            listener.publish(topic, payload)
            wait_for(lambda: len(listener.on("cmd_ack/cut-1")) > told, "the answer of before")
            assert device.get("coil", 5) == 1, "switched on by hand it stays on"


def test_a_cut_off_that_fails_says_so(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        device.set("input", 0, 1250)
        with running_box(yard.settings, kept=lambda: Clock(synced=True)):
            new = first(listener, "SENSOR.CURRENT")
            unknown = cut(listener, None, "flat-99", "cut-0")
            assert (unknown.status, unknown.reason) == ("failed", "sensor 'flat-99', accepted: charger-3")
            nothing = cut(listener, None, "flat-12", "cut-2")
            assert nothing.reason == "sensor 'flat-12' has nothing that could be cut off"
            device.kill()
            failed = cut(listener, new.event_id, name="cut-3")
            assert failed.status == "failed"
            assert "no connection" in (failed.reason or "")
            wait_for(lambda: any(one.actions for one in told(listener, "SENSOR.CURRENT")), "the action")
            device.start()


def test_a_call_is_spoken_survives_a_restart_and_is_closed_by_a_person_only(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        with running_box(yard.settings) as box:
            wait_for(lambda: all(link.listening for link in box.services.sensors._feeds.links), "the sensors' broker")
            press(listener)
            new = first(listener, "SENSOR.SOS")
            assert new.camera is None
            wait_for(lambda: any(one.actions for one in told(listener, "SENSOR.SOS")), "the phrase")
        with running_box(yard.settings) as box:
            wait_for(lambda: all(link.listening for link in box.services.sensors._feeds.links), "the sensors' broker")
            press(listener)
            wait_for(
                lambda: any(
                    one.decision and one.decision.reason == "pressed_again" for one in told(listener, "SENSOR.SOS")
                ),
                "the second press",
            )
            listener.publish(BOX.ack, Ack(event_id=new.event_id, ack=AckKind.SEEN, by="Li").to_json())
            time.sleep(0.3)
            assert all(one.phase is not Phase.END for one in told(listener, "SENSOR.SOS"))
            listener.publish(BOX.ack, Ack(event_id=new.event_id, ack=AckKind.HANDLED, by="Li").to_json())
            assert first(listener, "SENSOR.SOS", Phase.END).end_reason == "handled"
        assert {one.event_id for one in told(listener, "SENSOR.SOS")} == {new.event_id}


def test_a_point_that_was_taken_out_ends_and_a_camera_that_was_does_not_end_a_sensor(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        device.set("input", 0, 1250)
        with running_box(yard.settings, kept=lambda: Clock(synced=True)):
            first(listener, "SENSOR.CURRENT")
        with running_box(yard.settings) as box:
            assert len(box.services.journal.open_episodes()) == 1
        with running_box({**yard.settings, "sensors": {}}):
            assert first(listener, "SENSOR.CURRENT", Phase.END).end_reason == "restart"


def test_status_and_metrics_know_what_is_wrong_with_a_sensor(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        yard.settings["sensors"]["points"][0]["readings"]["current"]["offline_s"] = 1
        device.kill()
        with running_box(yard.settings, kept=lambda: Clock(synced=True)):
            offline = first(listener, "DEVICE.SENSOR.OFFLINE")
            assert offline.zones == ("charger-3", "current")
            assert offline.decision is not None
            assert offline.decision.reason == "unusable"
            wait_for(lambda: "no connection" in str(get_json(yard.settings, "/status")["problems"]), "the problem")
            numbers = Scrape(yard.settings)
            assert numbers("sensor_well", sensor="charger-3", reading="current") == 0
            assert numbers("sensor_unusable_total", sensor="charger-3", reading="current") > 0
        device.start()


def test_the_birth_tells_what_can_be_cut_off(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        box = Box(SiteConfig.model_validate(yard.settings))
        with at_work(box):
            wait_for(lambda: listener.on("/birth"), "the birth")
            births = [payload.decode() for payload in listener.on("/birth")]
            assert '"name":"cut_off","parameters":{"sensor":{"choices":["charger-3"]' in births[-1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"camera": "lift-z"}, "camera one of lift-a, met lift-z"),
        ({"id": "flat-12"}, "each point id once"),
        ({"alarms": [{"code": "SENSOR.HEAT", "reading": "current", "phrase": "sing"}]}, "sing"),
    ],
)
def test_a_wrong_sensor_is_refused_before_anything_starts(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, change: dict[str, Any], said: str
) -> None:
    with ModbusDevice() as device:
        yard = Yard(tmp_path, make_model(NOBODY), broker, device)
        yard.settings["sensors"]["points"][0] |= change
        with pytest.raises((ConfigError, ValidationError, AudioError)) as refusal:
            Box(SiteConfig.model_validate(yard.settings)).check()
        assert said in str(refusal.value)
