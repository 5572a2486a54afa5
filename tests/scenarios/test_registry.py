"""Several rules at one camera, and whose an open episode is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from edgeguard.pipeline import ChainConfig
from edgeguard.scenarios import SCENARIOS, Thresholds, build
from edgeguard.types import Observation, OpenEpisode, Phase, Report, Tracks
from tests.support.zone_rule import DOCS

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
LABELS = ("person", "e-bike", "bicycle", "dog", "car", "bag")
THRESHOLDS = {label: Thresholds(0.25, 0.4) for label in LABELS}
# A line or a gate that nobody can guess.
NEED_SETTINGS = {"access_tailgate", "conduct_child_ledge", "gate_face", "gate_plate", "vehicle_wrong_way"}


def chain(*scenarios: dict[str, object]) -> ChainConfig:
    return ChainConfig.model_validate({"scenarios": scenarios})


PARKED: dict[str, object] = {"kind": "vehicle_parked", "name": "lane"}
EXIT: dict[str, object] = {"kind": "vehicle_parked", "name": "exit"}
LOITER: dict[str, object] = {"kind": "conduct_loiter"}
LANE = OpenEpisode("e1", "VEHICLE.PARK.FIRELANE", "cam", "vehicle_parked", START, zones=("lane",))


def ended(config: ChainConfig, *resume: OpenEpisode) -> list[tuple[str, str | None]]:
    """What the camera tells of episodes that it was left with, when nothing is there any more."""
    rules = build(config.scenarios, "cam", LABELS, THRESHOLDS, str, resume)
    told: list[Report] = []
    for look in range(60):
        now = Observation(float(look), START, 640, 480, Tracks.empty())
        told += [signal for rule in rules for signal in rule.update(now).signals if isinstance(signal, Report)]
    assert {report.phase for report in told} <= {Phase.END}
    return [(report.event_id, report.zones[0] if report.zones else None) for report in told]


def test_the_registry_and_the_kinds_are_the_same() -> None:
    assert {kind: rule.Config.model_fields["kind"].default for kind, rule in SCENARIOS.items()} == {
        kind: kind for kind in SCENARIOS
    }


def test_every_scenario_has_its_page() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} == {*SCENARIOS, "zones"}


@pytest.mark.parametrize("kind", sorted(set(SCENARIOS) - NEED_SETTINGS))
def test_every_scenario_works_as_it_comes(kind: str) -> None:
    (config,) = chain({"kind": kind}).scenarios
    assert config.zone_name
    assert config.watched
    (rule,) = build((config,), "cam", LABELS, THRESHOLDS, str)
    assert rule.update(Observation(0, START, 640, 480, Tracks.empty())).signals == ()


def test_a_scenario_without_a_kind_is_the_lifts() -> None:
    (config,) = chain({"clear_s": 4}).scenarios
    assert config.kind == "lift_ebike"


@pytest.mark.parametrize(
    ("rules", "resume", "told"),
    [
        ((PARKED,), (), []),
        ((PARKED,), (LANE,), [("e1", "lane")]),
        # Each zone goes on with its own, in whatever order they stand.
        ((EXIT, PARKED), (LANE, replace(LANE, event_id="e2", zones=("exit",))), [("e1", "lane"), ("e2", "exit")]),
        # Of a time when events had no zones: the first one's.
        ((EXIT, PARKED), (replace(LANE, zones=()),), [("e1", "exit")]),
        # Zone, level or whole rule given up.
        ((EXIT,), (LANE,), [("e1", "lane")]),
        ((LOITER,), (LANE,), [("e1", "lane")]),
        # Another camera's, and what is no scenario's.
        ((PARKED,), (replace(LANE, camera_id="other"),), []),
        ((PARKED,), (OpenEpisode("e3", "DEVICE.CAMERA.BLIND", "cam", "camera_blind", START),), []),
    ],
)
def test_every_open_episode_is_ended_once_by_whoever_it_belongs_to(
    rules: tuple[dict[str, object], ...], resume: tuple[OpenEpisode, ...], told: list[tuple[str, str | None]]
) -> None:
    assert sorted(ended(chain(*rules), *resume)) == told


def test_two_that_nobody_could_tell_apart_are_refused() -> None:
    chain(PARKED, EXIT, LOITER)
    with pytest.raises(ValidationError, match="a name of its own; met vehicle_parked lane more than once"):
        chain(PARKED, EXIT, PARKED)
    with pytest.raises(ValidationError, match="met lift_ebike cabin more than once"):
        chain({"kind": "lift_ebike"}, {"kind": "lift_ebike", "bicycle": "warn"})
