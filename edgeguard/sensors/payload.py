"""A payload of MQTT to a number: plain, or somewhere in JSON by its pointer (RFC 6901)."""

import json
import math
from typing import Final

from edgeguard.errors import SensorError
from edgeguard.sensors.config import MqttReading

MOST_BYTES: Final = 64 * 1024
_MET: Final = 60


def number_of(payload: bytes, config: MqttReading) -> float:
    """The value in the reading's unit. Raises SensorError with what was met; never anything else."""
    if len(payload) > MOST_BYTES:
        raise SensorError(f"met {len(payload)} bytes, accepted: at most {MOST_BYTES}")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise SensorError(f"met {_short(payload)}, accepted: UTF-8") from error
    found = _pointed(text, config.pointer) if config.pointer else text.strip()
    return _number(found, config) * config.scale + config.offset


def _pointed(text: str, pointer: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SensorError(f"met {_short(text)}, accepted: JSON") from error
    for part in pointer.split("/")[1:]:
        found = _step(found, part.replace("~1", "/").replace("~0", "~"), pointer)
    return found


def _step(found: object, key: str, pointer: str) -> object:
    try:
        if isinstance(found, dict):
            return found[key]
        if isinstance(found, list) and key.isascii() and key.isdigit():
            return found[int(key)]
    except (KeyError, IndexError):
        pass
    raise SensorError(f"{pointer}: met {_short(found)}, accepted: something at {key!r}")


def _number(found: object, config: MqttReading) -> float:
    if isinstance(found, str) and found in config.words:
        return config.words[found]
    if isinstance(found, bool | int | float | str):
        try:
            value = float(found)
        except (ValueError, OverflowError):
            value = math.nan
        # `1_000` and `infinity` are numbers to Python only.
        if math.isfinite(value) and "_" not in str(found):
            return value
    accepted = ", ".join(("a number", *config.words))
    raise SensorError(f"{config.pointer or 'payload'}: met {_short(found)}, accepted: {accepted}")


def _short(met: object) -> str:
    text = repr(met)
    return text if len(text) <= _MET else f"{text[: _MET - 3]}..."
