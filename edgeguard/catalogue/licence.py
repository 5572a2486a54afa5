"""Nothing of others is fetched before its licence was read and accepted, and who did is written down beside it."""

import os
import pwd
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from edgeguard.catalogue.entries import CatalogueEntry
from edgeguard.errors import ConfigError
from edgeguard.recognizers import RecognizerEntry
from edgeguard.yamlfile import Strict

# The licence's name as typed; None: there is nobody to ask.
Ask = Callable[[CatalogueEntry], str] | None


class Acceptance(Strict):
    """Who accepted which licence of which file, when and how; `origin`: where the file came from."""

    model: str
    file: str
    sha256: str
    licence: str
    licence_url: str | None
    origin: str
    accepted_by: str
    accepted_at: datetime
    how: str

    @classmethod
    def of_a_site(cls, model: RecognizerEntry, origin: str, by: str, described_in: str) -> Self:
        """For a model that the site answers for itself: what its description says."""
        return cls(
            model=model.name,
            file=model.file,
            sha256=model.sha256,
            licence=model.licence,
            licence_url=None,
            origin=origin,
            accepted_by=by,
            accepted_at=datetime.now(UTC),
            how=f"described by the site in {described_in}",
        )


def describe(entry: CatalogueEntry, origin: str) -> str:
    """What a person must know before they accept, a line each."""
    model = entry.model
    return (
        f"{entry.name}: {entry.purpose} ({model.source})\n"
        f"  file     {model.file}, {entry.size_bytes} bytes, sha256 {model.sha256}\n"
        f"  from     {origin}\n"
        f"  licence  {model.licence}, {entry.licence_url}"
    )


def accept(entry: CatalogueEntry, word: str | None, ask: Ask) -> str:
    """How the licence was accepted. `word`: as given on the command line. Raises ConfigError where it was not."""
    wanted = entry.model.licence
    told = f"the licence of {entry.name} is {wanted} ({entry.licence_url})"
    if word is None and ask is None:
        raise ConfigError(f"{told}, met no acceptance, accepted: --accept-licence {wanted}")
    met = word if word is not None else ask(entry).strip() if ask else ""
    # Names of licences differ by nothing but letters of either size (SPDX 2.3, annex D).
    if met.casefold() != wanted.casefold():
        raise ConfigError(f"{told}, met {met!r}, accepted: {wanted}")
    return "typed when asked" if word is None else f"--accept-licence {word}"


def who() -> str:
    """The user of this process and the machine, for the record."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}"


def record(entry: CatalogueEntry, how: str, origin: str, by: str, at: datetime | None = None) -> Acceptance:
    """What is to be kept of an acceptance; `at`: aware, now unless given."""
    return Acceptance(
        model=entry.name,
        file=entry.model.file,
        sha256=entry.model.sha256,
        licence=entry.model.licence,
        licence_url=entry.licence_url,
        origin=origin,
        accepted_by=by,
        accepted_at=at or datetime.now(UTC),
        how=how,
    )


def record_path(folder: Path, name: str) -> Path:
    """Where it lies."""
    return folder / f"{name}.accepted.json"
