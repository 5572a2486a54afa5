"""A network camera over RTSP."""

from collections.abc import Mapping
from typing import Any, Literal, Self
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import av
from av.container import InputContainer
from pydantic import Field, SecretStr, field_validator, model_validator

from edgeguard.errors import ConfigError, Fault, SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.live import OPENING_STEPS, LiveConfig, LiveSource
from edgeguard.sources.reach import unreachable
from edgeguard.sources.translate import redact, video_stream

# FFmpeg keeps "user:password", percent-encoded, in 128 bytes and cuts the rest off silently.
MAX_USERINFO_CHARS = 127
# FFmpeg looks into the stream before the first frame; the parameters are in the description, so little is needed.
ANALYZE_US = 500_000
# Packets that came out of order over UDP are waited for this long.
REORDER_US = 200_000
# An opening has failed already; whether the host is there at all shows at once on a local network.
REACH_S = 1.0
# A server that has just refused is busy with its leavings for a moment and refuses everything.
SETTLE_S = 1.0
# A name server that does not answer is asked for some 10 s, whatever the caller wants.
NAME_S = 20.0
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}


class RtspConfig(LiveConfig):
    """Settings of a network camera. A user name and password inside `url` are taken out of it and kept as secrets."""

    kind: Literal["rtsp"] = "rtsp"
    url: str = Field(repr=False)  # some cameras want the password in the path
    username: SecretStr | None = None
    password: SecretStr | None = None
    password_env: str | None = Field(default=None, min_length=1)
    transport: Literal["tcp", "udp"] = "tcp"

    @model_validator(mode="before")
    @classmethod
    def _split_credentials(cls, given: Any) -> Any:  # noqa: ANN401 - whatever was in the file
        if not isinstance(given, Mapping) or not isinstance(given.get("url"), str):
            return given
        fields = dict(given)
        userinfo, at, _ = _netloc(fields["url"]).rpartition("@")
        if at:
            username, _, password = userinfo.partition(":")
            fields["url"] = _replace_userinfo(fields["url"], "")
            fields.setdefault("username", unquote(username))
            if password and "password_env" not in fields:
                fields.setdefault("password", unquote(password))
        return fields

    @field_validator("url")
    @classmethod
    def _is_rtsp(cls, url: str) -> str:
        if urlsplit(url).scheme not in DEFAULT_PORTS or not urlsplit(url).hostname or not _has_good_port(url):
            raise ValueError("must look like rtsp://camera/path or rtsps://camera/path")
        if "@" in url:  # the rest of a password with "/", "?" or "#" in it would be taken for the path
            raise ValueError("percent-encode the password in the address, or use username and password")
        return url

    @model_validator(mode="after")
    def _credentials_fit(self) -> Self:
        if self.password is not None and self.password_env is not None:
            raise ValueError("give password or password_env, not both")
        if self.username is None and (self.password is not None or self.password_env is not None):
            raise ValueError("a password needs a username")
        if self.username is not None and ":" in self.username.get_secret_value():
            raise ValueError("a username cannot hold ':'")
        if len(self._userinfo()) > MAX_USERINFO_CHARS:
            raise ValueError(f"username and password must fit in {MAX_USERINFO_CHARS} percent-encoded characters")
        return self

    def resolved(self, environ: Mapping[str, str]) -> Self:
        """With the password out of the environment; raises ConfigError where the variable is not set."""
        if self.password_env is None:
            return self
        if self.password_env not in environ:
            raise ConfigError(f"password_env: the environment variable {self.password_env} is not set")
        settings = self.model_dump() | {"password_env": None, "password": SecretStr(environ[self.password_env])}
        return type(self).model_validate(settings)

    def address(self) -> str:
        """The address with credentials, for FFmpeg only: never log it."""
        return _replace_userinfo(self.url, self._userinfo())

    def endpoint(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]

    def _userinfo(self) -> str:
        secrets = [s.get_secret_value() for s in (self.username, self.password) if s is not None]
        return ":".join(quote(secret, safe="") for secret in secrets)


class RtspSource(LiveSource):
    """Frames of one connection: `frames()` opens, and raises SourceError when the stream ends, stalls or breaks."""

    def __init__(self, config: RtspConfig, camera_id: str, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(config, f"{camera_id} {redact(config.url)}", camera_id, clock)
        self._config = config

    def _open(self) -> InputContainer:
        return self._open_for({"allowed_media_types": "video"})

    def _open_for(self, media: dict[str, str]) -> InputContainer:
        config = self._config
        options = media | {
            "rtsp_transport": config.transport,
            "analyzeduration": str(ANALYZE_US),
            "max_delay": str(REORDER_US),
        }
        timeout_s = (config.open_timeout_s, config.stall_timeout_s)
        return av.open(config.address(), format="rtsp", options=options, timeout=timeout_s)

    def _explain(self, error: SourceError) -> SourceError:
        """FFmpeg calls an unknown name and a host that is off "no answer" or "input/output error"."""
        if error.fault is Fault.NOT_OFFERED:
            return self._without_video() or error
        if error.fault not in {Fault.STALLED, Fault.FAILED}:
            return error
        found = self._native.run(lambda: unreachable(*self._config.endpoint(), REACH_S), NAME_S)
        return error if found is None else SourceError(f"{self._where}: {found.reason}", found.fault)

    def _without_video(self) -> SourceError | None:
        """A server asked for the pictures of a stream of sound alone has nothing to play: look what else is there."""
        self._clock.sleep_s(SETTLE_S)
        try:
            with self._native.run(lambda: self._open_for({}), OPENING_STEPS * self._config.open_timeout_s) as container:
                video_stream(self._where, container)
        except SourceError as error:
            return error if error.fault is Fault.NO_VIDEO else None
        return None


def _has_good_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:  # its text has what stands there: a password, maybe
        return False


def _netloc(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _replace_userinfo(url: str, userinfo: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{host}" if userinfo else host))
