"""A relay board that is switched by HTTP requests: one connection a request, nothing of a broken one is sent later."""

import base64
import http.client
import os
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from threading import Timer
from urllib.parse import urlsplit

from edgeguard.actuators.relay import Promises, Pulse, timed
from edgeguard.actuators.relay_config import MILLISECONDS, SECONDS, HttpCall, HttpRelayConfig
from edgeguard.errors import ConfigError, RelayError

# See relay_modbus: an abandoned "close" must not arrive after all.
_FORGET_UNSENT = struct.pack("ii", 1, 0)


class HttpRelay:
    """Raises ConfigError for a CA file that cannot be used, or a variable of the environment that is not set."""

    def __init__(self, config: HttpRelayConfig, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = monotonic_s
        self._parts = urlsplit(config.on.url)
        self._headers = _authorization(config)
        self._tls = _tls_context(config) if self._parts.scheme == "https" else None
        # It cannot be asked: not known to be released until it was told to.
        self._released = config.off is None

    @property
    def name(self) -> str:
        return f"{self._parts.scheme}://{self._parts.hostname}:{self._port}"

    @property
    def promises(self) -> Promises:
        return Promises(hardware_pulse=self._config.on.timed_by_board)

    @property
    def _port(self) -> int:
        return self._parts.port or (443 if self._parts.scheme == "https" else 80)

    def pulse(self, pulse: Pulse) -> None:
        timed(pulse, lambda: self._close(pulse), self._release)

    def check(self) -> None:
        if not self._released:
            self._release()
        elif self._config.status is not None:
            self._call(self._config.status)
        else:
            with self._connected():
                pass

    def close(self) -> None:
        """Nothing stays open between two requests."""

    def _close(self, pulse: Pulse) -> None:
        self._released = self._config.off is None
        self._call(self._config.on, pulse)

    def _release(self) -> None:
        if self._config.off is not None:
            self._call(self._config.off)
            self._released = True

    def _call(self, call: HttpCall, pulse: Pulse | None = None) -> None:
        """One request with its answer within `timeout_s`; with a pulse never begun too late."""
        with self._connected() as connection:
            if pulse is not None:
                pulse.begin(self._config.timeout_s)
            url, body = (_filled(text, pulse) for text in (call.url, call.body))
            parts = urlsplit(url or "")
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = self._headers | ({} if body is None else {"Content-Type": call.content_type})
            connection.request(call.method, target, None if body is None else body.encode(), headers)
            with connection.getresponse() as answer:  # what stands in it is nobody's business
                status, reason = answer.status, answer.reason
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise RelayError(f"{self.name}: met the answer {status} {reason}, accepted: 200 to 299")

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        timeout_s, host = self._config.timeout_s, self._parts.hostname or ""
        connection: http.client.HTTPConnection
        if self._tls is None:
            connection = http.client.HTTPConnection(host, self._port, timeout=timeout_s)
        else:
            connection = http.client.HTTPSConnection(host, self._port, timeout=timeout_s, context=self._tls)
        whole: Timer | None = None
        try:
            connection.connect()
            # The time-out of a socket begins anew with every byte.
            whole = Timer(timeout_s, _hang_up, (connection.sock,))
            whole.daemon = True
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET_UNSENT)
            whole.start()
            yield connection
        except (OSError, http.client.HTTPException) as error:
            raise RelayError(f"{self.name}: {_why(error)}") from error
        finally:
            if whole is not None:
                whole.cancel()
            connection.close()


def _filled(text: str | None, pulse: Pulse | None) -> str | None:
    if text is None or pulse is None:
        return text
    return text.replace(SECONDS, f"{pulse.seconds:g}").replace(MILLISECONDS, f"{pulse.seconds * 1000:.0f}")


def _authorization(config: HttpRelayConfig) -> dict[str, str]:
    if config.token_env is not None:
        return {"Authorization": f"Bearer {_secret(config.token_env, 'token_env')}"}
    if config.username is not None and config.password_env is not None:
        told = f"{config.username}:{_secret(config.password_env, 'password_env')}"
        return {"Authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}
    return {}


def _secret(variable: str, key: str) -> str:
    value = os.environ.get(variable, "")
    if not value or not value.isascii() or not value.isprintable():
        raise ConfigError(f"{key}: the environment has no usable {variable}, accepted: one line of ASCII")
    return value


def _tls_context(config: HttpRelayConfig) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"ca: {config.ca} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted: {error.verify_message}"
        case TimeoutError():
            return "no answer in time"
        case ConnectionRefusedError():
            return "nothing listens there"
        case _:
            return str(error) or type(error).__name__
