"""What the plain pages have in common: the frame with links and languages, and a middle that is fetched anew."""

from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Final

from fastapi.responses import HTMLResponse

from edgeguard.center.source import SOURCE_PATH
from edgeguard.center.texts import other, text

# Where each page is, with the key of its name. Without a session a browser is sent from them to the login.
PAGES: Final[Mapping[str, str]] = {
    "/": "board_page",
    "/gates": "gates_page",
    "/conduct": "conduct_page",
    "/privacy": "privacy_page",
}


def links(language: str, current: str) -> str:
    """To every page, as HTML."""
    inner = "".join(
        f'<a href="{path}"{" aria-current=page" if path == current else ""}>{text(language, name)}</a>'
        for path, name in PAGES.items()
    )
    return f"<nav class=pages>{inner}</nav>"


def document(language: str, path: str, user: str, body: str) -> HTMLResponse:
    """A page of PAGES. What stands in an element with the id `live` is fetched anew whenever something changes."""
    folder = resources.files("edgeguard.center") / "console/static"
    css, script = (folder / "pages.css").read_text("utf-8"), (folder / "pages.js").read_text("utf-8")
    title = text(language, PAGES[path])
    change = "English" if other(language) == "en" else "中文"
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{language}"><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
<title>{title} · EdgeGuard</title><link rel=icon href="data:,"><style>{css}</style></head>
<body><p class=lost role=alert hidden>⚠ {text(language, "stream_lost")}</p>
<header><a class=brand href="/">EdgeGuard</a>{links(language, path)}<span class=user>{escape(user)}</span>
<form method=post action="/language"><input type=hidden name=back value="{path}"><button>{change}</button></form>
</header>
<main><h1>{title}</h1>{body}</main>
<footer>EdgeGuard · AGPL-3.0-or-later · <a href="{SOURCE_PATH}">{text(language, "source")}</a></footer>
<script>{script}</script></body></html>""",
        headers={"cache-control": "no-store"},
    )
