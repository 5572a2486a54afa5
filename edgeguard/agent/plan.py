"""A site file made into everything that can be wrong in it: loaded and built, nothing started.

A plan is never changed: a new site file becomes a plan of its own, which takes over what it has in common.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgeguard.actuators import VoiceConfig
from edgeguard.actuators.relay_build import build_relay
from edgeguard.agent.gate_eyes import open_gate_reader
from edgeguard.agent.place import PlaceConfig
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.agent.station import Station
from edgeguard.contract import ModelRef, Place, UlidMaker
from edgeguard.detectors import ExecutionConfig
from edgeguard.pipeline.config import ChainConfig, Model, build_pipeline, share_model
from edgeguard.pipeline.reporting import Scene
from edgeguard.sensors import SENSOR_RULES, Feeds
from edgeguard.sources import open_source
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.main_stream import open_main_stream
from edgeguard.sources.packets import NoTap
from edgeguard.types import Report

ModelKey = tuple[str, ExecutionConfig]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a site needs, shared where it is the same: models by name and execution, stations by their voice."""

    site: SiteConfig
    models: Mapping[ModelKey, Model] = field(default_factory=dict)
    stations: Mapping[VoiceConfig, Station] = field(default_factory=dict)

    def camera(self, camera_id: str) -> CameraConfig | None:
        """None for a camera that the site has not."""
        return next((camera for camera in self.site.cameras if camera.id == camera_id), None)

    def model(self, camera: CameraConfig) -> Model:
        return self.models[camera.model, camera.execution]

    def station(self, camera_id: str | None = None) -> Station:
        """The voice where a camera looks; the box's own without a camera, or where it has none of its own."""
        return self.stations[voice_of(self.site, camera_id and self.camera(camera_id))]

    def scene(self, camera_id: str) -> Scene:
        """What every event of a camera carries."""
        camera = self.camera(camera_id)
        if camera is None:
            return Scene()
        model = self.model(camera)
        place = camera.place.at(self.site.site, self.site.place)
        return Scene(place, ModelRef(name=model.name, sha256=model.sha256))

    def place(self, gate_id: str) -> Place:
        """Where a gate is; the box's own for one that the site has not."""
        own = next((gate.place for gate in self.site.gates if gate.id == gate_id), PlaceConfig())
        return own.at(self.site.site, self.site.place)

    def scene_of(self, report: Report) -> Scene:
        """What an event carries: of a sensor its own place, of anything else what its camera's events carry."""
        if report.rule not in SENSOR_RULES:
            return self.scene(report.camera_id)
        point = next((point for point in self.site.sensors.points if point.id in report.zones[:1]), None)
        return Scene() if point is None else Scene(point.place.at(self.site.site, self.site.place))


def voice_of(site: SiteConfig, camera: CameraConfig | str | None) -> VoiceConfig:
    """A camera's own voice where it has one, else the box's; the same settings are the same voice."""
    own = camera.voice if isinstance(camera, CameraConfig) else None
    return own or site.voice


Load = Callable[[ChainConfig, Path | None], Model]


def make_plan(
    site: SiteConfig, clock: Clock = SYSTEM_CLOCK, before: Plan | None = None, load: Load = share_model
) -> Plan:
    """Load and build all that a site needs; models and stations that `before` has already are the same objects.

    Raises ConfigError, ModelError, AudioError or UplinkError.
    """
    models = dict[ModelKey, Model]()
    stations = dict[VoiceConfig, Station]()
    old = before or Plan(site)
    if old.site.models_dir != site.models_dir:
        old = Plan(site, {}, old.stations)
    for camera in (None, *site.cameras):
        voice = voice_of(site, camera)
        stations[voice] = stations.get(voice) or old.stations.get(voice) or Station(voice)
    for camera in site.cameras:
        key = camera.model, camera.execution
        models[key] = models.get(key) or old.models.get(key) or load(camera, site.models_dir)
    plan = Plan(site, models, stations)
    for camera in site.cameras:
        try_camera(plan, camera, clock)
    for relay in site.relays:
        build_relay(relay.driver)
    try_sensors(plan)
    if site.claims is not None:
        site.claims.token()
    if site.uplink is not None:
        site.uplink.tls_context()
        site.uplink.password()
    if site.evidence.upload is not None:
        site.evidence.upload.tls_context()
        site.evidence.upload.token()
    return plan


def try_sensors(plan: Plan) -> None:
    """See that their brokers' files and their phrases are there."""
    sensors = plan.site.sensors
    Feeds(sensors.points, sensors.brokers)
    for point in sensors.points:
        phrases = [alarm.phrase for alarm in point.alarms if alarm.phrase is not None]
        plan.station(point.camera).voice.catalogue.check_names(phrases, f"{point.id}: alarms.phrase")


def try_camera(plan: Plan, camera: CameraConfig, clock: Clock = SYSTEM_CLOCK) -> None:
    """Build a camera's parts once, to see that they can be built."""
    open_source(camera.source, camera.id, clock)
    if camera.main is not None:
        open_main_stream(camera.main, camera.id, NoTap(), clock)
    build_pipeline(camera, camera.id, plan.model(camera), UlidMaker(lambda _: 0).new)
    open_gate_reader(plan.site, camera)
    catalogue = plan.station(camera.id).voice.catalogue
    for scenario in camera.scenarios:
        catalogue.check_names(scenario.phrase_ids, f"{camera.id}: {scenario.kind}.phrases")
