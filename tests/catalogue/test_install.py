"""Against a real HTTP server on loopback: what is installed is whole, what is not is nothing."""

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edgeguard.catalogue import (
    Acceptance,
    CatalogueEntry,
    Description,
    bring,
    location,
    pull,
    read_catalogue,
    read_installed,
    recognise,
    record,
    state_of,
)
from edgeguard.errors import ConfigError, EdgeGuardError, FetchError, ModelError
from edgeguard.yamlfile import load
from tests.support import catalogues, face_models
from tests.support.model_server import ModelServer

TINY = face_models.finder()
SIZE = len(TINY.data)
SHA = TINY.entry["sha256"]
NAME = TINY.entry["file"]
PART = f".{NAME}.{SHA[:12]}.part"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer({f"/{NAME}": TINY.data}).start()
    yield server
    server.stop()


@pytest.fixture
def entry(tmp_path: Path, server: ModelServer) -> CatalogueEntry:
    return entry_of(tmp_path, server.url)


def entry_of(folder: Path, host: str, **changes: Any) -> CatalogueEntry:
    return read_catalogue(catalogues.write(folder / "catalogue.yaml", catalogues.entry(TINY, host, **changes)))[0]


def fetch(entry: CatalogueEntry, folder: Path, mirror: str | None = None) -> list[int]:
    """Pull; returns the progress that was shown."""
    shown: list[int] = []
    pull(entry, folder, mirror, "--accept-licence CC0-1.0", "me@here", shown.append)
    return shown


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_pulled_it_is_whole_described_and_its_acceptance_recorded(entry: CatalogueEntry, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "models"
    shown = fetch(entry, folder)
    assert shown[0] == 0
    assert shown[-1] == SIZE
    assert (folder / NAME).read_bytes() == TINY.data
    assert load(folder / "tiny-finder.yaml", Description).model == entry.model
    kept = json.loads((folder / "tiny-finder.accepted.json").read_text())
    assert kept["licence"] == "CC0-1.0"
    assert kept["accepted_by"] == "me@here"
    assert kept["origin"] == entry.url
    assert left_in(folder) == {NAME, "tiny-finder.yaml", "tiny-finder.accepted.json"}
    assert [spec.path for spec in read_installed(folder)] == [folder / NAME]
    assert state_of(entry.name, folder) == "installed"


def test_a_connection_that_breaks_is_gone_on_with(entry: CatalogueEntry, server: ModelServer, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    server.script.extend(["cut:1000", "cut:500"])
    for kept in (1000, 1500):
        with pytest.raises(
            FetchError, match=rf"after {kept} of {SIZE} bytes, which are kept: the same command goes on"
        ):
            fetch(entry, folder)
        assert left_in(folder) == {PART}
        assert state_of(entry.name, folder) == "missing"
    assert fetch(entry, folder)[0] == 1500
    assert [asked for _, asked in server.seen] == [None, "bytes=1000-", "bytes=1500-"]
    assert state_of(entry.name, folder) == "installed"


@pytest.mark.parametrize(("wish", "requests"), [("no_range", 2), ("off", 3), ("416", 3)])
def test_a_server_without_range_sends_it_all_again(
    entry: CatalogueEntry, server: ModelServer, tmp_path: Path, wish: str, requests: int
) -> None:
    folder = tmp_path / "models"
    server.script.extend(["cut:1000", wish])
    with pytest.raises(FetchError):
        fetch(entry, folder)
    assert fetch(entry, folder)[0] == 0
    assert len(server.seen) == requests
    assert (folder / NAME).read_bytes() == TINY.data


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("404", r"the server answers 404 Not Found, accepted: 200 or 206; without a network: edgeguard models import"),
        ("500", r"the server answers 500 Internal Server Error, accepted: 200 or 206"),
        ("403", r"the server answers 403 Forbidden"),
        ("swapped", rf"sha256 is [0-9a-f]{{64}} \({SIZE} bytes\), accepted: {SHA}; nothing was installed"),
        ("more", rf"the server sends more than {SIZE} bytes, accepted: {SIZE}"),
        ("longer", rf"the server announces {SIZE + 7} bytes, accepted: {SIZE}"),
    ],
)
def test_what_a_server_may_do_wrong_is_told_and_leaves_nothing(
    entry: CatalogueEntry, server: ModelServer, tmp_path: Path, wish: str, message: str
) -> None:
    folder = tmp_path / "models"
    server.script.append(wish)
    with pytest.raises(FetchError, match=message) as refused:
        fetch(entry, folder)
    assert str(refused.value).startswith(entry.url)
    assert left_in(folder) == set()
    assert fetch(entry, folder)[-1] == SIZE


