"""Against boards on real sockets: what they do, and what becomes of it when they fall silent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from edgeguard.actuators.relay import Pulse, Relay
from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_config import ModbusRelayConfig, RelayDriverConfig
from edgeguard.errors import RelayError, RelayLate
from tests.support.modbus import ModbusDevice
from tests.support.mosquitto import free_port, wait_for
from tests.support.relay_board import RelayBoard

Make = Callable[[ModbusRelayConfig], Relay]


@pytest.fixture(name="make")
def _make() -> Iterator[Make]:
    """Relays that are left at the end of a test."""
    with ExitStack() as stack:

        def make(config: ModbusRelayConfig) -> Relay:
            relay = build_relay(config)
            stack.callback(relay.close)
            return relay

        yield make


def pulse(seconds: float = 0.1, within_s: float = 5.0, **more: Any) -> Pulse:
    return Pulse(seconds, time.monotonic() + within_s, **more)


def test_a_pulse_at_a_real_server(make: Make) -> None:
    with ModbusDevice() as device:
        config = ModbusRelayConfig(kind="modbus", host="127.0.0.1", port=device.port, coil=3)
        seen: list[bool] = []
        relay = make(config)
        relay.pulse(pulse(closed=lambda: seen.append(bool(device.get("coil", 3)))))
        assert (seen, device.get("coil", 3)) == ([True], 0)
        relay.check()


def test_it_is_closed_for_as_long_as_asked(make: Make) -> None:
    with RelayBoard() as board:
        make(board.config()).pulse(pulse(0.2))
        assert board.pulses_s == [pytest.approx(0.2, abs=0.15)]


def test_too_late_is_never(make: Make) -> None:
    with RelayBoard() as board:
        for within_s in (-1.0, 0.0, 0.1):  # the last: the board may take until then to answer
            with pytest.raises(RelayLate, match="too late by"):
                make(board.config()).pulse(pulse(within_s=within_s))
        assert board.history == []


def test_a_board_that_is_silent_mid_pulse_is_told_and_released_when_it_is_back(make: Make) -> None:
    with RelayBoard() as board:
        relay = make(board.config())
        with pytest.raises(RelayError, match="closed, but the release is not confirmed"):
            relay.pulse(pulse(closed=lambda: setattr(board, "dead", True)))
        assert board.closed
        with pytest.raises(RelayError, match="no usable answer"):
            relay.check()
        board.dead = False
        relay.check()
        assert not board.closed


def test_a_board_that_closes_and_does_not_say_so_is_released_at_once(make: Make) -> None:
    with RelayBoard() as board:
        board.silent = True
        with pytest.raises(RelayError, match="no usable answer"):
            make(board.config()).pulse(pulse(5.0))
        assert [closed for _, closed in board.history] == [True, False]
        assert board.pulses_s[0] < 1.0


def test_a_refusal_is_told_in_words(make: Make) -> None:
    with RelayBoard() as board:
        board.refusal = 2
        with pytest.raises(RelayError, match=r"coil 0: exception 2 \(illegal address\)"):
            make(board.config()).pulse(pulse())


def test_nobody_there(make: Make) -> None:
    relay = make(ModbusRelayConfig(kind="modbus", host="127.0.0.1", port=free_port(), coil=0))
    for act in (relay.check, lambda: relay.pulse(pulse())):
        with pytest.raises(RelayError, match="no connection"):
            act()


def test_what_an_earlier_run_left_closed_is_released(make: Make) -> None:
    with RelayBoard() as board:
        board.history.append((0.0, True))
        make(board.config()).check()
        assert not board.closed


def test_a_pulse_that_is_cut_is_released_at_once(make: Make) -> None:
    with RelayBoard() as board:
        asked = pulse(30.0)
        thread = threading.Thread(target=make(board.config()).pulse, args=(asked,))
        thread.start()
        wait_for(lambda: board.closed, "the pulse")
        asked.cut.set()
        thread.join(2)
        assert not board.closed


def test_a_board_that_ends_the_pulse_itself_is_told_how_long(make: Make) -> None:
    with RelayBoard() as board:
        relay = make(board.config(pulse_register=7, pulse_tick_ms=100))
        assert relay.promises.hardware_pulse
        relay.pulse(pulse(0.25))
        assert board.registers == [(7, 3)]


def test_a_board_with_a_watchdog_hears_from_the_box_meanwhile(make: Make) -> None:
    with RelayBoard() as board:
        relay = make(board.config(watchdog_s=0.15))
        assert relay.promises.watchdog_s == 0.15
        relay.pulse(pulse(0.4))
        assert board.asked >= 6  # closed, renewed every 0.05 s, released


def test_a_watchdog_that_cannot_be_kept_fed_ends_the_pulse(make: Make) -> None:
    with RelayBoard() as board:
        relay = make(board.config(watchdog_s=0.15))
        began_s = time.monotonic()
        with pytest.raises(RelayError):
            relay.pulse(pulse(30.0, closed=lambda: setattr(board, "dead", True)))
        assert time.monotonic() - began_s < 3


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"kind": "modbus", "host": "h"}, "coil"),
        ({"kind": "modbus", "host": "h", "coil": -1}, "coil"),
        ({"kind": "modbus", "host": "h", "coil": 0, "watchdog_s": 0}, "watchdog_s"),
        ({"kind": "modbus", "host": "h", "coil": 0, "timeout_s": 60}, "timeout_s"),
        ({"kind": "serial", "host": "h"}, "modbus"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(RelayDriverConfig).validate_python(settings)
