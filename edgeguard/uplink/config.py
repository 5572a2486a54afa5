"""How a box reaches its broker."""

import os
import ssl
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.errors import UplinkError
from edgeguard.tls import TidySocket
from edgeguard.yamlfile import Strict


class TlsConfig(Strict):
    """PEM files: the authority that signed the broker's certificate, and this box's own certificate and key."""

    ca: Path
    cert: Path
    key: Path


class UplinkConfig(Strict):
    """`tls` is required unless `insecure_lab` is true: then everybody on the network can read and send.

    `protocol` 311 is understood by every broker, 5 tells more reasons. The password is read from the environment
    variable `password_env`, never from a file that is shown around.
    """

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: TlsConfig | None = None
    insecure_lab: bool = False
    username: str | None = None
    password_env: str | None = None
    client_id: str | None = None
    protocol: Literal[311, 5] = 311
    keepalive_s: int = Field(default=20, ge=5, le=600)
    connect_timeout_s: float = Field(default=10.0, gt=0, le=60)
    # Rows on their way at the same time: hides the way to the broker and back, bounds what a cut repeats.
    window: int = Field(default=20, ge=1, le=200)
    history_rate_hz: float = Field(default=50.0, gt=0)
    # An event that waited longer than this is sent as history, unless its episode still goes on.
    historical_after_s: float = Field(default=60.0, ge=0)
    backoff_first_s: float = Field(default=0.5, gt=0)
    backoff_most_s: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _tls_or_said_to_be_a_lab(self) -> Self:
        if self.tls is None and not self.insecure_lab:
            raise ValueError("tls is missing, accepted: tls with ca, cert and key, or insecure_lab: true")
        if self.tls is not None and self.insecure_lab:
            raise ValueError("tls and insecure_lab: true are both set, accepted: one of them")
        return self

    @property
    def effective_port(self) -> int:
        return self.port or (1883 if self.tls is None else 8883)

    def password(self) -> str | None:
        """Raise UplinkError when the variable named is not set."""
        if self.password_env is None:
            return None
        try:
            return os.environ[self.password_env]
        except KeyError as error:
            raise UplinkError(f"environment variable {self.password_env} is not set (uplink.password_env)") from error

    def tls_context(self) -> ssl.SSLContext | None:
        """A context that verifies the broker and shows this box's certificate; raise UplinkError for a bad file."""
        if self.tls is None:
            return None
        for path in (self.tls.ca, self.tls.cert, self.tls.key):
            if not path.is_file():
                raise UplinkError(f"uplink.tls: {path} is not a file")
        try:
            context = ssl.create_default_context(cafile=self.tls.ca)
            context.load_cert_chain(self.tls.cert, self.tls.key)
        except (ssl.SSLError, OSError) as error:
            raise UplinkError(f"uplink.tls: ca, cert or key cannot be used: {error}") from error
        context.sslsocket_class = TidySocket
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
