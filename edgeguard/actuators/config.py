"""The voice as a site configures it."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from edgeguard.yamlfile import Strict

Gain = Annotated[float, Field(ge=-60.0, le=0.0)]
Rate = Annotated[int, Field(ge=8_000, le=192_000)]


class AlsaOutputConfig(Strict):
    """A sound card of the box, by the name `edgeguard speak --devices` shows, or a part of it."""

    kind: Literal["alsa"]
    device: str = "default"
    rate_hz: Rate = 48_000  # every card takes it
    latency_ms: float = Field(default=60.0, ge=20.0, le=500.0)


class FileOutputConfig(Strict):
    """One WAV file with everything that would have been heard, for demonstrations and tests."""

    kind: Literal["file"]
    path: Path
    rate_hz: Rate = 24_000
    limit_s: float = Field(default=3600.0, gt=0.0, le=86_400.0)


class MemoryOutputConfig(Strict):
    """Keeps what was played in memory; `hang_after_s`: after so much sound it blocks for ever, as a bad driver does."""

    kind: Literal["memory"]
    rate_hz: Rate = 24_000
    hang_after_s: float | None = Field(default=None, ge=0)


class NoOutputConfig(Strict):
    """A box without a voice."""

    kind: Literal["none"]


OutputConfig = Annotated[
    AlsaOutputConfig | FileOutputConfig | MemoryOutputConfig | NoOutputConfig, Field(discriminator="kind")
]


class QuietHours(Strict):
    """From `start` to `end` local time, over midnight too: quieter, and only these phrases (None: all)."""

    start: time
    end: time
    gain_db: Gain = -12.0
    phrases: frozenset[str] | None = None

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.start == self.end:
            raise ValueError(f"start and end must differ, but both are {self.start}")
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("start and end are local times without an offset, such as 22:00")
        return self

    def covers(self, local: time) -> bool:
        """Tell whether the local time of day lies in the hours; `end` itself does not."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


class VoiceConfig(Strict):
    """Where the voice comes out, in which languages, how loud and when."""

    output: OutputConfig = AlsaOutputConfig(kind="alsa")
    languages: tuple[str, ...] = Field(default=("zh", "en"), min_length=1)
    volume_db: Gain = 0.0
    quiet_hours: tuple[QuietHours, ...] = ()
    timezone: str | None = None  # IANA name; None: the box's own
    recordings_dir: Path | None = None
    optional_phrases: frozenset[str] = frozenset()  # of those that are spoken only where the site wants them

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(languages)) != len(languages):
            raise ValueError(f"each language once, but got {', '.join(languages)}")
        return languages

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str | None) -> str | None:
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ValueError(
                    f"no time zone {timezone!r} on this machine; accepted: such as Asia/Shanghai"
                ) from error
        return timezone
