"""A real HTTP or HTTPS server on loopback whose answers a test decides."""

import ssl
from abc import ABC, abstractmethod
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.support.mosquitto import Authority


@dataclass
class ScriptedServer(ABC):
    """HTTPS with an `authority`; `port` 0: any, and the same one at every later start."""

    authority: Authority | None = None
    port: int = 0

    @abstractmethod
    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """A POST or a PUT, in a thread of its own."""

    def start(self) -> None:
        """On the same port as before, if any."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.answer(self)

            def do_PUT(self) -> None:
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

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}"
