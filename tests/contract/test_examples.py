import json

import pytest

from edgeguard.contract import Kind, parse
from edgeguard.contract.examples import EXAMPLES, Example
from edgeguard.errors import ContractError


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_is_valid(example: Example) -> None:
    parse(example.topic)
    assert type(example.message).from_json(example.message.to_json()) == example.message


def test_every_kind_with_json_has_an_example() -> None:
    shown = {parse(example.topic).kind for example in EXAMPLES}
    assert set(Kind) - shown == {Kind.PICTURE, Kind.VIEW, Kind.METRICS, Kind.TALK}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_unknown_field_is_refused_in_orders_only(example: Example) -> None:
    body = json.dumps({**json.loads(example.message.to_json()), "unknown": 1})
    if parse(example.topic).kind in {Kind.CMD, Kind.ACK, Kind.GAP}:
        with pytest.raises(ContractError, match="unknown"):
            type(example.message).from_json(body)
    else:
        assert type(example.message).from_json(body) == example.message
