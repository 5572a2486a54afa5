import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.errors import JournalError, UplinkError
from edgeguard.uplink.upload import Parcel, UploadConfig, Uploader
from tests.support.mosquitto import Authority, free_port, wait_for
from tests.support.upload_server import TOKEN, UploadServer

EVENT = "01JH0000000000000000000000"
PATH = f"/upload/hz/box-1/{EVENT}/clip.mp4"
QUICK = {"backoff_first_s": 0.02, "backoff_most_s": 0.05}


@dataclass
class Shelf:
    """An outbox in memory; the least tried goes first."""

    waiting: list[Parcel]
    done: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    tries: int = 0
    broken: bool = False

    def next_parcel(self) -> Parcel | None:
        return self.waiting[0] if self.waiting else None

    def delivered(self, parcel: Parcel) -> None:
        if self.broken:
            self.broken = False
            raise JournalError("the journal is away")
        self.waiting.remove(parcel)
        self.done.append(parcel.name)

    def refused(self, parcel: Parcel, reason: str) -> None:
        self.waiting.remove(parcel)
        self.refusals.append(reason)

    def postponed(self, parcel: Parcel) -> None:
        self.tries += 1
        self.waiting.remove(parcel)
        self.waiting.append(parcel)


def parcel(folder: Path, name: str = "clip.mp4", size_bytes: int = 100_000) -> Parcel:
    path = folder / name
    data = name.encode() * (size_bytes // len(name))
    path.write_bytes(data)
    return Parcel(path, EVENT, name, "clip", "video/mp4", hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "test authority")


@pytest.fixture
def server(authority: Authority) -> Iterator[UploadServer]:
    server = UploadServer(authority)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@contextmanager
def uploading(server: UploadServer, shelf: Shelf, token_file: Path, **settings: Any) -> Iterator[Uploader]:
    given = {"url": server.url, "token_file": token_file, **QUICK, **settings}
    if server.authority is not None:
        given.setdefault("ca", server.authority.ca)
    with Uploader(UploadConfig.model_validate(given), "hz", "box-1", shelf) as uploader:
        yield uploader


def test_with_nothing_to_do_it_asks_nobody(server: UploadServer, token_file: Path) -> None:
    shelf = Shelf([])
    with uploading(server, shelf, token_file):
        pass
    assert server.seen == []


def test_brings_a_file_with_all_that_belongs_to_it(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    shelf = Shelf([])
    with uploading(server, shelf, token_file) as uploader:
        shelf.waiting.append(parcel(tmp_path))
        uploader.wake()
        wait_for(lambda: shelf.done, "the upload")
    [(path, headers, status)] = server.seen
    assert (path, status) == (PATH, 201)
    assert headers["Content-Type"] == "video/mp4"
    assert headers["X-Evidence-Kind"] == "clip"
    assert server.stored[PATH] == (tmp_path / "clip.mp4").read_bytes()


def test_the_same_twice_is_done(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    one = parcel(tmp_path)
    shelf = Shelf([one, one])
    with uploading(server, shelf, token_file):
        wait_for(lambda: len(shelf.done) == 2, "both")
    assert [status for _, _, status in server.seen] == [201, 200]


@pytest.mark.parametrize("trouble", [500, 503, 401, 403, 408, 429, 302, "cut"])
def test_comes_again_after(tmp_path: Path, server: UploadServer, token_file: Path, trouble: int | str) -> None:
    server.script.extend([trouble, trouble])
    shelf = Shelf([parcel(tmp_path)])
    with uploading(server, shelf, token_file) as uploader:
        wait_for(lambda: shelf.done, "the upload")
    assert shelf.tries == 2
    assert uploader.health.failed_total == 2
    assert len(server.stored[PATH]) == 100_000


@pytest.mark.parametrize("status", [400, 404, 409, 413, 415, 422])
def test_what_is_refused_for_good_is_let_go(
    tmp_path: Path, server: UploadServer, token_file: Path, status: int
) -> None:
    server.script.append(status)
    shelf = Shelf([parcel(tmp_path), parcel(tmp_path, "at.jpg")])
    with uploading(server, shelf, token_file):
        wait_for(lambda: shelf.done == ["at.jpg"], "the next one")
    assert f"{status}" in shelf.refusals[0]


def test_a_failing_file_does_not_hold_up_the_others(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    server.script.extend([500, 201, 201])
    shelf = Shelf([parcel(tmp_path), parcel(tmp_path, "at.jpg")])
    with uploading(server, shelf, token_file):
        wait_for(lambda: len(shelf.done) == 2, "both")
    assert shelf.done == ["at.jpg", "clip.mp4"]


def test_a_new_token_needs_no_restart(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    token_file.write_text("wrong")
    shelf = Shelf([parcel(tmp_path)])
    with uploading(server, shelf, token_file) as uploader:
        wait_for(lambda: shelf.tries > 0, "the refusal")
        assert "401" in uploader.health.reason
        assert "wrong" not in uploader.health.reason
        token_file.unlink()
        wait_for(lambda: "cannot be read" in uploader.health.reason, "the lost token")
        token_file.write_text(TOKEN)
        wait_for(lambda: shelf.done, "the upload")


def test_a_server_nobody_vouches_for_gets_nothing(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    other = Authority(tmp_path / "other", "somebody else")
    shelf = Shelf([parcel(tmp_path)])
    with uploading(server, shelf, token_file, ca=other.ca) as uploader:
        wait_for(lambda: shelf.tries > 1, "two tries")
        assert "certificate is not accepted" in uploader.health.reason
    assert server.seen == []


def test_waits_for_a_server_that_is_away(
    tmp_path: Path, authority: Authority, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = UploadServer(authority, free_port())
    shelf = Shelf([parcel(tmp_path)])
    with caplog.at_level(logging.INFO), uploading(server, shelf, token_file):
        wait_for(lambda: shelf.tries > 5, "some tries")
        server.start()
        wait_for(lambda: shelf.done, "the upload")
    server.stop()
    assert len([record for record in caplog.records if "connection refused" in record.message]) == 1


def test_what_cannot_be_noted_is_brought_again(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    shelf = Shelf([parcel(tmp_path)], broken=True)
    with uploading(server, shelf, token_file):
        wait_for(lambda: shelf.done, "the second time")
    assert [status for _, _, status in server.seen] == [201, 200]


def test_leaves_the_line_to_others_and_stops_at_once(tmp_path: Path, server: UploadServer, token_file: Path) -> None:
    shelf = Shelf([parcel(tmp_path, size_bytes=1_000_000)])
    # 8 s at this rate: the stop does not wait for it, and the file stays where it was.
    with uploading(server, shelf, token_file, max_kbit_s=1000) as uploader:
        wait_for(lambda: uploader._connection is not None and uploader._connection.sock is not None, "the connection")
    assert not uploader._thread.is_alive()
    assert (shelf.done, shelf.tries) == ([], 0)


def test_a_lab_says_so(tmp_path: Path, token_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = UploadServer()
    server.start()
    shelf = Shelf([parcel(tmp_path)])
    with uploading(server, shelf, token_file, insecure_lab=True):
        wait_for(lambda: shelf.done, "the upload")
    server.stop()
    assert "insecure_lab" in caplog.text


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "ftp://center"}, "must look like"),
        ({"url": "center"}, "must look like"),
        ({"url": "https://u:p@center"}, "without user name"),
        ({"url": "http://center"}, "insecure_lab"),
        ({"url": "https://center", "insecure_lab": True}, "insecure_lab"),
        ({"url": "https://center", "token_file": None}, "exactly one"),
        ({"url": "https://center", "token_env": "T"}, "exactly one"),
        ({"url": "https://center", "cert": "a.pem"}, "cert and key"),
        ({"url": "https://center", "max_kbit_s": 0}, "greater"),
    ],
)
def test_refuses_what_does_not_fit(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        UploadConfig.model_validate({"token_file": "token"} | settings)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"token_env": "EDGEGUARD_NO_SUCH"}, "EDGEGUARD_NO_SUCH"),
        ({"token_file": "/nowhere/token"}, "/nowhere/token"),
        ({"token_file": "/dev/null"}, "/dev/null"),
        ({"token_file": "/dev/null", "ca": "/nowhere/ca"}, "/nowhere/ca"),
        ({"token_file": "/dev/null", "ca": "/dev/null"}, "not a file"),
    ],
)
def test_unusable_files_are_told_at_the_start(settings: dict[str, Any], told: str) -> None:
    config = UploadConfig.model_validate({"url": "https://center"} | settings)
    with pytest.raises(UplinkError, match=told), Uploader(config, "hz", "box-1", Shelf([])):
        pass
