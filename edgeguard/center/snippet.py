"""A camera's scenario as a person would set it, written as the lines of the site file that say so."""

import re
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgeguard.center.texts import text
from edgeguard.contract.device import RuleInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
Clock = Annotated[str, Field(pattern=_CLOCK)]


class Wish(BaseModel):
    """What somebody wants of a rule; `start` and `end` together or neither: always armed."""

    model_config = ConfigDict(extra="forbid")

    on: bool = True
    min_score: Annotated[float, Field(gt=0, lt=1)] | None = None
    dwell_s: Annotated[float, Field(ge=0, le=86400)] | None = None
    start: Clock | None = None
    end: Clock | None = None
    days: tuple[Annotated[str, Field(pattern=f"^({'|'.join(DAYS)})$")], ...] = ()

    @model_validator(mode="after")
    def _whole_window(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end together, or neither")
        return self

    @classmethod
    def of(cls, rule: RuleInfo) -> Self:
        """The settings as they are; of several windows the first."""
        window = next(iter(rule.windows), None)
        start, end, days = (None, None, ()) if window is None else (window.start, window.end, window.days)
        return cls.model_construct(min_score=rule.min_score, dwell_s=rule.dwell_s, start=start, end=end, days=days)


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
    if wish.start and wish.end:
        wanted["armed"] = _armed(rule, wish)
    lines = yaml.safe_dump([wanted], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return f"{about}\n# {text(language, 'snippet_keep')}\n{lines}"


def _armed(rule: RuleInfo, wish: Wish) -> dict[str, object]:
    window: dict[str, object] = {"start": wish.start, "end": wish.end}
    if wish.days and len(wish.days) < len(DAYS):
        window["days"] = list(wish.days)
    return {"timezone": rule.timezone or "Asia/Shanghai", "windows": [window]}


def _plain(name: str) -> str:
    """In a comment: one line."""
    return re.sub(r"\s+", " ", name)
