"""Evidence to the center by outbound HTTPS: one file after the other, again and again until each has its answer."""

import http.client
import logging
import os
import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, field_validator, model_validator

from edgeguard.errors import EdgeGuardError, UplinkError
from edgeguard.uplink.link import in_words
from edgeguard.uplink.pace import Backoff
from edgeguard.yamlfile import Strict

_LOG = logging.getLogger(__name__)

# How often the outbox is looked at when nobody says that there is something in it.
_TICK_S = 30.0
_CHUNK_BYTES = 16 * 1024
# A request under way is cut off at a stop; it is sent again at the next start.
_STOP_TIMEOUT_S = 2.0
STORED = frozenset({200, 201})
REFUSED = frozenset({400, 404, 409, 413, 415, 422})

_BANNER = (
    "\n" + "!" * 78 + "\n!! evidence.upload.insecure_lab is on: no encryption, no proof of who is who."
    "\n!! Everybody on this network can see the clips and the token that goes with them.\n" + "!" * 78
)


class UploadConfig(Strict):
    """Where evidence goes. `ca`: PEM of the authority that signed the server's certificate; without it the system's.

    The token of this box comes from the environment variable `token_env` or from `token_file`. Plain `http://` only
    when `insecure_lab` says out loud that this is a desk. `max_kbit_s` leaves the line to others.
    """

    url: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    token_env: str | None = Field(default=None, min_length=1)
    token_file: Path | None = None
    insecure_lab: bool = False
    max_kbit_s: float | None = Field(default=None, ge=8)
    timeout_s: float = Field(default=20.0, gt=0, le=300)
    backoff_first_s: float = Field(default=2.0, gt=0)
    backoff_most_s: float = Field(default=300.0, gt=0)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must look like https://center.example:8443")
        if "@" in parts.netloc:
            raise ValueError("an address without user name and password; the token is in token_env or token_file")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.url.startswith("http://") != self.insecure_lab:
            raise ValueError("https:// in url, or http:// together with insecure_lab: true")
        if (self.token_env is None) == (self.token_file is None):
            raise ValueError("token_env or token_file, exactly one of them")
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key together, or neither")
        return self

    def token(self) -> str:
        """Raise UplinkError when it is not there. Read for every upload: a new one needs no restart."""
        if self.token_file is not None:
            try:
                token = self.token_file.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UplinkError(f"evidence.upload.token_file: {self.token_file} cannot be read") from error
        else:
            token = os.environ.get(self.token_env or "", "").strip()
        if not token or not token.isascii() or not token.isprintable():
            where = self.token_file or f"environment variable {self.token_env}"
            raise UplinkError(f"evidence.upload: met no token in {where}, accepted: one line of letters and digits")
        return token

    def tls_context(self) -> ssl.SSLContext | None:
        """A context that verifies the server; None in a lab. Raise UplinkError for a bad file."""
        if self.insecure_lab:
            return None
        for path in (self.ca, self.cert, self.key):
            if path is not None and not path.is_file():
                raise UplinkError(f"evidence.upload: {path} is not a file")
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except (ssl.SSLError, OSError) as error:
            raise UplinkError(f"evidence.upload: ca, cert or key cannot be used: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that waits to be uploaded."""

    path: Path
    event_id: str
    name: str
    kind: str
    media_type: str
    sha256: str
    size_bytes: int
    note: str = ""


class Parcels(Protocol):
    """The outbox of evidence: durable, so that nothing is forgotten by a restart. Raises EdgeGuardError."""

    def next_parcel(self) -> Parcel | None:
        """What to upload next."""

    def delivered(self, parcel: Parcel) -> None:
        """The server has it."""

    def refused(self, parcel: Parcel, reason: str) -> None:
        """The server will never take it."""

    def postponed(self, parcel: Parcel) -> None:
        """It failed this time: others go before it."""


class Outcome(Enum):
    """What became of an attempt."""

    STORED = auto()
    REFUSED = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True)
class UploadHealth:
    """`reason` of the latest attempt; the totals count since the start."""

    reason: str = "nothing uploaded yet"
    stored_total: int = 0
    refused_total: int = 0
    failed_total: int = 0


