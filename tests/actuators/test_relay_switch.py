"""One thread over a relay: never late, never twice, never two at once, and known to be released."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from edgeguard.actuators.relay import Promises, Pulse, Relay
from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_config import SwitchConfig
from edgeguard.actuators.relay_memory import MemoryRelay
from edgeguard.actuators.relay_switch import Pulsed, Switch, SwitchState
from tests.support.mosquitto import wait_for
from tests.support.relay_board import RelayBoard


@contextmanager
def switch(build: Callable[[], Relay], **settings: Any) -> Iterator[Switch]:
    usual = {"driver": {"kind": "memory"}, "pulse_s": 0.1, "rest_s": 0, "check_every_s": 0.2}
    made = Switch("north", SwitchConfig.model_validate(usual | settings), build)
    made.start()
    try:
        wait_for(lambda: made.health.state is not SwitchState.STARTING, "the first check")
        yield made
    finally:
        made.stop(2.0)


def result(done: "Future[Pulsed]") -> str:
    return done.result(10).result


def told(done: "Future[Pulsed]") -> str:
    return done.result(10).detail


def test_a_pulse_is_told_with_its_times() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay) as north:
        pulsed = north.pulse("e1", 5.0).result(10)
        assert pulsed.result == "opened"
        assert pulsed.started_at is not None
        assert pulsed.ended_at is not None
        assert 0.05 < (pulsed.ended_at - pulsed.started_at).total_seconds() < 1
        assert [closed for _, closed in relay.history] == [True, False]
        assert (north.health.pulses, north.health.closed) == (1, False)


def test_the_same_key_opens_once() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay) as north:
        first = north.pulse("e1", 5.0)
        assert north.pulse("e1", 5.0) is first
        assert result(first) == "opened"
        assert north.pulse("e1", 5.0).result() is first.result()
        assert len(relay.history) == 2


def test_two_at_once_open_once() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay, pulse_s=0.4) as north:
        first, second = north.pulse("e1", 5.0), north.pulse("e2", 5.0)
        assert (result(second), told(second)) == ("refused", "busy: e1 has it opened")
        assert result(first) == "opened"
        assert len(relay.history) == 2
        assert north.health.refused == 1


def test_it_rests_between_two_pulses() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay, rest_s=0.6) as north:
        assert result(north.pulse("e1", 5.0)) == "opened"
        assert "too soon" in told(north.pulse("e2", 5.0))
        wait_for(lambda: result(north.pulse("e3", 5.0)) == "opened", "the next pulse")
        (_, _), (released_s, _), (closed_s, _), _ = relay.history
        assert closed_s - released_s >= 0.6


def test_what_waited_too_long_never_opens() -> None:
    """The board is slow to be checked; when it has time, the request has expired."""
    going_on, relay = Event(), MemoryRelay()

    class Slow(MemoryRelay):
        def check(self) -> None:
            going_on.wait(5)

    slow = Slow()
    builds = iter([slow])
    made = Switch("north", SwitchConfig.model_validate({"driver": {"kind": "memory"}}), lambda: next(builds))
    made.start()
    late = made.pulse("e1", 0.1)
    time.sleep(0.2)
    going_on.set()
    assert result(late) == "expired"
    assert slow.history == relay.history == []
    made.stop(2.0)


def test_a_silent_board_fails_is_told_within_seconds_and_is_released_when_it_is_back() -> None:
    with RelayBoard() as board, switch(lambda: build_relay(board.config()), pulse_s=0.3) as north:
        pulsed = north.pulse("e1", 5.0)
        wait_for(lambda: board.closed, "the pulse")
        board.dead = True
        assert result(pulsed) == "failed"
        assert "the release is not confirmed" in told(pulsed)
        assert pulsed.result().started_at is not None
        assert (north.health.state, north.health.closed) == (SwitchState.LOST, True)
        board.dead = False
        wait_for(lambda: north.health.state is SwitchState.OK, "the board")
        assert not board.closed
        assert (north.health.failures, north.health.closed) == (1, False)


def test_a_board_that_goes_away_between_pulses_is_lost_soon() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay) as north:
        relay.away = True
        wait_for(lambda: north.health.state is SwitchState.LOST, "the loss", 2.0)
        assert north.health.reason == "memory: no answer"
        assert result(north.pulse("e1", 5.0)) == "failed"
        relay.away = False
        wait_for(lambda: north.health.state is SwitchState.OK, "the board", 2.0)


def test_a_stop_releases_at_once() -> None:
    relay = MemoryRelay()
    with switch(lambda: relay, pulse_s=60) as north:
        pulsed = north.pulse("e1", 5.0)
        wait_for(lambda: relay.closed, "the pulse")
        north.stop(2.0)
        assert not relay.closed
        assert told(pulsed) == "released early"
        assert told(north.pulse("e2", 5.0)) == "the relay is not in use"


def test_a_stop_whose_release_gets_no_answer_tries_once_more() -> None:
    with RelayBoard() as board, switch(lambda: build_relay(board.config()), pulse_s=60) as north:
        pulsed = north.pulse("e1", 5.0)
        wait_for(lambda: board.closed, "the pulse")
        board.misses = 1
        north.stop(0.0)
        assert result(pulsed) == "failed"
        wait_for(lambda: not board.closed, "the release", 3.0)


def test_a_driver_that_hangs_is_left_behind_and_cannot_close_any_more() -> None:
    hangs = Event()

    class Hanging(MemoryRelay):
        def pulse(self, pulse: Pulse) -> None:
            hangs.wait(10)
            super().pulse(pulse)

    old, new = Hanging(), MemoryRelay()
    builds = iter([old, new])
    with switch(lambda: next(builds)) as north:
        pulsed = north.pulse("e1", 0.2)
        time.sleep(0.3)
        (left,) = north.renew()
        assert told(pulsed) == "the board's driver hangs"
        hangs.set()
        left.join(2)
        assert old.history == []
        assert result(north.pulse("e2", 5.0)) == "opened"
        assert len(new.history) == 2


@pytest.mark.parametrize("pulse_s", [0, 61, -1])
def test_no_setting_makes_a_pulse_longer_than_a_minute(pulse_s: float) -> None:
    with pytest.raises(ValueError, match="pulse_s"):
        SwitchConfig.model_validate({"driver": {"kind": "memory"}, "pulse_s": pulse_s})


def test_what_a_board_promises() -> None:
    assert MemoryRelay().promises == Promises(hardware_pulse=False, watchdog_s=None)
