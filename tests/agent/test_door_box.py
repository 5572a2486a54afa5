"""The whole box with a door's contact: a drawn camera, a network that always sees an e-bike, a real Modbus server."""

from pathlib import Path
from typing import Any

import numpy as np

from edgeguard.contract import Event
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import Listener, Mosquitto, free_port, wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1], [20, 4, 44, 60, 0.8, 0]]], np.float32)


def settings(folder: Path, models: Path, broker: Mosquitto, modbus_port: int) -> dict[str, Any]:
    door = {"kind": "contact", "host": "127.0.0.1", "port": modbus_port, "address": 3, "poll_ms": 20}
    return {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(folder / "data"),
        "models_dir": str(models),
        "cameras": [{"id": "lift-a", "model": "tiny", "source": {"kind": "synthetic"}, "door": door}],
        "voice": {"output": {"kind": "memory"}, "languages": ["zh"]},
        "uplink": {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True},
    }


def outcomes(listener: Listener) -> list[tuple[str | None, str | None]]:
    decisions = [Event.from_json(payload).data.decision for payload in listener.on("/event/")]
    return [(decision.reason, decision.outcome) for decision in decisions if decision]


def test_an_e_bike_behind_the_closed_door_travels_and_the_status_knows_the_door(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with ModbusDevice() as device, running_box(settings(tmp_path, make_model(EBIKE), broker, device.port)) as box:
        lane = box.lanes["lift-a"]
        wait_for(lambda: lane.door == "open", "the open door")
        wait_for(lambda: ("confirmed", None) in outcomes(listener), "the event")
        device.set("discrete_input", 3, 1)
        wait_for(lambda: ("travelled", "travelled") in outcomes(listener), "that it travels")
        assert lane.door == "closed"
        assert lane.worker.pipeline.door.cycles == 1


def test_a_contact_that_nobody_answers_for_disturbs_nothing(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with running_box(settings(tmp_path, make_model(EBIKE), broker, free_port())) as box:
        wait_for(lambda: ("confirmed", None) in outcomes(listener), "the event")
        wait_for(lambda: "no connection" in box.lanes["lift-a"].door, "the reason")
        assert box.lanes["lift-a"].door.startswith("unknown: 127.0.0.1:")