class Uploader:
    """Uploads what waits, one at a time, in a thread of its own; open it with `with`.

    Raises UplinkError at entering when files or variables named by the configuration cannot be used; a server that is
    away is not an error.
    """

    def __init__(
        self,
        config: UploadConfig,
        site: str,
        box: str,
        parcels: Parcels,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.health = UploadHealth()
        self._config = config
        self._prefix = f"{urlsplit(config.url).path}/upload/{quote(site)}/{quote(box)}"
        self._parcels = parcels
        self._backoff = Backoff(config.backoff_first_s, config.backoff_most_s, chance)
        self._stopping = Event()
        self._woken = Event()
        self._connection: http.client.HTTPConnection | None = None
        self._thread = Thread(target=self._run, name="uploader", daemon=True)

    def __enter__(self) -> Self:
        self._config.tls_context()
        self._config.token()
        if self._config.insecure_lab:
            _LOG.warning(_BANNER)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._woken.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(_STOP_TIMEOUT_S)

    def wake(self) -> None:
        """There is something new to upload."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                parcel = self._parcels.next_parcel()
                if parcel is None:
                    self._woken.wait(_TICK_S)
                    continue
                self._settle(parcel)
            except EdgeGuardError as error:
                self._say(str(error))
                self._stopping.wait(self._backoff.next_s())

    def _settle(self, parcel: Parcel) -> None:
        outcome, reason = self._put(parcel)
        health = self.health
        if outcome is Outcome.STORED:
            self._parcels.delivered(parcel)
            self.health = replace(health, stored_total=health.stored_total + 1)
            self._say(f"uploading to {self._config.url}", logging.INFO)
            self._backoff.reset()
        elif outcome is Outcome.REFUSED:
            self._parcels.refused(parcel, reason)
            self.health = replace(health, refused_total=health.refused_total + 1)
            _LOG.warning("%s of %s is refused for good: %s", parcel.name, parcel.event_id, reason)
            self._backoff.reset()
        elif not self._stopping.is_set():
            self._parcels.postponed(parcel)
            self.health = replace(health, failed_total=health.failed_total + 1)
            self._say(reason)
            self._stopping.wait(self._backoff.next_s())

    def _put(self, parcel: Parcel) -> tuple[Outcome, str]:
        """One attempt."""
        try:
            connection = self._open()
        except UplinkError as error:
            return Outcome.LATER, str(error)
        try:
            self._send(connection, parcel)
            answer = connection.getresponse()
            detail = answer.read(200).decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException) as error:
            return Outcome.LATER, f"{self._config.url}: {_in_words(error)}"
        finally:
            self._connection = None
            connection.close()
        said = " ".join(f"{answer.status} {answer.reason} {detail}".split())
        if answer.status in STORED:
            return Outcome.STORED, said
        return Outcome.REFUSED if answer.status in REFUSED else Outcome.LATER, f"{self._config.url}: {said}"

    def _open(self) -> http.client.HTTPConnection:
        parts, context = urlsplit(self._config.url), self._config.tls_context()
        host, timeout_s = parts.hostname or "", self._config.timeout_s
        if context is None:
            self._connection = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
        else:
            self._connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
        return self._connection

    def _send(self, connection: http.client.HTTPConnection, parcel: Parcel) -> None:
        token = self._config.token()
        with parcel.path.open("rb") as body:
            connection.putrequest("PUT", f"{self._prefix}/{quote(parcel.event_id)}/{quote(parcel.name)}")
            connection.putheader("Authorization", f"Bearer {token}")
            connection.putheader("Content-Type", parcel.media_type)
            connection.putheader("Content-Length", str(parcel.size_bytes))
            connection.putheader("X-Content-SHA256", parcel.sha256)
            connection.putheader("X-Evidence-Kind", parcel.kind)
            connection.endheaders()
            # A server that has made up its mind answers before the end and closes: its answer is still to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                while chunk := body.read(_CHUNK_BYTES):
                    connection.send(chunk)
                    self._rest(len(chunk))
                    if self._stopping.is_set():
                        raise InterruptedError("stopped")

    def _rest(self, sent_bytes: int) -> None:
        if self._config.max_kbit_s is not None:
            self._stopping.wait(sent_bytes * 8 / 1000 / self._config.max_kbit_s)

    def _say(self, reason: str, level: int = logging.WARNING) -> None:
        """Log what is new only."""
        if reason != self.health.reason:
            self.health = replace(self.health, reason=reason)
            _LOG.log(level, "evidence: %s", reason)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError):
        return in_words(error)
    return f"no answer that can be read ({type(error).__name__})"
