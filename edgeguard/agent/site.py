"""The site file: one box, its place, its cameras, its voice and its uplink."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edgeguard.access.config import AccessConfig
from edgeguard.actuators import VoiceConfig
from edgeguard.agent.claims_http import ClaimsConfig
from edgeguard.agent.evidence_config import EvidenceConfig
from edgeguard.agent.gate_checks import gate_refusals
from edgeguard.agent.gates_config import CommandsConfig, GateConfig, RelayConfig
from edgeguard.agent.lift_door_config import LiftDoorConfig, lift_refusal
from edgeguard.agent.ops import OpsConfig
from edgeguard.agent.place import PlaceConfig
from edgeguard.contract.base import Segment
from edgeguard.pipeline.config import ChainConfig
from edgeguard.sensors import BrokerConfig, PointConfig
from edgeguard.sources import ReaderConfig, RtspConfig, SourceConfig
from edgeguard.uplink import UplinkConfig
from edgeguard.yamlfile import Strict, load


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


class CameraConfig(ChainConfig):
    """One camera: where its pictures come from, where it looks, and what is done with them.

    `main`: the address of its main stream, where `source` is its substream: clips are cut from it, it is never decoded.
    `voice`: the loudspeaker where it looks; without one the box's own speaks. `blind_after_s`: without a picture for so
    long it is reported as blind.
    """

    id: Segment
    label: str | None = None
    place: PlaceConfig = PlaceConfig()
    source: SourceConfig
    main: RtspConfig | None = None
    reader: ReaderConfig = ReaderConfig()
    voice: VoiceConfig | None = None
    blind_after_s: float = Field(default=5.0, ge=1, le=3600)


class SensorConfig(PointConfig):
    """A point with its place, which adds to that of the box."""

    place: PlaceConfig = Field(default=PlaceConfig(), description="Where it is; adds to the box's place.")


class SensorsConfig(Strict):
    """The sensors of this box, and the brokers that some of them publish to."""

    brokers: dict[str, BrokerConfig] = Field(default_factory=dict, description="MQTT brokers of sensors, by name.")
    points: tuple[SensorConfig, ...] = Field(default=(), description="Devices, each with its readings and alarms.")

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        twice = _repeated([point.id for point in self.points])
        if twice:
            raise ValueError(f"each point id once, met {', '.join(twice)} more than once")
        for point in self.points:
            for name, reading in point.readings.items():
                if reading.kind == "mqtt" and reading.broker not in self.brokers:
                    accepted = ", ".join(self.brokers) or "none, there are no brokers"
                    raise ValueError(f"{point.id}.{name}: broker {reading.broker!r} is one of: {accepted}")
        return self

    def placed(self, folder: Path) -> Self:
        """With every relative path counted from this folder."""
        return self.model_copy(
            update={"brokers": {name: config.placed(folder) for name, config in self.brokers.items()}}
        )


class PrivacyConfig(Strict):
    """`blur_heads`: in the pictures that leave the box; the clear ones stay on it.

    `legal_basis`: the law, or whose separate consent, by which number plates leave the box as they are; without one
    they are a pseudonym in events and unreadable in pictures.
    """

    blur_heads: bool = True
    legal_basis: Annotated[str, Field(min_length=4, max_length=500)] | None = None


class SiteConfig(Strict):
    """All that a box needs to know. `site` and `box` are parts of MQTT topics."""

    site: Segment
    box: Segment
    place: PlaceConfig = PlaceConfig()
    data_dir: Path
    models_dir: Path | None = None
    cameras: Annotated[tuple[CameraConfig, ...], Field(min_length=1, max_length=64)]
    voice: VoiceConfig = VoiceConfig()
    uplink: UplinkConfig | None = None
    privacy: PrivacyConfig = PrivacyConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    ops: OpsConfig | None = None
    relays: tuple[RelayConfig, ...] = ()
    gates: tuple[GateConfig, ...] = ()
    lift_doors: tuple[LiftDoorConfig, ...] = ()
    commands: CommandsConfig = CommandsConfig()
    remote_settings: bool = False
    sensors: SensorsConfig = SensorsConfig()
    access: AccessConfig | None = None
    claims: ClaimsConfig | None = None
    faces_dir: Path | None = None

    @model_validator(mode="after")
    def _names_of_their_own(self) -> Self:
        for what, ids in (("camera", self.cameras), ("relay", self.relays), ("gate", self.gates)):
            twice = _repeated([one.id for one in ids])
            if twice:
                raise ValueError(f"each {what} id once, met {', '.join(twice)} more than once")
        return self

    @model_validator(mode="after")
    def _lift_doors_are_safe(self) -> Self:
        relays, doors = {one.id: one for one in self.relays}, {one.id: one.door for one in self.cameras}
        for lift in self.lift_doors:
            why = lift_refusal(relays.get(lift.relay), doors.get(lift.camera))
            if why is not None:
                raise ValueError(f"lift door of {lift.camera}: {why}")
        return self

    @model_validator(mode="after")
    def _gates_have_what_they_name(self) -> Self:
        relays, cameras = {one.id for one in self.relays}, {one.id for one in self.cameras}
        for gate in self.gates:
            if gate.relay not in relays:
                accepted = ", ".join(sorted(relays)) or "none, `relays` is empty"
                raise ValueError(f"gate {gate.id}: met relay {gate.relay}, accepted: {accepted}")
            if gate.camera is not None and gate.camera not in cameras:
                raise ValueError(f"gate {gate.id}: met camera {gate.camera}, accepted: {', '.join(sorted(cameras))}")
        if shared := _repeated([*(one.relay for one in self.gates), *(one.relay for one in self.lift_doors)]):
            raise ValueError(f"each relay opens one gate or lift door, met {', '.join(shared)} more than once")
        return self

    @model_validator(mode="after")
    def _gates_are_lawful(self) -> Self:
        if self.claims is not None and self.access is None:
            raise ValueError("claims: met without access, accepted: with it")
        if refused := list(gate_refusals(self)):
            raise ValueError("; ".join(refused))
        return self

    @model_validator(mode="after")
    def _sensors_are_near_known_cameras(self) -> Self:
        known = [camera.id for camera in self.cameras]
        for point in self.sensors.points:
            if point.camera is not None and point.camera not in known:
                raise ValueError(f"sensor {point.id}: camera one of {', '.join(known)}, met {point.camera}")
        return self


def load_site(path: Path) -> SiteConfig:
    """Read a site file; raises ConfigError with file, line, value met and values accepted, one problem a line.

    Relative paths in it are relative to the file.
    """
    site = load(path, SiteConfig)
    here = path.resolve().parent
    return site.model_copy(
        update={
            "data_dir": here / site.data_dir,
            "faces_dir": None if site.faces_dir is None else here / site.faces_dir,
            "models_dir": None if site.models_dir is None else here / site.models_dir,
            "cameras": tuple(_placed(camera, here) for camera in site.cameras),
            "evidence": site.evidence.placed(here),
            "relays": tuple(_with_ca(relay, here) for relay in site.relays),
            "sensors": site.sensors.placed(here),
            "access": None if site.access is None else site.access.placed(here),
        }
    )


def _placed(camera: CameraConfig, here: Path) -> CameraConfig:
    if camera.source.kind != "file":
        return camera
    return camera.model_copy(update={"source": camera.source.model_copy(update={"path": here / camera.source.path})})


def _with_ca(relay: RelayConfig, here: Path) -> RelayConfig:
    if relay.driver.kind != "http" or relay.driver.ca is None:
        return relay
    return relay.model_copy(update={"driver": relay.driver.model_copy(update={"ca": here / relay.driver.ca})})
