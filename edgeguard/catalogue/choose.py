"""Which installed model does a job; where none does, the one command that mends it."""

from pathlib import Path
from typing import TypeVar

from edgeguard.catalogue.entries import read_catalogue
from edgeguard.catalogue.folder import default_folder, read_installed
from edgeguard.errors import ConfigError
from edgeguard.recognizers import KINDS, LivenessSpec, TemplateSpec, YunetSpec

S = TypeVar("S", YunetSpec, TemplateSpec, LivenessSpec)


def finder_of(folder: Path, name: str | None = None) -> YunetSpec:
    """What finds faces. Raises ConfigError where none is installed, or several and no name was given."""
    return _only("yunet", YunetSpec, folder, name)


def template_of(folder: Path, name: str | None = None) -> TemplateSpec:
    """What tells faces apart. Raises ConfigError likewise."""
    return _only("face_template", TemplateSpec, folder, name)


def liveness_of(folder: Path, names: tuple[str, ...] = ()) -> tuple[LivenessSpec, ...]:
    """What tells people from pictures: those named, else all there are. Raises ConfigError where there is none."""
    there = _installed("minifasnet", LivenessSpec, folder)
    if not names:
        return tuple(there)
    return tuple(_named(there, name, folder) for name in names)


def _only(kind: str, spec: type[S], folder: Path, name: str | None) -> S:
    there = _installed(kind, spec, folder)
    if name is not None:
        return _named(there, name, folder)
    if len(there) > 1:
        names = ", ".join(one.name for one in there)
        met = f"{len(there)} models of which each {KINDS[kind].what}"
        raise ConfigError(f"{folder}: {met}, accepted: the name of one: {names}")
    return there[0]


def _named(there: list[S], name: str, folder: Path) -> S:
    for spec in there:
        if spec.name == name:
            return spec
    met = f"no model {name!r} that {KINDS[there[0].kind].what}"
    raise ConfigError(f"{folder}: {met}, accepted: {', '.join(spec.name for spec in there)}")


def _installed(kind: str, spec: type[S], folder: Path) -> list[S]:
    """At least one."""
    there = [one for one in read_installed(folder) if isinstance(one, spec)]
    if not there:
        raise ConfigError(f"{folder}: no model that {KINDS[kind].what}, accepted: {_command(kind, folder)}")
    return there


def _command(kind: str, folder: Path) -> str:
    to = "" if folder == default_folder() else f" --to {folder}"
    known = next((entry.name for entry in read_catalogue() if entry.model.kind == kind), None)
    if known is None:
        return f"edgeguard models import FILE --describe ENTRY.yaml{to} (docs/faces.md)"
    return f"edgeguard models pull {known}{to}"
