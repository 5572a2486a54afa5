"""Somebody before a gate, as tables of what is seen of faces."""

import pytest

from edgeguard.access import CardClaim, FaceClaim, PinClaim, PlateClaim
from edgeguard.scenarios import GateFaceConfig
from edgeguard.scenarios.gate_face import GateFace
from edgeguard.types import FaceSeen, OpenEpisode, Phase, Report, Shown
from tests.support.keepers import START, AtTheGate, ToldKeeper, face

NOTHING = Shown()
CARD = CardClaim("04A1")


def at_gate(keeper: ToldKeeper, **settings: object) -> AtTheGate:
    config = GateFaceConfig.model_validate({"gate": "north", **settings})
    ids = iter(f"e{number}" for number in range(100))
    return AtTheGate(GateFace(config, "cam", (), {}, lambda _: next(ids), keeper=keeper))


def news(gate: AtTheGate) -> list[str]:
    return [report.code for report in gate.reports(Phase.NEW)]


def test_two_good_looks_open_and_the_visit_is_one_event() -> None:
    keeper = ToldKeeper("p-1")
    gate = at_gate(keeper)
    assert gate.show(Shown(face=face())) == []
    opened, new = gate.show(Shown(face=face()))
    gate.show(Shown(face=face()), 8)
    gate.show(NOTHING, 6)
    assert gate.told == [("ACCESS.FACE.GRANTED", "new"), ("ACCESS.FACE.GRANTED", "end")]
    assert keeper.asked == [FaceClaim("p-1", True, 0.7, 0.5)]
    assert (gate.opened, opened) == (1, gate.signals[0])
    assert isinstance(new, Report)
    assert new.passage is not None
    assert new.passage.face is not None
    assert (new.passage.face.ref, new.passage.face.alive) == ("p-1", 0.9)
    gate.show(Shown(face=face()), 1)
    assert gate.opened == 2, "who comes again is let in again"


@pytest.mark.parametrize(
    ("shown", "codes"),
    [
        ([NOTHING], []),
        ([Shown(face=face(flaw="small"))], []),
        ([Shown(face=face(None))], ["ACCESS.FACE.UNKNOWN"]),
        ([Shown(face=face(alive=0.1))], ["ACCESS.FACE.SPOOF"]),
        # By the mean of all looks: the luckiest one of a picture does not open.
        (
            [Shown(face=face(alive=0.1)), Shown(face=face(alive=0.1)), Shown(face=face(alive=0.9))],
            ["ACCESS.FACE.SPOOF"],
        ),
        # Nothing looked for liveness: that is the directory's to refuse.
        ([Shown(face=face(alive=None))], ["ACCESS.FACE.DENIED"]),
        ([Shown(face=face(None)), Shown(face=face())], ["ACCESS.FACE.GRANTED"]),
        ([Shown(crowd=10)], ["ACCESS.FACE.UNKNOWN"]),
        ([Shown(crowd=2), Shown(face=face())], ["ACCESS.FACE.GRANTED"]),
    ],
)
def test_who_is_let_in(shown: list[Shown], codes: list[str]) -> None:
    keeper = ToldKeeper("p-1")
    gate = at_gate(keeper)
    for number in range(60):
        gate.show(shown[number % len(shown)])
    assert news(gate) == codes
    assert gate.opened == codes.count("ACCESS.FACE.GRANTED")


def test_ten_people_at_once_are_told_of_once_and_ask_nobody() -> None:
    keeper = ToldKeeper("p-1")
    gate = at_gate(keeper)
    gate.show(Shown(crowd=10), 20)
    (new,) = gate.reports(Phase.NEW)
    assert new.passage is not None
    assert (new.passage.reason, keeper.asked) == ("several_faces", [])


def test_the_next_one_in_the_queue_is_a_passage_of_their_own() -> None:
    keeper = ToldKeeper("p-1", "p-2")
    gate = at_gate(keeper)
    gate.show(Shown(face=face("p-1")), 2)
    gate.show(Shown(face=face("p-2")), 2)
    assert news(gate) == ["ACCESS.FACE.GRANTED"] * 2
    assert [claim.ref for claim in keeper.asked if isinstance(claim, FaceClaim)] == ["p-1", "p-2"]


