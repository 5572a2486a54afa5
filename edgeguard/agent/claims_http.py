"""HTTP on loopback for readers of cards and keypads at a gate: what was shown goes in, what was decided comes back.

POST /gates/{gate}/claims with `Authorization: Bearer TOKEN` and {"card": "04A1..."}, {"number": "12", "pin": "483920"}
or {"code": "EG1..."} -> {"outcome": "granted", "reason": "listed"}.
"""

import hmac
import json
import logging
import os
import re
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Protocol, Self

from pydantic import Field, SecretStr, ValidationError, model_validator

from edgeguard.access.claims import CardClaim, Claim, Decision, PinClaim, QrClaim
from edgeguard.contract.base import Segment
from edgeguard.errors import ConfigError
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

DEFAULT_PORT = 9465
MOST_BYTES = 2048
# A token that is guessed in no time that matters.
LEAST_TOKEN = 16
# Longer than a face is waited for after a card: then nobody will answer any more.
ANSWER_WITHIN_S = 20.0
CLIENT_S = 5.0
_PATH = re.compile(r"/gates/([A-Za-z0-9_-]{1,64})/claims")


class ClaimsConfig(Strict):
    """Where readers on this machine hand in what they were shown."""

    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535, description="Port on loopback.")
    token_env: str = Field(min_length=1, description="Environment variable that holds the readers' token.")

    def token(self) -> str:
        """Raises ConfigError."""
        token = os.environ.get(self.token_env, "")
        if len(token) < LEAST_TOKEN:
            accepted = f"{LEAST_TOKEN} characters or more"
            raise ConfigError(f"claims.token_env: {self.token_env} has {len(token)} characters, accepted: {accepted}")
        return token


class Desk(Protocol):
    """Whoever decides at a gate."""

    def present(self, claim: Claim, reader: str | None = None) -> "Future[Decision]":
        """Take what was shown; `reader`: where."""


class _Body(Strict):
    """Exactly one of card, number with pin, code; `reader` names where, for gates whose `first` counts it."""

    card: SecretStr | None = None
    number: str | None = Field(default=None, pattern=r"^[0-9]{1,12}$")
    pin: SecretStr | None = None
    code: SecretStr | None = None
    reader: Segment | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        shown = [self.card is not None, self.number is not None, self.code is not None]
        if sum(shown) != 1 or (self.number is None) != (self.pin is None):
            raise ValueError("exactly one of: card; number with pin; code")
        return self

    @property
    def claim(self) -> Claim:
        if self.card is not None:
            return CardClaim(self.card.get_secret_value())
        if self.code is not None:
            return QrClaim(self.code.get_secret_value())
        return PinClaim(self.number or "", self.pin.get_secret_value() if self.pin else "")


class ClaimServer:
    """Open it with `with`; `desks` by gate. Raises ConfigError for a port that is taken and a token that is none."""

    def __init__(self, config: ClaimsConfig, desks: Mapping[str, Desk]) -> None:
        self._config = config
        self._desks = desks

    def __enter__(self) -> Self:
        config = self._config
        token = config.token()
        try:
            self._server = _Server(("127.0.0.1", config.port), self._desks, token)
        except OSError as error:
            accepted = "a port that no other program has"
            raise ConfigError(f"claims.port: met {config.port} ({error.strerror}), accepted: {accepted}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="claims", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], desks: Mapping[str, Desk], token: str) -> None:
        self.desks = desks
        self.token = token.encode()
        super().__init__(at, _Handler)

    def server_bind(self) -> None:
        # The parent's looks up the machine's name, which may take a DNS timeout.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server: _Server
    timeout = CLIENT_S
    server_version, sys_version = "EdgeGuard", ""

    def do_POST(self) -> None:
        told = self.headers.get("Authorization", "").removeprefix("Bearer ").encode("utf-8", "replace")
        if not hmac.compare_digest(told, self.server.token):
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "a bearer token is needed"})
            return
        path = _PATH.fullmatch(self.path)
        desk = self.server.desks.get(path[1]) if path else None
        if desk is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"accepted: /gates/{{{'|'.join(self.server.desks)}}}/claims"})
            return
        self._claim(desk)

    def _claim(self, desk: Desk) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"accepted: up to {MOST_BYTES} bytes of JSON"})
            return
        try:
            body = _Body.model_validate_json(self.rfile.read(int(length)))
        except ValidationError as error:
            # Without what was met: it is somebody's number.
            why = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            self._answer(HTTPStatus.BAD_REQUEST, {"error": why})
            return
        try:
            decision = desk.present(body.claim, body.reader).result(ANSWER_WITHIN_S)
        except NotInTime:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "nobody decided: no camera looks at this gate"})
            return
        self._answer(HTTPStatus.OK, {"outcome": decision.outcome.value, "reason": decision.reason.value})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as http.server has it
        """Every decision is in the audit."""

    def _answer(self, code: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
