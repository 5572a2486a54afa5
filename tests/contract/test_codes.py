import re

import pytest

from edgeguard.contract import CODES, Family, family_of, find
from edgeguard.contract.base import CODE_PATTERN
from edgeguard.errors import ContractError
from edgeguard.types import Severity


@pytest.mark.parametrize("code", CODES)
def test_every_row_is_complete(code: str) -> None:
    row = find(code)
    assert re.match(CODE_PATTERN, code)
    assert row.family in Family
    assert row.en
    assert re.search(r"[\u4e00-\u9fff]", row.zh)


def test_names_are_told_apart() -> None:
    assert len({row.zh for row in CODES.values()}) == len(CODES)
    assert len({row.en for row in CODES.values()}) == len(CODES)


def test_an_ebike_is_critical_and_a_bicycle_is_not() -> None:
    assert find("LIFT.EBIKE.ENTER").severity is Severity.CRITICAL
    assert find("LIFT.BICYCLE.ENTER").severity is Severity.INFO
    assert find("LIFT.EBIKE.BATTERY").experimental


def test_an_unknown_code_names_the_accepted_ones() -> None:
    with pytest.raises(ContractError, match=r"'LIFT.TRAM'.*accepted: LIFT.EBIKE.ENTER"):
        find("LIFT.TRAM")


def test_an_unknown_family_names_the_accepted_ones() -> None:
    with pytest.raises(ContractError, match="'tram', accepted: lift, access"):
        family_of("TRAM.LATE")
