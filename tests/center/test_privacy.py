"""The page of privacy and the drafts: what boxes tell, and nothing that would name anybody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from edgeguard.center.config import BrokerConfig, CenterConfig, PrivacyConfig
from edgeguard.center.console import privacy_documents, privacy_markup
from edgeguard.center.store import BoxHealth
from edgeguard.contract import Birth, Place, Software
from edgeguard.contract.access import FILING_FACES, AccessSummary, ConsentDue, GateCount
from edgeguard.contract.device import CameraInfo, RuleInfo
from tests.center.support import Box
from tests.support.mosquitto import wait_for

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>"
SUMMARY = AccessSummary(
    at=NOW,
    faces=212,
    consents=212,
    withdrawn=3,
    due_count=2,
    due=(ConsentDue(ref="p-7d1c", until=NOW + timedelta(days=9)),),
    gates=(GateCount(gate="north", people=430, vehicles=188, faces=212),),
    keep_days={"people": 30},
)


def config(**privacy: Any) -> CenterConfig:
    return CenterConfig(broker=BrokerConfig(insecure_lab=True), data_dir=Path("d"), privacy=PrivacyConfig(**privacy))


def box_of(access: AccessSummary | None = SUMMARY, label: str = "Lift 1") -> BoxHealth:
    rules = (RuleInfo(kind="lift_ebike", zone="cabin"),)
    camera = CameraInfo(id="lift-1", label=label, place=Place(site="riverside", lift="A"), rules=rules)
    birth = Birth(software=Software(version="0"), boot_id="b", bd_seq=1, cameras=(camera,))
    return BoxHealth("riverside", "box-1", None, birth, (), access=access)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_from_outside_is_markup(language: str) -> None:
    evil = SUMMARY.model_copy(
        update={"due": (ConsentDue(ref=EVIL, until=NOW),), "filing": EVIL, "keep_days": {EVIL: 1.0}}
    )
    settings = config(operator=EVIL, contact=EVIL, purpose=EVIL)
    facts = privacy_documents.facts_of([box_of(evil, EVIL)], settings, NOW)
    html = privacy_markup.body(language, [box_of(evil)], settings)
    html += "".join(privacy_documents.draft(language, kind, facts) for kind in ("notice", "assessment"))
    assert "<img" not in html
    assert "&lt;img" in html


@pytest.mark.parametrize(("faces", "due"), [(FILING_FACES - 1, False), (FILING_FACES, True)])
def test_the_filing_is_due_from_its_number_of_faces_on(faces: int, due: bool) -> None:
    many = SUMMARY.model_copy(update={"faces": faces})
    html = privacy_markup.body("en", [box_of(many)], config())
    assert ("a filing with the authority is due" in html) is due
    facts = privacy_documents.facts_of([box_of(many)], config(), NOW)
    assert ("which reaches" in privacy_documents.draft("en", "assessment", facts)) is due


def test_the_drafts_say_what_is_configured_and_leave_lines_for_the_rest() -> None:
    facts = privacy_documents.facts_of([box_of()], config(operator="Riverside Property", contact="the office"), NOW)
    notice = privacy_documents.draft("zh", "notice", facts)
    for words in ("草稿", "Riverside Property", "the office", "Lift 1", "电动自行车进电梯", "30 天", "人脸模板"):
        assert words in notice
    assert "class=blank" not in notice
    assert "class=blank" in privacy_documents.draft("en", "assessment", facts), "a person draws the conclusion"
    empty = privacy_documents.draft("en", "notice", privacy_documents.facts_of([box_of(None)], config(), NOW))
    assert empty.count("class=blank") == 2
    assert "template" not in empty, "no word of faces where there are none"


def test_a_box_tells_and_the_page_shows(box: Box, client: httpx.Client) -> None:
    assert client.get("/privacy").status_code == 200
    box.publish(box.topics.access, SUMMARY, retain=True)
    wait_for(lambda: "p-7d1c" in client.get("/privacy").text, "the summary")
    page = client.get("/privacy").text
    assert "and 1 more" in page
    assert "430" in page
    for kind in ("notice", "assessment"):
        assert "role=note" in client.get(f"/privacy/{kind}").text
    assert client.get("/privacy/sauce").status_code == 422
