"""A relay board that is switched by HTTP or HTTPS requests, on loopback."""

import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from tests.support.mosquitto import Authority


class WebBoard:
    """`asked`: (method, path, Authorization, body) of each request.

    `status` is its answer; `drips`: it sends a byte now and then and never comes to an end.
    """

    def __init__(self, authority: Authority | None = None) -> None:
        self.asked: list[tuple[str, str, str | None, str]] = []
        self.status = 200
        self.drips = False
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def do_POST(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # broken off on purpose
        if authority is not None:
            certificate = authority.issue("localhost")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if authority else 'http'}://localhost:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.asked]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        self.asked.append((request.command, request.path, request.headers.get("Authorization"), body))
        for _ in range(100 if self.drips else 0):
            request.wfile.write(b"H")
            time.sleep(0.05)
        request.send_response(self.status)
        request.send_header("Content-Length", "2")
        request.end_headers()
        request.wfile.write(b"ok")
