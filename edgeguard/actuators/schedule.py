"""What may be said at which hour, and how loud."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from edgeguard.actuators.config import QuietHours, VoiceConfig


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a phrase may be played; if so how loud, if not why."""

    gain_db: float
    refused: str | None = None


def rule(config: VoiceConfig, phrase: str, at: datetime) -> Ruling:
    """Apply the hours that cover `at` (aware) in the site's time; of several the quietest, and each may refuse."""
    local = at.astimezone(ZoneInfo(config.timezone) if config.timezone else None).time()
    covering = [hours for hours in config.quiet_hours if hours.covers(local)]
    for hours in covering:
        if hours.phrases is not None and phrase not in hours.phrases:
            return Ruling(config.volume_db, refused=_reason(hours))
    return Ruling(config.volume_db + min((hours.gain_db for hours in covering), default=0.0))


def _reason(hours: QuietHours) -> str:
    return f"quiet hours {hours.start:%H:%M} to {hours.end:%H:%M}"
