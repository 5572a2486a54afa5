"""Tokens of boxes: shown once, one per box, void at once when replaced or revoked."""

from datetime import timedelta

import pytest

from edgeguard.center.database import Database
from edgeguard.center.tokens import PREFIX, USED_EVERY, BoxTokens
from edgeguard.errors import ContractError
from tests.support.events import START, ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tokens(database: Database, clock: ManualClock) -> BoxTokens:
    return BoxTokens(database, clock)


def test_empty(tokens: BoxTokens) -> None:
    assert tokens.all() == []
    assert not tokens.revoke("riverside", "box-1")
    for guess in ("", "x", PREFIX):
        assert not tokens.belongs(guess, "riverside", "box-1")
        assert not tokens.known(guess)


@pytest.mark.parametrize(
    ("site", "box"), [("", "box-1"), ("riverside", ""), ("..", "box-1"), ("a/b", "c"), ("a", "b c"), ("a", "b" * 65)]
)
def test_a_name_that_no_box_can_have(tokens: BoxTokens, site: str, box: str) -> None:
    with pytest.raises(ContractError, match="cannot be part of a topic"):
        tokens.issue(site, box)
    assert tokens.all() == []


def test_it_opens_its_own_box_only(tokens: BoxTokens) -> None:
    one, two = tokens.issue("riverside", "box-1"), tokens.issue("riverside", "box-2")
    assert one.startswith(PREFIX)
    assert [tokens.belongs(one, *box) for box in (("riverside", "box-1"), ("riverside", "box-2"))] == [True, False]
    assert not tokens.belongs(one, "lakeside", "box-1")
    assert all(tokens.known(token) for token in (one, two))


def test_a_new_one_replaces_the_old(tokens: BoxTokens) -> None:
    old, new = tokens.issue("riverside", "box-1"), tokens.issue("riverside", "box-1")
    assert [tokens.belongs(token, "riverside", "box-1") for token in (old, new)] == [False, True]
    assert not tokens.known(old)
    assert len(tokens.all()) == 1


def test_revoked(tokens: BoxTokens) -> None:
    token = tokens.issue("riverside", "box-1")
    assert tokens.revoke("riverside", "box-1")
    assert not tokens.belongs(token, "riverside", "box-1")
    assert (tokens.known(token), tokens.all()) == (False, [])


def test_only_the_hash_is_kept(tokens: BoxTokens, database: Database) -> None:
    token = tokens.issue("riverside", "box-1")
    tables = [row["name"] for row in database.read("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    stored = [tuple(row) for table in tables for row in database.read(f"SELECT * FROM {table}")]
    assert token.removeprefix(PREFIX) not in str(stored)


def test_last_use_is_written_now_and_then(tokens: BoxTokens, clock: ManualClock) -> None:
    token = tokens.issue("riverside", "box-1")
    assert tokens.all()[0].used_at is None
    assert not tokens.belongs("guess", "riverside", "box-1")
    assert tokens.all()[0].used_at is None
    for after_s, used in ((5, 5), (10, 5), (USED_EVERY.total_seconds() + 6, USED_EVERY.total_seconds() + 6)):
        clock.at = START + timedelta(seconds=after_s)
        assert tokens.belongs(token, "riverside", "box-1")
        assert tokens.all()[0].used_at == START + timedelta(seconds=used)


def test_who_made_and_took_it_is_written_down(tokens: BoxTokens, database: Database) -> None:
    tokens.issue("riverside", "box-1")
    tokens.revoke("riverside", "box-1")
    tokens.revoke("riverside", "box-1")
    told = [(row["who"], row["action"], row["subject"]) for row in database.read("SELECT * FROM audit ORDER BY id")]
    subject = "riverside/box-1"
    assert told == [("terminal", "box_token", subject), ("terminal", "box_token_revoked", subject)]
