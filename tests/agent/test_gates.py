"""Gates without a box around them: airlocks, directions, doors that are watched, relays that are lost."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from edgeguard.actuators.relay_switch import SwitchState
from edgeguard.agent.gates import Gates, OpenRequest
from edgeguard.agent.gates_config import GateConfig, RelayConfig
from edgeguard.contract import Action
from edgeguard.sources.base import SYSTEM_CLOCK
from edgeguard.types import DoorState, OpenEpisode, Report
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import wait_for
from tests.support.relay_board import RelayBoard


class Told:
    """Reports, as (code, phase, gate)."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def __call__(self, reports: Sequence[Report]) -> None:
        self.reports += reports

    @property
    def all(self) -> list[tuple[str, str, str]]:
        return [(one.code.rpartition(".")[2], one.phase.value, one.zones[0]) for one in self.reports]


def relay(name: str, **settings: Any) -> RelayConfig:
    usual = {"id": name, "driver": {"kind": "memory"}, "pulse_s": 0.2, "rest_s": 0, "check_every_s": 0.2}
    return RelayConfig.model_validate(usual | settings)


def gate(name: str, **settings: Any) -> GateConfig:
    return GateConfig.model_validate({"id": name, "relay": name} | settings)


def contact(device: ModbusDevice, address: int) -> dict[str, Any]:
    return {"kind": "contact", "host": "127.0.0.1", "port": device.port, "address": address, "poll_ms": 20}


@contextmanager
def at_work(
    gates: Sequence[GateConfig], relays: Sequence[RelayConfig] = (), left: Sequence[OpenEpisode] = ()
) -> Iterator[tuple[Gates, Told]]:
    told, numbers = Told(), count(1)

    def new_id(_: datetime) -> str:
        return f"e{next(numbers)}"

    made = Gates(
        relays or [relay(one.id) for one in gates],
        gates,
        clock=SYSTEM_CLOCK,
        new_event_id=new_id,
        tell=told,
        tick=lambda: None,
        open_episodes=lambda: left,
    )
    with made:
        for name, switch in made.switches.items():
            wait_for(lambda one=switch: one.health.state is not SwitchState.STARTING, name)  # type: ignore[misc]
        yield made, told


def ask(gates: Gates, name: str, key: str, **settings: Any) -> "Future[Action]":
    return gates.open(OpenRequest(name, key, "plate", 5.0, **settings))


def result(done: "Future[Action]") -> str:
    return done.result(10).result


def detail(done: "Future[Action]") -> str:
    return done.result(10).detail or ""


def test_a_gate_opens_and_the_action_tells() -> None:
    with at_work([gate("north")]) as (gates, _):
        action = ask(gates, "north", "e1").result(10)
        assert (action.type, action.target, action.asset, action.result) == ("relay", "north", "e1", "opened")
        assert action.started_at is not None
        assert action.ended_at is not None
        assert action.started_at <= action.ended_at


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("south", {}, "met gate south, accepted: north"),
        ("north", {"direction": "out"}, "lets through in only, met out"),
    ],
)
def test_what_is_refused_says_why(name: str, settings: dict[str, Any], told: str) -> None:
    with at_work([gate("north", direction="in")]) as (gates, _):
        done = ask(gates, name, "e1", **settings)
        assert done.done(), "a refusal is told at once"
        assert (result(done), told in detail(done)) == ("refused", True)
        assert result(ask(gates, "north", "e2", direction="in")) == "opened"


def test_two_doors_of_an_airlock_are_never_open_together() -> None:
    """Without contacts: the other may open when the time has passed."""
    doors = [gate("outer", airlock="lobby", airlock_clear_s=1), gate("inner", airlock="lobby", airlock_clear_s=1)]
    with at_work([*doors, gate("garage")]) as (gates, _):
        first = ask(gates, "outer", "e1")
        assert detail(ask(gates, "inner", "e2")) == "airlock lobby: gate outer is being opened"
        assert result(ask(gates, "garage", "e3")) == "opened", "another door is none of its business"
        assert result(first) == "opened"
        assert "counts as open" in detail(ask(gates, "inner", "e4"))
        began_s = time.monotonic()
        wait_for(lambda: result(ask(gates, "inner", f"e5-{time.monotonic()}")) == "opened", "the other door")
        assert time.monotonic() - began_s < 5


def test_a_door_that_may_be_unlocked_keeps_the_other_shut() -> None:
    with RelayBoard() as board:
        relays = [relay("outer", driver=board.config().model_dump()), relay("inner")]
        doors = [gate("outer", airlock="lobby", airlock_clear_s=1), gate("inner", airlock="lobby", airlock_clear_s=1)]
        with at_work(doors, relays) as (gates, _):
            done = ask(gates, "outer", "e1")
            wait_for(lambda: board.closed, "the pulse")
            board.dead = True
            assert result(done) == "failed"
            assert "gate outer is not known to be locked" in detail(ask(gates, "inner", "e2"))
            board.dead = False
            wait_for(lambda: result(ask(gates, "inner", f"e3-{time.monotonic()}")) == "opened", "the other door")
            assert not board.closed


