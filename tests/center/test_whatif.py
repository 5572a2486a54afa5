"""What if, at the center: recorded detections are uploaded, one setting is swept within limits, the report is shown."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from edgeguard.center import whatif
from edgeguard.center.whatif import Sweep, WhatIf
from edgeguard.cli import main
from edgeguard.errors import CenterError
from tests.agent.test_replacing import EBIKE
from tests.center.support import NAME, CenterProcess, running_center
from tests.conftest import MakeModel
from tests.support.mosquitto import Mosquitto

ASKED = {"scenario": "conduct_loiter", "param": "dwell_s", "first": "1", "last": "3", "step": "1"}
SWEEP = Sweep("conduct_loiter", "dwell_s", "1", "3", "1")


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, f"conduct: {{supervisors: [{NAME}]}}\n")


@pytest.fixture
def seen(make_model: MakeModel) -> bytes:
    """What a replay of four seconds has saved."""
    folder = make_model(EBIKE)
    (folder / "clip").mkdir()
    for number in range(32):
        cv2.imwrite(str(folder / "clip" / f"{number}.png"), np.full((64, 64, 3), 90, np.uint8))
    common = ["--fps", "8", "--model", "tiny", "--models-dir", str(folder), "--scenario", "lift_ebike"]
    assert main(["replay", str(folder / "clip"), *common, "--save-detections", str(folder / "seen.jsonl")]) == 0
    return (folder / "seen.jsonl").read_bytes()


def sweep(client: httpx.Client, file: bytes, **changes: Any) -> str:
    answer = client.post("/conduct/whatif", data=ASKED | changes, files={"file": ("seen.jsonl", file)}, timeout=90)
    assert answer.status_code == 200, answer.text
    return answer.text


async def pieces(*found: bytes) -> AsyncIterator[bytes]:
    for one in found:
        yield one


def test_a_sweep_is_shown(client: httpx.Client, center: CenterProcess, seen: bytes) -> None:
    page = sweep(client, seen, scenario="lift_ebike", param="n_min", first="1", last="4")
    report = unescape(page.partition('srcdoc="')[2].partition('"')[0])
    assert ("<h1>lift_ebike: n_min over clip</h1>" in report, report.count("<rect")) == (True, 5)
    assert "sandbox" in page
    assert "/conduct/whatif" in client.get("/conduct").text
    (told,) = center.rows("SELECT who, subject, detail FROM audit WHERE action = 'whatif'")
    assert told == (NAME, "seen.jsonl", "lift_ebike: n_min=1:4:1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario": "conduct_walk"}, "--scenario is 'conduct_walk', accepted: access_tailgate"),
        ({"scenario": "conduct_thrown"}, "nothing that falls is in the file"),
        ({"param": "dwel_s"}, "dwel_s"),
        ({"step": "0"}, "accepted: PARAM=from:to:step with at most 1000 values"),
        ({"last": ""}, "met nothing in last"),
        ({"first": "--report"}, "accepted: PARAM=from:to:step"),
    ],
)
def test_what_cannot_be_swept_is_said(client: httpx.Client, seen: bytes, changes: dict[str, str], words: str) -> None:
    page = sweep(client, seen, **changes)
    assert (words in unescape(page), "srcdoc" in page, "role=alert" in page.partition("<main>")[2]) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize("file", [b"", b"{", b"\xff\xfe", b'{"edgeguard": "detections"}\n', b"<script>\n"])
def test_a_file_that_is_none_is_said(client: httpx.Client, file: bytes) -> None:
    page = sweep(client, file)
    assert ("detections.jsonl" in page, "srcdoc" in page, "/tmp" in page) == (True, False, False)


@pytest.mark.parametrize(("length", "status"), [({"Content-Length": str(2**30)}, 413), ({}, 411)])
def test_too_long_a_body_is_not_read(
    center: CenterProcess, cookies: dict[str, str], length: dict[str, str], status: int
) -> None:
    connection = HTTPConnection("127.0.0.1", center.port, timeout=20)
    connection.putrequest("POST", "/conduct/whatif")
    said = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Origin": center.address}
    for name, value in {**said, "Content-Type": "multipart/form-data; boundary=x", **length}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def test_who_is_no_supervisor_sweeps_nothing(broker: Mosquitto, tmp_path: Path) -> None:
    process = CenterProcess(tmp_path, broker.port)
    process.start()
    try:
        with process.client() as somebody:
            assert somebody.get("/conduct/whatif").status_code == 403
            answer = somebody.post("/conduct/whatif", data=ASKED, files={"file": ("seen.jsonl", b"")})
            assert answer.status_code == 403
    finally:
        process.stop()


def test_a_sweep_that_takes_too_long_is_ended(seen: bytes) -> None:
    with pytest.raises(CenterError, match=r"accepted: at most 0\.05 s"):
        asyncio.run(WhatIf(longest_s=0.05).page(pieces(seen), SWEEP))


def test_memory_is_bounded(seen: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatif, "MEMORY_BYTES", 2**24)
    with pytest.raises(CenterError, match="could not be computed here"):
        asyncio.run(WhatIf().page(pieces(seen), SWEEP))


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatif, "MAX_FILE_BYTES", 10)
    with pytest.raises(CenterError, match="more than 10 bytes"):
        asyncio.run(WhatIf().page(pieces(b"123456", b"789012"), SWEEP))


def test_one_sweep_at_a_time(seen: bytes) -> None:
    async def two() -> list[Any]:
        room = WhatIf()
        pages = (room.page(pieces(seen), Sweep("lift_ebike", "n_min", "1", "2", "1")) for _ in range(2))
        return await asyncio.gather(*pages, return_exceptions=True)

    first, second = asyncio.run(two())
    assert "<html" in first
    assert "one at a time" in str(second)


@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)], ids=["desk", "phone"])
def test_from_the_page(
    browser: Browser, center: CenterProcess, cookies: dict[str, str], seen: bytes, tmp_path: Path, size: tuple[int, int]
) -> None:
    (tmp_path / "seen.jsonl").write_bytes(seen)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": name, "value": value, "url": center.address} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{center.address}/conduct")
    page.get_by_role("link", name="What if").click()
    page.set_input_files("[name=file]", tmp_path / "seen.jsonl")
    for name, value in {**ASKED, "scenario": "lift_ebike", "param": "n_min"}.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Sweep").click()
    frame = page.frame_locator("iframe.report")
    expect(frame.locator("h1")).to_have_text("lift_ebike: n_min over clip")
    expect(frame.locator("svg rect")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands beside the page"
    context.close()
