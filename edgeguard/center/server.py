"""Serves the center: uvicorn, told to let the live streams go when it stops."""

from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from edgeguard.center.config import CenterConfig

# Streams end by themselves when the server stops; a browser that does not let go is not waited for longer.
STOP_WITHIN_S: Final = 3


class CenterServer(uvicorn.Server):
    """`run()` blocks; in another thread or task `serve()`, stopped by `should_exit` after `center.hub.stop()`."""

    def __init__(self, app: FastAPI, config: CenterConfig) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=config.host,
                port=config.port,
                ssl_certfile=config.tls.cert if config.tls else None,
                ssl_keyfile=config.tls.key if config.tls else None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_WITHIN_S,
                ws="websockets-sansio",
                # JPEG does not get smaller, and compressing it would cost more than all the rest.
                ws_per_message_deflate=False,
            )
        )
        self._let_go = app.state.center.hub.stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._let_go()
        super().handle_exit(sig, frame)
