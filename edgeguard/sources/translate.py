"""FFmpeg's errors in EdgeGuard's words, and streams opened so that no address with a password leaves this module."""

import errno
import re
from collections.abc import Callable
from typing import TypeVar

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from edgeguard.errors import Fault, SourceAuth, SourceError, SourceStalled

T = TypeVar("T")

_SECRET_IN_PATH = re.compile(r"(?i)\b(user(?:name)?|pass(?:word|wd)?|pwd|token)=[^&/;_]*")

_REASONS: tuple[tuple[type[av.FFmpegError], type[SourceError], Fault, str], ...] = (
    (av.HTTPUnauthorizedError, SourceAuth, Fault.AUTH_FAILED, "user name or password refused (401)"),
    (av.HTTPForbiddenError, SourceAuth, Fault.AUTH_FAILED, "access refused (403)"),
    (av.HTTPNotFoundError, SourceError, Fault.NOT_FOUND, "no such stream at this address (404)"),
    (
        av.error.HTTPOtherClientError,
        SourceError,
        Fault.NOT_OFFERED,
        "the server does not play it so (4xx): another transport wanted, or too many viewers",
    ),
    (av.error.HTTPServerError, SourceError, Fault.FAILED, "the server has trouble of its own (5xx)"),
    (av.error.ExitError, SourceStalled, Fault.STALLED, "no data within the time allowed"),
    (av.error.TimeoutError, SourceStalled, Fault.STALLED, "no data within the time allowed"),
    (av.error.ConnectionRefusedError, SourceError, Fault.REFUSED, "connection refused: nothing listens there"),
    (av.error.ConnectionResetError, SourceError, Fault.CLOSED, "the other side broke the connection"),
    (av.error.BrokenPipeError, SourceError, Fault.CLOSED, "the other side broke the connection"),
    (av.error.EOFError, SourceError, Fault.CLOSED, "the stream ended"),
    (av.error.FileNotFoundError, SourceError, Fault.NOT_FOUND, "no such file"),
    (av.error.PermissionError, SourceError, Fault.NO_PERMISSION, "no permission to read it"),
    (av.error.IsADirectoryError, SourceError, Fault.FAILED, "is a folder"),
    (av.error.DecoderNotFoundError, SourceError, Fault.NO_DECODER, "no decoder for its codec"),
    (av.error.ProtocolNotFoundError, SourceError, Fault.FAILED, "unknown protocol"),
    (av.error.InvalidDataError, SourceError, Fault.DAMAGED, "not a video, or damaged"),
)
_ERRNO: dict[int, tuple[Fault, str]] = {
    errno.EHOSTUNREACH: (Fault.UNREACHABLE, "no way to this host"),
    errno.ENETUNREACH: (Fault.UNREACHABLE, "no way to this host's network"),
}


def redact(url: str) -> str:
    """The address without user name, password, query and fragment.

    All up to the last "@" goes, also where a password with "/" or "#" in it was not percent-encoded; so does the value
    of a `password=` that some cameras want inside the path.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    shown = rest.rpartition("@")[2].partition("?")[0].partition("#")[0]
    return scheme + mark + _SECRET_IN_PATH.sub(r"\1=***", shown)


def translated(where: str, step: Callable[[], T]) -> T:
    """Run `step`; raises SourceError with `where` in front instead of FFmpeg's errors.

    The original is not chained: FFmpeg puts the whole address, password included, into its text.
    """
    try:
        return step()
    except (av.FFmpegError, OSError) as error:
        failure = _describe(where, error)
    raise failure


def _describe(where: str, error: Exception) -> SourceError:
    for foreign, ours, fault, reason in _REASONS:
        if isinstance(error, foreign):
            return ours(f"{where}: {reason}", fault)
    number = getattr(error, "errno", None)
    if number in _ERRNO:
        fault, reason = _ERRNO[number]
        return SourceError(f"{where}: {reason}", fault)
    text = getattr(error, "strerror", None) or type(error).__name__
    return SourceError(f"{where}: {text.lower()}")


def video_stream(where: str, container: InputContainer) -> VideoStream:
    """The first video stream with a decoder, set to one thread; raises SourceError where there is none.

    One thread: cameras share the cores among each other, and frame threads would add a frame of delay per thread.
    """
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise SourceError(f"{where}: no video stream in it, only {kinds}", Fault.NO_VIDEO)
    stream = container.streams.video[0]
    # Streams without a decoder have no codec context, whatever the type stub says.
    if getattr(stream, "codec_context", None) is None:
        raise SourceError(f"{where}: no decoder for its codec", Fault.NO_DECODER)
    stream.codec_context.thread_count = 1
    return stream