def test_two_at_once_in_an_airlock_open_one() -> None:
    doors = [gate("outer", airlock="lobby"), gate("inner", airlock="lobby")]
    with at_work(doors) as (gates, _):
        asked = [ask(gates, name, f"{name}-{number}") for number in range(5) for name in ("outer", "inner")]
        assert sorted(map(result, asked)) == ["opened"] + ["refused"] * 9


def test_an_airlock_with_contacts_goes_by_them() -> None:
    with ModbusDevice() as device:
        doors = [
            gate(name, airlock="lobby", contact=contact(device, number), alarm_forced=False)
            for number, name in enumerate(("outer", "inner"))
        ]
        with at_work(doors) as (gates, _):
            wait_for(lambda: gates.gates["outer"].state() is DoorState.OPEN, "the open door")
            assert "gate outer is open" in detail(ask(gates, "inner", "e1"))
            device.set("discrete_input", 0, 1)
            wait_for(lambda: gates.gates["outer"].state() is DoorState.CLOSED, "the closed door")
            assert result(ask(gates, "inner", "e2")) == "opened"
            device.set("discrete_input", 1, 1)
            wait_for(lambda: gates.gates["inner"].state() is DoorState.CLOSED, "the other closed door")
            device.kill()
            wait_for(lambda: gates.gates["inner"].state() is DoorState.UNKNOWN, "that nobody knows")
            assert "gate inner is unknown" in detail(ask(gates, "outer", "e3"))
            device.start()


def test_a_door_whose_operator_has_not_swung_yet_may_be_opening() -> None:
    with ModbusDevice() as device:
        for number in (0, 1):
            device.set("discrete_input", number, 1)
        doors = [
            gate(name, airlock="lobby", contact=contact(device, number))
            for number, name in enumerate(("outer", "inner"))
        ]
        with at_work(doors) as (gates, _):
            wait_for(lambda: all(one.state() is DoorState.CLOSED for one in gates.gates.values()), "both closed")
            assert result(ask(gates, "outer", "e1")) == "opened"
            assert detail(ask(gates, "inner", "e2")) == "airlock lobby: gate outer may be opening"
            for value, state in ((0, DoorState.OPEN), (1, DoorState.CLOSED)):
                device.set("discrete_input", 0, value)
                wait_for(lambda now=state: gates.gates["outer"].state() is now, "the door")  # type: ignore[misc]
                time.sleep(0.25)  # seen by the watch too
            assert result(ask(gates, "inner", "e3")) == "opened"


def test_forced_held_and_the_button_within() -> None:
    with ModbusDevice() as device:
        device.set("discrete_input", 0, 1)
        door = gate("north", contact=contact(device, 0), exit_button=contact(device, 1), held_after_s=1, grant_s=1)
        with at_work([door]) as (gates, told):
            wait_for(lambda: gates.gates["north"].state() is DoorState.CLOSED, "the closed door")
            time.sleep(0.3)  # the watch has seen it too
            device.set("discrete_input", 0, 0)
            wait_for(lambda: told.all == [("FORCED", "new", "north")], "the alarm")
            device.set("discrete_input", 0, 1)
            wait_for(lambda: told.all[1:] == [("FORCED", "end", "north")], "its end")
            device.set("discrete_input", 1, 1)
            time.sleep(0.3)
            device.set("discrete_input", 0, 0)
            device.set("discrete_input", 1, 0)
            wait_for(lambda: told.all[2:] == [("HELD", "new", "north")], "that it is held")
            device.set("discrete_input", 0, 1)
            wait_for(lambda: told.all[3:] == [("HELD", "end", "north")], "its end")


def test_a_board_that_stops_answering_is_told_and_comes_back() -> None:
    with RelayBoard() as board:
        driver = board.config().model_dump()
        with at_work([gate("north")], [relay("north", driver=driver)]) as (gates, told):
            board.dead = True
            began_s = time.monotonic()
            wait_for(lambda: told.all == [("LOST", "new", "north")], "that it is told")
            assert time.monotonic() - began_s < 10
            assert result(ask(gates, "north", "e1")) == "failed"
            board.dead = False
            wait_for(lambda: told.all[1:] == [("LOST", "end", "north")], "that it is back")


def test_what_a_gate_that_is_no_more_left_open_is_ended() -> None:
    left = OpenEpisode("old", "ACCESS.DOOR.HELD", "", "gate_door", SYSTEM_CLOCK.utcnow(), zones=("south",))
    with at_work([gate("north")], left=[left]) as (_, told):
        assert told.all == [("HELD", "end", "south")]


def test_leaving_releases_what_is_closed() -> None:
    with RelayBoard() as board:
        driver = board.config().model_dump()
        with at_work([gate("north")], [relay("north", driver=driver, pulse_s=60)]) as (gates, _):
            ask(gates, "north", "e1")
            wait_for(lambda: board.closed, "the pulse")
        wait_for(lambda: not board.closed, "the release", 3.0)
