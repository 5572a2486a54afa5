"""What cannot be used is refused with a reason that names the value."""

from datetime import UTC, datetime

import pytest

from edgeguard.center.intake import MAX_PICTURE_BYTES, PictureArrival, Received, read
from edgeguard.contract.examples import EXAMPLES
from edgeguard.errors import ContractError
from edgeguard.types import Phase
from tests.center.support import Box

EVENT_ID = "01KGF6Y5R00000000000000001"
JPEG = b"\xff\xd8\xff\xe0"
NEW = Box(0).event(Phase.NEW, EVENT_ID).to_json()


def received(topic: str, payload: bytes) -> Received:
    return Received(topic, payload, datetime.now(UTC))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_of_the_contract_are_read(example: object) -> None:
    read(received(example.topic, example.message.to_json()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("eg1/riverside/box-1/event/lift", b"", "JSON"),
        ("eg1/riverside/box-1/event/lift", b"{}", "subject"),
        ("eg1/riverside/box-1/event/lift", b"\xff\xfe", "JSON"),
        ("eg1/riverside/box-1/event/lift", b"[" * 100_000, "65536"),
        ("eg1/riverside/box-2/event/lift", NEW, "//riverside/box-1"),
        ("eg1/riverside/box-1/weather", b"", "weather"),
        ("eg1/riverside/box-1/event/lift", NEW.replace(b'"seq":1', b'"seq":99999999999999999999'), "seq"),
        (f"eg1/riverside/box-1/picture/{EVENT_ID}/x", JPEG, "'x'"),
        (f"eg1/riverside/box-1/picture/{EVENT_ID}/100", JPEG, "'100'"),
        (f"eg1/riverside/box-1/picture/{EVENT_ID}/1", b"", "JPEG"),
        (f"eg1/riverside/box-1/picture/{EVENT_ID}/1", b"<svg>", "JPEG"),
        (f"eg1/riverside/box-1/picture/{EVENT_ID}/1", JPEG * MAX_PICTURE_BYTES, "131072"),
        ("eg1/riverside/box-1/cam/lift-1/health", b'{"camera":"lift-2","status":"ok"}', "lift-2"),
        ("eg1/riverside/box-1/state", b'{"state":"flying","bd_seq":1}', "flying"),
    ],
)
def test_what_cannot_be_used_is_refused(topic: str, payload: bytes, reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        read(received(topic, payload))


def test_a_picture() -> None:
    arrival = read(received(f"eg1/riverside/box-1/picture/{EVENT_ID}/3", JPEG))
    assert arrival.content == PictureArrival(EVENT_ID, 3, JPEG)


@pytest.mark.parametrize("topic", ["eg1/riverside/box-1/birth", "eg1/riverside/box-1/state"])
def test_an_emptied_retained_message_says_nothing(topic: str) -> None:
    assert read(received(topic, b"")).content is None
