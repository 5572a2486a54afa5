"""From the site file's settings to a relay: one row per kind of board."""

from edgeguard.actuators.relay import Relay
from edgeguard.actuators.relay_config import (
    GpioRelayConfig,
    HttpRelayConfig,
    MemoryRelayConfig,
    ModbusRelayConfig,
    RelayDriverConfig,
)
from edgeguard.actuators.relay_gpio import GpioRelay, require_gpiod
from edgeguard.actuators.relay_http import HttpRelay
from edgeguard.actuators.relay_memory import MemoryRelay
from edgeguard.actuators.relay_modbus import ModbusRelay


def build_relay(config: RelayDriverConfig) -> Relay:
    """At rest: nothing is connected yet. Raises ConfigError for a file or a variable that cannot be used."""
    match config:
        case ModbusRelayConfig():
            return ModbusRelay(config)
        case HttpRelayConfig():
            return HttpRelay(config)
        case GpioRelayConfig():
            require_gpiod()
            return GpioRelay(config)
        case MemoryRelayConfig():
            return MemoryRelay()
