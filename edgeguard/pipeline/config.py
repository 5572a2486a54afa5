"""What a site sets about one camera's chain, and how the chain is built from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

from edgeguard.bodies import open_bodies
from edgeguard.detectors import (
    DEFAULT_MODEL,
    ExecutionConfig,
    ModelSpec,
    Scheduler,
    cores,
    find_model,
    for_one_camera,
    models_dir,
    open_detector,
)
from edgeguard.doors import DoorConfig, PictureConfig, PictureDoor
from edgeguard.motion import FallSieve, MotionConfig, MotionGate, SeldomGate, ViewConfig
from edgeguard.pipeline.camera import CameraPipeline, Gate, View
from edgeguard.scenarios import Keeper, LiftEbikeConfig, ScenarioConfig, Thresholds, build, repeated
from edgeguard.trackers import GreedyTracker, TrackerConfig
from edgeguard.types import Detector, Door, LumaSieve, OpenEpisode, Scenario, ShownReader
from edgeguard.yamlfile import Strict


def _told_apart(scenarios: tuple[ScenarioConfig, ...]) -> tuple[ScenarioConfig, ...]:
    twice = repeated(scenarios)
    if twice:
        raise ValueError(f"each zone of a kind once, with a name of its own; met {', '.join(twice)} more than once")
    return scenarios


class ChainConfig(Strict):
    """The part of a camera's settings that box and replay share; the box adds where the pictures come from.

    `detect_hz`: looks a second at most; lifts need 5 to 8, more only costs. `looks_down`: the camera hangs in the
    middle of the ceiling and looks straight down. `pose`: a converted pose network, for the rules that need one.
    """

    model: str = DEFAULT_MODEL
    execution: ExecutionConfig = ExecutionConfig()
    detect_hz: float = Field(default=10.0, gt=0, le=60)
    looks_down: bool = False
    motion: MotionConfig = MotionConfig()
    view: ViewConfig = ViewConfig()
    tracker: TrackerConfig = TrackerConfig()
    door: DoorConfig | None = None
    pose: Path | None = None
    scenarios: Annotated[tuple[ScenarioConfig, ...], Field(min_length=1), AfterValidator(_told_apart)] = (
        LiftEbikeConfig(),
    )


@dataclass(frozen=True, slots=True)
class Model:
    """A detector and what is known about it; cameras with the same settings share one, in turns."""

    detector: Detector
    labels: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]
    name: str
    sha256: str | None = None
    scheduler: Scheduler | None = None  # None: one camera alone


def open_model(config: ChainConfig, folder: Path | None = None) -> Model:
    """Load the network of a chain. `folder` of the manifest, None: the bundled one. Raises ConfigError, ModelError."""
    spec = find_model(config.model, models_dir(folder))
    return Model(open_detector(spec, config.execution), spec.labels, thresholds_of(spec), spec.name, spec.sha256)


def share_model(config: ChainConfig, folder: Path | None = None) -> Model:
    """`open_model` for cameras that share it: with a scheduler, and a session per core unless the settings say more."""
    sessions = config.execution.sessions or cores()
    execution = config.execution.model_copy(update={"sessions": sessions})
    model = open_model(config.model_copy(update={"execution": execution}), folder)
    return replace(model, scheduler=Scheduler(sessions))


def thresholds_of(spec: ModelSpec) -> dict[str, Thresholds]:
    """Operating points by label, as the manifest has them."""
    points = {label: spec.threshold(label) for label in spec.labels}
    return {label: Thresholds(point.low, point.high) for label, point in points.items()}


def gate_and_sieve(scenarios: Sequence[ScenarioConfig], motion: MotionConfig) -> tuple[Gate, LumaSieve | None]:
    """A camera whose rules need no boxes is looked at seldom; one that has a rule about flights is searched."""
    by_flights = [scenario.by_flights for scenario in scenarios]
    gate = SeldomGate(motion.keepalive_s) if all(by_flights) else MotionGate(motion)
    return gate, FallSieve() if any(by_flights) else None


def build_pipeline(
    config: ChainConfig,
    camera_id: str,
    model: Model,
    new_event_id: Callable[[datetime], str],
    resume: Sequence[OpenEpisode] = (),
    door: Door | None = None,
    view: View | None = None,
    *,
    witness: Scenario | None = None,
    shown: ShownReader | None = None,
    keepers: Mapping[str, Keeper] = MappingProxyType({}),
) -> CameraPipeline:
    """Return the chain of one camera, at rest. `resume`: open episodes, of any camera; raises ConfigError.

    `door`: the contact that somebody else has opened. Without one a contact is unknown, as it is to a recording.
    `view`: who is shown every frame and tells whether the camera is all right; a recording's nobody asks.
    `witness`: hears after the rules whatever they are told.
    `shown`: what recognizers see at a gate; `keepers`: who decides at each. Without one nobody is let in.
    """
    scenarios = build(config.scenarios, camera_id, model.labels, model.thresholds, new_event_id, resume, keepers)
    tracker = GreedyTracker(model.labels, config.tracker)
    gate, sieve = gate_and_sieve(config.scenarios, config.motion)
    seen = PictureDoor(config.door) if isinstance(config.door, PictureConfig) else None
    asks = frozenset(ask for scenario in config.scenarios for ask in scenario.asks)
    asked = {ask: [scenario.asks_of() for scenario in config.scenarios if ask in scenario.asks] for ask in asks}
    return CameraPipeline(
        gate,
        for_one_camera(model.detector, looks_down=config.looks_down),
        tracker,
        scenarios if witness is None else [*scenarios, witness],
        camera_id,
        config.detect_hz,
        model.scheduler,
        door or seen,
        sieve,
        view,
        bodies=open_bodies(asks, model.labels, config.pose, config.execution, asked),
        shown=shown,
    )
