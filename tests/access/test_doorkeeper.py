"""Every row: what is shown, when, at which gate -> what is decided."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edgeguard.access import (
    CardClaim,
    Claim,
    Directory,
    Doorkeeper,
    FaceClaim,
    GuardClaim,
    Outcome,
    PinClaim,
    PlateClaim,
    QrClaim,
    Reason,
)
from edgeguard.access.claims import OUTCOMES
from edgeguard.errors import DirectoryError
from tests.support.directories import act, at, config, consent, directory, gate, person, vehicle

GATES = (
    gate("north"),
    gate("verify", face="verify"),
    gate("cards", means=("card", "guard")),
    gate("unwatched", liveness="off"),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with directory(folder) as box:
        fill(box)
    return folder


@pytest.fixture
def door(tmp_path: Path, filled: Path) -> Iterator[Doorkeeper]:
    for name in ("access.sqlite3", "access.key"):
        shutil.copy2(filled / name, tmp_path)
    with directory(tmp_path, config(*GATES, timezone="Asia/Shanghai")) as box:
        yield Doorkeeper(box)


def fill(box: Directory) -> None:
    people = (
        person("resident"),
        person("visitor", kind="visitor", valid_from=at(1), valid_until=at(3)),
        person("cleaner", kind="contractor", hours="mon-fri 16:00-18:00"),  # 08:00 UTC is 16:00 in Shanghai
        person("southern", gates=("south",)),
        person("faceless"),
    )
    for number, one in enumerate(people):
        box.people.put(one, act())
        box.credentials.add_card(one.ref, f"000{number}", act())
        if one.ref != "faceless":
            box.consents.add(consent(one.ref), act())
    box.credentials.set_pin("resident", "1203", "582914", act())
    box.vehicles.put(vehicle("粤B12345", ref="resident"), act())
    box.vehicles.put(vehicle("粤BD12345", list="visitor", valid_until=at(3)), act())
    box.vehicles.put(vehicle("粤B99999", list="denied"), act())
    box.vehicles.put(vehicle("粤B0AAAA"), act())
    box.vehicles.put(vehicle("粤B7AAA8", list="denied"), act())


ZERO = ("粤B0AAAA",)


def doubtful(place: int, length: int = 7, conf: float = 0.7) -> tuple[float, ...]:
    return tuple(conf if index == place else 0.97 for index in range(length))


def face(ref: str | None, alive: bool | None = True, after: object = None) -> FaceClaim:
    return FaceClaim(ref, alive, 0.7, 0.5, after)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "hours", "where", "reason", "list_name"),
    [
        (CardClaim("0000"), 0, "north", Reason.LISTED, "resident"),
        (CardClaim("00:00"), 0, "cards", Reason.LISTED, "resident"),
        (CardClaim("ffff"), 0, "north", Reason.NOT_LISTED, None),
        (CardClaim("???"), 0, "north", Reason.NOT_LISTED, None),
        (CardClaim("0001"), 0, "north", Reason.NOT_YET, "visitor"),
        (CardClaim("0001"), 1, "north", Reason.LISTED, "visitor"),
        (CardClaim("0001"), 3, "north", Reason.OVER, "visitor"),
        (CardClaim("0002"), 0, "north", Reason.LISTED, "contractor"),
        (CardClaim("0002"), 2, "north", Reason.OUTSIDE_HOURS, "contractor"),
        (CardClaim("0002"), 5 * 24, "north", Reason.OUTSIDE_HOURS, "contractor"),  # Saturday
        (CardClaim("0003"), 0, "north", Reason.OTHER_GATE, "resident"),
        (PinClaim("1203", "582914"), 0, "north", Reason.LISTED, "resident"),
        (PinClaim("1203", "582915"), 0, "north", Reason.WRONG_PIN, None),
        (PinClaim("9999", "582914"), 0, "north", Reason.WRONG_PIN, None),
        (PinClaim("1203", "582914"), 0, "cards", Reason.NOT_TAKEN_HERE, None),
        (QrClaim("https://example.org"), 0, "north", Reason.FOREIGN_CODE, None),
        (QrClaim("EG1AAAA"), 0, "north", Reason.FOREIGN_CODE, None),
        (PlateClaim("粤B12345", votes=2), 0, "north", Reason.LISTED, "resident"),
        (PlateClaim("粤b·12345", votes=2), 0, "north", Reason.LISTED, "resident"),
        (PlateClaim("粤B12345", votes=1), 0, "north", Reason.FEW_READS, "resident"),
        (PlateClaim("粤B54321", votes=9), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("?", votes=9), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BD12345", votes=2), 4, "north", Reason.OVER, "visitor"),
        (PlateClaim("粤B99999", votes=9), 0, "north", Reason.DENIED_LIST, "denied"),
        (PlateClaim("粤B99999", votes=1), 0, "north", Reason.DENIED_LIST, "denied"),
        # D for 0: opens where only that character was in doubt, and 0 is what the reader holds for the next likeliest.
        (PlateClaim("粤BDAAAA", 2, doubtful(2), ZERO), 0, "north", Reason.ONE_DOUBTFUL_CHARACTER, "resident"),
        (PlateClaim("粤BDAAAA", 1, doubtful(2), ZERO), 0, "north", Reason.FEW_READS, "resident"),
        (PlateClaim("粤BDAAAA", 2, (), ZERO), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BDAAAA", 2, doubtful(3), ZERO), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BDAAAA", 2, doubtful(2, conf=0.85), ZERO), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BDAAAA", 2, (0.9, 0.9, 0.5, 0.5, 0.9, 0.9, 0.9), ZERO), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BDAAAA", 2, doubtful(2), ("粤BQAAAA",)), 0, "north", Reason.NOT_LISTED, None),
        (PlateClaim("粤BDAAAA", 2, doubtful(2)), 0, "north", Reason.NOT_LISTED, None),
        # What is read less surely than not may as well be another car's.
        (PlateClaim("粤B12345", 2, doubtful(6, conf=0.52)), 0, "north", Reason.FEW_READS, "resident"),
        (PlateClaim("粤B12345", 2, doubtful(6, conf=0.6)), 0, "north", Reason.LISTED, "resident"),
        (PlateClaim("粤BDAAAA", 2, doubtful(2, conf=0.52), ZERO), 0, "north", Reason.FEW_READS, "resident"),
        (PlateClaim("粤B99999", 2, doubtful(6, conf=0.52)), 0, "north", Reason.DENIED_LIST, "denied"),
        # Near a denied one: the guard.
        (PlateClaim("粤B7AAAB", 2, doubtful(6), ("粤B7AAA8",)), 0, "north", Reason.NOT_LISTED, None),
        (face("resident"), 0, "north", Reason.LISTED, "resident"),
        (face(None), 0, "north", Reason.NOT_LISTED, None),
        (face("gone"), 0, "north", Reason.NOT_LISTED, None),
        (face("resident", alive=False), 0, "north", Reason.NOT_ALIVE, None),
        (face("resident", alive=None), 0, "north", Reason.LIVENESS_UNKNOWN, None),
        (face("resident", alive=None), 0, "unwatched", Reason.LISTED, "resident"),
        (face("resident", alive=False), 0, "unwatched", Reason.NOT_ALIVE, None),
        (face("faceless"), 0, "north", Reason.NO_CONSENT, "resident"),
        (face("resident"), 24 * 366, "north", Reason.NO_CONSENT, "resident"),
        (face("visitor"), 4, "north", Reason.OVER, "visitor"),
        (face("resident"), 0, "cards", Reason.NOT_TAKEN_HERE, None),
        (face("resident"), 0, "verify", Reason.FIRST_ANOTHER_MEANS, None),
        (face("resident", after=CardClaim("0000")), 0, "verify", Reason.LISTED, "resident"),
        (face("resident", after=PlateClaim("粤B12345", 2)), 0, "verify", Reason.LISTED, "resident"),
        (face("cleaner", after=CardClaim("0000")), 0, "verify", Reason.SOMEBODY_ELSE, "resident"),
        (face(None, after=CardClaim("0000")), 0, "verify", Reason.SOMEBODY_ELSE, "resident"),
        (face("visitor", after=CardClaim("0001")), 4, "verify", Reason.OVER, "visitor"),
        (face("resident", alive=False, after=CardClaim("0000")), 0, "verify", Reason.NOT_ALIVE, None),
        (GuardClaim("guard-1", "ambulance"), 0, "cards", Reason.OPENED_BY_GUARD, None),
    ],
)
def test_the_decision(
    door: Doorkeeper, claim: Claim, hours: float, where: str, reason: Reason, list_name: str | None
) -> None:
    decision = door.decide(claim, at(hours), where)
    assert (decision.reason, decision.list_name) == (reason, list_name)


def test_an_outcome_follows_from_its_reason() -> None:
    assert OUTCOMES.keys() == set(Reason)
    assert [reason for reason in Reason if OUTCOMES[reason] is Outcome.GRANTED] == [
        Reason.LISTED, Reason.ONE_DOUBTFUL_CHARACTER, Reason.OPENED_BY_GUARD, Reason.PASSED_BACK,
    ]  # fmt: skip


def test_an_event_is_told_a_pseudonym_and_no_plate(door: Doorkeeper) -> None:
    decision = door.decide(PlateClaim("粤B12345", votes=3), at(), "north")
    assert decision.opens
    assert decision.subject_ref is not None
    assert decision.subject_ref.startswith("v-")
    told = decision.told().to_json().decode()
    assert "12345" not in told + repr(decision)
    assert '"list":"resident"' in told


def test_the_guard_gets_the_candidates_of_a_plate_that_does_not_open(door: Doorkeeper) -> None:
    decision = door.decide(PlateClaim("粤BDAAAA", 1, doubtful(2), others=("粤BQAAAA",)), at(), "north")
    assert decision.candidates == ("粤BDAAAA", "粤BQAAAA", "粤B0AAAA")


def test_every_decision_is_in_the_audit_without_a_number_or_a_plate(tmp_path: Path) -> None:
    with directory(tmp_path, config(*GATES)) as box:
        fill(box)
        door = Doorkeeper(box)
        door.decide(CardClaim("0000"), at(), "north")
        door.decide(PlateClaim("粤B54321", votes=9), at(), "north")
        door.decide(GuardClaim("guard-1", "ambulance"), at(), "cards")
        rows = box.trail(limit=3)
    told = [(row.who, row.action, row.subject, row.detail) for row in rows]
    assert told == [
        ("guard-1", "gate_granted", "", "cards guard opened_by_guard: ambulance"),
        ("box", "gate_unknown", "", "north plate not_listed"),
        ("box", "gate_granted", "resident", "north card listed"),
    ]


def test_a_gate_that_is_not_there_is_told(door: Doorkeeper) -> None:
    with pytest.raises(DirectoryError, match="gate 'south', accepted: north, verify, cards, unwatched"):
        door.decide(CardClaim("0000"), at(), "south")


def test_a_clock_set_back_makes_nothing_valid_again(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        fill(box)
        assert Doorkeeper(box).decide(CardClaim("0001"), at(4), "north").reason is Reason.OVER
    with directory(tmp_path) as box:  # the battery of the clock was empty
        door = Doorkeeper(box)
        back = door.decide(CardClaim("0001"), at(2), "north")
        assert (back.reason, back.outcome) == (Reason.CLOCK_SET_BACK, Outcome.EXPIRED)
        long_ago = datetime(1970, 1, 1, tzinfo=UTC)
        assert door.decide(CardClaim("0002"), long_ago, "north").reason is Reason.CLOCK_SET_BACK
        assert door.decide(CardClaim("0000"), long_ago, "north").reason is Reason.LISTED  # has no end
        box.mark.trust(act(2))
        assert door.decide(CardClaim("0001"), at(2), "north").reason is Reason.LISTED


def test_wrong_pins_lock_the_number_for_longer_each_time_also_over_a_start(tmp_path: Path) -> None:
    wrong, right = PinClaim("1203", "000001"), PinClaim("1203", "582914")
    with directory(tmp_path) as box:
        fill(box)
        door = Doorkeeper(box)
        assert {door.decide(wrong, at(), "north").reason for _ in range(5)} == {Reason.WRONG_PIN}
        assert door.decide(right, at(), "north").reason is Reason.LOCKED
    with directory(tmp_path) as box:
        door = Doorkeeper(box)
        assert door.decide(right, at(59 / 3600), "north").reason is Reason.LOCKED
        assert door.decide(wrong, at(60 / 3600), "north").reason is Reason.WRONG_PIN
        assert door.decide(right, at(179 / 3600), "north").reason is Reason.LOCKED
        assert door.decide(right, at(180 / 3600), "north").reason is Reason.LISTED
        assert door.decide(wrong, at(181 / 3600), "north").reason is Reason.WRONG_PIN
        assert door.decide(right, at(182 / 3600), "north").reason is Reason.LISTED  # counting began anew


def test_trying_all_numbers_locks_the_keypad(tmp_path: Path) -> None:
    with directory(tmp_path, config(*GATES)) as box:
        fill(box)
        door = Doorkeeper(box)
        for number in range(20):
            door.decide(PinClaim(str(number), "111222"), at(), "north")
        assert door.decide(PinClaim("1203", "582914"), at(), "north").reason is Reason.LOCKED
        assert door.decide(PinClaim("1203", "582914"), at(), "verify").reason is Reason.LISTED
        assert door.decide(PinClaim("1203", "582914"), at(301 / 3600), "north").reason is Reason.LISTED
