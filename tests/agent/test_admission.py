from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edgeguard.agent.admission import Admission
from edgeguard.contract import Clock, OpenArgs, OpenCommand, SpeakArgs, SpeakCommand
from edgeguard.contract.signing import SigningKey
from edgeguard.errors import ContractError, EdgeGuardError

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
KEY = SigningKey.of_seed(bytes(32))
TOPIC = "eg1/hz/box-1/cmd/open"
SYNCED = Clock(synced=True)


def admission(clock: Clock | None = SYNCED, keys: tuple[str, ...] = (KEY.public.text,)) -> Admission:
    return Admission(keys, lambda: clock, lambda: NOW)


def command(issued_s: float = 0.0, life_s: float = 8.0) -> OpenCommand:
    issued = NOW + timedelta(seconds=issued_s)
    args = OpenArgs(gate="north", reason="parcel")
    return OpenCommand(id="c1", issued_at=issued, expires_at=issued + timedelta(seconds=life_s), by="desk", args=args)


def signed(key: SigningKey = KEY, topic: str = TOPIC, **times: float) -> bytes:
    return key.sign(topic, command(**times)).to_json()


def test_a_signed_command_is_let_in() -> None:
    assert admission()(TOPIC, signed()) == command()


def test_one_that_opens_nothing_needs_no_signature() -> None:
    speak = SpeakCommand(
        id="c2", issued_at=NOW, expires_at=NOW + timedelta(seconds=8), by="desk", args=SpeakArgs(phrase="leave")
    )
    assert admission(None, ())("eg1/hz/box-1/cmd/speak", speak.to_json()) == speak


@pytest.mark.parametrize(
    ("payload", "settings", "told"),
    [
        (command().to_json(), {}, "signature: Field required"),
        (b"", {}, "SignedOrder"),
        (signed(SigningKey.new()), {}, "accepted: " + KEY.public.key_id),
        (signed(topic="eg1/hz/box-2/cmd/open"), {}, "over this command and this topic"),
        (signed(), {"keys": ()}, "trusts no center"),
        (signed(), {"clock": Clock(synced=False)}, "is not kept by a time server"),
        (signed(), {"clock": None}, "may be kept by a time server or not"),
        (signed(issued_s=31), {}, "issued at 2026-01-31T08:00:31.000Z, but the box's clock says"),
        (signed(life_s=301), {}, "valid for more than 300 s"),
    ],
)
def test_what_is_not_let_in(payload: bytes, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(EdgeGuardError, match=told):
        admission(**settings)(TOPIC, payload)


def test_what_was_signed_is_checked_as_ever() -> None:
    order = KEY.sign(TOPIC, command())
    forged = order.model_copy(update={"command": order.command.replace("north", "../north")})
    with pytest.raises(ContractError, match="over this command"):
        admission()(TOPIC, forged.to_json())
    with pytest.raises(ContractError, match="'dance', accepted"):
        admission()("eg1/hz/box-1/cmd/dance", order.to_json())
