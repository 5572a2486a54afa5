"""The way in: plain pages for set-up, login and logout that work without a script and hold no data."""

from html import escape
from importlib import resources
from typing import Final, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from edgeguard.center.accounts import SESSION_LIFE, Session
from edgeguard.center.config import Language
from edgeguard.center.guard import COOKIE, SESSION_KEY
from edgeguard.center.service import Center
from edgeguard.center.source import SOURCE_PATH
from edgeguard.center.texts import other, text
from edgeguard.errors import AccessError

MAX_FORM_BYTES: Final = 8192
# Only the set-up link's own fragment is read; the policy allows this one script and nothing else.
_STRICT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_READ_FRAGMENT: Final = (
    "<script>if(location.hash){document.querySelector('[name=token]').value="
    "decodeURIComponent(location.hash.slice(1));history.replaceState(null,'',location.pathname)}</script>"
)


def build_entry(center: Center) -> APIRouter:
    """Routes /login, /setup and /logout."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(center)
    router.get("/login")(pages.login)
    router.post("/login")(pages.log_in)
    router.get("/setup")(pages.setup)
    router.post("/setup")(pages.set_up)
    router.post("/logout")(pages.log_out)
    return router


class _Pages:
    def __init__(self, center: Center) -> None:
        self._center = center
        self._accounts = center.accounts
        self._css = (resources.files("edgeguard.center") / "console/static/entry.css").read_text("utf-8")

    async def login(self, request: Request) -> Response:
        if await run_in_threadpool(self._accounts.needs_setup):
            return RedirectResponse("/setup", 303)
        return self._login_page(self._language(request))

    async def log_in(self, request: Request) -> Response:
        language, form = self._language(request), await _form(request)
        try:
            cookie = await run_in_threadpool(
                self._accounts.log_in, form.get("name", ""), form.get("password", ""), _peer(request)
            )
        except AccessError as refusal:
            return self._login_page(language, str(refusal))
        return self._let_in(cookie)

    async def setup(self, request: Request) -> Response:
        if not await run_in_threadpool(self._accounts.needs_setup):
            return RedirectResponse("/login", 303)
        return self._setup_page(self._language(request))

    async def set_up(self, request: Request) -> Response:
        language, form = self._language(request), await _form(request)
        try:
            _check_repeated(form)
            cookie = await run_in_threadpool(
                self._accounts.set_up,
                form.get("token", ""),
                form.get("name", ""),
                form.get("password", ""),
                language,
                _peer(request),
            )
        except AccessError as refusal:
            return self._setup_page(language, str(refusal), form)
        return self._let_in(cookie)

    async def log_out(self, request: Request) -> Response:
        session: Session = request.scope[SESSION_KEY]
        await run_in_threadpool(self._accounts.log_out, session)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    def _let_in(self, cookie: str) -> Response:
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(SESSION_LIFE.total_seconds()),
            path="/",
            httponly=True,
            samesite="strict",
            secure=self._center.config.tls is not None,
        )
        return response

    def _language(self, request: Request) -> Language:
        asked = request.query_params.get("lang")
        return cast("Language", asked) if asked in ("zh", "en") else self._center.config.language

    def _login_page(self, language: Language, refusal: str = "") -> Response:
        fields = (
            _field(language, "name", "name", "username")
            + _field(language, "password", "password", "current-password", kind="password")
            + _button(language, "log_in")
        )
        return self._page(language, "/login", "log_in", fields, refusal)

    def _setup_page(self, language: Language, refusal: str = "", form: dict[str, str] | None = None) -> Response:
        known = form or {}
        fields = (
            f"<p class=hint>{text(language, 'set_up_hint')}</p>"
            + _field(language, "token", "token", "off", value=known.get("token", ""))
            + _field(language, "name", "name", "username", value=known.get("name", ""))
            + _field(language, "password", "password", "new-password", kind="password", hint="password_rule")
            + _field(language, "again", "password_again", "new-password", kind="password")
            + _button(language, "create")
            + _READ_FRAGMENT
        )
        return self._page(language, "/setup", "set_up", fields, refusal)

    def _page(self, language: Language, path: str, title: str, fields: str, refusal: str) -> Response:
        alert = f"<p class=refusal role=alert>{text(language, refusal)}</p>" if refusal else ""
        change = other(language)
        body = f"""<!doctype html>
<html lang="{language}"><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
<title>{text(language, title)} · EdgeGuard</title><link rel=icon href="data:,"><style>{self._css}</style></head>
<body><main><header><span class=mark>EdgeGuard</span>
<a href="{path}?lang={change}" hreflang={change}>{"English" if change == "en" else "中文"}</a></header>
<h1>{text(language, title)}</h1>{alert}
<form method=post action="{path}?lang={language}">{fields}</form>
<footer><a href="{SOURCE_PATH}">{text(language, "source")}</a> · AGPL-3.0-or-later</footer>
</main></body></html>"""
        headers = {"content-security-policy": _STRICT_POLICY, "cache-control": "no-store"}
        status = {"": 200, "too_many": 429}.get(refusal, 403)
        return HTMLResponse(body, status, headers=headers)


def _field(
    language: Language, name: str, label: str, autocomplete: str, *, kind: str = "text", value: str = "", hint: str = ""
) -> str:
    under = f"<small>{text(language, hint)}</small>" if hint else ""
    return (
        f"<label>{text(language, label)}{under}"
        f'<input name={name} type={kind} autocomplete={autocomplete} value="{escape(value)}" required></label>'
    )


def _button(language: Language, key: str) -> str:
    return f"<button>{text(language, key)}</button>"


def _check_repeated(form: dict[str, str]) -> None:
    if form.get("password", "") != form.get("again", ""):
        raise AccessError("passwords_differ")


def _peer(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small urlencoded form; one that is too long or not text has none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
