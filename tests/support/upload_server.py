"""An upload server as a center has one: HTTPS, a token, and answers as scripted."""

import hashlib
import ssl
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.support.mosquitto import Authority

TOKEN = "box-token"


@dataclass
class UploadServer:
    """Stores what comes in `stored`; `script` holds what to do first: a status, or "cut" in the middle of a body."""

    authority: Authority | None = None
    port: int = 0
    script: deque[int | str] = field(default_factory=deque)
    stored: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], int]] = field(default_factory=list)

    def start(self) -> None:
        """On the same port as before, if any."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        if self.authority is not None:
            certificate = self.authority.issue("localhost")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
            # The handshake belongs into the request's thread, where its failure is nobody's.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # broken off on purpose
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}"

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
