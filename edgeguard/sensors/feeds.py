"""All the inputs of a box's sensors: made from the settings at rest, started and stopped together."""

import time
from collections.abc import Callable, Mapping, Sequence

from edgeguard.sensors.base import MemoryInput, SensorInput
from edgeguard.sensors.broker import BrokerConfig, BrokerLink
from edgeguard.sensors.config import ModbusReading, MqttReading, PointConfig
from edgeguard.sensors.modbus import ModbusPoller, pollers


class Feeds:
    """`inputs(point)` by reading. Raises ConfigError for TLS files or a password that cannot be had."""

    def __init__(
        self,
        points: Sequence[PointConfig],
        brokers: Mapping[str, BrokerConfig],
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inputs = {(point.id, name): MemoryInput() for point in points for name in point.readings}
        every = [
            (reading, self._inputs[point.id, name]) for point in points for name, reading in point.readings.items()
        ]
        asked = [(reading, into) for reading, into in every if isinstance(reading, ModbusReading)]
        heard = [(reading, into) for reading, into in every if isinstance(reading, MqttReading)]
        self.pollers: Sequence[ModbusPoller] = pollers(asked, monotonic_s)
        self.links: Sequence[BrokerLink] = [
            BrokerLink(name, config, mine, monotonic_s)
            for name, config in brokers.items()
            if (mine := [(reading, into) for reading, into in heard if reading.broker == name])
        ]

    def inputs(self, point: PointConfig) -> dict[str, SensorInput]:
        return {name: self._inputs[point.id, name] for name in point.readings}

    def start(self) -> None:
        for poller in self.pollers:
            poller.start()
        for link in self.links:
            link.start()

    def stop(self, within_s: float) -> None:
        for link in self.links:
            link.stop()
        for poller in self.pollers:
            poller.stop(within_s)
