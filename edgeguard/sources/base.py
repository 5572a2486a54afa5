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


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a source is while it runs.

    `busy_s`: inside one native call since so long, 0 between calls. `overdue_s`: so much longer than that call should
    ever take; it hangs and no thread can end it. `lag_s`: the pictures come so late.
    """

    busy_s: float = 0.0
    overdue_s: float = 0.0
    lag_s: float = 0.0


@runtime_checkable
class Watched(Protocol):
    """A source that tells how it is, from any thread."""

    def vitals(self) -> Vitals:
        """Now; never waits."""
