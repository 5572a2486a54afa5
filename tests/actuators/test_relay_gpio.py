import importlib.util
import time

import pytest

from edgeguard.actuators.relay import Pulse
from edgeguard.actuators.relay_build import build_relay
from edgeguard.actuators.relay_config import GpioRelayConfig
from edgeguard.actuators.relay_gpio import GpioRelay, MemoryLine
from edgeguard.errors import RelayError, RelayLate

CONFIG = GpioRelayConfig(kind="gpio", chip="/dev/gpiochip99", line=17)


def pulse(within_s: float = 5.0) -> Pulse:
    return Pulse(0.05, time.monotonic() + within_s)


def test_a_pulse_closes_and_releases() -> None:
    line = MemoryLine()
    relay = GpioRelay(CONFIG, lambda _: line)
    relay.check()
    relay.pulse(pulse())
    relay.close()
    assert (line.history, line.given_back) == ([False, True, False], True)
    assert (relay.promises.hardware_pulse, relay.promises.watchdog_s) == (False, None)


def test_too_late_closes_nothing() -> None:
    line = MemoryLine()
    with pytest.raises(RelayLate):
        GpioRelay(CONFIG, lambda _: line).pulse(pulse(-1.0))
    assert True not in line.history


def test_a_chip_that_is_gone_is_told_and_asked_for_again() -> None:
    lines = [MemoryLine(), MemoryLine()]
    left = iter(lines)
    relay = GpioRelay(CONFIG, lambda _: next(left))
    lines[0].broken = True
    with pytest.raises(RelayError, match="gpiochip99 line 17: no such device"):
        relay.check()
    relay.check()
    assert (lines[0].given_back, lines[1].history) == (True, [False])


def test_a_machine_without_the_chip() -> None:
    assert importlib.util.find_spec("gpiod") is not None, "the extra gpio is part of dev"
    with pytest.raises(RelayError, match="/dev/gpiochip99 line 17: cannot be used"):
        build_relay(CONFIG).check()
