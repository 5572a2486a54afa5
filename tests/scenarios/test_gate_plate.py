"""Cars before a gate, as tables of what is read of their plates."""

import pytest

from edgeguard.access import CardClaim, QrClaim, Reason
from edgeguard.access.claims import PlateClaim
from edgeguard.scenarios import GatePlateConfig
from edgeguard.scenarios.gate_plate import GatePlate
from edgeguard.types import Open, Phase, PlateSeen, Report, Shown
from tests.support.keepers import MIDDLE, AtTheGate, ToldKeeper, plate

NOTHING = Shown()


def at_gate(keeper: ToldKeeper, **settings: object) -> AtTheGate:
    config = GatePlateConfig.model_validate({"gate": "north", **settings})
    ids = iter(f"e{number}" for number in range(100))
    return AtTheGate(GatePlate(config, "cam", (), {}, lambda _: next(ids), keeper=keeper))


def test_a_listed_plate_opens_once_and_its_passage_is_one_event() -> None:
    keeper = ToldKeeper("粤B12345")
    gate = at_gate(keeper, direction="in")
    gate.show(Shown((plate(agreed=False, votes=1),)))
    assert gate.signals == []
    first = gate.show(Shown((plate(),)))
    gate.show(Shown((plate(),)), 6)
    gate.show(NOTHING, 4)
    opened, new = first
    assert opened == Open("north", "e0", "listed", 2.0, "in")
    assert isinstance(new, Report)
    assert (new.event_id, new.zones, new.passage and new.passage.subject_ref) == ("e0", ("north",), "s-1")
    assert gate.told == [("VEHICLE.PLATE.GRANTED", "new"), ("VEHICLE.PLATE.GRANTED", "end")]
    assert (gate.opened, len(keeper.asked)) == (1, 1)
    (end,) = gate.reports(Phase.END)
    assert (end.end_reason, end.passage) == ("gone", new.passage)


def test_an_event_is_told_the_plate_as_the_keeper_tells_it() -> None:
    gate = at_gate(ToldKeeper())
    gate.show(Shown((plate(),)))
    (new,) = gate.reports()
    assert new.passage is not None
    assert new.passage.plate is not None
    assert (new.passage.plate.text, new.passage.plate.votes) == ("v-7", 2)
    assert "粤B12345" not in repr(gate.signals)


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ((), []),
        ((PlateSeen(1, MIDDLE, 100.0, 0.9),), []),
        # Looks that do not agree are asked for as they are, when they had their time.
        ((plate(agreed=False, votes=1),), [PlateClaim("粤B12345", 1, (0.99,) * 7)]),
        # Too far, or beside the lane.
        ((PlateSeen(1, MIDDLE, 50.0, 0.9, "粤B12345", votes=2, agreed=True),), []),
        ((PlateSeen(1, (0.0, 0.0, 90.0, 30.0), 90.0, 0.9, "粤B12345", votes=2, agreed=True),), []),
        # Two cars at once. Looks that agree tell no doubts: no neighbour of what they read may be taken for it.
        ((plate(), plate("粤B99999", 2)), [PlateClaim("粤B12345", 2), PlateClaim("粤B99999", 2)]),
    ],
)
def test_what_is_asked_for(shown: tuple[PlateSeen, ...], asked: list[PlateClaim]) -> None:
    keeper = ToldKeeper()
    gate = at_gate(keeper, zone=[[0.2, 0.2], [1, 0.2], [1, 1], [0.2, 1]])
    gate.show(Shown(shown), 6)
    assert keeper.asked == asked


def test_a_car_that_the_tracker_lost_is_the_same_passage() -> None:
    keeper = ToldKeeper("粤B12345")
    gate = at_gate(keeper)
    gate.show(Shown((plate(track_id=1),)), 2)
    gate.show(NOTHING, 2)
    gate.show(Shown((plate(track_id=2),)), 2)
    assert (len(keeper.asked), gate.opened) == (1, 1)
    gate.show(NOTHING, 12)
    gate.show(Shown((plate(track_id=3),)), 2)
    assert (len(keeper.asked), gate.opened) == (2, 2), "it came again"


def test_who_was_misread_from_afar_is_asked_for_again() -> None:
    keeper = ToldKeeper("粤B12345")
    gate = at_gate(keeper)
    gate.show(Shown((plate("粤B12845"),)), 1)
    gate.show(Shown((plate("粤B12345", votes=5),)), 1)
    gate.show(Shown((plate("粤B12845", votes=9),)), 1)
    assert gate.told == [
        ("VEHICLE.PLATE.UNKNOWN", "new"),
        ("VEHICLE.PLATE.UNKNOWN", "end"),
        ("VEHICLE.PLATE.GRANTED", "new"),
    ], "and who was let in is not"


def test_a_card_or_a_code_opens_here_too_and_a_code_held_up_is_one_claim() -> None:
    keeper = ToldKeeper()
    gate = at_gate(keeper)
    keeper.waiting.append(CardClaim("04A1"))
    gate.show(None)
    gate.show(Shown(code="EG1abc"), 8)
    assert keeper.asked == [CardClaim("04A1"), QrClaim("EG1abc")]
    gate.show(NOTHING, 6)
    keeper.reason = Reason.USED_UP
    gate.show(Shown(code="EG1abc"))
    assert [code for code, phase in gate.told if phase == "new"] == ["ACCESS.PASS.GRANTED"] * 2 + ["ACCESS.PASS.DENIED"]
    assert gate.opened == 2


def test_a_blind_camera_opens_nothing_and_a_stop_ends_what_is_open() -> None:
    gate = at_gate(ToldKeeper("粤B12345"))
    gate.show(Shown((plate(),)), blind_for_s=2.0)
    assert gate.signals == []
    gate.show(Shown((plate(),)))
    gate.show(None, ending="end_of_recording")
    assert [one.end_reason for one in gate.reports(Phase.END)] == ["end_of_recording"]


def test_the_motion_gate_is_held_open_while_somebody_waits() -> None:
    gate = at_gate(ToldKeeper())
    assert not gate.rule.update(gate._observed(NOTHING)).attentive
    assert gate.rule.update(gate._observed(Shown((plate(agreed=False),)))).attentive


def test_without_a_keeper_nobody_is_let_in() -> None:
    rule = GatePlate(GatePlateConfig(gate="north"), "cam", (), {}, lambda _: "e0")
    gate = AtTheGate(rule)
    gate.show(Shown((plate(),)), 2)
    assert gate.told == [("VEHICLE.PLATE.UNKNOWN", "new")]
    assert gate.opened == 0


def test_where_the_face_must_follow_a_plate_opens_nothing_by_itself_and_a_card_is_left_to_the_faces_camera() -> None:
    car = PlateClaim("粤B12345", 2)
    keeper = ToldKeeper("粤B12345", "粤B54321", verifies=True, enrolled=[car, QrClaim("EG1abc")])
    gate = at_gate(keeper)
    keeper.waiting.append(CardClaim("04A1"))
    gate.show(Shown((plate(),)), 3)
    gate.show(Shown(code="EG1abc"), 1)
    assert (keeper.asked, gate.signals, len(keeper.waiting)) == ([], [], 1)
    gate.show(Shown((plate("粤B54321", 2),)), 1)
    assert gate.told == [("VEHICLE.PLATE.GRANTED", "new")], "whoever drives that one has no face on record"
