"""A platform's webhook or an SMS gateway: HTTP or HTTPS, answers as scripted."""

import json
import ssl
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self

from tests.support.mosquitto import Authority


@dataclass
class Hook:
    """`script` holds what to do first: a status, or "hang" until `release`; then 204."""

    authority: Authority | None = None
    port: int = 0
    script: deque[int | str] = field(default_factory=deque)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    release: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
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
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}"

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
