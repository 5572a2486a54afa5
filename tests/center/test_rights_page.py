"""From the page of privacy over a real broker to a running box and back: a copy to download, a deletion with proof."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from edgeguard.contract import Clock
from tests.center.support import NAME, CenterProcess, running_center
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.mosquitto import Mosquitto, wait_for
from tests.support.rights import CARD, LABEL, PLATE, directory_of, fill, people_box

NOTHING = np.zeros((1, 1, 6), np.float32)
SYNCED = Clock(synced=True)
WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    """Whose file says who may."""
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, f"privacy: {{officers: [{NAME}]}}\n")


@pytest.fixture
def people(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, center: CenterProcess) -> dict[str, Any]:
    """Settings of a box with people, which trusts the center."""
    words = [sys.executable, "-m", "edgeguard", "center", "keys"]
    for task in (["new"], []):
        done = subprocess.run(
            [*words, *task, "--data", str(center.data_dir)], check=False, capture_output=True, text=True
        )
    settings = people_box(tmp_path, make_model(NOTHING), broker.port, done.stdout.split('"')[1])
    fill(settings)
    return settings


@pytest.fixture
def page(browser: Browser, center: CenterProcess, cookies: dict[str, str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, accept_downloads=True)
    context.set_default_timeout(WITHIN_MS)
    context.add_cookies([{"name": name, "value": value, "url": center.address} for name, value in cookies.items()])
    yield context.new_page()
    context.close()


def shown(page: Page, center: CenterProcess) -> bool:
    """Whether the form knows the box's people; it is not fetched anew while somebody types."""
    page.goto(f"{center.address}/privacy")
    return bool(page.locator("#people-0 option").count())


def row(page: Page, words: str) -> Any:
    return page.locator("table.rights tr", has_text=words).first


def test_a_copy_and_a_deletion_from_the_page(page: Page, center: CenterProcess, people: dict[str, Any]) -> None:
    with running_box(people, kept=lambda: SYNCED):
        wait_for(lambda: shown(page, center), "the box on the page", 40)
        page.fill("#rights [name=ref]", "p-1")
        page.click("#rights [value=export]")
        expect(page.locator("#rights .said")).to_contain_text("Asked for")
        copy = row(page, "Copy p-1")
        expect(copy).to_contain_text("1 consents", timeout=WITHIN_MS)
        with page.expect_download() as started:
            copy.get_by_role("link", name="Download the copy").click()
        file = json.loads(started.value.path().read_text())
        assert (file["at_the_box"]["ref"], file["request"]["by"]) == ("p-1", NAME)
        for secret in (PLATE, LABEL, CARD):
            assert secret not in json.dumps(file, ensure_ascii=False)

        expect(page.locator("#rights [name=ref]")).to_have_value("")
        page.fill("#rights [name=ref]", "p-1")
        page.click("#rights [value=erase]")
        go = page.locator("#erase button.danger")
        expect(go).to_be_disabled()
        page.fill("#erase [name=again]", "p-2")
        expect(go).to_be_disabled()
        page.fill("#erase [name=again]", "p-1")
        go.click()
        erased = row(page, "Deletion p-1")
        expect(erased).to_contain_text("deleted: templates 1, cards 1", timeout=WITHIN_MS)
        expect(erased).to_contain_text("0 pictures and files of 0 passages deleted", timeout=WITHIN_MS)
        proof = erased.locator(".told").inner_text().split()[-1]
        with directory_of(people) as directory:
            assert directory.people.find("p-1") is None
            number, digest = proof.split(":")
            found = directory.store.rows("SELECT hash, who, action FROM audit WHERE id = ?", int(number))
            assert [(bytes(one[0]).hex(), one[1], one[2]) for one in found] == [(digest, NAME, "person_removed")]


def test_a_box_that_is_away_is_waited_for(page: Page, center: CenterProcess, people: dict[str, Any]) -> None:
    with running_box(people, kept=lambda: SYNCED):
        wait_for(lambda: shown(page, center), "the box on the page", 40)
    page.fill("#rights [name=ref]", "p-2")
    page.click("#rights [value=export]")
    waiting = row(page, "Copy p-2")
    expect(waiting).to_contain_text("The box is offline", timeout=WITHIN_MS)
    with running_box(people, kept=lambda: SYNCED):
        expect(waiting).to_contain_text("Download the copy", timeout=WITHIN_MS)


def test_a_phone_has_room_for_it(page: Page, center: CenterProcess) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{center.address}/privacy")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h2").first).to_contain_text("个人数据")


def test_who_is_not_named_sees_no_request(center: CenterProcess, client: httpx.Client) -> None:
    asked = {"site": "hz", "box": "box-1", "ref": "p-1", "kind": "export"}
    with httpx.Client(base_url=center.address, trust_env=False) as stranger:
        assert stranger.post("/api/rights", json=asked).status_code in {401, 403}
        assert stranger.get("/api/rights").status_code == 401
    for wrong in ({**asked, "kind": "all"}, {**asked, "ref": "a b"}, {**asked, "more": 1}):
        assert client.post("/api/rights", json=wrong).status_code == 422
    nowhere = client.post("/api/rights", json={**asked, "box": "box-9"})
    assert (nowhere.status_code, "does not say that it can" in nowhere.text) == (409, True)
    assert client.get("/api/rights/none/file").status_code == 410
