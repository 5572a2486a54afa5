"""A network camera over RTSP."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import Field, SecretStr, field_validator, model_validator

from edgeguard.errors import ConfigError, SourceAuth, SourceError, SourceStalled
from edgeguard.sources.base import SYSTEM_CLOCK, Clock, SourceSettings
from edgeguard.sources.packets import NoTap, PacketTap
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.sources.timeline import LiveTimeline
from edgeguard.sources.translate import redact, translated, video_stream
from edgeguard.types import Frame

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet

# FFmpeg keeps "user:password", percent-encoded, in 128 bytes and cuts the rest off silently.
MAX_USERINFO_CHARS = 127
# FFmpeg looks into the stream before the first frame; the parameters are in the description, so little is needed.
ANALYZE_US = 500_000
# Packets that came out of order over UDP are waited for this long.
REORDER_US = 200_000


class RtspConfig(SourceSettings):
    """Settings of a network camera. A user name and password inside `url` are taken out of it and kept as secrets."""

    kind: Literal["rtsp"] = "rtsp"
    url: str = Field(repr=False)  # some cameras want the password in the path
    username: SecretStr | None = None
    password: SecretStr | None = None
    password_env: str | None = Field(default=None, min_length=1)
    transport: Literal["tcp", "udp"] = "tcp"
    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    stall_timeout_s: float = Field(default=2.5, gt=0, le=30)

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
        if urlsplit(url).scheme not in {"rtsp", "rtsps"} or not urlsplit(url).hostname:
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

    def _userinfo(self) -> str:
        secrets = [s.get_secret_value() for s in (self.username, self.password) if s is not None]
        return ":".join(quote(secret, safe="") for secret in secrets)


class RtspSource:
    """Frames of one connection: `frames()` opens, and raises SourceError when the stream ends, stalls or breaks.

    Frames that cannot be decoded are left out and leave a gap in `index`.
    """

    def __init__(self, config: RtspConfig, camera_id: str, clock: Clock = SYSTEM_CLOCK) -> None:
        self._config = config
        self._camera_id = camera_id
        self._clock = clock
        self._where = f"{camera_id} {redact(config.url)}"
        self._tap: PacketTap = NoTap()

    def tap_into(self, tap: PacketTap) -> None:
        self._tap = tap

    def frames(self) -> Iterator[Frame]:
        """Yield decoded frames. Raises SourceAuth, SourceStalled or SourceError; never ends silently."""
        with self._connect() as container:
            stream = video_stream(self._where, container)
            stream.codec_context.flags |= Flags.low_delay
            yield from self._read(container, stream)
        raise SourceError(f"{self._where}: the stream ended")

    def _connect(self) -> InputContainer:
        started_s = self._clock.monotonic_s()
        try:
            return translated(self._where, self._open)
        except SourceAuth:
            raise
        except SourceError as error:
            # An opening that is interrupted half-way says "damaged", not "timed out".
            if self._clock.monotonic_s() - started_s < self._config.open_timeout_s:
                raise
            raise SourceStalled(f"{self._where}: no answer within {self._config.open_timeout_s:g} s") from error

    def _open(self) -> InputContainer:
        config = self._config
        options = {
            "rtsp_transport": config.transport,
            "allowed_media_types": "video",
            "fflags": "nobuffer",
            "analyzeduration": str(ANALYZE_US),
            "max_delay": str(REORDER_US),
        }
        timeout_s = (config.open_timeout_s, config.stall_timeout_s)
        return av.open(config.address(), format="rtsp", options=options, timeout=timeout_s)

    def _read(self, container: InputContainer, stream: VideoStream) -> Iterator[Frame]:
        timeline, scaler = LiveTimeline(), Scaler()
        keep = self._tap.connected(stream)
        index = 0
        last_frame_s = self._clock.monotonic_s()
        packets = container.demux(stream)
        while (packet := translated(self._where, lambda: next(packets, None))) is not None:
            arrived_s = self._clock.monotonic_s()
            # Before decoding: a read that was interrupted may hand out the half of a picture that had come.
            if arrived_s - last_frame_s > self._config.stall_timeout_s:
                raise SourceStalled(f"{self._where}: no picture for {arrived_s - last_frame_s:.1f} s")
            keep(packet, arrived_s)
            pictures = _decode(packet)
            if pictures is None:
                index += 1
            for picture in pictures or ():
                yield self._frame(picture, index, timeline, scaler, arrived_s)
                last_frame_s = self._clock.monotonic_s()
                index += 1
            if packet.size == 0:  # the demuxer's end mark
                return

    def _frame(
        self, picture: VideoFrame, index: int, timeline: LiveTimeline, scaler: Scaler, arrived_s: float
    ) -> Frame:
        captured_s = timeline.monotonic_s(_seconds(picture.pts, picture.time_base), arrived_s)
        captured_at = self._clock.utcnow() - timedelta(seconds=arrived_s - captured_s)
        return Frame(self._camera_id, index, captured_s, captured_at, DecodedPicture(picture, scaler))


def _decode(packet: "Packet[VideoStream]") -> list[VideoFrame] | None:
    """Frames of a packet, or None where it is damaged: a live stream goes on with the next key frame."""
    try:
        return packet.decode()
    except av.error.InvalidDataError:
        return None


def _seconds(pts: int | None, time_base: Fraction | None) -> float | None:
    return None if pts is None or time_base is None else float(pts * time_base)


def _netloc(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _replace_userinfo(url: str, userinfo: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{host}" if userinfo else host))