def test_a_stranger_who_is_known_at_the_next_look_is_let_in() -> None:
    gate = at_gate(ToldKeeper("p-1"))
    gate.show(Shown(face=face(None)), 3)
    gate.show(Shown(face=face()), 1)
    assert news(gate) == ["ACCESS.FACE.UNKNOWN", "ACCESS.FACE.GRANTED"]


def test_a_picture_that_was_refused_does_not_pass_by_waiting() -> None:
    gate = at_gate(ToldKeeper("p-1"))
    gate.show(Shown(face=face(alive=0.2)), 3)
    gate.show(Shown(face=face(alive=0.9)), 10)
    assert news(gate) == ["ACCESS.FACE.SPOOF"]


def test_where_the_gate_verifies_a_face_counts_only_after_a_card() -> None:
    keeper = ToldKeeper("p-1", verifies=True, enrolled=[CARD])
    gate = at_gate(keeper)
    gate.show(Shown(face=face()), 3)
    assert gate.signals == [], "nobody has shown anything"
    keeper.waiting.append(CARD)
    gate.show(Shown(face=face()), 1)
    assert keeper.asked == [FaceClaim("p-1", True, 0.7, 0.5, CARD)]
    assert news(gate) == ["ACCESS.FACE.GRANTED"]


def test_a_card_of_somebody_who_is_not_enrolled_opens_by_itself() -> None:
    other = PinClaim("12", "483920")
    keeper = ToldKeeper(verifies=True, enrolled=[CARD])
    keeper.waiting.append(other)
    gate = at_gate(keeper)
    gate.show(NOTHING)
    assert keeper.asked == [other]
    assert news(gate) == ["ACCESS.PASS.GRANTED"]


@pytest.mark.parametrize(
    ("seen", "claim", "within_s"),
    [
        (face(None), FaceClaim(None, True, 0.7, 0.5, CARD), 2.0),
        (None, FaceClaim(None, None, None, None, CARD), 15.5),
    ],
)
def test_a_card_whose_face_does_not_follow_is_refused(seen: FaceSeen | None, claim: FaceClaim, within_s: float) -> None:
    keeper = ToldKeeper("p-1", verifies=True, enrolled=[CARD])
    keeper.waiting.append(CARD)
    gate = at_gate(keeper)
    gate.show(Shown(face=seen), within_s)
    assert keeper.asked == [claim]
    assert gate.opened == 0


def test_what_was_open_before_a_restart_is_ended_and_opens_nothing() -> None:
    old = OpenEpisode("e9", "ACCESS.FACE.GRANTED", "cam", "gate_face", START, zones=("north",))
    rule = GateFace(GateFaceConfig(gate="north"), "cam", (), {}, lambda _: "e0", (old,), ToldKeeper("p-1"))
    gate = AtTheGate(rule)
    gate.show(NOTHING, 2)
    assert [(one.event_id, one.end_reason) for one in gate.reports()] == [("e9", "restart")]
    assert gate.opened == 0


def test_where_somebody_was_let_in_elsewhere_a_face_is_looked_at() -> None:
    keeper = ToldKeeper("p-1", verifies=True)
    gate = at_gate(keeper)
    gate.show(Shown(face=face()), 2)
    assert keeper.asked == []
    keeper.expected.append("p-1")
    gate.show(Shown(face=face()), 1)
    assert keeper.asked == [FaceClaim("p-1", True, 0.7, 0.5)]
    assert news(gate) == ["ACCESS.FACE.GRANTED"]


def test_a_plate_of_this_gate_whose_face_does_not_come_is_told_once() -> None:
    car = PlateClaim("粤B12345", 2)
    keeper = ToldKeeper("p-1", verifies=True)
    keeper.late.append(car)
    gate = at_gate(keeper)
    gate.show(NOTHING, 2)
    assert keeper.asked == [FaceClaim(None, None, None, None, car)]
    assert (news(gate), gate.opened) == (["ACCESS.FACE.DENIED"], 0)
