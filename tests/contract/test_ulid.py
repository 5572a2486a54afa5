import random
from datetime import UTC, datetime, timedelta

import pytest

from edgeguard.contract import UlidMaker, moment_of
from edgeguard.errors import ContractError

AT = datetime(2026, 1, 31, 8, 0, 0, 123_000, tzinfo=UTC)


def test_the_same_seed_gives_the_same_ids() -> None:
    first, second = (UlidMaker(random.Random(7).getrandbits) for _ in range(2))
    assert [first.new(AT) for _ in range(3)] == [second.new(AT) for _ in range(3)]


def test_ids_sort_as_they_were_made() -> None:
    maker = UlidMaker(random.Random(7).getrandbits)
    ids = [maker.new(AT + timedelta(milliseconds=step // 50)) for step in range(500)]
    assert ids == sorted(set(ids))


def test_counting_up_does_not_run_over() -> None:
    maker = UlidMaker(lambda bits: (1 << bits) - 1)
    first, second = maker.new(AT), maker.new(AT)
    assert first < second
    assert moment_of(second) == AT


def test_the_moment_comes_back() -> None:
    assert moment_of(UlidMaker(lambda _: 0).new(AT)) == AT


def test_the_format_is_the_published_one() -> None:
    # Time part of the example in the specification: 01ARZ3NDEK is 1469922850259 ms.
    assert moment_of("01ARZ3NDEKTSV4RRFFQ69G5FAV") == datetime.fromtimestamp(1469922850.259, UTC)


@pytest.mark.parametrize(
    "text", ["", "01ARZ3NDEK", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "i" * 26]
)
def test_what_is_no_ulid_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="accepted: 26 letters"):
        moment_of(text)
