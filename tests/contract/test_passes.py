"""What may be asked of a box about passes, and the answer that only who asked can read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.contract.passes import PassArgs, PassMade, RevokeArgs
from edgeguard.contract.sealing import ReplyKey
from edgeguard.errors import ContractError

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
KEY = ReplyKey.new()
ASKED: dict[str, Any] = {"gates": ["north"], "valid_until": NOW, "reply_key": KEY.public}


@pytest.mark.parametrize(
    "wrong",
    [
        {"gates": []},
        {"gates": ["a b"]},
        {"uses": 0},
        {"uses": 21},
        {"valid_until": "2026-01-31T08:00:00"},
        {"reply_key": "x25519:short"},
        {"ref": "p-1"},
    ],
)
def test_what_may_not_be_asked(wrong: dict[str, Any]) -> None:
    assert PassArgs.model_validate(ASKED).uses == 1
    with pytest.raises(ValidationError):
        PassArgs.model_validate(ASKED | wrong)


@pytest.mark.parametrize("wrong", ["", "5f3c", "5F3C9A1E77B20D48", "../../etc/passwd"])
def test_what_is_no_id_of_a_pass(wrong: str) -> None:
    with pytest.raises(ValidationError):
        RevokeArgs(pass_id=wrong)


def test_an_answer_opens_for_its_key_and_its_topic_only() -> None:
    until = NOW + timedelta(hours=4)
    made = PassMade(
        pass_id="5f3c9a1e77b20d48",
        text="EG1",
        valid_from=NOW,
        valid_until=until,
        uses=1,
        gates=("北门",),
    )
    sealed = made.sealed(KEY.public, "here")
    assert PassMade.opened(sealed, KEY, "here") == made
    for reason, key, about in (
        (sealed, ReplyKey.new(), "here"),
        (sealed, KEY, "there"),
        ("gate north opened", KEY, "here"),
        ("", KEY, "here"),
    ):
        with pytest.raises(ContractError):
            PassMade.opened(reason, key, about)
