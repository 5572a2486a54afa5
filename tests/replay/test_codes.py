from typing import Any

import pytest

from edgeguard.pipeline import ChainConfig
from edgeguard.replay.codes import codes_of
from edgeguard.scenarios import Thresholds

LABELS = ("person", "e-bike", "bicycle", "car", "dog")
THRESHOLDS = {label: Thresholds(0.25, 0.4) for label in LABELS}
LEVELS = [{"enter": 3, "leave": 3}, {"enter": 5, "leave": 4}]


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({"kind": "lift_ebike"}, {"LIFT.EBIKE.ENTER", "LIFT.BICYCLE.ENTER"}),
        ({"kind": "lift_ebike", "bicycle": "ignore"}, {"LIFT.EBIKE.ENTER"}),
        ({"kind": "conduct_fall"}, {"CONDUCT.FALL"}),
        ({"kind": "conduct_crowd", "levels": LEVELS}, {"CONDUCT.CROWD.L1", "CONDUCT.CROWD.L2"}),
        ({"kind": "vehicle_parked", "what": "ebike"}, {"VEHICLE.EBIKE.PARKED"}),
        ({"kind": "conduct_thrown"}, {"CONDUCT.THROWN"}),
    ],
)
def test_what_a_rule_can_tell(settings: dict[str, Any], codes: set[str]) -> None:
    configs = ChainConfig.model_validate({"scenarios": [settings]}).scenarios
    assert codes_of(configs, LABELS, THRESHOLDS) == codes


def test_several_rules_and_a_gate() -> None:
    rules = [{"kind": "conduct_fall"}, {"kind": "conduct_loiter"}]
    configs = ChainConfig.model_validate({"scenarios": rules}).scenarios
    assert codes_of(configs, LABELS, THRESHOLDS) == {"CONDUCT.FALL", "CONDUCT.LOITER"}
    gate = ChainConfig.model_validate({"scenarios": [{"kind": "gate_plate", "gate": "north"}]}).scenarios
    assert {"VEHICLE.PLATE.GRANTED", "VEHICLE.PLATE.DENIED"} <= codes_of(gate, LABELS, THRESHOLDS)