def test_a_part_of_something_else_is_found_out_and_fetched_anew(entry: CatalogueEntry, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / PART).write_bytes(bytes(1000))
    with pytest.raises(FetchError, match="sha256 is"):
        fetch(entry, folder)
    assert left_in(folder) == set()
    for whole in (bytes(SIZE), bytes(SIZE + 1)):
        (folder / PART).write_bytes(whole)
        assert fetch(entry, folder)[0] == 0
        (folder / NAME).unlink()


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    server = ModelServer({}).start()
    entry = entry_of(tmp_path, server.url)
    server.stop()
    with pytest.raises(FetchError, match=r"cannot be reached \(.*refused\), accepted: a server; without a network"):
        fetch(entry, tmp_path / "models")


def test_a_full_disk_is_told_before_and_while(entry: CatalogueEntry, server: ModelServer, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    with pytest.raises(FetchError, match=r"bytes are free on this disk, accepted: 1000000000000000000 or more"):
        fetch(entry_of(tmp_path, server.url, size_bytes=10**18), folder)
    (folder / PART).symlink_to("/dev/full")
    with pytest.raises(FetchError, match=r"the disk is full, accepted: room for the whole file"):
        fetch(entry, folder)
    assert state_of(entry.name, folder) == "missing"


@pytest.mark.parametrize("place", ["/proc/edgeguard", "a-file/models"])
def test_a_folder_that_cannot_be_is_refused(entry: CatalogueEntry, tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(FetchError, match=r"cannot be made \(.*\), accepted: --to a folder of yours"):
        fetch(entry, tmp_path / place)


def test_a_mirror_may_be_a_host_or_a_folder(entry: CatalogueEntry, tmp_path: Path) -> None:
    mirror = ModelServer({f"/eg/{NAME}": TINY.data}).start()
    fetch(entry, tmp_path / "one", f"{mirror.url}/eg/")
    mirror.stop()
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / NAME).write_bytes(TINY.data)
    fetch(entry, tmp_path / "two", str(tmp_path / "usb"))
    assert {state_of(entry.name, tmp_path / place) for place in ("one", "two")} == {"installed"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read .No such file or directory."),
        (TINY.data[:-9], rf"sha256 is .* \({SIZE - 9} bytes\), accepted: {SHA}; nothing was installed"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "a Git LFS pointer and not the file itself, accepted: ",
        ),
    ],
)
def test_a_folder_with_the_wrong_file(
    entry: CatalogueEntry, tmp_path: Path, content: bytes | None, message: str
) -> None:
    (tmp_path / "usb").mkdir()
    if content is not None:
        (tmp_path / "usb" / NAME).write_bytes(content)
    with pytest.raises(FetchError, match=message):
        fetch(entry, tmp_path / "models", str(tmp_path / "usb"))
    assert left_in(tmp_path / "models") == set()


