"""The page in a real browser: alarm, sound, acknowledgement, language, phone, lost server."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from edgeguard.center.console.screen import BOARD
from edgeguard.center.keys import KeyFile
from edgeguard.contract import Birth, Capability, CommandStatus, Parameter, SensorReading, Software
from edgeguard.types import Severity
from tests.center.support import NAME, PASSWORD, Box, CenterProcess, drawn_lift
from tests.support.mosquitto import wait_for

WITHIN_MS = 20_000
OpenPage = Callable[..., Page]


@pytest.fixture
def requested() -> set[str]:
    """Hosts that any page of the test asked for anything."""
    return set()


@pytest.fixture
def open_page(browser: Browser, center: CenterProcess, requested: set[str]) -> Iterator[OpenPage]:
    """A page of a browser of its own, logged in unless told otherwise."""
    contexts: list[BrowserContext] = []
    cookies = center.cookies()

    def open_one(width: int = 1920, height: int = 1080, *, logged_in: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_default_timeout(WITHIN_MS)
        if logged_in:
            context.add_cookies(
                [{"name": name, "value": value, "url": center.address} for name, value in cookies.items()]
            )
        page = context.new_page()
        page.on("request", lambda request: requested.add(urlsplit(request.url).netloc))
        page.on("websocket", lambda socket: requested.add(urlsplit(socket.url).netloc))
        page.goto(center.address)
        return page

    yield open_one
    for context in contexts:
        context.close()


def unlock(page: Page) -> None:
    """Click the banner: now the page may sound."""
    page.locator(".eg-sound").click()
    expect(page.locator(".eg-sound")).to_be_hidden()


def beep(page: Page) -> str:
    state: str = page.evaluate("document.documentElement.dataset.beep")
    return state


def acknowledge_all(page: Page) -> None:
    expect(page.locator(".eg-clear, .eg-card").first).to_be_attached()
    while page.locator(".eg-card.alarming .eg-ack").count():
        button = page.locator(".eg-card.alarming .eg-ack").first
        waiting = page.locator(".eg-card.alarming").count()
        button.click()
        expect(page.locator(".eg-card.alarming")).to_have_count(waiting - 1)


def close_all(center: CenterProcess) -> None:
    """What other tests left open, as a program would."""
    with center.client() as client:
        for card in client.get("/api/alarms").json()["open"]:
            assert client.post(f"/api/alarms/{card['event_id']}/ack", json={"kind": "handled"}).status_code == 200


def test_set_up_and_log_in(browser: Browser, center: CenterProcess) -> None:
    """First of this file: the center has no account yet."""
    page = browser.new_context().new_page()
    page.goto(f"{center.address}/setup#{center.setup_token}")
    assert page.locator("[name=token]").input_value() == center.setup_token
    assert "#" not in page.url
    for field, value in (("name", NAME), ("password", "short"), ("again", "short")):
        page.fill(f"[name={field}]", value)
    page.click("button")
    expect(page.get_by_role("alert")).to_contain_text("10")
    for field in ("password", "again"):
        page.fill(f"[name={field}]", PASSWORD)
    page.click("button")
    expect(page.locator(".eg-header")).to_be_visible(timeout=WITHIN_MS)
    page.click(".eg-logout button")
    expect(page.locator("[name=password]")).to_be_visible()
    page.goto(center.address)
    page.fill("[name=name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("button")
    expect(page.locator(".eg-clear")).to_be_visible(timeout=WITHIN_MS)
    page.context.close()


def test_an_alarm_is_seen_heard_and_acknowledged_on_all_screens(
    open_page: OpenPage, box: Box, requested: set[str], center: CenterProcess
) -> None:
    box.introduce()
    first, second = open_page(), open_page()
    for page in (first, second):
        expect(page.locator(".eg-sound")).to_be_visible(timeout=WITHIN_MS)
    acknowledge_all(first)
    unlock(second)
    event_id = box.alarm()
    shown = first.locator(f'.eg-card[data-event="{event_id}"]')
    expect(shown).to_be_visible(timeout=WITHIN_MS)
    box.publish(box.topics.picture(event_id, 1), drawn_lift())
    expect(shown.locator("img")).to_have_js_property("naturalWidth", 960, timeout=WITHIN_MS)
    for words in ("电动自行车进入电梯", "3栋 · 2单元 · A电梯", "未确认"):
        expect(shown).to_contain_text(words)
    wait_for(lambda: beep(second) == "beeping", "the beep")
    shown.locator(".eg-ack").click()
    wait_for(lambda: (beep(first), beep(second)) == ("silent", "silent"), "silence")
    for page in (first, second):
        expect(page.locator(f'.eg-card[data-event="{event_id}"]')).to_contain_text(f"{NAME} 于")
    box.end(event_id)
    expect(second.locator(f'.eg-row[data-event="{event_id}"]')).to_contain_text("已推出电梯", timeout=WITHIN_MS)
    expect(shown).to_have_count(0)
    assert requested == {urlsplit(center.address).netloc}


def test_a_silent_browser_says_so(open_page: OpenPage, box: Box) -> None:
    page = open_page()
    event_id = box.alarm()
    expect(page.locator(f'.eg-card[data-event="{event_id}"]')).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator(".eg-sound")).to_be_visible()
    assert beep(page) == "muted"
    unlock(page)
    wait_for(lambda: beep(page) == "beeping", "the beep")
    acknowledge_all(page)
    wait_for(lambda: beep(page) == "silent", "silence")


def test_language_phone_phrase_and_false_alarm(open_page: OpenPage, box: Box) -> None:
    box.introduce()
    page = open_page(390, 844)
    expect(page.locator(".eg-sound")).to_be_visible(timeout=WITHIN_MS)
    unlock(page)
    page.click(".eg-language")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".eg-title").first).to_contain_text("Open alarms")
    event_id = box.alarm()
    shown = page.locator(f'.eg-card[data-event="{event_id}"]')
    expect(shown).to_contain_text("E-bike in the lift", timeout=WITHIN_MS)
    expect(shown).to_contain_text("Building 3 · Unit 2 · Lift A")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.locator(".eg-say").click()
    command = box.command()
    assert (command.args.phrase, command.by) == ("staff_coming", NAME)
    box.answer(command, CommandStatus.DONE)
    expect(shown.locator(".eg-said")).to_contain_text("Played")
    shown.get_by_role("button", name="False alarm").click()
    dialog = page.locator(".eg-dialog")
    dialog.get_by_text("Pram").click()
    dialog.locator("textarea").fill("<b>told</b> the guard")
    dialog.get_by_role("button", name="False alarm").click()
    row = page.locator(f'.eg-row[data-event="{event_id}"]')
    expect(row).to_contain_text("Pram · <b>told</b> the guard", timeout=WITHIN_MS)
    page.click(".eg-language")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.click(".eg-logout button")
    expect(page.locator("[name=password]")).to_be_visible()


def test_a_box_without_live_pictures_says_so_and_nobody_talks_into_it(open_page: OpenPage, box: Box) -> None:
    """The fake box answers no command: the still picture stays, and every button tells why it did nothing."""
    box.introduce()
    page = open_page()
    expect(page.locator(".eg-header")).to_be_visible(timeout=WITHIN_MS)
    event_id = box.alarm()
    shown = page.locator(f'.eg-card[data-event="{event_id}"]')
    expect(shown.locator(".eg-livemark")).to_contain_text("没有实时画面", timeout=WITHIN_MS)
    expect(shown.locator(".eg-live")).to_have_attribute("data-state", "asking")
    shown.locator(".eg-talk").dispatch_event("pointerdown", {"pointerId": 1, "button": 0})
    expect(shown.locator(".eg-talksaid.bad")).not_to_be_empty()
    expect(shown.locator(".eg-talk")).to_have_attribute("data-state", "idle")
    acknowledge_all(page)
    box.end(event_id)


def test_a_timer_counts_down_and_people_arrive_and_cut_the_power(
    open_page: OpenPage, box: Box, center: CenterProcess
) -> None:
    KeyFile(center.data_dir).make()
    box.introduce()
    able = [Capability(name="cut_off", parameters={"sensor": Parameter(choices=("charger-3",))})]
    birth = Birth(software=Software(version="0"), boot_id="b", bd_seq=1, capabilities=tuple(able))
    box.publish(box.topics.birth, birth, retain=True)
    page = open_page(390, 844)
    heat = {"code": "SENSOR.HEAT", "rule": "sensor", "zones": ("charger-3",)}
    event_id = box.alarm(**heat, sensors={"temperature": SensorReading(value=78.2, unit="°C", age_ms=90)})
    shown = page.locator(f'.eg-card[data-event="{event_id}"]')
    expect(shown.locator(".eg-timer.runs")).to_have_count(2, timeout=WITHIN_MS)
    expect(shown.locator(".eg-timer time").first).to_contain_text(re.compile(r"00:\d\d"))
    expect(shown.locator(".eg-reading")).to_contain_text("78.2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.locator(".eg-onspot button").first.click()
    expect(shown.locator(".eg-timer.ok")).to_have_count(1, timeout=WITHIN_MS)
    expect(shown.locator(".eg-onspot button").first).to_be_hidden(timeout=WITHIN_MS)
    shown.locator(".eg-cutoff").click()
    page.locator(".eg-dialog button").first.click()
    assert not any(topic == box.topics.cmd("cut_off") for topic, _ in box.heard)
    shown.locator(".eg-cutoff").click()
    page.locator(".eg-dialog .eg-go").click()
    wait_for(lambda: any(topic == box.topics.cmd("cut_off") for topic, _ in box.heard), "the command")
    shown.get_by_role("button", name=re.compile("处理完毕|Resolved")).click()
    expect(shown).to_have_count(0, timeout=WITHIN_MS)


def test_what_somebody_takes_stays_in_place_and_is_one_click_away(
    open_page: OpenPage, box: Box, center: CenterProcess
) -> None:
    close_all(center)
    first = open_page()
    expect(first.locator(".eg-clear")).to_be_visible(timeout=WITHIN_MS)
    cards, waits = first.locator(".eg-card"), first.locator(".eg-chip.waits")

    def stands(event_id: str, place: int) -> None:
        expect(cards.nth(place)).to_have_attribute("data-event", event_id, timeout=2 * WITHIN_MS)

    start = datetime.now(UTC)
    moments = [start + timedelta(milliseconds=number) for number in range(6)]
    older = box.alarm(at=moments[0])
    warnings = [box.alarm(severity=Severity.WARNING, at=at) for at in moments[1:5]]
    for place, event_id in enumerate((older, *reversed(warnings))):
        stands(event_id, place)
    expect(waits).to_have_text(re.compile("^1 "), timeout=WITHIN_MS)
    taken = warnings[2]
    card, chip = (first.locator(f'{kind}="{taken}"]') for kind in (".eg-card[data-event", ".eg-chip[data-goto"))
    card.locator(".eg-ack").click()
    expect(card).to_have_class(re.compile(r"\bmine\b"), timeout=WITHIN_MS)
    stands(taken, 2)  # the hand is on its buttons
    expect(card.locator(".eg-pill.mine")).to_be_visible(timeout=WITHIN_MS)
    expect(card.locator(".eg-ack")).to_have_css("pointer-events", "none", timeout=WITHIN_MS)
    newer = box.alarm(at=moments[5])
    stands(newer, 0)
    stands(taken, 3)
    expect(waits).to_have_text(re.compile("^2 "), timeout=WITHIN_MS)
    first.mouse.wheel(0, 20_000)
    expect(chip).to_be_in_viewport(timeout=WITHIN_MS)
    chip.click()
    expect(card).to_be_in_viewport(timeout=WITHIN_MS)
    waits.click()
    expect(cards.first).to_be_in_viewport(timeout=WITHIN_MS)
    card.get_by_role("button", name=re.compile("处理完毕|Resolved")).click()
    expect(chip).to_have_count(0, timeout=WITHIN_MS)
    close_all(center)


def test_a_board_shows_the_newest_and_counts_the_rest(open_page: OpenPage, box: Box, center: CenterProcess) -> None:
    close_all(center)
    page = open_page()
    expect(page.locator(".eg-header")).to_be_visible(timeout=WITHIN_MS)
    start = datetime.now(UTC)
    moments = [start + timedelta(milliseconds=number) for number in range(BOARD + 5)]
    events = [box.alarm(severity=Severity.WARNING, at=at) for at in moments]
    expect(page.locator(".eg-card")).to_have_count(BOARD, timeout=WITHIN_MS)
    # What other tests left open is among the older ones.
    expect(page.locator(".eg-more")).to_have_text(re.compile(r"还有 ([5-9]|\d\d) 条"), timeout=WITHIN_MS)
    newest = page.locator(".eg-card").first
    expect(newest).to_have_attribute("data-event", events[-1], timeout=WITHIN_MS)
    with_evidence = events[-1]
    for n in (1, 2, 3):
        box.publish(box.topics.picture(with_evidence, n), drawn_lift())
    expect(newest.locator(".eg-thumb")).to_have_count(3, timeout=WITHIN_MS)
    newest.locator(".eg-thumb").first.click()
    expect(page.locator("dialog.eg-evidence img")).to_have_js_property("naturalWidth", 960)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.eg-evidence")).to_have_count(0)
    for event in events:
        box.end(event)


def test_the_page_says_that_the_server_is_gone_and_comes_back(
    open_page: OpenPage, center: CenterProcess, box: Box
) -> None:
    page = open_page()
    expect(page.locator(".eg-header")).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator(".eg-lost")).to_be_hidden()
    center.kill()
    expect(page.locator(".eg-lost")).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator(".eg-lost")).to_have_text(re.compile(r"连接已中断.*\d\d:\d\d:\d\d"))
    missed = box.alarm()
    center.start()
    expect(page.locator(f'.eg-card[data-event="{missed}"]')).to_be_visible(timeout=3 * WITHIN_MS)
    expect(page.locator(".eg-lost")).to_be_hidden()


def test_a_browser_without_a_session_sees_no_data(open_page: OpenPage, requested: set[str]) -> None:
    page = open_page(logged_in=False)
    expect(page.locator("[name=password]")).to_be_visible()
    assert page.locator(".eg-card, .eg-row").count() == 0
