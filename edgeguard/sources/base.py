"""What every source shares: its settings' base class and the clocks it is given."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, Self, runtime_checkable

from pydantic import ConfigDict

from edgeguard.yamlfile import Strict


def _utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks as callables, so that a test or a replay brings its own."""

    monotonic_s: Callable[[], float] = time.monotonic
    utcnow: Callable[[], datetime] = _utcnow
    sleep_s: Callable[[float], None] = time.sleep


SYSTEM_CLOCK = Clock()


class SourceSettings(Strict):
    """Base of every source's `Config`. Inputs stay out of validation messages: a mistyped key may hold a password."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def resolved(self, environ: Mapping[str, str]) -> Self:  # noqa: ARG002 - the base needs nothing of it
        """Settings with references to `environ` replaced by their values; raises ConfigError where one is missing."""
        return self


@runtime_checkable
class Interruptible(Protocol):
    """A source whose waiting `frames()` can be told from another thread to come back."""

    def interrupt(self) -> None:
        """Make `frames()` return soon; harmless when it is not running."""
