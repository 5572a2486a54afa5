"""A camera's scenario as a person would set it, written as the lines of the site file that say so."""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field

from edgeguard.center.texts import text
from edgeguard.contract.device import ArmedWindow, RuleInfo, RuleValues

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Of a rule that had no windows, so no time zone either.
TIMEZONE: Final = "Asia/Shanghai"
_CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
Clock = Annotated[str, Field(pattern=_CLOCK)]


class WishedWindow(BaseModel):
    """Armed from `start` to `end` on the days on which it starts."""

    model_config = ConfigDict(extra="forbid")

    start: Clock
    end: Clock
    days: tuple[Annotated[str, Field(pattern=f"^({'|'.join(DAYS)})$")], ...] = Field(default=DAYS, min_length=1)

    @classmethod
    def of(cls, window: ArmedWindow) -> Self:
        return cls.model_construct(start=window.start, end=window.end, days=window.days or DAYS)


class Wish(BaseModel):
    """What somebody wants of a rule. `windows`: all of them, none: always armed; None: as they are."""

    model_config = ConfigDict(extra="forbid")

    on: bool = True
    min_score: Annotated[float, Field(gt=0, lt=1)] | None = None
    dwell_s: Annotated[float, Field(ge=0, le=86400)] | None = None
    windows: tuple[WishedWindow, ...] | None = None

    @classmethod
    def of(cls, rule: RuleInfo) -> Self:
        """The settings as they are."""
        return cls.model_construct(min_score=rule.min_score, dwell_s=rule.dwell_s, windows=_windows(rule))


def in_file(rule: RuleInfo) -> RuleValues:
    """As the site file has it, whatever the center has set over it."""
    return rule if rule.override is None else rule.override.site_file


def snippet(camera: str, rule: RuleInfo, wish: Wish, language: str) -> str:
    """YAML for `scenarios` of the camera; what it does not name stays as it is in the site file."""
    about = f"# cameras: id {camera} -> scenarios: kind {rule.kind}, name {_plain(rule.zone)}"
    if not wish.on:
        return f"{about}\n# {text(language, 'snippet_off')}\n"
    wanted: dict[str, object] = {"kind": rule.kind, "name": rule.zone}
    if wish.min_score is not None:
        wanted["min_score"] = wish.min_score
    if wish.dwell_s is not None:
        wanted["dwell_s"] = wish.dwell_s
    if wish.windows is not None and wish.windows != _windows(in_file(rule)):
        wanted["armed"] = _armed(in_file(rule), wish.windows)
    lines = yaml.safe_dump([wanted], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return f"{about}\n# {text(language, 'snippet_keep')}\n{lines}"


def _windows(rule: RuleValues) -> tuple[WishedWindow, ...]:
    return tuple(WishedWindow.of(one) for one in rule.windows)


def _armed(rule: RuleValues, windows: Sequence[WishedWindow]) -> dict[str, object]:
    """Whole: what stands in the file under `armed` is replaced by it."""
    timezone = rule.timezone if rule.windows else rule.timezone or TIMEZONE
    named: dict[str, object] = {} if timezone is None or not windows else {"timezone": timezone}
    return named | {"windows": [_window(one) for one in windows]}


def _window(window: WishedWindow) -> dict[str, object]:
    times: dict[str, object] = {"start": window.start, "end": window.end}
    return times if len(window.days) == len(DAYS) else times | {"days": list(window.days)}


def _plain(name: str) -> str:
    """In a comment: one line."""
    return re.sub(r"\s+", " ", name)
