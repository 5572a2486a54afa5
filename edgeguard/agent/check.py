"""Everything that is wrong in a site file, all at once: what `edgeguard config check` tells."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from edgeguard.actuators.relay_build import build_relay
from edgeguard.agent.plan import ModelKey, Plan, make_plan, try_camera, voice_of
from edgeguard.agent.site import CameraConfig, SiteConfig, load_site
from edgeguard.agent.station import Station
from edgeguard.bodies import POSE_MISSING
from edgeguard.errors import ConfigError, EdgeGuardError
from edgeguard.pipeline.config import Model, open_model
from edgeguard.sources import open_source
from edgeguard.types import BodyAsk
from edgeguard.yamlfile import Loc, YamlFile

_PLACED = re.compile(r":(?P<line>\d+): (?P<text>.*)")
_TOLD = re.compile(r"(?:(?P<key>[\w.-]+): )?(?:(?:met (?P<met>.*?)|unknown), )?accepted: (?P<accepted>.*)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a file; `line` from 1, None where it is about the whole file."""

    file: Path
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f':{self.line}'}: {self.text}"

    def to_dict(self) -> dict[str, object]:
        """For a machine; `key`, `met` and `accepted` where the text has them."""
        told = _TOLD.fullmatch(self.text)
        parts = told.groupdict() if told else {}
        return {"file": str(self.file), "line": self.line, "text": self.text, **parts}


@dataclass(frozen=True, slots=True)
class Examination:
    """`errors` keep a box from starting, `notices` do not; `site` is None where the file cannot be read as one."""

    site: SiteConfig | None
    errors: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()


def examine(path: Path) -> Examination:
    """Read the file and build everything in it once: detectors, phrases, sources, TLS files. Starts nothing."""
    try:
        site = load_site(path)
        file = YamlFile(path)
    except ConfigError as error:
        return Examination(None, tuple(_finding(path, line) for line in str(error).splitlines()))
    tried = _Tried(path, file, site)
    errors = tuple(tried.errors())
    if not errors:
        errors = tuple(_attempt(path, None, lambda: make_plan(site)))
    notices = tuple(Finding(path, file.line(loc), text) for loc, text in _notices(site))
    return Examination(site, errors, notices)


@dataclass(frozen=True, slots=True)
class _Tried:
    """The parts of a site tried one by one, each error at the line of its key."""

    path: Path
    file: YamlFile
    site: SiteConfig
    models: dict[ModelKey, Model] = field(default_factory=dict)

    def errors(self) -> Iterator[Finding]:
        yield from self._at(("data_dir",), lambda: _check_folder(self.site.data_dir))
        yield from self._at(("voice",), lambda: Station(self.site.voice))
        for index, camera in enumerate(self.site.cameras):
            yield from self._camera(("cameras", index), camera)
        for index, relay in enumerate(self.site.relays):
            yield from self._at(("relays", index, "driver"), partial(build_relay, relay.driver))
        if self.site.uplink is not None:
            yield from self._at(("uplink", "tls"), self.site.uplink.tls_context)
            yield from self._at(("uplink", "password_env"), self.site.uplink.password)
        upload = self.site.evidence.upload
        if upload is not None:
            yield from self._at(("evidence", "upload"), upload.tls_context)
            yield from self._at(("evidence", "upload"), upload.token)

    def _camera(self, at: Loc, camera: CameraConfig) -> Iterator[Finding]:
        found = list(self._at((*at, "source"), lambda: open_source(camera.source, camera.id)))
        found += self._at((*at, "source"), lambda: _check_recording(camera))
        found += self._at((*at, "model"), lambda: self._model(camera))
        if camera.voice is not None:
            found += self._at((*at, "voice"), lambda: Station(voice_of(self.site, camera)))
        yield from found
        if not found:
            yield from self._at((*at, "scenarios"), lambda: self._scenarios(camera))

    def _scenarios(self, camera: CameraConfig) -> None:
        self._model(camera)
        voice = voice_of(self.site, camera)
        try_camera(Plan(self.site, self.models, {voice: Station(voice)}), camera)

    def _model(self, camera: CameraConfig) -> Model:
        """Loading one takes a while: once each."""
        key = camera.model, camera.execution
        if key not in self.models:
            self.models[key] = open_model(camera, self.site.models_dir)
        return self.models[key]

    def _at(self, loc: Loc, trial: Callable[[], object]) -> Iterator[Finding]:
        yield from _attempt(self.path, self.file.line(loc), trial)


def _attempt(path: Path, line: int | None, trial: Callable[[], object]) -> Iterator[Finding]:
    try:
        trial()
    except EdgeGuardError as error:
        yield from (Finding(path, line, text) for text in str(error).splitlines())


def _finding(path: Path, told: str) -> Finding:
    """`path:line: text` taken apart."""
    rest = told.removeprefix(str(path))
    placed = _PLACED.fullmatch(rest)
    if placed is None:
        return Finding(path, None, rest.removeprefix(": "))
    return Finding(path, int(placed["line"]), placed["text"])


def _check_folder(folder: Path) -> None:
    """Raise ConfigError where the journal could not be written; makes nothing."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"data_dir: met {folder}, accepted: a folder this user may write to ({there} is none)")


def _check_recording(camera: CameraConfig) -> None:
    if camera.source.kind == "file" and not camera.source.path.exists():
        raise ConfigError(f"source.path: met {camera.source.path}, accepted: a file or folder that is there")


def _notices(site: SiteConfig) -> Iterator[tuple[Loc, str]]:
    """What works, but is seldom meant."""
    if site.uplink is None:
        yield (), "no uplink: nobody is told of an event, the box keeps it"
    elif site.uplink.insecure_lab:
        yield ("uplink", "insecure_lab"), "insecure_lab: everybody on the network can read and command this box"
    if site.ops is None or not site.ops.port:
        yield ("ops",), "no ops: `edgeguard status` and Prometheus cannot ask this box"
    if site.gates and not site.commands.keys:
        yield ("gates",), "no commands.keys: the control room cannot open any of these gates"
    for index, relay in enumerate(site.relays):
        if relay.driver.kind == "http" and relay.driver.on.url.startswith("http:"):
            yield ("relays", index, "driver"), f"{relay.id}: http: everybody on this network can do what the box can"
    for index, camera in enumerate(site.cameras):
        yield from _notices_of(index, camera)


def _notices_of(index: int, camera: CameraConfig) -> Iterator[tuple[Loc, str]]:
    source = camera.source
    if source.kind == "rtsp" and source.password is not None:
        yield ("cameras", index, "source"), f"{camera.id}: a password in the file; password_env keeps it out"
    for number, scenario in enumerate(camera.scenarios):
        if BodyAsk.POSE in scenario.asks and camera.pose is None:
            told = f"{camera.id}: {scenario.kind} stays off without a pose network: {POSE_MISSING}"
            yield ("cameras", index, "scenarios", number), told
