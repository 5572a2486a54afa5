"""Boxes bring evidence, people look at it: over HTTP, against the program as a person starts it."""

import hashlib
import http.client
import os
import resource
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from edgeguard.center.database import Database, database_in
from edgeguard.center.tokens import BoxTokens
from tests.center.support import ULIDS, Box, CenterProcess, drawn_lift, running_center
from tests.support.mosquitto import Mosquitto, wait_for

SETTINGS = "broker: {}\nevidence: {quota_gb: 0.02, max_clip_mb: 12, max_picture_mb: 0.25}\n"
MIB = 1024 * 1024
CLIP = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 400


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, SETTINGS)


@pytest.fixture(scope="module")
def tokens(center: CenterProcess) -> Iterator[BoxTokens]:
    """As the command line has them: a database of its own, beside the running center."""
    database = Database(database_in(center.data_dir))
    database.open()
    yield BoxTokens(database, lambda: datetime.now(UTC))
    database.close()


@pytest.fixture(scope="module")
def token(tokens: BoxTokens) -> str:
    tokens.issue("riverside", "box-2")
    return tokens.issue("riverside", "box-1")


def known(client: httpx.Client, event_id: str) -> str:
    """The same, once its card is there."""
    wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the card")
    return event_id


def new_id() -> str:
    return ULIDS.new(datetime.now(UTC))


def below(folder: Path) -> set[Path]:
    """Everything in it; unlike a glob it does not mind what the center removes meanwhile."""
    return {Path(where) / name for where, folders, files in os.walk(folder) for name in (*folders, *files)}


def headers_of(token: str, body: bytes, name: str = "clip.mp4", **changes: str) -> dict[str, str]:
    """As a box sends them; a keyword replaces one, with `_` for `-`; an empty one is left out."""
    clip = name.endswith("mp4")
    told = {
        "authorization": f"Bearer {token}",
        "content-type": "video/mp4" if clip else "image/jpeg",
        "x-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-evidence-kind": "clip" if clip else "picture",
        **{key.replace("_", "-"): value for key, value in changes.items()},
    }
    return {key: value for key, value in told.items() if value}


def path_of(event_id: str, name: str = "clip.mp4", box: str = "box-1") -> str:
    return f"/upload/riverside/{box}/{event_id}/{name}"


def put(center: CenterProcess, path: str, body: bytes, headers: dict[str, str]) -> int:
    """The answer's status; the path goes out as it stands, whatever a good client would make of it."""
    line = http.client.HTTPConnection("127.0.0.1", center.port, timeout=20)
    try:
        line.request("PUT", path, body, headers)
        return line.getresponse().status
    finally:
        line.close()


def upload(center: CenterProcess, token: str, event_id: str, body: bytes = CLIP, name: str = "clip.mp4") -> int:
    return put(center, path_of(event_id, name), body, headers_of(token, body, name))


def left(center: CenterProcess, event_id: str) -> list[Path]:
    """Everything on the disk that belongs to an alarm, hidden files and its folder too."""
    return [path for path in below(center.data_dir / "evidence") if event_id in path.parts]


def stored(center: CenterProcess, event_id: str) -> list[str]:
    return [name for (name,) in center.rows("SELECT name FROM evidence WHERE event_id = ?", event_id)]


def test_a_clip_is_stored_once_and_shown(center: CenterProcess, client: httpx.Client, box: Box, token: str) -> None:
    event_id = known(client, box.alarm())
    assert client.get(f"/api/alarms/{event_id}").json()["clip"] is None
    assert [upload(center, token, event_id) for _ in range(3)] == [201, 200, 200]
    clip = client.get(f"/api/alarms/{event_id}").json()["clip"]
    url = f"/api/evidence/{event_id}/clip.mp4"
    assert clip == {"url": url, "media_type": "video/mp4", "size_bytes": len(CLIP)}
    shown = client.get(url)
    assert (shown.content, shown.headers["content-type"]) == (CLIP, "video/mp4")
    assert shown.headers["cache-control"] == "private, no-cache"


