"""The copy of what is held of somebody, on its way: sealed to who asked, in parts that fit into messages."""

import secrets
import zlib

import pytest
from pydantic import ValidationError

from edgeguard.contract.base import MAX_MESSAGE_BYTES
from edgeguard.contract.rights import MAX_PARTS, PART_BYTES, DossierPart, ExportArgs, in_parts, packed, unpacked
from edgeguard.contract.sealing import ReplyKey, seal
from edgeguard.errors import ContractError

ABOUT = "eg1/hz/box-1/dossier/c1"


def test_only_who_asked_can_read_the_answer() -> None:
    key, plain = ReplyKey.new(), b"what is held"
    sealed = seal(key.public, plain, ABOUT)
    assert plain not in sealed
    assert sealed != seal(key.public, plain, ABOUT), "another key each time"
    assert ReplyKey(key.raw).open(sealed, ABOUT) == plain
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other, body, about in (
        (ReplyKey.new(), sealed, ABOUT),
        (key, sealed, "eg1/hz/box-2/dossier/c1"),
        (key, changed, ABOUT),
        (key, sealed[:20], ABOUT),
        (key, b"", ABOUT),
    ):
        with pytest.raises(ContractError, match="does not open"):
            other.open(body, about)


@pytest.mark.parametrize("text", ["", "x25519:", "x25519:abc", "ed25519:" + "A" * 43 + "=", "A" * 44])
def test_what_is_no_reply_key(text: str) -> None:
    with pytest.raises(ContractError, match="reply_key"):
        seal(text, b"", ABOUT)
    with pytest.raises(ValidationError, match="reply_key"):
        ExportArgs(ref="p-1", reply_key=text)


def test_a_long_copy_goes_in_parts_that_fit() -> None:
    sealed = secrets.token_bytes(2 * PART_BYTES + 1)
    parts = in_parts("c1", sealed)
    assert [(one.part, one.parts) for one in parts] == [(1, 3), (2, 3), (3, 3)]
    assert max(len(one.to_json()) for one in parts) <= MAX_MESSAGE_BYTES
    assert b"".join(DossierPart.from_json(one.to_json()).body() for one in parts) == sealed
    with pytest.raises(ContractError, match=f"at most {MAX_PARTS * PART_BYTES}"):
        in_parts("c1", bytes(MAX_PARTS * PART_BYTES + 1))


def test_a_part_that_is_none() -> None:
    for wrong in ({"part": 2, "parts": 1}, {"part": 0, "parts": 1}, {"part": 1, "parts": MAX_PARTS + 1}):
        with pytest.raises(ValidationError):
            DossierPart(id="c1", sealed="", **wrong)
    with pytest.raises(ContractError, match="no base64"):
        DossierPart(id="c1", part=1, parts=1, sealed="***").body()


def test_a_copy_is_packed_and_unpacked_and_nothing_else_is() -> None:
    told = {"ref": "p-1", "consents": [{"channel": "纸质"}]}
    assert unpacked(packed(told)) == told
    for body in (b"", b"no zlib", zlib.compress(b"no json")):
        with pytest.raises(ContractError, match="cannot be read"):
            unpacked(body)
