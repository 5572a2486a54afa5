"""A lift's door: what the site file must have, and that anything releases it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_config import SwitchConfig
from edgeguard.actuators.relay_switch import Switch
from edgeguard.agent.lift_door import LiftDoor
from edgeguard.agent.lift_door_config import LiftDoorConfig
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import Action, Decision, Event, EventDraft
from edgeguard.doors import ContactConfig
from edgeguard.sources.base import SYSTEM_CLOCK
from edgeguard.types import Phase, Severity
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import wait_for
from tests.support.relay_board import RelayBoard

ID = "01HF0000000000000000000000"
DOOR, FIRE, INSPECTION, SOS = range(4)
RECORD = {
    "on": "2026-03-02",
    "company": "the maintenance company",
    "record": "2026-117",
    "wired": "volt_free_parallel_to_door_open_button",
    "released_within_s": 0.8,
}


def contact(address: int, port: int = 502) -> dict[str, Any]:
    return {"kind": "contact", "host": "127.0.0.1", "port": port, "address": address, "poll_ms": 20, "stale_s": 0.5}


def lift(port: int = 502, **changes: Any) -> dict[str, Any]:
    inputs = {"fire": contact(FIRE, port), "inspection": contact(INSPECTION, port), "sos": contact(SOS, port)}
    return {"camera": "lift-a", "relay": "lift-a", "commissioning": RECORD, **inputs, **changes}


def site(folder: Path, lift_door: dict[str, Any], driver: dict[str, Any], door: object) -> SiteConfig:
    camera = {"id": "lift-a", "model": "lift-n", "source": {"kind": "synthetic"}, "door": door}
    facts = {"site": "hz", "box": "b", "data_dir": str(folder), "cameras": [camera], "lift_doors": [lift_door]}
    return SiteConfig.model_validate({**facts, "relays": [{"id": "lift-a", "driver": driver}]})


GOOD = {"kind": "modbus", "host": "h", "coil": 0, "watchdog_s": 0.8}
CALL = {"url": "http://h/on"}


def test_what_obeys_every_rule_is_accepted(tmp_path: Path) -> None:
    assert site(tmp_path, lift(), GOOD, contact(DOOR)).lift_doors[0].hold_s == 30


@pytest.mark.parametrize(
    ("changes", "driver", "door", "told"),
    [
        ({}, {"kind": "gpio", "line": 3}, contact(DOOR), "kind gpio without a hardware watchdog"),
        ({}, {"kind": "http", "on": CALL, "off": CALL}, contact(DOOR), "kind http without a hardware watchdog"),
        ({}, {"kind": "memory"}, contact(DOOR), "kind memory without a hardware watchdog"),
        ({}, GOOD | {"watchdog_s": None}, contact(DOOR), "kind modbus without a hardware watchdog"),
        ({}, GOOD | {"watchdog_s": 2}, contact(DOOR), "met watchdog_s 2, accepted: at most 1"),
        ({}, GOOD, None, "a door whose state is guessed is not held"),
        ({}, GOOD, contact(DOOR) | {"stale_s": 1.5}, "met a door contact with stale_s 1.5"),
        ({"fire": contact(FIRE) | {"stale_s": 1.5}}, GOOD, contact(DOOR), "stale_s of at most 1 for a lift"),
        ({"hold_s": 61}, GOOD, contact(DOOR), "less than or equal to 60"),
        ({"commissioning": None}, GOOD, contact(DOOR), "commissioning"),
        ({"commissioning": RECORD | {"wired": "stop_button"}}, GOOD, contact(DOOR), "door_open_button"),
        ({"commissioning": RECORD | {"released_within_s": 1.2}}, GOOD, contact(DOOR), "released_within_s"),
        ({"sos": None}, GOOD, contact(DOOR), "sos"),
        ({"relay": "other"}, GOOD, contact(DOOR), "met a relay that `relays` has not"),
    ],
)
def test_what_does_not_is_refused(
    tmp_path: Path, changes: dict[str, Any], driver: dict[str, Any], door: object, told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        site(tmp_path, lift(**changes), driver, door)


class Lift:
    """A lift in peace with its door open."""

    def __init__(self, device: ModbusDevice, board: RelayBoard, **changes: Any) -> None:
        for address in (FIRE, INSPECTION, SOS):
            device.set("discrete_input", address, 1)
        self.actions: list[Action] = []
        driver = board.config(watchdog_s=0.8).model_dump()
        settings = SwitchConfig.model_validate({"driver": driver, "rest_s": 0, "check_every_s": 0.3})
        self.switch = Switch("lift-a", settings, lambda: build_relay(settings.driver))
        self.door = LiftDoor(
            LiftDoorConfig.model_validate(lift(device.port, **changes)),
            ContactConfig.model_validate(contact(DOOR, device.port)),
            self.switch,
            SYSTEM_CLOCK,
            lambda _, action: self.actions.append(action),
        )

    def step_until(self, condition: Callable[[], bool], what: str) -> None:
        def looked() -> bool:
            self.door.step()
            return condition()

        wait_for(looked, what)

    def tell(self, phase: Phase, reason: str = "confirmed", camera: str = "lift-a") -> None:
        draft = EventDraft(
            event_id=ID, at=datetime.now(UTC), phase=phase, code="LIFT.EBIKE.ENTER", severity=Severity.CRITICAL,
            camera=camera, decision=Decision(reason=reason),
        )  # fmt: skip
        self.door.heard(Event.of(draft, site="hz", box="b", seq=1, rev=0))


@contextmanager
def lift_at_work(device: ModbusDevice, board: RelayBoard, **changes: Any) -> Iterator[Lift]:
    made = Lift(device, board, **changes)
    made.door.start()
    try:
        wait_for(lambda: made.switch.health.state == "ok" and made.door.refusal() == "", "the lift")
        yield made
    finally:
        made.switch.stop(2)
        for one in made.door.contacts:
            one.stop(2)


def test_held_while_the_e_bike_is_inside_and_released_when_it_has_left() -> None:
    with ModbusDevice() as device, RelayBoard() as board, lift_at_work(device, board) as made:
        made.tell(Phase.NEW, camera="lift-b")
        made.door.step()
        assert not made.switch.busy, "another lift's"
        made.tell(Phase.NEW)
        made.step_until(lambda: board.closed, "the hold")
        made.tell(Phase.UPDATE, "escalated")
        made.door.step()
        assert made.actions == []
        made.tell(Phase.UPDATE, "cleared")
        made.step_until(lambda: bool(made.actions), "the release")
        assert not board.closed
        assert (made.actions[0].result, made.actions[0].detail) == ("held", "the e-bike has left")


@pytest.mark.parametrize(
    ("address", "value", "why"),
    [(FIRE, 0, "fire"), (INSPECTION, 0, "inspection"), (SOS, 0, "sos"), (DOOR, 1, "the door is closed")],
)
def test_anything_releases_it_and_it_is_not_held_again(address: int, value: int, why: str) -> None:
    with ModbusDevice() as device, RelayBoard() as board, lift_at_work(device, board) as made:
        made.tell(Phase.NEW)
        made.step_until(lambda: board.closed, "the hold")
        device.set("discrete_input", address, value)
        made.step_until(lambda: bool(made.actions), "the release")
        assert (board.closed, made.actions[0].detail) == (False, why)
        device.set("discrete_input", address, 1 - value)
        wait_for(lambda: made.door.refusal() == "", "the lift")
        made.door.step()
        assert not made.switch.busy


def test_a_contact_that_says_nothing_releases_it() -> None:
    with ModbusDevice() as device, RelayBoard() as board, lift_at_work(device, board) as made:
        made.tell(Phase.NEW)
        made.step_until(lambda: board.closed, "the hold")
        device.kill()
        made.step_until(lambda: bool(made.actions), "the release")
        # Each input is asked on its own: any of them may be missed first.
        assert "is not known" in (made.actions[0].detail or "")
        assert not board.closed
        device.start()


def test_a_closed_door_is_not_held_until_it_opens_and_only_for_its_time() -> None:
    with ModbusDevice() as device, RelayBoard() as board, lift_at_work(device, board, hold_s=1) as made:
        device.set("discrete_input", DOOR, 1)
        wait_for(lambda: made.door.refusal() == "the door is closed", "the closed door")
        made.tell(Phase.NEW)
        made.door.step()
        assert not made.switch.busy, "the car may be moving"
        device.set("discrete_input", DOOR, 0)
        made.step_until(lambda: board.closed, "the hold")
        made.step_until(lambda: bool(made.actions), "the end of its time")
        assert made.actions[0].detail == "its time is over"
        assert board.pulses_s[0] < 2
        made.door.step()
        assert not made.switch.busy, "once in an episode"


def test_the_control_room_releases_it() -> None:
    with ModbusDevice() as device, RelayBoard() as board, lift_at_work(device, board) as made:
        assert not made.door.release("by desk")
        made.tell(Phase.NEW)
        made.step_until(lambda: board.closed, "the hold")
        assert made.door.release("by desk")
        made.step_until(lambda: bool(made.actions), "the release")
        assert (board.closed, made.actions[0].detail) == (False, "by desk")