def test_another_file_of_the_same_name_is_refused(center: CenterProcess, token: str) -> None:
    event_id = new_id()
    assert upload(center, token, event_id) == 201
    assert upload(center, token, event_id, CLIP + b"more") == 409
    assert [path.read_bytes() for path in left(center, event_id) if path.is_file()] == [CLIP]


def test_before_its_event_has_come(center: CenterProcess, client: httpx.Client, box: Box, token: str) -> None:
    event_id = new_id()
    jpeg = drawn_lift()
    assert upload(center, token, event_id) == 201
    assert upload(center, token, event_id, jpeg, "before.jpg") == 201
    assert client.get(f"/api/evidence/{event_id}/clip.mp4").status_code == 404
    box.alarm(event_id=event_id)
    known(client, event_id)
    card = client.get(f"/api/alarms/{event_id}").json()
    assert card["clip"]["size_bytes"] == len(CLIP)
    assert [picture["moment"] for picture in card["pictures"]] == ["before"]
    assert client.get(card["pictures"][0]["url"]).content == jpeg


@pytest.mark.parametrize(
    ("authorization", "box", "status"),
    [
        ("", "box-1", 401),
        ("Bearer", "box-1", 401),
        ("Bearer ", "box-1", 401),
        ("Bearer guess", "box-1", 401),
        ("Bearer egb\u00f6x", "box-1", 401),
        ("Basic {token}", "box-1", 401),
        ("Bearer {token}", "box-2", 403),
        ("Bearer {token}", "unheard", 403),
    ],
)
def test_who_may_not(center: CenterProcess, token: str, authorization: str, box: str, status: int) -> None:
    event_id = new_id()
    headers = headers_of(token, CLIP, authorization=authorization.format(token=token))
    assert put(center, path_of(event_id, box=box), CLIP, headers) == status
    assert left(center, event_id) == []


def test_a_revoked_and_a_replaced_token(center: CenterProcess, tokens: BoxTokens) -> None:
    old, new = tokens.issue("riverside", "box-3"), tokens.issue("riverside", "box-3")
    path = path_of(new_id(), box="box-3")
    assert put(center, path, CLIP, headers_of(old, CLIP)) == 401
    assert put(center, path, CLIP, headers_of(new, CLIP)) == 201
    assert tokens.revoke("riverside", "box-3")
    assert put(center, path, CLIP, headers_of(new, CLIP)) == 401


def test_a_session_is_no_box(client: httpx.Client) -> None:
    headers = headers_of("", CLIP, authorization="")
    assert client.put(path_of(new_id()), content=CLIP, headers=headers).status_code == 401


def test_the_event_of_another_box(center: CenterProcess, client: httpx.Client, broker: Mosquitto, token: str) -> None:
    with Box(broker.port, "box-4") as other:
        event_id = other.alarm()
    known(client, event_id)
    assert upload(center, token, event_id) == 409
    assert client.get(f"/api/alarms/{event_id}").json()["clip"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/upload/riverside/box-1/../../../center.sqlite3",
        "/upload/riverside/box-1/{id}/../../../../x.mp4",
        "/upload/riverside/box-1/{id}/..%2f..%2fclip.mp4",
        "/upload/riverside/box-1/..%2f..%2f{id}/clip.mp4",
        "/upload/riverside/box-1/{id}/..",
        "/upload/riverside/box-1/{id}/clip.mp4%00",
        "/upload/riverside/box-1/{id}/.clip.mp4.part",
        "/upload/riverside/box-1/{id}/CLIP.MP4",
        "/upload/riverside/box-1/{id}/",
        "/upload/riverside/box-1/{id}",
        "/upload/riverside/box-1/not-an-ulid/clip.mp4",
        "/upload/riverside/box-1/%2e%2e/clip.mp4",
        "/upload/riverside/box-1//clip.mp4",
        "/upload/riverside/%2e%2e/{id}/clip.mp4",
        "/upload/..%2friverside/box-1/{id}/clip.mp4",
        f"/upload/riverside/box-1/{{id}}/{'x' * 4000}.mp4",
        f"/upload/riverside/box-1/{'1' * 4000}/clip.mp4",
        "/upload/",
        "//upload/riverside/box-1/{id}/clip.mp4",
    ],
)
def test_paths_that_lead_elsewhere(center: CenterProcess, token: str, path: str) -> None:
    before = below(center.data_dir.parent)
    status = put(center, path.format(id=new_id()), CLIP, headers_of(token, CLIP))
    assert status in {401, 403, 404, 405, 422}
    new = below(center.data_dir.parent) - before
    assert {path.name for path in new} <= {"center.sqlite3-wal", "center.sqlite3-shm"}


