"""How people and platforms are told: a signed webhook, or an SMS through any gateway that speaks HTTP."""

import hashlib
import hmac
import os
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, Self
from urllib.parse import urlsplit

import httpx
from pydantic import Field, model_validator

from edgeguard.contract.base import rfc3339
from edgeguard.errors import ConfigError, NotifyError
from edgeguard.yamlfile import Strict

TIMEOUT_S: Final = 10.0
# Of an answer that is no 2xx: enough to see why, too little to fill a database.
ANSWER_LETTERS: Final = 120
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class HttpChannel(Strict):
    """Where, and how the other side is verified. Plain HTTP only on loopback, or with `insecure_lab`."""

    url: str = Field(pattern=r"^https?://[^/\s@]+(/\S*)?$")
    ca: Path | None = None
    insecure_lab: bool = False

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        address = urlsplit(self.url)
        if address.scheme == "http" and address.hostname not in LOOPBACK and not self.insecure_lab:
            raise ValueError("https://, or http:// on loopback, or insecure_lab: true")
        return self

    def placed(self, folder: Path) -> Self:
        """With relative paths counted from this folder."""
        return self.model_copy(update={"ca": self.ca and folder / self.ca})

    def context(self) -> ssl.SSLContext:
        """Raises ConfigError for a file that cannot be used."""
        try:
            return ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(f"ca: met {self.ca}: {error}, accepted: a PEM file") from error


class WebhookChannel(HttpChannel):
    """A POST of JSON; `secret_env` names the environment variable that holds the secret of the signature."""

    kind: Literal["webhook"]
    secret_env: str


class SmsChannel(HttpChannel):
    """A POST of `{"to", "text"}` with `Authorization: Bearer`; `token_env` names the variable that holds the token."""

    kind: Literal["sms"]
    to: str = Field(pattern=r"^\+?[0-9]{3,20}$")
    token_env: str


Channel = Annotated[WebhookChannel | SmsChannel, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: `body` is JSON for programs, `text` one line for people; `id` stays the same over repeats."""

    id: str
    body: str
    text: str


class Notifier(Protocol):
    """One channel of one recipient."""

    def send(self, message: Message, now: datetime) -> None:
        """Return when the other side has it; raises NotifyError, and then it is tried again."""


class MemoryNotifier:
    """Keeps what it is told; refuses while `refusal` says why."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refusal = ""

    def send(self, message: Message, now: datetime) -> None:  # noqa: ARG002
        if self.refusal:
            raise NotifyError(self.refusal)
        self.sent.append(message)


class GoneNotifier:
    """Of a recipient that the routes have no more: it may come back with the next change of the file."""

    def send(self, message: Message, now: datetime) -> None:  # noqa: ARG002
        raise NotifyError("this recipient is not in the routes any more")


class WebhookNotifier:
    """`X-EdgeGuard-Signature: sha256=HMAC-SHA256(secret, timestamp + "." + body)` in hex; see docs/routing.md."""

    def __init__(self, config: WebhookChannel) -> None:
        self._url = config.url
        self._secret = _secret(config.secret_env, "secret_env").encode()
        self._context = config.context()

    def send(self, message: Message, now: datetime) -> None:
        body, stamp = message.body.encode(), rfc3339(now)
        headers = {
            "content-type": "application/json",
            "x-edgeguard-delivery": message.id,
            "x-edgeguard-timestamp": stamp,
            "x-edgeguard-signature": signature(self._secret, stamp, body),
        }
        _post(self._url, body, headers, self._context)


class SmsNotifier:
    """A generic gateway: `POST url` with `{"id", "to", "text"}`; 2xx means that it has taken it over."""

    def __init__(self, config: SmsChannel) -> None:
        self._config = config
        self._token = _secret(config.token_env, "token_env")
        self._context = config.context()

    def send(self, message: Message, now: datetime) -> None:  # noqa: ARG002
        told = httpx.Request(
            "POST", self._config.url, json={"id": message.id, "to": self._config.to, "text": message.text}
        )
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        _post(self._config.url, told.content, headers, self._context)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """As the other side must compute it too; the timestamp in it keeps an old message from being played again."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def build_notifier(channel: WebhookChannel | SmsChannel) -> Notifier:
    """Raises ConfigError for a secret or a file that is not there."""
    return WebhookNotifier(channel) if isinstance(channel, WebhookChannel) else SmsNotifier(channel)


def _post(url: str, body: bytes, headers: dict[str, str], context: ssl.SSLContext) -> None:
    try:
        # A proxy of the environment has no business with alarms; a redirect would take them somewhere else.
        answer = httpx.post(
            url,
            content=body,
            headers=headers,
            verify=context,
            timeout=TIMEOUT_S,
            trust_env=False,
            follow_redirects=False,
        )
    except (httpx.HTTPError, ssl.SSLError, OSError) as error:
        raise NotifyError(f"{type(error).__name__}: {error}"[:ANSWER_LETTERS]) from error
    if not answer.is_success:
        raise NotifyError(f"HTTP {answer.status_code}: {answer.text[:ANSWER_LETTERS]}".rstrip(": "))


def _secret(variable: str, field: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise ConfigError(f"{field}: the environment has no {variable}")
    return value
