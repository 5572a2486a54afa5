"""What the center is told at start."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edgeguard.center.sla import DEFAULT_SLA, Sla
from edgeguard.yamlfile import Strict

Port = Annotated[int, Field(ge=1, le=65535)]
Language = Literal["zh", "en"]
DEFAULT_DATA = Path("center-data")


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


class EvidenceConfig(Strict):
    """What boxes may upload. The quota is for all of it; the oldest of the box that uses most makes room first."""

    quota_gb: Annotated[float, Field(gt=0)] = 20.0
    max_clip_mb: Annotated[float, Field(gt=0)] = 64.0
    max_picture_mb: Annotated[float, Field(gt=0)] = 4.0


class LiveConfig(Strict):
    """Live pictures of a page: `cards` of them at most, each `rate_hz` a second."""

    cards: Annotated[int, Field(ge=1, le=16)] = 4
    rate_hz: Annotated[float, Field(gt=0, le=8)] = 2.0


class TalkConfig(Strict):
    """Speaking into a lift; nobody can hold the button for longer."""

    longest_s: Annotated[float, Field(ge=5, le=120)] = 60.0


class PrivacyConfig(Strict):
    """Who may act on what is held of people; and what the drafts say about who is responsible, or a line to fill in."""

    operator: str | None = Field(default=None, max_length=200, description="who runs the cameras and answers for them")
    contact: str | None = Field(default=None, max_length=200, description="where people turn to with their rights")
    officers: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=32, description="accounts that may export and delete people; none: nobody may"
    )
    purpose: str | None = Field(default=None, max_length=500, description="what the cameras are for; left out: a draft")


class ConductConfig(Strict):
    """Who may set what the cameras of a site watch for."""

    supervisors: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(
        default=(), max_length=32, description="accounts that may switch and set rules on boxes; none: nobody may"
    )


class CenterConfig(Strict):
    """Everything `edgeguard center` needs."""

    broker: BrokerConfig
    host: str = "127.0.0.1"
    port: Port = 8080
    data_dir: Path = DEFAULT_DATA
    tls: PageTls | None = None
    language: Language = "zh"
    retention: RetentionConfig = RetentionConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    live: LiveConfig = LiveConfig()
    talk: TalkConfig = TalkConfig()
    sla: Sla = Field(default_factory=lambda: dict(DEFAULT_SLA))
    routes: Path | None = None
    privacy: PrivacyConfig = PrivacyConfig()
    conduct: ConductConfig = ConductConfig()
    late_after_s: Annotated[float, Field(gt=0)] = 600.0

    def beside(self, folder: Path) -> Self:
        """With every relative path counted from this folder."""
        tls = self.tls and PageTls(cert=folder / self.tls.cert, key=folder / self.tls.key)
        known = self.broker.tls
        broker_tls = known and BrokerTls(
            ca=folder / known.ca, cert=known.cert and folder / known.cert, key=known.key and folder / known.key
        )
        broker = self.broker.model_copy(update={"tls": broker_tls})
        routes = self.routes and folder / self.routes
        return self.model_copy(
            update={"data_dir": folder / self.data_dir, "tls": tls, "broker": broker, "routes": routes}
        )

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"
