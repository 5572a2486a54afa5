"""The whole box, asked by signed commands for a visitor's pass, and to make it void."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.access import Doorkeeper, QrClaim, Reason
from edgeguard.contract import Clock, PassArgs, PassCommand, PassMade, RevokeArgs, RevokeCommand
from edgeguard.contract.sealing import ReplyKey
from edgeguard.errors import ContractError
from tests.agent.test_rights_box import ASKING, KEY, NOTHING, TOPICS, ask, at_work
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.mosquitto import Listener, Mosquitto
from tests.support.rights import people_box

GATES = {"gates": [{"id": "north", "means": ["qr", "card"]}, {"id": "side", "means": ["card"]}]}


def order(command_id: str, age_s: float = 0.0, **args: Any) -> PassCommand:
    issued = datetime.now(UTC) - timedelta(seconds=age_s)
    facts: dict[str, Any] = {
        "gates": ("north",),
        "valid_until": datetime.now(UTC) + timedelta(hours=4),
        "reply_key": ASKING.public,
    }
    return PassCommand(
        id=command_id,
        issued_at=issued,
        expires_at=issued + timedelta(seconds=60),
        by="operator",
        args=PassArgs(**facts | args),
    )


def revoke(command_id: str, pass_id: str) -> RevokeCommand:
    issued = datetime.now(UTC)
    life = {"issued_at": issued, "expires_at": issued + timedelta(seconds=60)}
    return RevokeCommand(id=command_id, by="operator", args=RevokeArgs(pass_id=pass_id), **life)


def test_a_pass_is_made_once_sealed_and_made_void(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    settings = people_box(tmp_path, make_model(NOTHING), broker.port, KEY.public.text, access=GATES)
    with at_work(settings, listener) as box:
        directory = box.services.reception.directory
        assert directory is not None
        late = timedelta(days=8)
        refused: list[tuple[dict[str, Any], str]] = [
            ({"gates": ("east",)}, "met gate east, accepted: north"),
            ({"gates": ("north", "side")}, "met gate side, accepted: north"),
            ({"valid_until": datetime.now(UTC) + late}, "accepted: at most 7 days"),
            ({"valid_until": datetime.now(UTC) - late}, "accepted: one that ends later than it begins and now"),
        ]
        for number, (wrong, said) in enumerate(refused):
            status, reason = ask(listener, "pass", order(f"w{number}", **wrong))
            assert (status, said in reason) == ("failed", True), reason
        assert ask(listener, "pass", order("old", age_s=61))[0] == "expired"
        assert ask(listener, "pass", order("bare"), key=None)[0] == "rejected"
        assert directory.trail() == []

        status, reason = ask(listener, "pass", order("p1", uses=2))
        assert status == "done"
        made = PassMade.opened(reason, ASKING, TOPICS.cmd_ack("p1"))
        assert (made.uses, made.gates) == (2, ("north",))
        assert ask(listener, "pass", order("p1", uses=2)) == ("done", reason), "the same command makes it once"
        assert [(row.who, row.action) for row in directory.trail()] == [("operator", "pass_made")]
        with pytest.raises(ContractError):
            PassMade.opened(reason, ReplyKey.new(), TOPICS.cmd_ack("p1"))
        assert not any(made.text.encode() in heard for heard in listener.on("")), "a broker reads no pass"
        keeper, now = Doorkeeper(directory), datetime.now(UTC)
        assert keeper.decide(QrClaim(made.text), now, "north").reason is Reason.LISTED
        assert ask(listener, "revoke", revoke("r1", made.pass_id))[0] == "done"
        assert keeper.decide(QrClaim(made.text), now, "north").reason is Reason.REVOKED
        assert [row.action for row in directory.trail(f"pass-{made.pass_id}")].count("pass_revoked") == 1


def test_a_box_says_which_gates_take_codes(tmp_path: Path, make_model: MakeModel, broker: Mosquitto) -> None:
    settings = people_box(tmp_path, make_model(np.zeros((1, 1, 6), np.float32)), broker.port, KEY.public.text)
    for access, told in ((GATES, [("pass", ("north",))]), ({"gates": GATES["gates"][1:]}, [])):
        with running_box({**settings, "access": access}, kept=lambda: Clock(synced=True)) as box:
            birth = box.services._birth(0)
            found = [(one.name, one.parameters["gate"].choices) for one in birth.capabilities if one.name == "pass"]
            assert found == told