@pytest.mark.parametrize(
    ("mirror", "message"),
    [
        ("ftp://host/x", "mirror is 'ftp://host/x', accepted: http://..., https://... or a folder"),
        ("https://me:secret@host/x", r"mirror is 'https://\*\*\*@host/x', accepted: a host, without user name"),
    ],
)
def test_a_wrong_mirror_is_refused(entry: CatalogueEntry, mirror: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        location(entry, mirror)


def test_what_is_there_is_not_fetched_again_and_keeps_the_sites_thresholds(
    entry: CatalogueEntry, server: ModelServer, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    fetch(entry, folder)
    changed = {"model": {**TINY.entry, "score": 0.77}}
    (folder / "tiny-finder.yaml").write_text(yaml.safe_dump(changed))
    assert fetch(entry, folder) == [SIZE]
    assert len(server.seen) == 1
    (spec,) = read_installed(folder)
    assert getattr(spec, "score", None) == 0.77


def test_one_call_at_a_time_writes_a_part(entry: CatalogueEntry, server: ModelServer, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    with (folder / PART).with_suffix(".lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="this model is being pulled already, accepted: one at a time"):
            fetch(entry, folder)
    assert server.seen == []
    assert fetch(entry, folder)[-1] == SIZE


def test_a_file_that_is_brought_stays_where_it_is_even_if_it_is_wrong(tmp_path: Path) -> None:
    own = face_models.template()
    (tmp_path / "download.part").write_bytes(b"half of it")
    entry = tmp_path / "entry.yaml"
    entry.write_text(yaml.safe_dump({"model": own.entry}))
    model = load(entry, Description).model
    with pytest.raises(FetchError, match="nothing was installed"):
        bring(
            tmp_path / "download.part", model, tmp_path / "models", Acceptance.of_a_site(model, "x", "me", str(entry))
        )
    assert (tmp_path / "download.part").exists()


def test_a_damaged_file_is_replaced(entry: CatalogueEntry, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    fetch(entry, folder)
    (folder / NAME).write_bytes(b"")
    assert state_of(entry.name, folder) == "damaged"
    fetch(entry, folder)
    assert state_of(entry.name, folder) == "installed"


def test_a_file_is_known_whatever_its_name(entry: CatalogueEntry, tmp_path: Path) -> None:
    file = tmp_path / "download(3).bin"
    file.write_bytes(TINY.data)
    assert recognise(file, [entry]) == entry
    path = bring(file, entry.model, tmp_path / "models", record(entry, "asked", str(file), "me"))
    assert path.read_bytes() == TINY.data
    assert left_in(tmp_path / "models") == {NAME, "tiny-finder.yaml", "tiny-finder.accepted.json"}
    assert file.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"some other network",
            rf"\(18 bytes\), accepted: tiny-finder \({SHA[:12]}..., {SIZE} bytes\); or .*--describe",
        ),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer and not the file itself"),
        (None, r"cannot be read \(No such file"),
    ],
)
def test_an_unknown_file_is_told(entry: CatalogueEntry, tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "x.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FetchError, match=message):
        recognise(file, [entry])


def site(folder: Path, tiny: face_models.Tiny, data: bytes | None = None) -> Path:
    """Bring a model that the site describes itself."""
    path = folder / "entry.yaml"
    path.write_text(yaml.safe_dump({"model": tiny.entry}))
    model = load(path, Description).model
    file = folder / "own.onnx"
    file.write_bytes(tiny.data if data is None else data)
    return bring(file, model, folder / "models", Acceptance.of_a_site(model, str(file), "me", str(path)))


def test_a_sites_own_model_is_installed_as_it_describes_it(tmp_path: Path) -> None:
    own = face_models.template()
    assert site(tmp_path, own) == tmp_path / "models" / own.entry["file"]
    assert [spec.name for spec in read_installed(tmp_path / "models")] == ["tiny-face"]
    kept = json.loads((tmp_path / "models" / "tiny-face.accepted.json").read_text())
    assert kept["how"] == f"described by the site in {tmp_path / 'entry.yaml'}"


@pytest.mark.parametrize(
    ("tiny", "data", "error", "message"),
    [
        (
            face_models.template(),
            b"other",
            FetchError,
            r"sha256 is .* \(5 bytes\), accepted: .*; nothing was installed",
        ),
        (face_models.template().changed(dimensions=128), None, ModelError, r"output is float32 \[1, 3\], accepted: "),
        (
            face_models.finder().changed(name="other", file="tiny-face.onnx"),
            None,
            ConfigError,
            "the file of 'tiny-face'",
        ),
        (face_models.finder().changed(name="tiny-face"), None, ConfigError, "model 'tiny-face' is there with sha256"),
    ],
)
def test_a_model_that_does_not_fit_is_not_installed(
    tmp_path: Path, tiny: face_models.Tiny, data: bytes | None, error: type[EdgeGuardError], message: str
) -> None:
    face_models.template().put(tmp_path / "models")
    before = left_in(tmp_path / "models")
    with pytest.raises(error, match=message):
        site(tmp_path, tiny, data)
    assert left_in(tmp_path / "models") == before


def test_a_description_of_another_name_is_refused(tmp_path: Path) -> None:
    face_models.template().put(tmp_path)
    (tmp_path / "tiny-face.yaml").rename(tmp_path / "other.yaml")
    with pytest.raises(ConfigError, match=r"other.yaml: model.name: met 'tiny-face', accepted: other"):
        read_installed(tmp_path)
