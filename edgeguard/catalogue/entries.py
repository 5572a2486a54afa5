"""The catalogue: which third-party files are known, where they come from and under which licence."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field

from edgeguard.errors import ConfigError
from edgeguard.recognizers import RecognizerEntry
from edgeguard.yamlfile import Strict, load

BUNDLED = Path(__file__).resolve().parent / "catalogue.yaml"
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s@]+$")]


class CatalogueEntry(Strict):
    """A pinned file; name, sha256 and licence (SPDX) are those of `model`, its description once installed."""

    purpose: Annotated[str, Field(min_length=1)]
    url: HttpUrl
    size_bytes: Annotated[int, Field(gt=0)]
    licence_url: HttpUrl
    model: RecognizerEntry

    @property
    def name(self) -> str:
        return self.model.name


class Description(Strict):
    """The file NAME.yaml beside an installed model."""

    model: RecognizerEntry


class _Catalogue(Strict):
    models: Annotated[list[CatalogueEntry], Field(min_length=1)]


def read_catalogue(path: Path = BUNDLED) -> tuple[CatalogueEntry, ...]:
    """Raises ConfigError with file, line, the value met and what is accepted."""
    entries = load(path, _Catalogue).models
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: models: names are {names}, accepted: each name once")
    return tuple(entries)


def find_entry(name: str, entries: Iterable[CatalogueEntry]) -> CatalogueEntry:
    """Raises ConfigError naming those there are."""
    by_name = {entry.name: entry for entry in entries}
    if name not in by_name:
        raise ConfigError(f"no model {name!r} in the catalogue, accepted: {', '.join(by_name)}")
    return by_name[name]
