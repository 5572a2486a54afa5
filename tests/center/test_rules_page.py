"""From the page of conduct over a real broker to a running box and back: a rule's switch, schedule and sensitivity."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from edgeguard.agent.box import Box as RunningBox
from edgeguard.contract import BoxStatus, CameraInfo, State
from edgeguard.contract import Clock as Kept
from edgeguard.contract.device import RuleInfo
from tests.agent.test_replacing import EBIKE
from tests.center.support import NAME, Box, CenterProcess, running_center
from tests.conftest import MakeModel
from tests.support.boxes import box_settings, lab, running_box
from tests.support.mosquitto import Mosquitto, wait_for

WHERE = "/api/rules/hz/box-1"
LOITER = {"camera": "yard-1", "kind": "conduct_loiter", "zone": "ramp"}
EBIKES = {"camera": "lift-1", "kind": "lift_ebike", "zone": "cabin"}
WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    """Whose file says who may set rules."""
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, f"conduct: {{supervisors: [{NAME}]}}\n")


@pytest.fixture(scope="module")
def key(center: CenterProcess) -> str:
    words = [sys.executable, "-m", "edgeguard", "center", "keys", "new", "--data", str(center.data_dir)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.split('"')[1]


@pytest.fixture
def guarding(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, key: str, client: httpx.Client
) -> Iterator[RunningBox]:
    """A box with two cameras that takes settings, known to the center."""
    source = {"model": "tiny", "source": {"kind": "synthetic"}}
    loiter = {"kind": "conduct_loiter", "name": "ramp", "labels": ["e-bike"], "dwell_s": 120}
    yard = {"id": "yard-1", "label": "Garage ramp", "place": {"building": "3"}, "scenarios": [loiter], **source}
    cameras = [yard, {"id": "lift-1", "label": "Lift A", "place": {"lift": "A"}, **source}]
    told = {"uplink": lab(broker.port), "commands": {"keys": [key]}, "remote_settings": True}
    settings = box_settings(tmp_path, make_model(EBIKE), cameras=cameras, **told)
    with running_box(settings, kept=lambda: Kept(synced=True)) as box:
        wait_for(lambda: rule(client)["override"] is None and online(client), "the box at the center")
        yield box


def of_box(client: httpx.Client, site: str = "hz") -> dict[str, Any]:
    boxes = client.get("/api/boxes").json()
    return next((one for one in boxes if (one["site"], one["box"]) == (site, "box-1")), {"state": None})


def online(client: httpx.Client) -> bool:
    state = of_box(client)["state"]
    return state is not None and state["state"] == "online"


def rule(client: httpx.Client, camera: str = "yard-1") -> dict[str, Any]:
    """The first rule of a camera, as the center has it from the box."""
    birth = of_box(client).get("birth") or {"cameras": []}
    found = [one["rules"][0] for one in birth["cameras"] if one["id"] == camera]
    return found[0] if found else {"override": ""}


@pytest.fixture(params=[(1920, 1080), (390, 844)], ids=["desk", "phone"])
def page(
    request: pytest.FixtureRequest, browser: Browser, center: CenterProcess, cookies: dict[str, str]
) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(WITHIN_MS)
    context.add_cookies([{"name": name, "value": value, "url": center.address} for name, value in cookies.items()])
    yield context.new_page()
    context.close()


def row(page: Page, kind: str) -> Locator:
    return page.locator("article.watch", has_text=kind).first


def test_a_rule_is_set_and_taken_back(client: httpx.Client, center: CenterProcess, guarding: RunningBox) -> None:
    done = client.post(WHERE, json={**LOITER, "dwell_s": 30, "armed": {"windows": []}, "for_s": 3600}).json()
    assert (done["status"], "dwell_s 30" in done["reason"]) == ("done", True)
    assert guarding.site.cameras[0].scenarios[0].model_dump()["dwell_s"] == 30
    wait_for(lambda: rule(client)["override"] is not None, "the box to tell")
    told = rule(client)
    ends = datetime.fromisoformat(told["override"]["until"])
    assert timedelta(minutes=59) < ends - datetime.now(UTC) < timedelta(minutes=61)
    assert (told["dwell_s"], told["override"]["by"], told["override"]["site_file"]["dwell_s"]) == (30, NAME, 120)
    refused = client.post(WHERE, json={**LOITER, "min_score": 2}).json()
    assert (refused["status"], "min_score: met 2.0, accepted: less than 1" in refused["reason"]) == ("rejected", True)
    assert "refused" in client.get("/conduct").text
    assert client.post(WHERE, json=LOITER).json()["status"] == "done"
    wait_for(lambda: rule(client)["override"] is None, "the site file's")
    trail = center.rows("SELECT who, action, subject, detail FROM audit WHERE action LIKE 'configure%' ORDER BY id")
    assert [one[:3] for one in trail[:2]] == [
        (NAME, "configure", "hz/box-1/yard-1"),
        (NAME, "configure_answer", "hz/box-1/yard-1"),
    ]
    assert "conduct_loiter ramp: armed always, dwell_s 30, until" in trail[0][3]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**LOITER, "zone": "roof", "on": False}, 404),
        ({**LOITER, "dwell_s": "long"}, 422),
        ({**LOITER, "for_s": 60}, 422),
        ({**LOITER, "on": False, "for_s": 60, "until": "2026-12-01T00:00:00Z"}, 422),
        ({**LOITER, "armed": {"windows": [{"start": "25:00", "end": "06:00"}]}}, 422),
    ],
)
def test_what_is_no_setting_is_not_sent(
    client: httpx.Client, guarding: RunningBox, body: dict[str, Any], status: int
) -> None:
    assert client.post(WHERE, json=body).status_code == status
    assert guarding.settings.laid.kept == ()


def test_an_offline_box_is_sent_nothing(box: Box, client: httpx.Client) -> None:
    quiet = RuleInfo(kind="conduct_loiter", zone="ramp", dwell_s=9, settable=("on", "dwell_s"))
    box.introduce(cameras=[CameraInfo(id="yard-1", rules=(quiet,))])
    box.publish(box.topics.state, State(state=BoxStatus.OFFLINE, bd_seq=1), retain=True)
    # Not the box of the tests before, which has stopped too.
    wait_for(lambda: (of_box(client, "riverside")["state"] or {}).get("state") == "offline", "the center to know")
    answer = client.post("/api/rules/riverside/box-1", json={**LOITER, "on": False})
    assert (answer.status_code, answer.json()["detail"]) == (409, "the box is offline, nothing was sent")
    assert not [topic for topic, _ in box.heard if "/cmd/" in topic]
    box.publish(box.topics.birth, b"", retain=True)


def test_who_is_no_supervisor_sets_nothing(broker: Mosquitto, tmp_path: Path) -> None:
    process = CenterProcess(tmp_path, broker.port)
    process.start()
    try:
        with process.client() as somebody:
            assert somebody.post(WHERE, json={**LOITER, "on": False}).status_code == 403
            assert "data-rule=" not in somebody.get("/conduct").text
    finally:
        process.stop()


def test_schedule_and_sensitivity_from_the_page(
    page: Page, center: CenterProcess, client: httpx.Client, guarding: RunningBox
) -> None:
    page.goto(f"{center.address}/conduct")
    mine = row(page, "Loitering")
    mine.get_by_role("button", name="Set…").click()
    assert page.locator("#setting").evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing is cut off"
    page.fill("#setting [name=min_score]", "0.35")
    page.fill("#setting [name=dwell_s]", "45")
    page.select_option("#setting [name=armed]", "windows")
    for number, (start, end) in enumerate((("22:00", "06:00"), ("12:00", "13:00"))):
        if number:
            page.click("#setting [data-add]")
        page.locator("#setting [name=start]").nth(number).fill(start)
        page.locator("#setting [name=end]").nth(number).fill(end)
    page.locator("#setting .window").nth(1).get_by_label("Sun").uncheck()
    page.click("#setting button.go")
    expect(mine).to_contain_text(f"Set by {NAME}", timeout=WITHIN_MS)
    expect(mine).to_contain_text("22:00-06:00, 12:00-13:00 Mon")
    expect(mine).to_contain_text("0.35")
    (scenario,) = guarding.site.cameras[0].scenarios
    facts = scenario.model_dump(mode="json")
    assert (facts["min_score"], facts["dwell_s"], len(facts["armed"]["windows"][1]["days"])) == (0.35, 45, 6)
    expect(page.locator("#setting")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands beside the page"
    mine.get_by_role("button", name="Set…").click()
    expect(page.locator("#setting [name=start]")).to_have_count(2)
    page.click("#setting [data-back]")
    expect(mine).to_contain_text("As in the site file", timeout=WITHIN_MS)
    assert json.loads((guarding.site.data_dir / "rules.json").read_text()) == []


def test_the_switch_of_an_ebike_rule_asks_for_how_long(
    page: Page, center: CenterProcess, client: httpx.Client, guarding: RunningBox
) -> None:
    page.goto(f"{center.address}/conduct")
    mine = row(page, "E-bike in the lift")
    switch = mine.get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(page.locator("#setting [data-short]")).to_be_visible()
    expect(page.locator("#setting [name=dwell_s]")).to_be_hidden()
    lasts = page.locator("#setting [name=lasts] option:not([disabled])").evaluate_all(
        "all => all.map(one => one.value)"
    )
    assert lasts == ["3600", "14400", "28800", "86400"]
    page.click("#setting button.go")
    expect(switch).to_have_attribute("aria-checked", "false", timeout=WITHIN_MS)
    assert guarding.site.cameras[1].scenarios == ()
    expect(mine).to_contain_text("until")
    switch.click()
    page.click("#setting button.go")
    expect(switch).to_have_attribute("aria-checked", "true", timeout=WITHIN_MS)
    assert len(guarding.site.cameras[1].scenarios) == 1


def test_what_the_box_refuses_is_said_in_the_dialog(
    page: Page, center: CenterProcess, client: httpx.Client, guarding: RunningBox
) -> None:
    page.goto(f"{center.address}/conduct")
    row(page, "Loitering").get_by_role("button", name="Set…").click()
    page.locator("#setting form").evaluate("form => { form.noValidate = true; }")
    page.fill("#setting [name=dwell_s]", "99999")
    page.click("#setting button.go")
    expect(page.locator("#setting .said")).to_contain_text("less than or equal to 86400", timeout=WITHIN_MS)
    expect(row(page, "Loitering")).to_contain_text("The box refused", timeout=WITHIN_MS)
    assert guarding.settings.laid.kept == ()
