import secrets
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from edgeguard.contract import UlidMaker
from edgeguard.detectors import ExecutionConfig, ModelSpec, ScriptedDetector, cores
from edgeguard.detectors.second_opinion import Agreed
from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model, share_model, thresholds_of
from edgeguard.scenarios import LiftEbikeConfig, Thresholds
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Bodies, Detections, Frame, Observation, Phase, Report, Verdict
from edgeguard.yamlfile import load
from tests.conftest import MakeModel

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
SPEC = {
    "name": "lift-n",
    "file": "lift-n.onnx",
    "sha256": "0" * 64,
    "head": "yolov8",
    "input": {"size": [416, 416], "color": "rgb", "scale": 1 / 255},
    "labels": ["person", "e-bike"],
    "thresholds": {"default": {"low": 0.25, "high": 0.5}, "e-bike": {"low": 0.2, "high": 0.6}},
    "licence": "AGPL-3.0-or-later",
    "card": "lift-n.md",
    "folder": "models",
}


class Witness:
    """Writes down who was there, in the detector's order, and what was read of them."""

    def __init__(self) -> None:
        self.people: list[int] = []
        self.bodies: list[Bodies] = []

    def update(self, observation: Observation) -> Verdict:
        if observation.tracks is not None and observation.bodies is not None:
            self.people = observation.tracks.id.tolist()
            self.bodies.append(observation.bodies)
        return Verdict()


def test_defaults_guard_a_lift() -> None:
    assert ChainConfig().scenarios == (LiftEbikeConfig(),)


def test_thresholds_come_from_the_manifest_by_label() -> None:
    spec = ModelSpec.model_validate(SPEC)
    assert thresholds_of(spec) == {"person": Thresholds(0.25, 0.5), "e-bike": Thresholds(0.2, 0.6)}


def test_a_built_chain_confirms_an_e_bike() -> None:
    bike = Detections(np.array([[10, 10, 50, 40]], np.float32), np.array([0.9], np.float32), np.ones(1, np.int16))
    labels = ("person", "e-bike")
    model = Model(ScriptedDetector.constant(labels, bike), labels, {"e-bike": Thresholds(0.2, 0.5)}, "scripted")
    pipeline = build_pipeline(ChainConfig(), "lift-1", model, UlidMaker(secrets.randbits).new)
    picture = picture_from_array(np.full((48, 64), 90, np.uint8), "gray")
    signals = [s for i in range(2) for s in pipeline.look(Frame("lift-1", i, i / 8, START, picture))]
    assert [signal.phase for signal in signals if isinstance(signal, Report)] == [Phase.NEW]


@pytest.mark.parametrize(("looks_down", "confirmed"), [(True, []), (False, [Phase.NEW])])
def test_a_camera_that_looks_down_has_to_see_it_upside_down_too(looks_down: bool, confirmed: list[Phase]) -> None:
    """A box in the upper left of both pictures is two things, of which each is seen once."""
    bike = Detections(np.array([[1, 1, 30, 20]], np.float32), np.array([0.9], np.float32), np.ones(1, np.int16))
    labels = ("person", "e-bike")
    always = ScriptedDetector.constant(labels, bike)
    model = Model(Agreed(always, 1, always, 1, 0.2), labels, {"e-bike": Thresholds(0.2, 0.5)}, "scripted")
    config = ChainConfig(looks_down=looks_down)
    pipeline = build_pipeline(config, "lift-1", model, UlidMaker(secrets.randbits).new)
    picture = picture_from_array(np.full((48, 64), 90, np.uint8), "gray")
    signals = [s for i in range(2) for s in pipeline.look(Frame("lift-1", i, i / 8, START, picture))]
    assert [signal.phase for signal in signals if isinstance(signal, Report)] == confirmed


