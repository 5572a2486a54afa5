"""The guard's edges that no browser shows: websockets without a session, tokens, cookies that are none."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from edgeguard.center.accounts import Accounts
from edgeguard.center.database import Database
from edgeguard.center.guard import COOKIE, SESSION_KEY, Guard
from tests.support.events import ManualClock


@pytest.fixture
def accounts(data_dir: Any) -> Any:
    database = Database(data_dir / "center.sqlite3")
    database.open()
    yield Accounts(database, ManualClock())
    database.close()


def knock(accounts: Accounts, kind: str, path: str, **headers: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the guard lets a request through, and what it answers by itself."""
    passed: list[Scope] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Scope = {
        "type": kind,
        "method": "GET",
        "path": path,
        "headers": [(b"host", b"center:8080"), *((name.encode(), value.encode()) for name, value in headers.items())],
    }
    asyncio.run(Guard(app, accounts, "secret")(scope, receive, send))
    assert all(SESSION_KEY in scope or path == "/healthz" for scope in passed)
    return bool(passed), sent


def test_a_websocket_without_a_session_is_refused(accounts: Accounts) -> None:
    for headers in (
        {},
        {"origin": "http://center:8080"},
        {"cookie": f"{COOKIE}=guess"},
        {"origin": "http://elsewhere"},
    ):
        passed, sent = knock(accounts, "websocket", "/_nicegui_ws/socket.io/", **headers)
        assert not passed
        assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_session_opens_a_websocket_to_our_own_pages_only(accounts: Accounts) -> None:
    cookie = accounts.set_up(accounts.new_setup_token(), "operator", "ten letters", "en", "peer")
    for origin, expected in (("http://center:8080", True), ("http://elsewhere:8080", False), ("null", False)):
        headers = {"cookie": f"{COOKIE}={cookie}", "origin": origin}
        assert knock(accounts, "websocket", "/_nicegui_ws/socket.io/", **headers)[0] is expected


@pytest.mark.parametrize(
    ("path", "authorization", "expected"),
    [
        ("/api/alarms", "Bearer secret", True),
        ("/api/alarms", "bearer secret", True),
        ("/api/alarms", "Bearer ", False),
        ("/api/alarms", "Bearer wrong", False),
        ("/api/alarms", "Basic secret", False),
        ("/", "Bearer secret", False),
        ("/healthz", "", True),
        ("/healthz/../api/alarms", "", False),
    ],
)
def test_tokens(accounts: Accounts, path: str, authorization: str, expected: bool) -> None:
    assert knock(accounts, "http", path, authorization=authorization)[0] is expected


@pytest.mark.parametrize("cookie", ["", "a", ";;;", f"{COOKIE}=", "\\x00=1; " + COOKIE + '="'])
def test_a_cookie_that_is_none(accounts: Accounts, cookie: str) -> None:
    passed, sent = knock(accounts, "http", "/api/alarms", cookie=cookie)
    assert not passed
    assert sent[0]["status"] == 401
