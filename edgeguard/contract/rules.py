"""What a center may set of one rule of a camera, over what the box's site file says."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from edgeguard.contract.base import Order, Segment, Text, Timestamp, rfc3339
from edgeguard.schedule import Schedule, write_hours

MAX_WINDOWS = 32

# The box holds it against the rule's own limits; no rule takes what is no number.
Number = Annotated[float, Field(allow_inf_nan=False)]


class ConfigureArgs(Order):
    """The rule `kind` over `zone` of a camera. What is left out is as in the site file; all left out: all of it is.

    `on` False: it does not watch. `armed` without windows: always. `until`: then the site file holds again by itself.
    """

    camera: Segment
    kind: Segment
    zone: Text
    on: bool = True
    min_score: Number | None = None
    dwell_s: Number | None = None
    armed: Schedule | None = None
    until: Timestamp | None = None

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.until is not None and not self.fields:
            raise ValueError("until: met without a setting, accepted: with on: false, armed, min_score or dwell_s")
        if self.armed is not None and len(self.armed.windows) > MAX_WINDOWS:
            raise ValueError(f"armed: met {len(self.armed.windows)} windows, accepted: at most {MAX_WINDOWS}")
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        """Which rule of the box it is."""
        return self.camera, self.kind, self.zone

    @property
    def fields(self) -> tuple[str, ...]:
        """What is set; nothing: back to the site file."""
        off = () if self.on else ("on",)
        return (*off, *(name for name in ("armed", "min_score", "dwell_s") if getattr(self, name) is not None))

    def __str__(self) -> str:
        """What it sets, in words."""
        if not self.fields:
            return "as in the site file"
        parts = [_spelled(self, name) for name in self.fields]
        return ", ".join(parts if self.until is None else [*parts, f"until {rfc3339(self.until)}"])


def _spelled(args: ConfigureArgs, name: str) -> str:
    if name == "on":
        return "off"
    if name == "armed" and args.armed is not None:
        return f"armed {write_hours(args.armed.windows) or 'always'}"
    return f"{name} {getattr(args, name):g}"
