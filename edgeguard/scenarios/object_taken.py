"""A thing that is gone from where it always stands.

How it behaves, how good it is and why, is in docs/scenarios/object_taken.md. Code: CONDUCT.OBJECT.TAKEN.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from edgeguard.boxes import area, iou
from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import Stay
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box
from edgeguard.types import Observation

TAKEN = "CONDUCT.OBJECT.TAKEN"
# The same thing in the same place, as for things left behind.
STILL_IOU = 0.5
# So much of its place behind somebody else's box and nobody can say that it is gone.
HIDDEN = 0.2
# What has stood for less has no place yet: it may be on its way.
STOOD_S = 2.0
# What the detector sees in less than this share of the looks cannot be missed.
SEEN_WELL = 0.8


class ObjectTakenConfig(ZoneConfig):
    """A thing that is gone from where it always stands."""

    kind: Literal["object_taken"] = "object_taken"
    labels: tuple[str, ...] = Field(default=("bicycle",), min_length=1, description="What is watched over.")
    settle_s: float = Field(
        default=300.0, gt=0, le=86400, description="What has stood in its place for so long is watched over."
    )
    dwell_s: float = Field(
        default=10.0, ge=0, le=86400, description="An alarm when its place is seen empty for so long."
    )
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="Back again for so long: it is over.")
    forget_s: float = Field(
        default=300.0, gt=0, le=86400, description="Gone for so long it is forgotten, and the event ends."
    )


class _Place:
    """Where a thing stands or stood."""

    def __init__(self, thing: Candidate, now_s: float) -> None:
        self.home = thing.box
        self._thing = thing
        self._stay = Stay(now_s)
        self._guarded = False  # it was last seen at an hour at which nobody may take it

    @property
    def settling(self) -> bool:
        """It may be on its way."""
        return self._stay.shown_s < STOOD_S

    @property
    def track_id(self) -> int:
        return self._thing.track_id

    def see(
        self, found: Sequence[Candidate], others: Callable[[], Sequence[Candidate]], now_s: float, *, armed: bool
    ) -> Candidate | None:
        """Returns the thing where it is seen here. A place that is hidden is one in which it still stands."""
        thing = next((one for one in found if iou(self.home, one.box) >= STILL_IOU), None)
        hidden = thing is None and not self.settling and any(_covers(one.box, self.home) for one in others())
        self._stay.go_on(now_s, seen=thing is not None or hidden)
        if thing is not None:
            self._thing, self._guarded = thing, armed
        return thing

    def missing(self, settle_s: float) -> Candidate | None:
        """The thing, where it was settled, its place is empty now and its owner has not fetched it before the hours."""
        stay = self._stay
        settled = stay.shown_s >= settle_s and stay.shown_s >= SEEN_WELL * (stay.held_s - stay.absent_s)
        return self._thing if stay.absent_s and settled and self._guarded else None

    def over(self, forget_s: float) -> bool:
        return self._stay.over(forget_s)


class _Missing:
    """Whatever was settled and is not in its place, the first one to have been."""

    def __init__(self, things: Objects, others: Objects, config: ObjectTakenConfig) -> None:
        self._things = things
        self._others = others
        self._config = config
        self._places: list[_Place] = []

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        found, now_s = list(self._things.of(now)), now.monotonic_s
        armed = self._config.armed.armed(now.captured_at)
        for place in self._places:
            thing = place.see(found, lambda: self._others.of(now), now_s, armed=armed)
            if thing is not None:
                found.remove(thing)
        moved = {thing.track_id for thing in found}
        self._places = [
            place
            for place in self._places
            if not (place.over(self._config.forget_s) or (place.settling and place.track_id in moved))
        ]
        self._places += [_Place(thing, now_s) for thing in found]
        missing = (place.missing(self._config.settle_s) for place in self._places)
        return next((thing for thing in missing if thing is not None), None)


def _covers(box: Box, place: Box) -> bool:
    width = min(box[2], place[2]) - max(box[0], place[0])
    height = min(box[3], place[3]) - max(box[1], place[1])
    return width > 0 and height > 0 and width * height >= HIDDEN * area(place)


class ObjectTaken(ZoneRule[ObjectTakenConfig]):
    """One episode while anything is missing."""

    Config = ObjectTakenConfig

    def watches(self, config: ObjectTakenConfig, eyes: Eyes) -> Mapping[str, Watch]:
        others = [label for label in eyes.labels if label not in config.labels]
        return {TAKEN: Watch(_Missing(eyes.here(), eyes.perhaps(others), config))}
