"""The whole box with a gate: a signed command through a real broker to a relay board on a real socket, and back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.contract import Clock, Event, OpenArgs, OpenCommand, Topics
from edgeguard.contract.signing import SigningKey
from tests.conftest import MakeModel
from tests.support.boxes import Scrape, box_settings, get_json, lab, running_box
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import Listener, Mosquitto, wait_for
from tests.support.relay_board import RelayBoard

NOTHING = np.zeros((1, 1, 6), np.float32)
KEY, FOLLOWING = SigningKey.of_seed(bytes(32)), SigningKey.of_seed(bytes(range(32)))
TOPIC = Topics("hz", "box-1").cmd("open")


class Desk:
    """Sends commands, hears answers and events."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def ask(self, command_id: str, gate: str = "north", age_s: float = 0, life_s: float = 20) -> OpenCommand:
        issued = datetime.now(UTC) - timedelta(seconds=age_s)
        args = OpenArgs(gate=gate, reason="parcel")
        expires = issued + timedelta(seconds=life_s)
        return OpenCommand(id=command_id, issued_at=issued, expires_at=expires, by="desk", args=args)

    def send(self, command: OpenCommand, key: SigningKey | None = KEY) -> bytes:
        payload = command.to_json() if key is None else key.sign(TOPIC, command).to_json()
        self._listener.publish(TOPIC, payload)
        return payload

    def answers(self, command_id: str) -> list[tuple[str, str]]:
        told = [json.loads(payload) for payload in self._listener.on(f"/cmd_ack/{command_id}")]
        return [(one["status"], one.get("reason", "")) for one in told]

    def last(self, command_id: str) -> tuple[str, str]:
        wait_for(lambda: [one for one in self.answers(command_id) if one[0] != "accepted"], f"the end of {command_id}")
        return self.answers(command_id)[-1]

    @property
    def events(self) -> list[Event]:
        return [Event.from_json(payload) for payload in self._listener.on("/event/access")]


def settings(folder: Path, models: Path, broker: Mosquitto, *boards: RelayBoard, **changes: Any) -> dict[str, Any]:
    names = ("north", "inner")[: len(boards)]
    return box_settings(
        folder,
        models,
        uplink=lab(broker.port),
        relays=[
            {"id": name, "driver": board.config().model_dump(), "pulse_s": 0.3, "rest_s": 0, "check_every_s": 0.3}
            for name, board in zip(names, boards, strict=True)
        ],
        gates=[{"id": name, "relay": name, "airlock": "lobby", "place": {"gate": f"Gate {name}"}} for name in names],
        **{"commands": {"keys": [KEY.public.text, FOLLOWING.public.text]}, **changes},
    )


@contextmanager
def gate_box(found: dict[str, Any], listener: Listener, *, synced: bool = True) -> Iterator[Box]:
    births = len(listener.on("/birth"))
    with running_box(found, kept=lambda: Clock(synced=synced)) as box:
        wait_for(lambda: len(listener.on("/birth")) > births, "the box")
        wait_for(lambda: all(one.health.state == "ok" for one in box.services.gates.switches.values()), "the boards")
        yield box


