"""Set-up once, login with patience, sessions that end."""

from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from edgeguard.center.accounts import SESSION_IDLE, SESSION_LIFE, SETUP_VALID, Accounts
from edgeguard.center.attempts import MAX_FAILURES, WINDOW
from edgeguard.center.database import Database
from edgeguard.errors import AccessError
from tests.support.events import ManualClock

PASSWORD = "ten letters"
PEER = "192.0.2.1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def accounts(database: Database, clock: ManualClock) -> Accounts:
    return Accounts(database, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def operator(accounts: Accounts) -> str:
    """An account; the cookie of its session."""
    return accounts.set_up(accounts.new_setup_token(), "operator", PASSWORD, "zh", PEER)


def test_the_token_is_used_once(accounts: Accounts) -> None:
    token = accounts.new_setup_token()
    assert accounts.needs_setup()
    session = accounts.session(accounts.set_up(token, " operator ", PASSWORD, "en", PEER))
    assert session is not None
    assert (session.user, session.language) == ("operator", "en")
    assert not accounts.needs_setup()
    with pytest.raises(AccessError, match="setup_spent"):
        accounts.set_up(token, "second", PASSWORD, "en", PEER)


@pytest.mark.parametrize(
    ("name", "password", "refusal"),
    [
        ("", PASSWORD, "bad_name"),
        ("a\x00b", PASSWORD, "bad_name"),
        ("x" * 65, PASSWORD, "bad_name"),
        ("operator", "", "short_password"),
        ("operator", "123456789", "short_password"),
        ("operator", "x" * 1025, "short_password"),
    ],
)
def test_a_bad_name_or_password_leaves_the_token_usable(
    accounts: Accounts, name: str, password: str, refusal: str
) -> None:
    token = accounts.new_setup_token()
    with pytest.raises(AccessError, match=refusal):
        accounts.set_up(token, name, password, "en", PEER)
    assert accounts.set_up(token, "operator", PASSWORD, "en", PEER)


def test_a_wrong_an_old_and_an_expired_token(accounts: Accounts, clock: ManualClock) -> None:
    old = accounts.new_setup_token()
    token = accounts.new_setup_token()
    for wrong in ("", "guess", old):
        with pytest.raises(AccessError, match="setup_wrong"):
            accounts.set_up(wrong, "operator", PASSWORD, "en", PEER)
    clock.move(SETUP_VALID.total_seconds() + 1)
    with pytest.raises(AccessError, match="setup_expired"):
        accounts.set_up(token, "operator", PASSWORD, "en", PEER)
    assert accounts.needs_setup()


def test_no_secret_is_kept_as_it_is(accounts: Accounts, database: Database, data_dir: Path) -> None:
    token = accounts.new_setup_token()
    stored = b"".join(path.read_bytes() for path in data_dir.iterdir())
    cookie = accounts.set_up(token, "operator", PASSWORD, "en", PEER)
    stored += b"".join(path.read_bytes() for path in data_dir.iterdir())
    assert not [secret for secret in (token, cookie, PASSWORD) if secret.encode() in stored]
    assert database.read("SELECT password FROM user")[0]["password"].startswith("$argon2id$")


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize(
    ("name", "password"), [("", ""), ("operator", ""), ("operator", "wrong"), ("nobody", PASSWORD)]
)
def test_a_wrong_login_tells_no_more_than_that(accounts: Accounts, name: str, password: str) -> None:
    with pytest.raises(AccessError, match="wrong_login"):
        accounts.log_in(name, password, PEER)


@pytest.mark.usefixtures("operator")
def test_guessing_is_slowed_down_by_name_and_by_address(accounts: Accounts, clock: ManualClock) -> None:
    for guess in range(MAX_FAILURES):
        with pytest.raises(AccessError, match="wrong_login"):
            accounts.log_in("operator", f"guess {guess}", PEER)
    for name, peer in (("operator", "192.0.2.2"), ("other", PEER)):
        with pytest.raises(AccessError, match="too_many"):
            accounts.log_in(name, PASSWORD, peer)
    clock.move(WINDOW.total_seconds() + 1)
    assert accounts.log_in("operator", PASSWORD, PEER)


def test_a_session_ends_by_logout(accounts: Accounts, operator: str) -> None:
    session = accounts.session(operator)
    assert session is not None
    accounts.log_out(session)
    assert accounts.session(operator) is None


@pytest.mark.parametrize("cookie", [None, "", "guess"])
def test_no_session(accounts: Accounts, cookie: str | None) -> None:
    assert accounts.session(cookie) is None


def test_a_session_ends_when_nobody_uses_it(accounts: Accounts, operator: str, clock: ManualClock) -> None:
    clock.move((SESSION_IDLE - timedelta(minutes=1)).total_seconds())
    assert accounts.session(operator) is not None
    clock.move((SESSION_IDLE - timedelta(minutes=1)).total_seconds())
    assert accounts.session(operator) is not None
    clock.move((SESSION_IDLE + timedelta(minutes=1)).total_seconds())
    assert accounts.session(operator) is None


def test_a_session_has_an_end_however_much_it_is_used(accounts: Accounts, operator: str, clock: ManualClock) -> None:
    for _ in range(int(SESSION_LIFE / timedelta(hours=6))):
        assert accounts.session(operator) is not None
        clock.move(timedelta(hours=6).total_seconds())
    clock.move(60)
    assert accounts.session(operator) is None


def test_the_language_is_remembered(accounts: Accounts, operator: str) -> None:
    accounts.set_language("operator", "en")
    session = accounts.session(operator)
    assert session is not None
    assert session.language == "en"
