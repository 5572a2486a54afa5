"""Puts the page into the application: NiceGUI with its own assets, nothing from another origin."""

import asyncio
import time
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.staticfiles import StaticFiles

from edgeguard.center.api import session_of
from edgeguard.center.console.screen import Screen
from edgeguard.center.service import Center

# NiceGUI notices a lost browser, and a browser its lost server, within 1.2 times this (never below 6 s).
RECONNECT_S: Final = 5.0
_SVG: Final = '<rect width="16" height="16" rx="4" fill="#4c9ffe"/>'
_ICON: Final = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{_SVG}</svg>'


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()  # its answer must not reach NiceGUI, which would show it


def mount_console(app: FastAPI, center: Center) -> None:
    """One center with pages per process: NiceGUI keeps one application; the latest mounted has it."""
    static = Path(str(resources.files("edgeguard.center.console") / "static"))
    app.mount("/assets", StaticFiles(directory=static), name="assets")
    # What an earlier center of this process left in NiceGUI's application.
    nicegui_app.middleware_stack = None
    nicegui_app.user_middleware.clear()

    @ui.page("/", title="EdgeGuard", favicon=_ICON, dark=True, reconnect_timeout=RECONNECT_S)
    async def page(request: Request) -> None:
        ui.add_head_html(
            f'<meta name="eg-server-time" content="{time.time() * 1000:.0f}">'
            f'<meta name="eg-live-cards" content="{center.config.live.cards}">'
            '<link rel="stylesheet" href="/assets/console.css"><link rel="stylesheet" href="/assets/sensors.css">'
            + "".join(
                f'<script defer src="/assets/{name}.js"></script>' for name in ("console", "live", "talk", "timers")
            )
        )
        client = ui.context.client
        screen = Screen(center, session_of(request), client)
        following = asyncio.create_task(screen.follow())
        client.on_delete(lambda: _cancel(following))

    ui.run_with(
        app,
        dark=True,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        # The guard's answer decides who may read an asset; a shared cache in between must not.
        cache_control_directives="private, max-age=86400",
    )
