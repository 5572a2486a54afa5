"""Sensors of the site: gas, smoke, heat, water, current, door contacts, call buttons. Readings in, episodes out."""

from edgeguard.sensors.base import MemoryInput, Sample, SensorInput
from edgeguard.sensors.broker import BrokerConfig
from edgeguard.sensors.config import BUTTONS, AlarmConfig, CutOffConfig, PointConfig
from edgeguard.sensors.cutoff import cut_off
from edgeguard.sensors.feeds import Feeds
from edgeguard.sensors.point import SENSOR_RULES, Point, ReadingHealth
from edgeguard.sensors.watch import Moment

__all__ = [
    "BUTTONS",
    "SENSOR_RULES",
    "AlarmConfig",
    "BrokerConfig",
    "CutOffConfig",
    "Feeds",
    "MemoryInput",
    "Moment",
    "Point",
    "PointConfig",
    "ReadingHealth",
    "Sample",
    "SensorInput",
    "cut_off",
]
