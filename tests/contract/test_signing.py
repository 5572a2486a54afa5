import json
from datetime import UTC, datetime, timedelta

import pytest

from edgeguard.contract import OpenArgs, OpenCommand, SignedOrder
from edgeguard.contract.signing import Keyring, SigningKey, VerifyKey
from edgeguard.errors import ContractError

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
TOPIC = "eg1/hz/box-1/cmd/open"
KEY = SigningKey.of_seed(bytes(range(32)))
COMMAND = OpenCommand(
    id="c1", issued_at=NOW, expires_at=NOW + timedelta(seconds=8), by="王", args=OpenArgs(gate="north", reason="快递")
)
RING = Keyring([KEY.public])


def test_what_was_signed_comes_out_as_it_was() -> None:
    order = SignedOrder.from_json(KEY.sign(TOPIC, COMMAND).to_json())
    assert OpenCommand.from_json(RING.opened(TOPIC, order)) == COMMAND


def test_the_vector_of_the_documentation() -> None:
    """RFC 8032, section 7.1, test 1: the public key of this seed."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert SigningKey.of_seed(seed).public.text == "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize("topic", ["eg1/hz/box-2/cmd/open", "eg1/gz/box-1/cmd/open", "eg1/hz/box-1/cmd/lists", ""])
def test_it_is_worth_nothing_on_another_topic(topic: str) -> None:
    with pytest.raises(ContractError, match="the signature is not that of key"):
        RING.opened(topic, KEY.sign(TOPIC, COMMAND))


def test_every_changed_letter_is_found() -> None:
    order = KEY.sign(TOPIC, COMMAND)
    for place in range(len(order.command)):
        changed = order.command[:place] + chr(ord(order.command[place]) ^ 1) + order.command[place + 1 :]
        with pytest.raises(ContractError):
            RING.opened(TOPIC, order.model_copy(update={"command": changed}))


def test_the_key_of_another_center() -> None:
    other = SigningKey.new()
    with pytest.raises(ContractError, match=f"signed with key {other.public.key_id}, accepted: {KEY.public.key_id}"):
        RING.opened(TOPIC, other.sign(TOPIC, COMMAND))
    stolen = other.sign(TOPIC, COMMAND).model_copy(update={"key_id": KEY.public.key_id})
    with pytest.raises(ContractError, match="the signature is not that of key"):
        RING.opened(TOPIC, stolen)


def test_two_pinned_keys_and_none() -> None:
    following = SigningKey.new()
    both = Keyring([KEY.public, following.public])
    for key in (KEY, following):
        assert both.opened(TOPIC, key.sign(TOPIC, COMMAND))
    with pytest.raises(ContractError, match="accepted: none is pinned"):
        Keyring().opened(TOPIC, KEY.sign(TOPIC, COMMAND))


@pytest.mark.parametrize(
    "changes",
    [{"signature": "AAAA"}, {"signature": None}, {"key_id": "../x"}, {"command": {"id": "c1"}}, {"extra": 1}],
)
def test_an_envelope_off_its_schema_is_refused(changes: dict[str, object]) -> None:
    order = json.loads(KEY.sign(TOPIC, COMMAND).to_json())
    with pytest.raises(ContractError, match="SignedOrder"):
        SignedOrder.from_json(json.dumps({**order, **changes}))


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:AAAA", "rsa:" + "A" * 43 + "=", KEY.public.text[:-1], "ed25519:£"]
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(ValueError, match="ed25519: and 44 characters of base64"):
        VerifyKey.of_text(text)


def test_a_private_key_is_written_and_read() -> None:
    assert SigningKey.of_pem(KEY.pem()).public.text == KEY.public.text
