"""A platform's webhook or an SMS gateway: HTTP or HTTPS, answers as scripted."""

import json
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any, Self

from tests.support.http_server import ScriptedServer


@dataclass
class Hook(ScriptedServer):
    """`script` holds what to do first: a status, or "hang" until `release`; then 204."""

    script: deque[int | str] = field(default_factory=deque)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    release: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.stop()

    def bodies(self, path: str = "") -> list[Any]:
        """JSON of what came to this path and was taken."""
        return [json.loads(body) for where, _, body in self.seen if where.startswith(path)]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        wish = self.script.popleft() if self.script else 204
        if wish == "hang":
            self.release.wait(20)
            return
        status = int(wish)
        if status < 300:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.seen.append((request.path, headers, body))
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()
