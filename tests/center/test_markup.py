"""What a screen says; nothing from outside gets into the page as markup."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edgeguard.center.cards import Card, CardAck, fold
from edgeguard.center.console import markup
from edgeguard.center.hub import CommandChanged
from edgeguard.center.store import BoxHealth
from edgeguard.contract import Action, BoxStatus, CameraHealth, CameraStatus, Place, State
from edgeguard.types import Phase
from tests.center.support import Box

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>"


def card_with(
    result: str = "played", detail: str | None = None, where: Place | None = None, asset: str = "test"
) -> Card:
    started = START + timedelta(seconds=1)
    action = Action(type="voice", target="speaker", asset=asset, started_at=started, result=result, detail=detail)
    changes: dict[str, Any] = {"actions": (action,), "at": START} | ({"place": where} if where else {})
    acks = [CardAck(kind="false_alarm", by=EVIL, at=START, why=EVIL, note=EVIL)]
    return fold([(Box(0).event(Phase.NEW, **changes), START)], acks, 600)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_from_outside_is_markup(language: str) -> None:
    card = card_with("failed", EVIL, Place(site="riverside", lift=EVIL, building="<b>"), EVIL)
    box = BoxHealth("riverside", "box-1", None, None, (CameraHealth(camera="c", status=CameraStatus.OK, reason=EVIL),))
    for html in (
        markup.facts(language, card),
        markup.row(language, card),
        markup.health(language, [box], broker=True),
        markup.said(language, EVIL, CommandChanged("c", "e", "failed", EVIL)),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("played", "Voice played at <time"),
        ("interrupted", "Voice played at <time"),
        ("no_device", "Voice not played (test): no audio device"),
        ("melted", "Voice not played (test): melted"),
    ],
)
def test_the_voice_is_told_as_it_was(result: str, words: str) -> None:
    assert words in markup.facts("en", card_with(result))


@pytest.mark.parametrize(
    ("where", "chinese", "english"),
    [
        (None, "box-1", "box-1"),
        (Place(site="s"), "box-1", "box-1"),
        (Place(site="s", building="3", lift="A"), "3栋 · A电梯", "Building 3 · Lift A"),
        (Place(site="s", building="三号楼", lift="客梯"), "三号楼 · 客梯", "三号楼 · 客梯"),
    ],
)
def test_a_place_in_both_languages(where: Place | None, chinese: str, english: str) -> None:
    assert (markup.place("zh", where, "box-1"), markup.place("en", where, "box-1")) == (chinese, english)


@pytest.mark.parametrize(
    ("boxes", "broker", "lamps"),
    [
        ([], True, ["", "none", "none"]),
        ([], False, ["bad", "none", "none"]),
        ([(BoxStatus.ONLINE, CameraStatus.OK)], True, ["", "", ""]),
        ([(BoxStatus.ONLINE, CameraStatus.BLIND)], True, ["", "", "bad"]),
        ([(BoxStatus.OFFLINE, CameraStatus.OK)], True, ["", "bad", "bad"]),
        ([(BoxStatus.ONLINE, CameraStatus.OK), (BoxStatus.OFFLINE, CameraStatus.OK)], True, ["", "warn", "warn"]),
    ],
)
def test_lamps(boxes: list[tuple[BoxStatus, CameraStatus]], broker: bool, lamps: list[str]) -> None:
    known = [
        BoxHealth("s", f"box-{n}", State(state=state, bd_seq=1), None, (CameraHealth(camera="c", status=status),))
        for n, (state, status) in enumerate(boxes)
    ]
    summary = markup.health("en", known, broker=broker).partition("</summary>")[0]
    assert [
        f'class="eg-lamp {lamp}"' in part for lamp, part in zip(lamps, summary.split("<span")[1:], strict=True)
    ] == [True] * 3


def test_an_empty_list() -> None:
    assert "None yet" in markup.rows("en", [])


@pytest.mark.parametrize(
    ("code", "where", "words"),
    [
        ("LIFT.EBIKE.ENTER", None, "Hold to talk into the lift"),
        ("CONDUCT.FALL", Place(site="riverside", lift="A"), "Hold to talk into the lift"),
        ("ACCESS.TAILGATE", Place(site="riverside", gate="north"), "Hold to talk to the gate"),
        ("CONDUCT.FALL", Place(site="riverside", building="3"), "Hold to talk to the spot"),
        ("CONDUCT.FALL", None, "Hold to talk to the spot"),
    ],
)
def test_only_a_lift_is_called_one(code: str, where: Place | None, words: str) -> None:
    card = fold([(Box(0).event(Phase.NEW, code=code, place=where), START)], [], 600)
    assert words in markup.talk("en", markup.spot(card))