def test_a_signed_command_opens_once_is_answered_and_told(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(listener)
    with RelayBoard() as board:
        found = settings(tmp_path, make_model(NOTHING), broker, board)
        with gate_box(found, listener):
            payload = desk.send(desk.ask("c1"))
            assert desk.last("c1") == ("done", "gate north opened")
            listener.publish(TOPIC, payload)
            desk.send(desk.ask("c2"), FOLLOWING)
            assert desk.last("c2")[0] == "done"
            assert [closed for _, closed in board.history] == [True, False] * 2, "the repeated one opened nothing"
            wait_for(lambda: len(desk.events) == 4, "the events")
            new, end = (one.data for one in desk.events[:2])
            asked, action = new.actions
            assert (new.code, new.phase, end.phase) == ("ACCESS.DOOR.REMOTE", "new", "end")
            assert new.place is not None
            assert new.place.gate == "Gate north"
            assert (asked.type, asked.asset, asked.detail) == ("command", "c1", "desk: parcel")
            assert (action.type, action.target, action.result) == ("relay", "north", "opened")
            assert action.started_at is not None
            relay = get_json(found, "/status")["relays"][0]
            assert (relay["id"], relay["gate"], relay["state"], relay["pulses"]) == ("north", "north", "ok", 2)
            scrape = Scrape(found)
            assert (scrape("relay_pulses_total"), scrape("relay_state", relay="north", state="ok")) == (2, 1)
        with gate_box(found, listener):  # the box was started anew
            listener.publish(TOPIC, payload)
            desk.send(desk.ask("c3"))
            assert desk.last("c3")[0] == "done"
            assert len(board.pulses_s) == 3
        assert json.loads(payload)["signature"] not in caplog.text


def test_what_must_not_open_does_not_and_says_why(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    desk = Desk(listener)
    with (
        RelayBoard() as board,
        RelayBoard() as other,
        gate_box(settings(tmp_path, make_model(NOTHING), broker, board, other), listener),
    ):
        desk.send(desk.ask("unsigned"), None)
        desk.send(desk.ask("wrong-key"), SigningKey.new())
        desk.send(desk.ask("late", age_s=30))
        desk.send(desk.ask("ahead", age_s=-120))
        desk.send(desk.ask("long", life_s=3600))
        desk.send(desk.ask("nowhere", "south"))
        wrong = KEY.sign("eg1/hz/box-2/cmd/open", desk.ask("wrong-box"))
        listener.publish(TOPIC, wrong.to_json())
        for command_id, status, reason in (
            ("unsigned", "rejected", "signature: Field required"),
            ("wrong-key", "rejected", "signed with key"),
            ("late", "expired", "the box's clock says"),
            ("ahead", "rejected", "issued at"),
            ("long", "rejected", "valid for more than 300 s"),
            ("nowhere", "rejected", "met gate south, accepted: north, inner"),
            ("wrong-box", "rejected", "over this command and this topic"),
        ):
            told = desk.last(command_id)
            assert (told[0], reason in told[1]) == (status, True), (command_id, told)
        assert (board.history, other.history, desk.events) == ([], [], [])
        desk.send(desk.ask("outer"))
        desk.send(desk.ask("both", "inner"))
        desk.send(desk.ask("twice"))
        assert "airlock lobby: gate north is being opened" in desk.last("both")[1]
        assert "busy: outer has it opened" in desk.last("twice")[1]
        assert desk.last("outer")[0] == "done"
        assert other.history == []


def test_a_clock_that_nobody_keeps_opens_nothing(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    desk = Desk(listener)
    with RelayBoard() as board:
        found = settings(tmp_path, make_model(NOTHING), broker, board)
        with gate_box(found, listener, synced=False):
            desk.send(desk.ask("c1"))
            assert desk.last("c1")[0] == "rejected"
            assert "is not kept by a time server" in desk.last("c1")[1]
        with gate_box(found | {"commands": {}}, listener):
            desk.send(desk.ask("c2"))
            assert "trusts no center" in desk.last("c2")[1]
        assert board.history == []


def test_a_board_that_falls_silent_mid_pulse_fails_the_command_and_is_told(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    desk = Desk(listener)
    with RelayBoard() as board, gate_box(settings(tmp_path, make_model(NOTHING), broker, board), listener):
        desk.send(desk.ask("c1"))
        wait_for(lambda: board.closed, "the pulse")
        board.dead = True
        assert desk.last("c1")[0] == "failed"
        assert "the release is not confirmed" in desk.last("c1")[1]
        wait_for(lambda: bool(listener.on("/event/device")), "that it is told")
        lost = Event.from_json(listener.on("/event/device")[0]).data
        assert (lost.code, lost.phase, lost.zones) == ("DEVICE.RELAY.LOST", "new", ("north",))
        decision = desk.events[0].data.decision
        assert decision is not None
        assert decision.outcome == "failed"
        board.dead = False
        wait_for(lambda: not board.closed, "the release")
        wait_for(lambda: len(listener.on("/event/device")) == 2, "that it is back")


@pytest.mark.parametrize("asks", [True, False])
def test_a_door_held_open_is_asked_to_be_closed_once_where_the_site_wants_it(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, asks: bool
) -> None:
    with RelayBoard() as board, ModbusDevice() as door:
        found = settings(tmp_path, make_model(NOTHING), broker, board)
        contact = {"kind": "contact", "host": "127.0.0.1", "port": door.port, "address": 0, "poll_ms": 20}
        found["gates"][0] |= {"contact": contact, "held_after_s": 1, "alarm_forced": False, "ask_to_close": asks}
        door.set("discrete_input", 0, 0)
        with gate_box(found, listener):
            wait_for(lambda: held(listener), "that it is held open")
            if asks:
                wait_for(lambda: said(held(listener)), "the voice", 20)
            door.set("discrete_input", 0, 1)
            wait_for(lambda: any(one.data.phase == "end" for one in held(listener)), "its end")
        assert said(held(listener)) == ({"gate_close"} if asks else set())


def held(listener: Listener) -> list[Event]:
    return [one for one in Desk(listener).events if one.data.code == "ACCESS.DOOR.HELD"]


def said(events: list[Event]) -> set[str | None]:
    """Phrases that the events tell of."""
    return {action.asset for event in events for action in event.data.actions if action.type == "voice"}
