"""The project's own recognizers: the list `recognizers` of the manifest that also lists the detectors."""

from pathlib import Path
from typing import TypeVar

from edgeguard.errors import ConfigError
from edgeguard.networks import MANIFEST_NAME
from edgeguard.recognizers.manifest import RecognizerEntry, RecognizerSpec
from edgeguard.recognizers.registry import placed
from edgeguard.yamlfile import Strict, load

Wanted = TypeVar("Wanted", bound=RecognizerSpec)


class _Manifest(Strict):
    """`models` and `bodies` are read by the stages that run them."""

    models: tuple[object, ...] = ()
    recognizers: tuple[RecognizerEntry, ...] = ()
    bodies: tuple[object, ...] = ()


def read_bundled(folder: Path) -> tuple[RecognizerSpec, ...]:
    """Read `folder/manifest.yaml`. Raises ConfigError with the file, the place, the value met and what is accepted."""
    path = folder / MANIFEST_NAME
    entries = load(path, _Manifest).recognizers
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: recognizers: names are {names}, accepted: each name once")
    return tuple(placed(entry, folder) for entry in entries)


def bundled_recognizer(name: str, spec: type[Wanted], folder: Path) -> Wanted:
    """The one of that name, which is to be of the kind `spec`. Raises ConfigError naming those there are."""
    fitting = {one.name: one for one in read_bundled(folder) if isinstance(one, spec)}
    if name not in fitting:
        what = spec.__name__.removesuffix("Spec")
        accepted = ", ".join(fitting) or "none is listed"
        raise ConfigError(f"{folder / MANIFEST_NAME}: no recognizer {name!r} ({what}), accepted: {accepted}")
    return fitting[name]
