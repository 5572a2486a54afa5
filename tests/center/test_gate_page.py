"""The guard's page: what it says about passages, the pick of a plate, and opening with a reason on a phone."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from edgeguard.center.cards import CardAck, fold
from edgeguard.center.console import gate_markup
from edgeguard.center.passages import PICKED, Gate, Passage, is_pseudonym
from edgeguard.contract import Action, Capability, CommandAck, CommandStatus, Decision, Parameter, Place, Plate
from edgeguard.contract.commands import OpenCommand, SignedOrder
from edgeguard.types import Phase, Severity
from tests.center.support import Box, CenterProcess
from tests.support.mosquitto import wait_for

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>"
NORTH = Gate(site="riverside", box="box-1", id="north", online=True)
READ = Plate(text="粤BD8K21F", colour="green", votes=1, char_conf=(0.9, 0.6), candidates=("粤BD8K21F", "粤B08K21F"))
SHUT = Action(type="relay", target="north", result="failed", detail=EVIL)


def unknown(box: Box, plate: Plate = READ, **changes: Any) -> str:
    """A car that the box could not name; returns the episode."""
    facts: dict[str, Any] = {
        "code": "VEHICLE.PLATE.UNKNOWN",
        "severity": Severity.INFO,
        "zones": ("north",),
        "place": Place(site="riverside", gate="North gate"),
        "decision": Decision(outcome="unknown", reason="few_reads"),
        "plate": plate,
    }
    event = box.event(Phase.NEW, **{**facts, **changes})
    box.publish(f"eg1/riverside/{box.name}/event/vehicle", event)
    return event.subject


def passage(
    code: str = "VEHICLE.PLATE.UNKNOWN", *, plate: Plate | None = READ, note: str = "", **facts: Any
) -> Passage:
    decision = facts.pop("decision", Decision(outcome="unknown", reason="few_reads"))
    event = Box(0).event(Phase.NEW, code=code, at=NOW, decision=decision, plate=plate, **facts)
    acks = [CardAck(kind="note", by=EVIL, at=NOW, why=PICKED, note=note)] if note else []
    card = fold([(event, NOW)], acks, 600)
    return Passage(card=card, gate="north", decision=decision, plate=plate, face=None)


def told(one: Passage, *, later: timedelta = timedelta(0), language: str = "en") -> str:
    return gate_markup.body(language, [NORTH], [one], NOW + later).partition("<section class=passages>")[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_from_outside_is_markup(language: str) -> None:
    plate = Plate(text=f"粤{EVIL}", colour="blue", candidates=(EVIL,))
    decision = Decision(outcome="unknown", reason="few_reads", list_name=EVIL, subject_ref=EVIL)
    place = Place(site="riverside", gate=EVIL)
    html = told(passage(plate=plate, note=EVIL, decision=decision, place=place, actions=(SHUT,)), language=language)
    assert "<img src=x" not in html
    assert "&lt;img" in html


def test_a_pseudonym_is_no_plate_and_nothing_to_pick_from() -> None:
    hidden = passage(plate=Plate(text="v-0123456789abcdef", candidates=("v-1",)))
    assert (hidden.candidates, "plate not told" in told(hidden), "data-pick" in told(hidden)) == ((), True, False)
    assert [is_pseudonym(text) for text in ("粤B12345", "WJ粤1234X", "WJ12345", "*******")] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("code", "actions", "later", "opens"),
    [
        ("VEHICLE.PLATE.UNKNOWN", (), timedelta(minutes=9), True),
        ("VEHICLE.PLATE.UNKNOWN", (), timedelta(minutes=11), False),
        ("VEHICLE.PLATE.UNKNOWN", (Action(type="relay", target="north", result="opened"),), timedelta(0), False),
        ("VEHICLE.PLATE.GRANTED", (), timedelta(0), False),
        ("VEHICLE.PLATE.DENIED", (SHUT,), timedelta(0), True),
        ("ACCESS.FACE.SPOOF", (), timedelta(0), False),
        ("ACCESS.TAILGATE", (), timedelta(0), False),
    ],
)
def test_who_may_be_let_in_from_the_list(code: str, actions: tuple[Action, ...], later: timedelta, opens: bool) -> None:
    assert ("data-open=" in told(passage(code, actions=actions), later=later)) is opens


def test_a_gate_that_did_not_open_is_not_shown_as_good() -> None:
    assert 'class="passage bad"' in told(passage("VEHICLE.PLATE.GRANTED", actions=(SHUT,)))
    assert 'class="passage good"' in told(passage("VEHICLE.PLATE.GRANTED"))


def test_the_pick_is_written_into_the_case(box: Box, client: httpx.Client) -> None:
    event_id = unknown(box)
    where = f"/api/passages/{event_id}/plate"
    wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the passage")
    wrong = client.post(where, json={"plate": "京A00000"})
    assert (wrong.status_code, "accepted: 粤BD8K21F, 粤B08K21F, -" in wrong.text) == (422, True)
    assert client.post(where, json={"plate": "粤B08K21F"}).status_code == 200
    (note,) = client.get(f"/api/alarms/{event_id}").json()["acks"]
    assert (note["kind"], note["why"], note["note"], note["by"]) == ("note", PICKED, "粤B08K21F", "operator")
    first = client.get("/api/passages").json()[0]
    assert (first["outcome"], first["gate"], first["plate"]["votes"]) == ("unknown", "north", 1)
    nothing = {"plate": "-"}
    assert client.post(f"/api/passages/{box.alarm()}/plate", json=nothing).status_code == 404
    hidden = unknown(box, Plate(text="v-0123456789abcdef"))
    wait_for(lambda: client.get(f"/api/alarms/{hidden}").status_code == 200, "the passage")
    assert client.post(f"/api/passages/{hidden}/plate", json=nothing).status_code == 422


def test_without_a_session_a_page_leads_to_the_login(center: CenterProcess) -> None:
    with httpx.Client(base_url=center.address, trust_env=False) as stranger:
        for path in ("/gates", "/conduct/snippet", "/privacy/notice"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert stranger.get("/api/passages").status_code == 401


def test_a_guard_picks_and_opens_on_a_phone(
    browser: Browser, center: CenterProcess, cookies: dict[str, str], box: Box
) -> None:
    command = [sys.executable, "-m", "edgeguard", "center", "keys", "new", "--data", str(center.data_dir)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    box.introduce([Capability(name="open", parameters={"gate": Parameter(choices=("north",))})])
    event_id = unknown(box)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": name, "value": value, "url": center.address} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{center.address}/gates")
    shown = page.locator(f'.passage[data-event="{event_id}"]')
    expect(shown).to_contain_text("Unknown", timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.get_by_role("button", name="粤B08K21F").click()
    expect(shown.locator(".ok")).to_contain_text("read the plate as 粤B08K21F", timeout=20_000)
    shown.locator("[data-open]").click()
    page.get_by_role("button", name="Visitor").click()
    page.locator("#open .go").click()
    topic = box.topics.cmd("open")
    wait_for(lambda: any(heard == topic for heard, _ in box.heard), topic)
    order = SignedOrder.from_json(next(payload for heard, payload in box.heard if heard == topic))
    asked = OpenCommand.from_json(order.command)
    assert (asked.args.gate, asked.args.reason, asked.by) == ("north", "Visitor", "operator")
    ack = CommandAck(
        id=asked.id, name="open", status=CommandStatus.DONE, at=datetime.now(UTC), reason="gate north opened"
    )
    box.publish(box.topics.cmd_ack(asked.id), ack)
    expect(page.locator("#open .said")).to_have_text("Opened: gate north opened", timeout=20_000)
    page.locator("#open [data-close]").click()
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("门岗")
    context.close()
