"""What the center is told at start: one pydantic model; a wrong file is refused with line and values."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edgeguard.errors import ConfigError

Port = Annotated[int, Field(ge=1, le=65535)]
Language = Literal["zh", "en"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageTls(_Strict):
    """The certificate the page is served with."""

    cert: Path
    key: Path


class BrokerTls(_Strict):
    """`ca` verifies the broker; `cert` and `key` are the center's own client certificate."""

    ca: Path
    cert: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _pair(self) -> "BrokerTls":
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key go together: give both or neither")
        return self


class BrokerConfig(_Strict):
    """Where the boxes' messages come from. TLS unless `insecure_lab` says out loud that this is a laboratory."""

    host: str = "127.0.0.1"
    port: Port = 8883
    tls: BrokerTls | None = None
    insecure_lab: bool = False
    username: str | None = None
    password_env: str | None = Field(default=None, description="name of the environment variable with the password")

    @model_validator(mode="after")
    def _one_transport(self) -> "BrokerConfig":
        if (self.tls is None) == (not self.insecure_lab):
            raise ValueError("give either tls: {ca: FILE} or insecure_lab: true, exactly one of them")
        return self


class RetentionConfig(_Strict):
    """How long facts and pictures stay; open and unacknowledged alarms always stay."""

    pictures_days: Annotated[int, Field(ge=1)] = 30
    events_days: Annotated[int, Field(ge=1)] = 365


class CenterConfig(_Strict):
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


def load_config(path: Path) -> CenterConfig:
    """Read a YAML file; raises ConfigError with file, line, the value met and what is accepted."""
    settings, root = read_yaml(path)
    return parse_config(settings, str(path), root)


def read_yaml(path: Path) -> tuple[dict[str, Any], yaml.Node | None]:
    """The settings of a file and the tree that knows their lines; raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, yaml.SafeLoader)
        data = yaml.safe_load(text) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: holds {_short(data)}, accepted: settings as `name: value`")
    return data, root


def parse_config(data: object, where: str, root: yaml.Node | None = None) -> CenterConfig:
    """Validate settings from a file (`root` gives the lines) or from the command line."""
    try:
        return CenterConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaints(error, where, root))) from error


def _complaints(error: ValidationError, where: str, root: yaml.Node | None) -> list[str]:
    lines = []
    for item in error.errors(include_url=False):
        name = ".".join(str(part) for part in item["loc"]) or "settings"
        line = f":{_line(root, item['loc'])}" if root is not None else ""
        met = "" if item["type"] == "missing" else f" (met: {_short(item['input'])})"
        lines.append(f"{where}{line}: {name}: {item['msg']}{met}")
    return lines


def _line(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """Line (from 1) of the deepest part of `loc` that the file has."""
    line = int(node.start_mark.line)
    for part in loc:
        if not isinstance(node, yaml.MappingNode):
            break
        found = next(((key, value) for key, value in node.value if key.value == part), None)
        if found is None:
            break
        line, node = int(found[0].start_mark.line), found[1]
    return line + 1


def _short(value: Any, limit: int = 60) -> str:  # noqa: ANN401 - whatever the file holds
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
