"""An upload server as a center has one: HTTPS, a token, and answers as scripted."""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.support.http_server import ScriptedServer

TOKEN = "box-token"


@dataclass
class UploadServer(ScriptedServer):
    """Stores what comes in `stored`; `script` holds what to do first: a status, or "cut" in the middle of a body."""

    script: deque[int | str] = field(default_factory=deque)
    stored: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], int]] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        size = int(request.headers["Content-Length"])
        wish = self.script.popleft() if self.script else 201
        if wish == "cut":
            body = request.rfile.read(size // 2)
            self.seen.append((request.path, dict(request.headers), -1))
            request.connection.close()
            return
        body = request.rfile.read(size)
        status = int(wish) if request.headers["Authorization"] == f"Bearer {TOKEN}" else 401
        if hashlib.sha256(body).hexdigest() != request.headers["X-Content-SHA256"]:
            status = 422
        if status == 201:
            status = 200 if self.stored.get(request.path) == body else 201
            self.stored[request.path] = body
        self.seen.append((request.path, dict(request.headers), status))
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()
