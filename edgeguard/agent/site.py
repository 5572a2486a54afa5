"""The site file: one box, its place, its cameras, its voice and its uplink."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edgeguard.access.config import AccessConfig
from edgeguard.actuators import VoiceConfig
from edgeguard.agent.evidence_config import EvidenceConfig
from edgeguard.agent.ops import OpsConfig
from edgeguard.contract import Place
from edgeguard.contract.base import Segment
from edgeguard.pipeline.config import ChainConfig
from edgeguard.sources import ReaderConfig, RtspConfig, SourceConfig
from edgeguard.uplink import UplinkConfig
from edgeguard.yamlfile import Strict, load


class PlaceConfig(Strict):
    """Where, in the words people on site use; the two codes are those of the city's platform."""

    building: str | None = None
    unit: str | None = None
    lift: str | None = None
    gate: str | None = None
    address_code: str | None = None
    grid_code: str | None = None

    def at(self, site: str, base: "PlaceConfig") -> Place:
        """The contract's place; what is not given here comes from `base`."""
        own = self.model_dump(exclude_none=True)
        return Place(site=site, **(base.model_dump(exclude_none=True) | own))


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


class PrivacyConfig(Strict):
    """`blur_heads`: in the pictures that leave the box; the clear ones stay on it."""

    blur_heads: bool = True


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
    access: AccessConfig | None = None

    @model_validator(mode="after")
    def _cameras_have_names_of_their_own(self) -> Self:
        twice = _repeated([camera.id for camera in self.cameras])
        if twice:
            raise ValueError(f"each camera id once, met {', '.join(twice)} more than once")
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
            "models_dir": None if site.models_dir is None else here / site.models_dir,
            "cameras": tuple(_placed(camera, here) for camera in site.cameras),
            "evidence": site.evidence.placed(here),
            "access": None if site.access is None else site.access.placed(here),
        }
    )


def _placed(camera: CameraConfig, here: Path) -> CameraConfig:
    if camera.source.kind != "file":
        return camera
    return camera.model_copy(update={"source": camera.source.model_copy(update={"path": here / camera.source.path})})


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
