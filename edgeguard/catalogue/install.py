"""`pull` a model of the catalogue, or `bring` a file that is here already."""

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from edgeguard.catalogue.download import Shown, download, public, room_for, written
from edgeguard.catalogue.entries import CatalogueEntry
from edgeguard.catalogue.folder import make_folder, refuse_clash, settle, sum_of
from edgeguard.catalogue.licence import Acceptance, record
from edgeguard.errors import ConfigError, FetchError
from edgeguard.recognizers import RecognizerEntry, placed, verify

LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def location(entry: CatalogueEntry, mirror: str | None) -> str:
    """Where the file comes from: the catalogue's URL, or the file of that name in a mirror. Raises ConfigError."""
    if mirror is None:
        return entry.url
    parts = urlsplit(mirror)
    if parts.scheme not in {"", "http", "https"}:
        raise ConfigError(f"mirror is {public(mirror)!r}, accepted: http://..., https://... or a folder")
    if parts.scheme and ("@" in parts.netloc or not parts.netloc):
        raise ConfigError(f"mirror is {public(mirror)!r}, accepted: a host, without user name and password")
    return f"{mirror.rstrip('/')}/{entry.model.file}"


def pull(entry: CatalogueEntry, folder: Path, mirror: str | None, how: str, by: str, shown: Shown) -> Path:
    """Fetch into `folder`; a partial file of an earlier call is gone on with. Returns the file's place.

    `how`, `by`: of the acceptance of its licence. Raises FetchError, with nothing installed, and ConfigError.
    """
    make_folder(folder)
    refuse_clash(entry.model, folder)
    origin = location(entry, mirror)
    acceptance = record(entry, how, public(origin), by)
    target = folder / entry.model.file
    if target.is_file() and sum_of(target)[0] == entry.model.sha256:
        shown(entry.size_bytes)
        return settle(target, entry.model, folder, acceptance)
    # The sum is in its name: what is left of another release is never gone on with.
    part = folder / f".{entry.model.file}.{entry.model.sha256[:12]}.part"
    with _alone(part):
        if part.exists() and part.stat().st_size == entry.size_bytes and sum_of(part)[0] != entry.model.sha256:
            part.unlink()
        room_for(folder, entry.size_bytes - (part.stat().st_size if part.exists() else 0))
        if origin.startswith(("http://", "https://")):
            download(origin, part, entry.size_bytes, shown)
        else:
            _copy(Path(origin), part)
            shown(entry.size_bytes)
        _must_be(part, entry.model, public(origin), discard=True)
        return settle(part, entry.model, folder, acceptance)


def recognise(file: Path, entries: Iterable[CatalogueEntry]) -> CatalogueEntry:
    """The entry whose file this is, whatever its name. Raises FetchError."""
    met, size = sum_of(file)
    entries = tuple(entries)
    for entry in entries:
        if entry.model.sha256 == met:
            return entry
    known = ", ".join(f"{entry.name} ({entry.model.sha256:.12}..., {entry.size_bytes} bytes)" for entry in entries)
    raise FetchError(
        f"{file}: sha256 is {met} ({size} bytes){_hint(file)}, accepted: {known}; or a site's own with --describe"
    )


def bring(file: Path, entry: RecognizerEntry, folder: Path, acceptance: Acceptance) -> Path:
    """Copy a file that is here into `folder`, once it has been loaded and fits its description. Returns its place.

    Raises FetchError, ModelError and ConfigError, with nothing installed.
    """
    make_folder(folder)
    refuse_clash(entry, folder)
    _must_be(file, entry, str(file), discard=False)
    room_for(folder, file.stat().st_size)
    with TemporaryDirectory(prefix=".import-", dir=folder) as staging:
        staged = Path(staging) / entry.file
        _copy(file, staged)
        verify(placed(entry, Path(staging)))
        return settle(staged, entry, folder, acceptance)


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """One call at a time writes a partial file. Raises FetchError."""
    lock = part.with_suffix(".lock")
    try:
        stream = lock.open("wb")
    except OSError as error:
        raise FetchError(f"{lock}: cannot be written ({error.strerror}), accepted: --to a folder of yours") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError(f"{part.parent}: this model is being pulled already, accepted: one at a time") from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    try:
        stream = source.open("rb")
    except OSError as error:
        raise FetchError(f"{source}: cannot be read ({error.strerror}), accepted: a model file") from error
    with stream, written(target) as copy:
        shutil.copyfileobj(stream, copy)


def _must_be(file: Path, entry: RecognizerEntry, origin: str, *, discard: bool) -> None:
    """Raise FetchError unless the file is the one described; `discard`: it goes then."""
    met, size = sum_of(file)
    if met == entry.sha256:
        return
    hint = _hint(file)
    if discard:
        file.unlink()
    raise FetchError(f"{origin}: sha256 is {met} ({size} bytes){hint}, accepted: {entry.sha256}; nothing was installed")


def _hint(file: Path) -> str:
    with file.open("rb") as stream:
        pointer = stream.read(len(LFS_POINTER)) == LFS_POINTER
    return ", a Git LFS pointer and not the file itself" if pointer else ""
