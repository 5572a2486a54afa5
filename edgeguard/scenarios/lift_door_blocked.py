"""Somebody or something that keeps a lift's door from closing.

How it behaves, and why, is in docs/scenarios/lift_door_blocked.md. Code: LIFT.DOOR.BLOCKED.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce, Stay
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import DoorState, Observation

BLOCKED = "LIFT.DOOR.BLOCKED"
# Who walks through an open door is out of the doorway sooner; in an episode the door stays blocked by whoever stays so
# long.
STANDS_S = 3.0


class LiftDoorBlockedConfig(ZoneConfig):
    """Somebody or something that keeps a lift's door from closing; `zone` is the floor of the doorway."""

    by_feet = True

    kind: Literal["lift_door_blocked"] = "lift_door_blocked"
    name: str = Field(default="doorway", min_length=1, max_length=64, description="Name of the doorway in events.")
    labels: tuple[str, ...] = Field(
        default=("person", "e-bike", "bicycle", "bag"), min_length=1, description="What is watched for."
    )
    min_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of a box's lowest sixth that must lie in the doorway."
    )
    dwell_s: float = Field(
        default=30.0, ge=0, le=86400, description="An alarm when the door has been kept open for so long."
    )
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="The doorway free for so long: it is over.")


class _Blocking:
    """Whoever stands in the doorway of a door that does not close.

    Where the door is known to be open its time counts, whoever stood there meanwhile. Where nobody knows the door one
    and the same must have stood there all the time: others walk through.
    """

    def __init__(self, objects: Objects, config: ZoneConfig) -> None:
        self._objects = objects
        self._config = config
        self._residents = Residents(config.clear_s)
        self._open: Stay | None = None

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        if now.door is DoorState.CLOSED:
            self._closed()
            return None
        blocking = self._residents.update(now, self._objects.of(now))
        kept_open_s = self._opened(now)
        dwell_s = self._config.dwell_s
        enough = held or kept_open_s >= dwell_s
        found = longest(blocking, min(STANDS_S, dwell_s) if enough else dwell_s)
        if found is not None and kept_open_s >= dwell_s:
            found.held_s = kept_open_s
        return found

    def _opened(self, now: Observation) -> float:
        """For how long the door is known to have been open; through moments in which somebody hides it."""
        if self._open is None and now.door is DoorState.OPEN:
            self._open = Stay(now.monotonic_s)
        elif self._open is not None:
            self._open.go_on(now.monotonic_s, seen=now.door is DoorState.OPEN)
            if self._open.over(self._config.clear_s):
                self._open = None
        return 0.0 if self._open is None else self._open.held_s

    def _closed(self) -> None:
        """Whoever is seen in front of a closed door keeps nobody waiting."""
        self._residents, self._open = Residents(self._config.clear_s), None


class LiftDoorBlocked(ZoneRule[LiftDoorBlockedConfig]):
    """One episode while the door is kept open, by whomever."""

    Config = LiftDoorBlockedConfig

    def watches(self, config: LiftDoorBlockedConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {BLOCKED: Watch(_Blocking(eyes.here(), config), AtOnce())}
