"""What the center is told at start."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edgeguard.yamlfile import Strict

Port = Annotated[int, Field(ge=1, le=65535)]
Language = Literal["zh", "en"]


class PageTls(Strict):
    """The certificate the page is served with."""

    cert: Path
    key: Path


class BrokerTls(Strict):
    """`ca` verifies the broker; `cert` and `key` are the center's own client certificate."""

    ca: Path
    cert: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key together, or neither")
        return self


class BrokerConfig(Strict):
    """Where the boxes' messages come from. TLS unless `insecure_lab` says out loud that this is a laboratory."""

    host: str = "127.0.0.1"
    port: Port = 8883
    tls: BrokerTls | None = None
    insecure_lab: bool = False
    username: str | None = None
    password_env: str | None = Field(default=None, description="name of the environment variable with the password")

    @model_validator(mode="after")
    def _one_transport(self) -> Self:
        if (self.tls is None) == (not self.insecure_lab):
            raise ValueError("either tls: {ca: FILE} or insecure_lab: true, exactly one of them")
        return self


class RetentionConfig(Strict):
    """How long facts and pictures stay; open and unacknowledged alarms always stay."""

    pictures_days: Annotated[int, Field(ge=1)] = 30
    events_days: Annotated[int, Field(ge=1)] = 365


class CenterConfig(Strict):
    """Everything `edgeguard center` needs."""

    broker: BrokerConfig
    host: str = "127.0.0.1"
    port: Port = 8080
    data_dir: Path = Path("center-data")
    tls: PageTls | None = None
    language: Language = "zh"
    retention: RetentionConfig = RetentionConfig()
    late_after_s: Annotated[float, Field(gt=0)] = 600.0

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"
