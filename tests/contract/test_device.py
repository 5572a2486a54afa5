import pytest

from edgeguard.contract import Ack, AckKind, Gap, State
from edgeguard.errors import ContractError


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"event_id":"01KG9H1S000000000000000001","ack":"seen","by":"desk","why":"pram"}', "why is set"),
        ('{"event_id":"01KG9H1S000000000000000001","ack":"maybe","by":"desk"}', "ack"),
        ('{"event_id":"x","ack":"seen","by":"desk"}', "event_id"),
        ("", "Ack"),
    ],
)
def test_a_wrong_ack_is_refused(body: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        Ack.from_json(body)


def test_a_false_alarm_tells_why() -> None:
    ack = Ack(event_id="01KG9H1S000000000000000001", ack=AckKind.FALSE_ALARM, why="pram", by="desk")
    assert Ack.from_json(ack.to_json()) == ack


@pytest.mark.parametrize("body", ['{"from_seq":3,"to_seq":2}', '{"from_seq":0,"to_seq":2}', "{}"])
def test_a_wrong_gap_is_refused(body: str) -> None:
    with pytest.raises(ContractError, match="Gap"):
        Gap.from_json(body)


def test_state_is_what_the_contract_shows() -> None:
    assert State.from_json('{"state":"offline","bd_seq":3}').to_json() == b'{"state":"offline","bd_seq":3}'
