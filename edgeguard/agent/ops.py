"""HTTP on loopback for whoever operates the box: `/healthz`, `/metrics`, `/status`. It answers questions, no more."""

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

from prometheus_client import CONTENT_TYPE_LATEST as METRICS_TYPE
from pydantic import Field, field_validator

from edgeguard.agent.status import Level, Status
from edgeguard.errors import ConfigError
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

DEFAULT_PORT = 9464
# A scrape takes milliseconds. A client that dawdles is cut off, one too many is turned away: neither costs the box more
# than a thread.
CLIENT_S = 5.0
CLIENTS_AT_ONCE = 8
# How soon a stop is noticed.
LOOK_EVERY_S = 0.2
# Older than this the box's own view of itself is no answer: something it asks, its disk as a rule, hangs.
STALE_S = 10.0
# How long a request waits for a fresh view.
FRESH_WITHIN_S = 2.0


class OpsConfig(Strict):
    """Where the box answers questions about itself; `port` 0 turns it off."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    address: str = "127.0.0.1"

    @field_validator("address")
    @classmethod
    def _loopback(cls, address: str) -> str:
        try:
            loopback = ip_address(address).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError(
                "127.0.0.1 or ::1: these pages ask for no password, so nothing outside the box may reach them; "
                "use an SSH tunnel (ssh -L 9464:127.0.0.1:9464 BOX) or a scraper on the box"
            )
        return address


@dataclass(frozen=True, slots=True)
class Questions:
    """What is answered: the box's status and its age in seconds (None: none yet), and its metrics as text."""

    status: Callable[[float], tuple[Status | None, float]]
    metrics: Callable[[Status], bytes]


class OpsServer:
    """Open it with `with`. Raises ConfigError where the port is taken or may not be used."""

    def __init__(self, config: OpsConfig, questions: Questions) -> None:
        self._config = config
        self._questions = questions
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int | None:
        """Where it listens, None while it does not."""
        return None if self._server is None else self._server.server_port

    def __enter__(self) -> Self:
        address, port = self._config.address, self._config.port
        try:
            self._server = _Server(address, port, self._questions)
        except OSError as error:
            raise ConfigError(
                f"ops.port: met {port}, which cannot be used ({error.strerror or error}); "
                "accepted: a port that no other program has, 0 to go without these pages"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(LOOK_EVERY_S,), name="ops", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    """A thread per client, few clients, none for long."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, port: int, questions: Questions) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.questions = questions
        self._clients: dict[Any, float] = {}
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        # The parent's looks up the machine's name, which may take a DNS timeout.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002 - as socketserver has it
        return len(self._clients) < CLIENTS_AT_ONCE

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        self._clients[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        self._clients.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Between two looks: cut off who takes too long, also one that sends a byte now and then."""
        for request, since_s in self._clients.copy().items():
            if time.monotonic() - since_s > CLIENT_S:
                self._clients.pop(request, None)
                _hang_up(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        error = sys.exception()
        if not isinstance(error, OSError):  # a client that went away is no news
            log.error("a request was not answered", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server: _Server
    timeout = FRESH_WITHIN_S
    server_version, sys_version = "EdgeGuard", ""

    def do_GET(self) -> None:
        if not _is_local(self.headers.get("Host", "")):
            self._answer(HTTPStatus.FORBIDDEN, {"error": "ask by the name localhost or by a loopback address"})
            return
        page = _PAGES.get(self.path.partition("?")[0])
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"no page {self.path[:80]}, accepted: {', '.join(_PAGES)}"})
            return
        status, age_s = self.server.questions.status(FRESH_WITHIN_S)
        if status is None:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"guards": False, "reasons": ["the box is starting"]})
            return
        page(self, status, age_s)

    def healthz(self, status: Status, age_s: float) -> None:
        reasons = [f"{problem.part} {problem.what}" for problem in status.problems if problem.level is Level.FAULT]
        guards = status.guards and age_s <= STALE_S
        if age_s > STALE_S:
            reasons.insert(0, f"the box knows nothing of itself since {age_s:.0f} s: its disk hangs, as a rule")
        if not any(camera.status == "ok" for camera in status.cameras):
            reasons.insert(0, "no camera sees anything")
        code = HTTPStatus.OK if guards else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(code, {"guards": guards, "reasons": reasons})

    def status(self, status: Status, age_s: float) -> None:
        del age_s  # told by `at`
        self._send(HTTPStatus.OK, "application/json", status.model_dump_json().encode())

    def metrics(self, status: Status, age_s: float) -> None:
        del age_s
        self._send(HTTPStatus.OK, METRICS_TYPE, self.server.questions.metrics(status))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as http.server has it
        """Scrapes are no news."""

    def _answer(self, code: HTTPStatus, body: dict[str, Any]) -> None:
        self._send(code, "application/json", json.dumps(body, ensure_ascii=False).encode())

    def _send(self, code: HTTPStatus, media_type: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


_PAGES = {"/healthz": _Handler.healthz, "/metrics": _Handler.metrics, "/status": _Handler.status}


def _is_local(host: str) -> bool:
    """A page of another site in a browser on this machine, whose name was made to lead here, is not let in."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name in {"localhost", "[::1]", ""} or name.startswith("127.")


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
