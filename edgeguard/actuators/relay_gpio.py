"""A relay on a pin of the box itself, by libgpiod. It stays closed when the box hangs: never for a lift."""

import importlib.util
from collections.abc import Callable
from typing import Protocol

from edgeguard.actuators.relay import Promises, Pulse, timed
from edgeguard.actuators.relay_config import GpioRelayConfig
from edgeguard.errors import ConfigError, RelayError

CONSUMER = "edgeguard"


class GpioLine(Protocol):
    """One output line that was requested released."""

    def set(self, active: bool) -> None:
        """Close (True) or release; raises OSError where the chip is gone."""

    def close(self) -> None:
        """Give it back."""


class MemoryLine:
    """Remembers what was set; `broken` makes it fail as a chip that was pulled out does."""

    def __init__(self) -> None:
        self.history: list[bool] = []
        self.broken = False
        self.given_back = False

    def set(self, active: bool) -> None:
        if self.broken:
            raise OSError("no such device")
        self.history.append(active)

    def close(self) -> None:
        self.given_back = True


def require_gpiod() -> None:
    """Raise ConfigError where the package is not installed."""
    if importlib.util.find_spec("gpiod") is None:
        raise ConfigError("driver.kind: met gpio, but the package gpiod is not installed: pip install edgeguard[gpio]")


class ChipLine:
    """Of a real chip. Raises RelayError where the chip or the line cannot be used."""

    def __init__(self, config: GpioRelayConfig) -> None:
        import gpiod  # noqa: PLC0415 - an extra: only boxes with such a relay have it
        from gpiod.line import Direction, Value  # noqa: PLC0415

        settings = gpiod.LineSettings(
            direction=Direction.OUTPUT, active_low=config.active_low, output_value=Value.INACTIVE
        )
        self._line, self._values = config.line, {True: Value.ACTIVE, False: Value.INACTIVE}
        try:
            self._request = gpiod.request_lines(config.chip, consumer=CONSUMER, config={config.line: settings})
        except (OSError, ValueError) as error:
            raise RelayError(f"{config.chip} line {config.line}: cannot be used: {error}") from error

    def set(self, active: bool) -> None:
        self._request.set_value(self._line, self._values[active])

    def close(self) -> None:
        self._request.release()


class GpioRelay:
    """`request` asks for the line, released; it is asked again after a failure."""

    def __init__(self, config: GpioRelayConfig, request: Callable[[GpioRelayConfig], GpioLine] = ChipLine) -> None:
        self._config = config
        self._request = request
        self._line: GpioLine | None = None

    @property
    def name(self) -> str:
        return f"{self._config.chip} line {self._config.line}"

    @property
    def promises(self) -> Promises:
        return Promises()

    def pulse(self, pulse: Pulse) -> None:
        def close() -> None:
            pulse.begin()
            self._set(True)

        timed(pulse, close, self._release)

    def check(self) -> None:
        self._release()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _release(self) -> None:
        self._set(False)

    def _set(self, active: bool) -> None:
        if self._line is None:
            self._line = self._request(self._config)
        try:
            self._line.set(active)
        except OSError as error:
            self.close()
            raise RelayError(f"{self.name}: {error}") from error
