from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.access import AccessConfig, GateRules
from tests.support.directories import gate


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"means": ["face"]}, "a face must never be the only way in: besides face one of card, pin, qr, guard"),
        ({"means": ["face", "plate"]}, "a face must never be the only way in"),
        (
            {"means": ["face", "guard"], "face": "verify"},
            "face: verify needs what is shown first: card, pin, qr or plate",
        ),
        ({"means": []}, "at least 1 item"),
        ({"means": ["card"], "anti_passback": "hard"}, "anti_passback needs a direction: in or out"),
        ({"means": ["names"]}, "'face', 'card', 'pin', 'qr', 'plate' or 'guard'"),
        ({"means": ["card"], "deny": ["p-1"]}, "Extra inputs are not permitted"),  # there is no list of people to deny
    ],
)
def test_a_gate_that_must_not_be_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GateRules.model_validate({"id": "north", **fields})


@pytest.mark.parametrize("besides", ["card", "pin", "qr", "guard"])
def test_a_face_and_another_way_in_are_accepted(besides: str) -> None:
    assert gate(means=("face", besides)).face == "search"


def test_gates_have_names_of_their_own() -> None:
    with pytest.raises(ValidationError, match="each gate id once, met north more than once"):
        AccessConfig(gates=(gate(), gate()))
