"""Composition root of the center: one FastAPI application with the pages, the API and the guard before them."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from edgeguard.center.api import build_api
from edgeguard.center.closing_page import build_closing
from edgeguard.center.config import CenterConfig
from edgeguard.center.entry import build_entry
from edgeguard.center.gates_api import build_gates_api
from edgeguard.center.guard import Guard
from edgeguard.center.lists_api import build_lists_api
from edgeguard.center.live_api import build_live_api
from edgeguard.center.pages import build_pages
from edgeguard.center.rights_api import build_rights_api
from edgeguard.center.rules_api import build_rules_api
from edgeguard.center.service import Center
from edgeguard.center.source import build_source
from edgeguard.center.talk_api import build_talk_api
from edgeguard.center.upload import build_upload
from edgeguard.center.visit_page import build_visit_page
from edgeguard.center.visits_api import build_visits_api


def announced(line: str) -> None:
    # At once, also into a pipe or a journal: somebody is waiting for the token. In one piece: `print` writes the end of
    # the line apart where Python is unbuffered, and the log's lines come in between.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def create_app(
    config: CenterConfig,
    *,
    api_token: str | None = None,
    announce: Callable[[str], None] = announced,
    console: bool = True,
) -> FastAPI:
    """Wire a center; nothing runs until the application's lifespan does.

    `api_token` lets a program in as `Authorization: Bearer ...`, for /api/ only. `announce` gets the lines for the
    terminal: the address and, while there is no account, the one-time set-up token. Without `console` only the API
    and the login pages are there. The center itself is at `app.state.center`.
    """
    center = Center(config)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await center.start()
        _announce(center, announce)
        try:
            yield
        finally:
            await center.stop()

    app = FastAPI(title="EdgeGuard center", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.center = center
    app.include_router(build_entry(center))
    app.include_router(build_api(center))
    routers = (
        build_gates_api,
        build_rights_api,
        build_lists_api,
        build_rules_api,
        build_visits_api,
        build_visit_page,
        build_live_api,
        build_talk_api,
        build_upload,
        build_closing,
        build_pages,
    )
    for build in routers:
        app.include_router(build(center))
    app.include_router(build_source())
    if console:
        # A second of start-up that a center without pages need not wait for.
        from edgeguard.center.console.mount import mount_console  # noqa: PLC0415

        mount_console(app, center)
    app.add_middleware(Guard, accounts=center.accounts, api_token=api_token)
    return app


def _announce(center: Center, announce: Callable[[str], None]) -> None:
    address = center.config.address
    token = center.setup_invitation()
    if token is None:
        announce(f"EdgeGuard center: {address}")
        return
    announce(f"EdgeGuard center: {address}/setup#{token}")
    announce(f"  No account yet. One-time set-up token, valid for one hour: {token}")
