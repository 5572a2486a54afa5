"""The door: every request and every websocket needs a session or a token, and must come from our own pages."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgeguard.center.accounts import Accounts, Session, same_token
from edgeguard.center.frame import PAGES
from edgeguard.center.source import SOURCE_PATH

OPEN_PATHS: Final = frozenset({"/login", "/setup", "/healthz", SOURCE_PATH})
# What a visitor is sent: the link is all they have. Only pages that are looked at lie below.
VISITS: Final = "/visit/"
# Boxes carry a token of their own, which the route checks; nothing else lies below.
UPLOADS: Final = "/upload/"
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
COOKIE: Final = "edgeguard_session"
SESSION_KEY: Final = "edgeguard.session"
API_USER: Final = "api"

# Vue compiles its templates in the browser ('unsafe-eval') and NiceGUI starts from an inline script;
# nothing may be fetched from, sent to or framed by another origin.
PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}


class Guard:
    """ASGI middleware around everything. The session is left in the scope for the routes."""

    def __init__(self, app: ASGIApp, accounts: Accounts, api_token: str | None) -> None:
        self._app = app
        self._accounts = accounts
        self._api_token = api_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            # Before it is accepted, closing a websocket answers its handshake with 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _with_headers(send))

    async def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if path.startswith(UPLOADS) and scope["type"] == "http":
            return None
        if self._has_token(headers, path):
            scope[SESSION_KEY] = Session(API_USER, "en", "")
            return None
        if not _from_our_pages(scope, headers):
            return PlainTextResponse("This request comes from another site.", 403)
        if path in OPEN_PATHS or (path.startswith(VISITS) and scope["type"] == "http"):
            return None
        session = await run_in_threadpool(self._accounts.session, cookie_of(headers))
        if session is None:
            return RedirectResponse("/login", 303) if _is_page(path) else JSONResponse({"detail": "log in first"}, 401)
        scope[SESSION_KEY] = session
        return None

    def _has_token(self, headers: Headers, path: str) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return (
            self._api_token is not None
            and path.startswith("/api/")
            and scheme.lower() == "bearer"
            and same_token(token, self._api_token)
        )


def _is_page(path: str) -> bool:
    """Something that a person opens, also a page below another."""
    first = path.split("/")[1]
    return path in PAGES or (first != "" and f"/{first}" in PAGES)


def cookie_of(headers: Headers) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _from_our_pages(scope: Scope, headers: Headers) -> bool:
    """A browser names the page's origin with everything that acts, and with every websocket."""
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return True
    origin = headers.get("origin")
    if origin is None:
        # No page's script or form, but a program: it carries nobody's cookie unknowingly.
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return urlsplit(origin).netloc == headers.get("host")


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
