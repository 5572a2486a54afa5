from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgeguard.access import CardClaim, Doorkeeper, PlateClaim, Reason
from tests.support.directories import act, at, config, directory, gate, person, vehicle

IN, OUT, GARAGE = "in", "out", "garage"


@contextmanager
def door(folder: Path, anti_passback: str) -> Iterator[Callable[[str, float], Reason]]:
    rules = {"anti_passback": anti_passback, "direction": "in", "forgive_h": 12}
    gates = (gate(IN, **rules), gate("side", **rules), gate(OUT, direction="out"), gate(GARAGE, area="garage", **rules))
    with directory(folder, config(*gates)) as box:
        box.people.put(person(), act())
        box.credentials.add_card("p-1", "1234", act())
        keeper = Doorkeeper(box)
        yield lambda where, hours: keeper.decide(CardClaim("1234"), at(hours), where).reason


@pytest.mark.parametrize(
    ("rule", "told"), [("off", Reason.LISTED), ("soft", Reason.PASSED_BACK), ("hard", Reason.NOT_GONE_OUT)]
)
def test_in_without_out(tmp_path: Path, rule: str, told: Reason) -> None:
    with door(tmp_path, rule) as show:
        assert show(IN, 0) is Reason.LISTED
        assert show(IN, 1) is told
        assert show("side", 1.1) is told
        assert show(GARAGE, 1.2) is Reason.LISTED  # another area
        assert show(OUT, 2) is Reason.LISTED
        assert show(IN, 3) is Reason.LISTED


def test_an_exit_that_nobody_saw_is_forgiven(tmp_path: Path) -> None:
    with door(tmp_path, "hard") as show:
        assert show(IN, 0) is Reason.LISTED
        assert show(IN, 11.9) is Reason.NOT_GONE_OUT
        assert show(IN, 12) is Reason.LISTED


def test_asking_again_at_once_is_the_same_passage(tmp_path: Path) -> None:
    with door(tmp_path, "hard") as show:
        assert show(IN, 0) is Reason.LISTED
        assert show(IN, 9 / 3600) is Reason.LISTED
        assert show("side", 10 / 3600) is Reason.NOT_GONE_OUT


def test_out_without_in_is_nobodys_fault(tmp_path: Path) -> None:
    with door(tmp_path, "hard") as show:
        assert show(OUT, 0) is Reason.LISTED
        assert show(IN, 1) is Reason.LISTED


def test_a_visitors_car_is_counted_too(tmp_path: Path) -> None:
    with directory(tmp_path, config(gate(IN, anti_passback="hard", direction="in"))) as box:
        box.vehicles.put(vehicle(list="visitor", valid_until=at(9)), act())
        keeper = Doorkeeper(box)
        shown = [keeper.decide(PlateClaim("粤B12345", 2), at(hours), IN).reason for hours in (0, 1)]
    assert shown == [Reason.LISTED, Reason.NOT_GONE_OUT]
