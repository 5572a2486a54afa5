"""The folder of installed models. One model: NAME.yaml (its description), the file it names, NAME.accepted.json.

A model without its description is not installed, so the description is written last.
"""

import hashlib
import os
from pathlib import Path
from typing import Literal

import yaml

from edgeguard.catalogue.entries import Description
from edgeguard.catalogue.licence import Acceptance, record_path
from edgeguard.durable import sync_folder
from edgeguard.errors import ConfigError, FetchError, ModelError
from edgeguard.networks import verify_file
from edgeguard.recognizers import RecognizerEntry, RecognizerSpec, placed
from edgeguard.yamlfile import load

BOX_STATE = Path("/var/lib/edgeguard")
State = Literal["installed", "damaged", "missing"]


def default_folder() -> Path:
    """On a box the service's own folder, elsewhere the user's."""
    return BOX_STATE / "models" if BOX_STATE.is_dir() else Path.home() / ".local" / "share" / "edgeguard" / "models"


def read_installed(folder: Path) -> tuple[RecognizerSpec, ...]:
    """What descriptions there are, by name; a folder that is not there has none. Raises ConfigError."""
    specs = [placed(load(path, Description).model, folder) for path in sorted(folder.glob("*.yaml"))]
    for path, spec in zip(sorted(folder.glob("*.yaml")), specs, strict=True):
        if spec.name != path.stem:
            raise ConfigError(f"{path}: model.name: met {spec.name!r}, accepted: {path.stem}, the name of the file")
    return tuple(specs)


def state_of(name: str, folder: Path) -> State:
    """Of the model of that name in this folder; reads the whole file."""
    spec = next((spec for spec in read_installed(folder) if spec.name == name), None)
    if spec is None:
        return "missing"
    try:
        verify_file(spec)
    except ModelError:
        return "damaged"
    return "installed"


def sum_of(path: Path) -> tuple[str, int]:
    """sha256 and size in bytes. Raises FetchError."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
    except OSError as error:
        raise FetchError(f"{path}: cannot be read ({error.strerror}), accepted: a model file") from error


def make_folder(folder: Path) -> None:
    """Raises FetchError where it can be neither made nor written into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(f"{folder}: cannot be made ({error.strerror}), accepted: --to a folder of yours") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FetchError(f"{folder}: cannot be written (Permission denied), accepted: --to a folder of yours")


def refuse_clash(entry: RecognizerEntry, folder: Path) -> None:
    """Raise ConfigError where another model has this one's name or file."""
    for spec in read_installed(folder):
        if spec.name == entry.name and spec.sha256 != entry.sha256:
            met = f"model {entry.name!r} is there with sha256 {spec.sha256}"
            raise ConfigError(f"{folder}: {met}, accepted: another name, or remove {entry.name}.yaml first")
        if spec.name != entry.name and spec.file == entry.file:
            raise ConfigError(f"{folder}: {entry.file} is the file of {spec.name!r}, accepted: another file name")


def settle(part: Path, entry: RecognizerEntry, folder: Path, acceptance: Acceptance) -> Path:
    """Move a verified file into its place, whole or not at all; returns where it lies. Raises FetchError.

    A description that is there already stays: the site may have measured thresholds of its own.
    """
    target = folder / entry.file
    description = folder / f"{entry.name}.yaml"
    try:
        _move(part, target)
        _write(record_path(folder, entry.name), acceptance.model_dump_json(indent=2) + "\n")
        if not description.exists():
            _write(description, yaml.safe_dump({"model": entry.model_dump(mode="json")}, sort_keys=False))
    except OSError as error:
        raise FetchError(f"{target}: cannot be written ({error.strerror or error})") from error
    return target


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    _move(part, path)


def _move(part: Path, target: Path) -> None:
    """Durable before it is seen under its name; and the name durable, too."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.replace(target)
    sync_folder(target.parent)
