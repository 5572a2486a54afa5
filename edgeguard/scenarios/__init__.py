"""Rules over tracked objects. A new one is one file here and one row of the registry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Union

from pydantic import BeforeValidator, Field

from edgeguard.scenarios.access_tailgate import AccessTailgate
from edgeguard.scenarios.conduct_child_ledge import ConductChildLedge
from edgeguard.scenarios.conduct_crowd import ConductCrowd
from edgeguard.scenarios.conduct_dog import ConductDog
from edgeguard.scenarios.conduct_fall import ConductFall
from edgeguard.scenarios.conduct_fight import ConductFight
from edgeguard.scenarios.conduct_intrusion import ConductIntrusion
from edgeguard.scenarios.conduct_loiter import ConductLoiter
from edgeguard.scenarios.conduct_smoking import ConductSmoking
from edgeguard.scenarios.conduct_thrown import ConductThrown
from edgeguard.scenarios.episode import State
from edgeguard.scenarios.gate import GateRule, GateRuleConfig, Keeper
from edgeguard.scenarios.gate_face import GateFace, GateFaceConfig
from edgeguard.scenarios.gate_plate import GatePlate, GatePlateConfig
from edgeguard.scenarios.leftovers import Leftovers, orphan_end
from edgeguard.scenarios.lift_crowd import LiftCrowd
from edgeguard.scenarios.lift_door_blocked import LiftDoorBlocked
from edgeguard.scenarios.lift_ebike import LiftEbike, LiftEbikeConfig
from edgeguard.scenarios.lift_person_down import LiftPersonDown
from edgeguard.scenarios.object_left import ObjectLeft
from edgeguard.scenarios.object_taken import ObjectTaken
from edgeguard.scenarios.objects import Sight, Thresholds
from edgeguard.scenarios.rule import RuleConfig
from edgeguard.scenarios.vehicle_parked import VehicleParked
from edgeguard.scenarios.vehicle_wrong_way import VehicleWrongWay
from edgeguard.types import OpenEpisode, Scenario

FIRST = "lift_ebike"


class Rule(Protocol):
    """A class of the registry: its settings, and what it is built from."""

    @property
    def Config(self) -> type[RuleConfig]:  # noqa: N802 - a class stands there
        """With `kind: Literal[...]`, the name in the registry."""

    def __call__(
        self,
        config: Any,  # noqa: ANN401 - its own Config
        camera_id: str,
        labels: Sequence[str],
        thresholds: Mapping[str, Thresholds],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
    ) -> Scenario:
        """`resume`: its own open episodes."""


SCENARIOS: dict[str, Rule] = {
    FIRST: LiftEbike,
    "lift_crowd": LiftCrowd,
    "lift_door_blocked": LiftDoorBlocked,
    "lift_person_down": LiftPersonDown,
    "conduct_intrusion": ConductIntrusion,
    "conduct_loiter": ConductLoiter,
    "conduct_crowd": ConductCrowd,
    "conduct_dog": ConductDog,
    "conduct_child_ledge": ConductChildLedge,
    "vehicle_parked": VehicleParked,
    "vehicle_wrong_way": VehicleWrongWay,
    "access_tailgate": AccessTailgate,
    "object_left": ObjectLeft,
    "object_taken": ObjectTaken,
    "conduct_thrown": ConductThrown,
    "conduct_fall": ConductFall,
    "conduct_fight": ConductFight,
    "conduct_smoking": ConductSmoking,
    "gate_plate": GatePlate,
    "gate_face": GateFace,
}


def _first_unless_told(settings: object) -> object:
    """Site files from the days of a single scenario need not name it."""
    return {"kind": FIRST, **settings} if isinstance(settings, dict) and "kind" not in settings else settings


if TYPE_CHECKING:
    ScenarioConfig = RuleConfig
else:
    # Told by `kind`, so that an error speaks of the one that was meant.
    ScenarioConfig = Annotated[
        Union[tuple(rule.Config for rule in SCENARIOS.values())],  # noqa: UP007 - made of the registry
        Field(discriminator="kind"),
        BeforeValidator(_first_unless_told),
    ]


def build(
    configs: Sequence[ScenarioConfig],
    camera_id: str,
    labels: Sequence[str],
    thresholds: Mapping[str, Thresholds],
    new_event_id: Callable[[datetime], str],
    resume: Sequence[OpenEpisode] = (),
    keepers: Mapping[str, Keeper] = MappingProxyType({}),
) -> list[Scenario]:
    """Return the scenarios of one camera; each goes on with its own open episodes, and what is nobody's is ended.

    `resume`: open episodes, of any camera and rule; `keepers`: who decides at each gate. Raises ConfigError.
    """
    known = [episode for episode in resume if episode.camera_id == camera_id and episode.rule in SCENARIOS]
    owners = [_owner(episode, configs) for episode in known]
    labels = Sight(labels)
    scenarios = [
        _maker(config, configs, keepers)(
            config,
            camera_id,
            labels,
            thresholds,
            new_event_id,
            [episode for episode, owner in zip(known, owners, strict=True) if owner == number],
        )
        for number, config in enumerate(configs)
    ]
    left = [episode for episode, owner in zip(known, owners, strict=True) if owner is None]
    return [*scenarios, Leftovers(left)] if left else scenarios


def _maker(
    config: ScenarioConfig, configs: Sequence[ScenarioConfig], keepers: Mapping[str, Keeper]
) -> Callable[..., Scenario]:
    """Of a rule at a gate: with whoever decides there. Codes and cards are one rule's of a camera, that of faces first.

    It knows that the face of whoever showed one is not to be asked for.
    """
    rule = SCENARIOS[config.kind]
    if isinstance(config, GateRuleConfig) and isinstance(rule, type) and issubclass(rule, GateRule):
        faces = any(isinstance(one, GateFaceConfig) and one.gate == config.gate for one in configs)
        mine = isinstance(config, GateFaceConfig) or not faces
        return partial(rule, keeper=keepers.get(config.gate), takes_codes=mine)
    return rule


def _owner(episode: OpenEpisode, configs: Sequence[ScenarioConfig]) -> int | None:
    """Place of the rule whose zone it is; an episode without a zone is the first one's of its kind."""
    for number, config in enumerate(configs):
        if config.kind == episode.rule and (not episode.zones or config.zone_name in episode.zones):
            return number
    return None


def repeated(configs: Sequence[ScenarioConfig]) -> list[str]:
    """`kind zone` of rules that nobody could tell apart after a restart."""
    names = [f"{config.kind} {config.zone_name}" for config in configs]
    return sorted({name for name in names if names.count(name) > 1})


__all__ = [
    "SCENARIOS",
    "GateFaceConfig",
    "GatePlateConfig",
    "GateRule",
    "GateRuleConfig",
    "Keeper",
    "LiftEbike",
    "LiftEbikeConfig",
    "RuleConfig",
    "ScenarioConfig",
    "State",
    "Thresholds",
    "build",
    "orphan_end",
    "repeated",
]