@pytest.mark.parametrize(
    ("name", "body", "changes", "status"),
    [
        ("clip.mp4", CLIP, {"x_content_sha256": "0" * 64}, 422),
        ("clip.mp4", CLIP, {"x_content_sha256": "0" * 63}, 400),
        ("clip.mp4", CLIP, {"x_content_sha256": ""}, 400),
        ("clip.mp4", CLIP, {"x_evidence_kind": ""}, 422),
        ("clip.mp4", CLIP, {"x_evidence_kind": "picture"}, 422),
        ("clip.mp4", CLIP, {"content_type": ""}, 415),
        ("clip.mp4", CLIP, {"content_type": "text/html"}, 415),
        ("clip.mp4", b"<html>", {}, 415),
        ("clip.mp4", b"", {}, 415),
        ("at.jpg", CLIP, {}, 415),
        ("at.jpg", b"\xff\xd8\xff" + bytes(MIB // 4), {}, 413),
        ("clip.mp4", CLIP[:12] + bytes(12 * MIB), {}, 413),
        ("page.html", CLIP, {}, 422),
    ],
)
def test_refused_for_good(
    center: CenterProcess, token: str, name: str, body: bytes, changes: dict[str, str], status: int
) -> None:
    event_id = new_id()
    assert put(center, path_of(event_id, name), body, headers_of(token, body, name, **changes)) == status
    assert (left(center, event_id), stored(center, event_id)) == ([], [])


def test_too_large_without_an_announced_length(center: CenterProcess, token: str) -> None:
    """Chunked: only the counting of what comes can tell."""
    event_id = new_id()
    pieces = [b"\xff\xd8\xff", *[bytes(64 * 1024)] * 5]
    headers = headers_of(token, b"".join(pieces), "at.jpg")
    url = center.address + path_of(event_id, "at.jpg")
    assert httpx.put(url, content=iter(pieces), headers=headers, trust_env=False).status_code == 413
    assert left(center, event_id) == []


def test_chunked(center: CenterProcess, token: str) -> None:
    event_id = new_id()
    pieces = [CLIP[at : at + 1000] for at in range(0, len(CLIP), 1000)]
    url = center.address + path_of(event_id)
    assert httpx.put(url, content=iter(pieces), headers=headers_of(token, CLIP), trust_env=False).status_code == 201


def test_cut_in_the_middle(center: CenterProcess, client: httpx.Client, box: Box, token: str) -> None:
    """Nobody sees the half, nothing of it stays, and the whole comes in afterwards."""
    event_id = known(client, box.alarm())
    body = CLIP[:12] + bytes(MIB)
    told = {**headers_of(token, body), "host": "center", "content-length": str(len(body))}
    head = "".join(f"{key}: {value}\r\n" for key, value in told.items())
    with socket.create_connection(("127.0.0.1", center.port)) as line:
        line.sendall(f"PUT {path_of(event_id)} HTTP/1.1\r\n{head}\r\n".encode() + body[: MIB // 2])
        wait_for(lambda: left(center, event_id), "the half")
        assert client.get(f"/api/alarms/{event_id}").json()["clip"] is None
        assert client.get(f"/api/evidence/{event_id}/clip.mp4").status_code == 404
        # While one is on its way a second of the same file is told to come again.
        assert upload(center, token, event_id, body) == 503
    wait_for(lambda: not left(center, event_id), "the half to go")
    assert stored(center, event_id) == []
    assert upload(center, token, event_id, body) == 201


def test_a_full_disk(center: CenterProcess, token: str) -> None:
    """The kernel refuses the rest of the file, as it does on a full disk; the box is told to come again."""
    event_id = new_id()
    body = CLIP[:12] + bytes(10 * MIB)
    before = resource.prlimit(center.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(center.pid, resource.RLIMIT_FSIZE, (8 * MIB, before[1]))
    try:
        assert upload(center, token, event_id, body) == 507
    finally:
        resource.prlimit(center.pid, resource.RLIMIT_FSIZE, before)
    assert left(center, event_id) == []
    assert upload(center, token, event_id, body) == 201


def test_the_oldest_makes_room(center: CenterProcess, client: httpx.Client, box: Box, token: str) -> None:
    """The quota is 20 MiB: the first alarm's clip goes, from its card too."""
    ids = [box.alarm(), box.alarm(), box.alarm()]
    for event_id in ids[:2]:
        box.end(known(client, event_id))
        client.post(f"/api/alarms/{event_id}/ack", json={"kind": "handled"})
    body = CLIP[:12] + bytes(9 * MIB)
    for event_id in ids:
        assert upload(center, token, event_id, body) == 201
    cards = [client.get(f"/api/alarms/{event_id}").json() for event_id in ids]
    assert [card["clip"] is not None for card in cards] == [False, True, True]
    assert client.get(f"/api/evidence/{ids[0]}/clip.mp4").status_code == 404
    assert left(center, ids[0]) == []


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-3", 206, CLIP[:4]),
        ("bytes=100-", 206, CLIP[100:]),
        ("bytes=-5", 206, CLIP[-5:]),
        (f"bytes={len(CLIP)}-", 416, None),
        ("", 200, CLIP),
    ],
)
def test_a_player_seeks(
    center: CenterProcess, client: httpx.Client, box: Box, token: str, asked: str, status: int, body: bytes | None
) -> None:
    event_id = known(client, box.alarm())
    assert upload(center, token, event_id) == 201
    answer = client.get(f"/api/evidence/{event_id}/clip.mp4", headers={"range": asked} if asked else {})
    assert answer.status_code == status
    assert body is None or answer.content == body


def test_who_looked_is_written_down_once(center: CenterProcess, client: httpx.Client, box: Box, token: str) -> None:
    event_id = known(client, box.alarm())
    assert upload(center, token, event_id) == 201
    assert client.get(f"/api/evidence/{event_id}/before.jpg").status_code == 404
    for start in (0, 10, 20):
        client.get(f"/api/evidence/{event_id}/clip.mp4", headers={"range": f"bytes={start}-"})
    looks = center.rows("SELECT who, detail FROM audit WHERE action = 'evidence' AND subject = ?", event_id)
    assert looks == [("operator", "clip.mp4")]


@pytest.mark.parametrize("name", ["clip.mp4", "x", "..%2f..%2fcenter.sqlite3", "%2e%2e"])
def test_evidence_needs_a_session(center: CenterProcess, client: httpx.Client, token: str, name: str) -> None:
    path = f"{center.address}/api/evidence/{new_id()}/{name}"
    assert httpx.get(path, trust_env=False).status_code in {401, 404}
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.get(path, headers=headers, trust_env=False).status_code in {401, 404}
    assert client.get(path).status_code == 404


def test_many_at_once(center: CenterProcess, token: str) -> None:
    """All are stored or told to come again, none is lost in between."""
    ids = [new_id() for _ in range(24)]
    answers: dict[str, int] = {}
    threads = [threading.Thread(target=lambda of=of: answers.update({of: upload(center, token, of)})) for of in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers.values()) <= {201, 503}
    for event_id, status in answers.items():
        assert stored(center, event_id) == (["clip.mp4"] if status == 201 else [])
