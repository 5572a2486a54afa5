"""Rules over tracked objects. A new one is one file here and one row of the registry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from edgeguard.scenarios.episode import State
from edgeguard.scenarios.lift_ebike import LiftEbike, LiftEbikeConfig, Thresholds
from edgeguard.types import OpenEpisode, Scenario

# A union discriminated by `kind` as soon as there is a second one.
ScenarioConfig = LiftEbikeConfig

SCENARIOS: dict[str, type[LiftEbike]] = {"lift_ebike": LiftEbike}


def build(
    config: ScenarioConfig,
    camera_id: str,
    labels: Sequence[str],
    thresholds: Mapping[str, Thresholds],
    new_event_id: Callable[[datetime], str],
    resume: Sequence[OpenEpisode] = (),
) -> Scenario:
    """Return the scenario of one camera; it goes on with the open episodes of this camera and rule."""
    mine = [episode for episode in resume if episode.camera_id == camera_id and episode.rule == config.kind]
    return SCENARIOS[config.kind](config, camera_id, labels, thresholds, new_event_id, mine)


__all__ = ["SCENARIOS", "LiftEbike", "LiftEbikeConfig", "ScenarioConfig", "State", "Thresholds", "build"]
