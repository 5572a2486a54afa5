"""A visitor's pass from the guard's page over a real broker to a running box, and its page on a telephone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from edgeguard.access import Doorkeeper, QrClaim
from edgeguard.access.qr import QrReader
from edgeguard.agent.box import Box
from edgeguard.center.database import Database
from edgeguard.center.visits import Visits
from edgeguard.contract import Clock, Decision, PassMade
from edgeguard.types import Phase, Severity
from tests.center.support import CenterProcess
from tests.center.test_gates_api import keys
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Mosquitto, wait_for
from tests.support.rights import people_box

NOTHING = np.zeros((1, 1, 6), np.float32)
GATES = {"gates": [{"id": "north", "means": ["qr", "card"]}, {"id": "side", "means": ["card"]}]}
WHERE = "/api/passes/hz/box-1"
WITHIN_MS = 30_000


@pytest.fixture
def there(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, center: CenterProcess, client: httpx.Client
) -> Iterator[Box]:
    """A box that trusts the center and is known to it."""
    keys(center, "new")
    key = keys(center)[1].split('"')[1]
    settings = people_box(tmp_path, make_model(NOTHING), broker.port, key, access=GATES)
    with running_box(settings, kept=lambda: Clock(synced=True)) as box:
        wait_for(lambda: "data-visitor" in client.get("/gates").text, "the box on the page", 40)
        yield box


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """A telephone of nobody the center knows, in a language."""
    contexts = []

    def opened(locale: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}, locale=locale))
        contexts[-1].set_default_timeout(WITHIN_MS)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def made(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(WHERE, json={"gates": ["north"], **asked})
    assert (answer.status_code, answer.json()["status"]) == (200, "done"), answer.text
    told: dict[str, Any] = answer.json()["pass"]
    return told


def window(one: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(one["valid_from"]), datetime.fromisoformat(one["valid_until"])


def test_what_is_asked_wrongly_or_of_nobody(center: CenterProcess, client: httpx.Client) -> None:
    wrongs: list[dict[str, Any]] = [
        {},
        {"gates": []},
        {"gates": ["north"], "uses": 21},
        {"gates": ["north"], "ref": "p"},
    ]
    for wrong in wrongs:
        assert client.post(WHERE, json=wrong).status_code == 422
    assert client.post("/api/passes/a b/box-1", json={"gates": ["north"]}).status_code == 422
    assert client.post(f"{WHERE}/5f3c9a1e77b20d48/withdraw").status_code == 404
    with httpx.Client(base_url=center.address, trust_env=False) as stranger:
        assert stranger.get("/api/passes").status_code == 401
        assert stranger.post(WHERE, json={"gates": ["north"]}).status_code in {401, 403}
        assert stranger.post("/visit/x").status_code in {404, 405}


def test_a_box_that_does_not_answer_makes_no_link(center: CenterProcess, client: httpx.Client) -> None:
    keys(center, "new")
    answer = client.post("/api/passes/hz/nowhere", json={"gates": ["north"]}, timeout=40)
    assert (answer.status_code, "no last word in time" in answer.text) == (504, True)
    assert [one for one in client.get("/api/passes").json() if one["box"] == "nowhere"] == []


def test_a_pass_opens_once_and_its_page_says_what_has_become_of_it(
    center: CenterProcess, client: httpx.Client, there: Box, phone: Callable[[str], Page]
) -> None:
    for asked, said in (
        ({"gates": ["side"]}, "met gate side, accepted: north"),
        ({"until": (datetime.now(UTC) + timedelta(days=8)).isoformat()}, "at most 7 days"),
    ):
        refused = client.post(WHERE, json={"gates": ["north"], **asked}).json()
        assert (refused["status"], said in refused["reason"], "pass" in refused) == ("failed", True, False)

    asked_at = datetime.now(UTC)
    one = made(client)
    told_at = datetime.now(UTC)
    begins, ends = window(one)
    # It begins by the box's clock and ends by the center's, a moment apart; both tell whole seconds.
    assert asked_at.replace(microsecond=0) <= ends - timedelta(hours=4) <= begins <= told_at
    assert (one["uses"], one["state"]) == (1, "valid")
    begins, ends = window(made(client, start=told_at.isoformat()))
    assert ends - begins == timedelta(hours=4)
    page = phone("zh-CN")
    answer = page.goto(center.address + one["path"])
    assert answer is not None
    headers = answer.headers
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "noindex" in headers["x-robots-tag"]
    assert "script" not in page.content()
    expect(page.locator(".state")).to_have_text("可以使用")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    text = QrReader().read(np.asarray(picture, np.uint8))
    assert text is not None
    assert text not in client.get("/api/passes").text

    gatehouse(there, text)
    wait_for(lambda: state(client, one) == "used", "the passage at the center", 20)
    page.reload()
    expect(page.locator(".state")).to_have_text("已用完")
    assert page.locator("svg").count() == 0
    audit = center.rows("SELECT who, action, detail FROM audit WHERE action LIKE 'pass%' ORDER BY id DESC LIMIT 2")
    assert [(who, action) for who, action, _ in audit] == [("operator", "pass_answer"), ("operator", "pass")]
    assert audit[0][2].endswith(": done"), "what was sealed is not in the trail"


def test_one_that_begins_later_and_is_withdrawn(
    center: CenterProcess, client: httpx.Client, there: Box, phone: Callable[[str], Page]
) -> None:
    now = datetime.now(UTC)
    later = made(client, start=(now + timedelta(hours=1)).isoformat(), until=(now + timedelta(hours=2)).isoformat())
    page = phone("en-GB")
    page.goto(center.address + later["path"])
    expect(page.locator(".state")).to_have_text("Not valid yet")
    assert client.post(f"{WHERE}/{later['id']}/withdraw").json()["status"] == "done"
    page.reload()
    expect(page.locator(".state")).to_have_text("Withdrawn")
    assert page.locator("svg").count() == 0
    directory = there.services.reception.directory
    assert directory is not None
    assert directory.trail(f"pass-{later['id']}")[0].action == "pass_revoked"

    short = made(client, until=(datetime.now(UTC) + timedelta(seconds=3)).isoformat())
    page.goto(center.address + short["path"])
    wait_for(lambda: state(client, short) == "over", "the end of the pass")
    page.reload()
    expect(page.locator(".state")).to_have_text("Over")


def test_a_guard_makes_a_link_and_withdraws_it(
    browser: Browser, center: CenterProcess, cookies: dict[str, str], there: Box
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(WITHIN_MS)
    context.add_cookies([{"name": name, "value": value, "url": center.address} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{center.address}/gates")
    page.locator("[data-visitor]").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_label("north")).to_be_checked()
    assert (page.locator("#visitor [name=uses]").bounding_box() or {"width": 0})["width"] >= 64
    page.fill("#visitor [name=uses]", "2")
    page.locator("#visitor .go").click()
    expect(page.locator("#visitor .said")).to_contain_text("The link is made: http", timeout=WITHIN_MS)
    link = page.locator("#visitor .said").inner_text().split(": ", 1)[1]
    assert httpx.get(link, trust_env=False).status_code == 200
    page.locator("#visitor [data-shut]").click()
    listed = page.locator(".visit", has_text="uses: 2").first
    listed.locator("[data-withdraw]").click()
    expect(page.locator(".visit", has_text="uses: 2").first).to_contain_text("Withdrawn", timeout=WITHIN_MS)
    assert "<svg" not in httpx.get(link, trust_env=False).text
    context.close()


def test_who_guesses_links_has_to_wait(center: CenterProcess) -> None:
    with httpx.Client(base_url=center.address, trust_env=False, headers={"accept-language": "en"}) as stranger:
        answers = [stranger.get(f"/visit/{number}") for number in range(11)]
    assert [one.status_code for one in answers] == [404] * 10 + [429]
    assert ("This link is wrong" in answers[0].text, "Wait 15 minutes" in answers[-1].text) == (True, True)


def test_a_link_dies_a_day_after_its_pass(database: Database) -> None:
    clock = [datetime(2026, 1, 31, 8, tzinfo=UTC)]
    visits, ends = Visits(database, lambda: clock[0]), clock[0] + timedelta(hours=4)
    facts: dict[str, Any] = {"text": "EG1", "valid_from": clock[0], "valid_until": ends, "uses": 1, "gates": ("北门",)}
    one = visits.keep("hz", "box-1", PassMade(pass_id="5f3c9a1e77b20d48", **facts), "operator")
    assert (len(one.token), visits.find(one.token), visits.find(one.token[:-1])) == (32, one, None)
    assert visits.made("hz", "box-2", one.pass_id) is None, "another box's pass of the same id is another pass"
    visits.withdraw(one, confirmed=False)
    assert [(found.state, found.withdrawn) for found in visits.all()] == [("withdrawn", "here")]
    for later, left in ((timedelta(hours=28), 1), (timedelta(hours=28, seconds=1), 0)):
        clock[0] = one.valid_from + later
        visits.prune()
        assert len(visits.all()) == left


def state(client: httpx.Client, one: dict[str, Any]) -> str:
    found = [told["state"] for told in client.get("/api/passes").json() if told["id"] == one["id"]]
    return str(found[0])


def gatehouse(box: Box, text: str) -> None:
    """Somebody shows the code at the gate: decided, and told as the gate's rule tells it."""
    directory = box.services.reception.directory
    assert directory is not None
    decision = Doorkeeper(directory).decide(QrClaim(text), datetime.now(UTC), "north")
    assert decision.opens
    told = Decision(outcome="granted", reason=decision.reason, subject_ref=decision.subject_ref)
    facts: dict[str, Any] = {"code": "ACCESS.PASS.GRANTED", "severity": Severity.INFO, "decision": told}
    facts |= {"zones": ("north",), "at": datetime.now(UTC)}
    event_id = episode_id()
    box.services.journal.record_many([draft(event_id, phase, **facts) for phase in (Phase.NEW, Phase.END)])
    box.services.line.wake()