@pytest.mark.parametrize(("sessions", "expected"), [(None, cores()), (1, 1), (3, 3)])
def test_cameras_share_a_session_per_core_unless_told(
    make_model: MakeModel, sessions: int | None, expected: int
) -> None:
    config = ChainConfig(model="tiny", execution=ExecutionConfig(sessions=sessions))
    folder = make_model(np.zeros((1, 0, 6), np.float32))
    model = share_model(config, folder)
    assert model.scheduler is not None
    assert model.scheduler.busy_s == (0.0,) * expected
    assert open_model(config, folder).scheduler is None


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="manifest"):
        open_model(ChainConfig(model="none"), tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scenarios: []\n", "chain.yaml:1: scenarios: met a list of 0, accepted: "),
        (
            "scenarios:\n- kind: lift_ebkie\n",
            "chain.yaml:2: scenarios.0.kind: met 'lift_ebkie', accepted: 'lift_ebike'",
        ),
        (
            "scenarios:\n- kind: lift_ebike\n  clear_s: 9\n",
            "chain.yaml:3: scenarios.0.lift_ebike.clear_s: met 9, accepted: less than or equal to 7",
        ),
        (
            "scenarios:\n- kind: lift_ebike\n  claer_s: 4\n",
            "chain.yaml:3: scenarios.0.lift_ebike.claer_s: unknown, accepted: did you mean clear_s?",
        ),
        (
            "scenarios:\n- cabin: [[0, 0], [2, 0], [1, 1]]\n",
            "2: scenarios.0.lift_ebike.cabin: met a list of 3, accepted: corners are in 0..1 of the picture, met (2",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path, ChainConfig)
    assert message in str(refused.value)


def test_times_of_day_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text("scenarios:\n- armed: {windows: [{start: 06:00, end: 23:30}]}\n")
    scenario = load(path, ChainConfig).scenarios[0]
    assert isinstance(scenario, LiftEbikeConfig)
    (window,) = scenario.armed.windows
    assert (window.start.hour, window.end.minute) == (6, 30)


@pytest.mark.parametrize(
    ("scenarios", "reads"),
    [
        ([{"kind": "lift_ebike"}, {"kind": "lift_crowd"}], False),
        ([{"kind": "lift_ebike"}, {"kind": "conduct_fight"}], True),
        ([{"kind": "conduct_fall"}], True),
        # Without a pose network it stays off.
        ([{"kind": "conduct_smoking"}], False),
    ],
)
def test_people_are_looked_at_closer_only_where_a_rule_asks(scenarios: list[dict[str, str]], reads: bool) -> None:
    labels = ("person", "e-bike", "bicycle")
    thresholds = {label: Thresholds(0.25, 0.4) for label in labels}
    model = Model(ScriptedDetector.constant(labels, Detections.empty()), labels, thresholds, "scripted")
    config = ChainConfig.model_validate({"scenarios": scenarios})
    pipeline = build_pipeline(config, "yard", model, UlidMaker(secrets.randbits).new)
    assert (pipeline._bodies is not None) is reads


@pytest.mark.parametrize(
    ("zones", "read"),
    [([[0.0, 0.5]], [True, False]), ([[0.5, 1.0]], [False, True]), ([[0.0, 0.5], [0.5, 1.0]], [True, True])],
)
def test_only_people_of_the_zones_of_the_rules_that_ask_are_looked_at(
    zones: list[list[float]], read: list[bool]
) -> None:
    """Of two people, left and right."""
    two = Detections(
        np.array([[20, 60, 80, 220], [220, 60, 280, 220]], np.float32),
        np.full(2, 0.9, np.float32),
        np.zeros(2, np.int16),
    )
    model = Model(
        ScriptedDetector.constant(("person",), two), ("person",), {"person": Thresholds(0.25, 0.4)}, "scripted"
    )
    rules = [
        {"kind": "conduct_fall", "name": f"{x0}", "zone": [[x0, 0], [x1, 0], [x1, 1], [x0, 1]]} for x0, x1 in zones
    ]
    told = Witness()
    config = ChainConfig.model_validate({"scenarios": [*rules, {"kind": "conduct_loiter"}]})
    pipeline = build_pipeline(config, "yard", model, UlidMaker(secrets.randbits).new, witness=told)
    pipeline.look(Frame("yard", 0, 0.0, START, picture_from_array(np.zeros((240, 320, 3), np.uint8), "bgr24")))
    (bodies,) = told.bodies
    assert len(bodies) == sum(read)
    assert [track_id in bodies.track_id for track_id in told.people] == read


def test_a_pose_network_that_is_not_there_is_refused() -> None:
    labels = ("person",)
    model = Model(ScriptedDetector.constant(labels, Detections.empty()), labels, {"person": Thresholds(0.25, 0.4)}, "m")
    config = ChainConfig.model_validate({"pose": "none.onnx", "scenarios": [{"kind": "conduct_smoking"}]})
    with pytest.raises(ConfigError, match=r"pose: none\.onnx is not there"):
        build_pipeline(config, "yard", model, UlidMaker(secrets.randbits).new)
