"""A pinned file over HTTP into a partial one, which a later call goes on with."""

import errno
import http.client
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib import error as url_errors
from urllib import request as url_request

from edgeguard import __version__
from edgeguard.errors import FetchError
from edgeguard.yamlfile import CREDENTIALS_IN_URL

# A mirror on a slow line may be silent for a while; one that is silent for longer has gone.
TIMEOUT_S = 30.0
CHUNK = 1 << 16
OFFLINE = "without a network: edgeguard models import FILE"

# Called with the bytes there are.
Shown = Callable[[int], None]


class Response(Protocol):
    """What is used of an HTTP answer."""

    status: int
    headers: http.client.HTTPMessage

    def read(self, amount: int) -> bytes:
        """At most so many bytes; none at the end."""

    def close(self) -> None:
        """Hang up."""


def download(url: str, part: Path, size_bytes: int, shown: Shown) -> None:
    """Make `part` `size_bytes` long, going on from what is there. Raises FetchError; what came is kept then.

    A server without Range sends it all again. One that announces or sends another length is refused.
    """
    have = part.stat().st_size if part.exists() else 0
    if have > size_bytes:
        part.unlink()
        have = 0
    if have == size_bytes:
        return
    response, start = _answer(url, have, size_bytes)
    try:
        with written(part, start) as stream:
            _receive(response, stream, Span(url, start, size_bytes), shown)
    except TooMuch as error:
        part.unlink()
        raise FetchError(str(error)) from error
    finally:
        response.close()


class Span:
    """Which bytes of what are to come; `shown_url` is for messages."""

    def __init__(self, url: str, start: int, end: int) -> None:
        self.shown_url = public(url)
        self.start = start
        self.end = end


class TooMuch(FetchError):
    """The server sends more than the file has; what it sent is none of it."""


def _answer(url: str, have: int, size_bytes: int) -> tuple[Response, int]:
    """The answer, and the byte that it begins with."""
    response = _open(url, have)
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and _begins_at(response, have, size_bytes):
        return response, have
    if have and response.status in {http.HTTPStatus.PARTIAL_CONTENT, http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
        # It has something else in mind: the range is past its file's end, or of another one. Once more, from the start.
        response.close()
        response = _open(url, 0)
    if response.status != http.HTTPStatus.OK:
        response.close()
        reason = http.client.responses.get(response.status, "")
        met = f"the server answers {response.status} {reason}".rstrip()
        raise FetchError(f"{public(url)}: {met}, accepted: 200 or 206; {OFFLINE}")
    announced = response.headers.get("Content-Length")
    if announced is not None and announced != str(size_bytes):
        response.close()
        raise FetchError(f"{public(url)}: the server announces {announced} bytes, accepted: {size_bytes}")
    return response, 0


def _open(url: str, have: int) -> Response:
    headers = {"User-Agent": f"edgeguard/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        request = url_request.Request(url, headers=headers)  # noqa: S310 - the opener knows HTTP and nothing else
        response: Response = _opener().open(request, timeout=TIMEOUT_S)
    except url_errors.HTTPError as error:
        return error  # type: ignore[return-value]  # it is an answer as well
    except url_errors.URLError as error:
        raise FetchError(f"{public(url)}: cannot be reached ({error.reason}), accepted: a server; {OFFLINE}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        told = str(error) or type(error).__name__
        raise FetchError(f"{public(url)}: cannot be reached ({told}), accepted: a server; {OFFLINE}") from error
    return response


def _opener() -> url_request.OpenerDirector:
    """HTTP and HTTPS by the machine's proxy, redirections among them; no file:, no ftp: that a mirror might name."""
    opener = url_request.OpenerDirector()
    for handler in (
        url_request.ProxyHandler(),
        url_request.HTTPHandler(),
        url_request.HTTPSHandler(),
        url_request.HTTPDefaultErrorHandler(),
        url_request.HTTPRedirectHandler(),
        url_request.HTTPErrorProcessor(),
        url_request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _begins_at(response: Response, have: int, size_bytes: int) -> bool:
    met = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", ""))
    return met is not None and int(met[1]) == have and met[3] in {str(size_bytes), "*"}


def _receive(response: Response, stream: BinaryIO, span: Span, shown: Shown) -> None:
    have = span.start
    shown(have)
    while True:
        chunk = _read(response, span, have)
        if not chunk:
            break
        have += len(chunk)
        if have > span.end:
            raise TooMuch(f"{span.shown_url}: the server sends more than {span.end} bytes, accepted: {span.end}")
        stream.write(chunk)
        shown(have)
    if have < span.end:
        raise FetchError(_ended(span, have, "the answer ended"))


def _read(response: Response, span: Span, have: int) -> bytes:
    try:
        # One byte more than is missing shows a server that sends too much.
        return response.read(min(CHUNK, span.end - have + 1))
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(_ended(span, have, str(error) or type(error).__name__)) from error


def _ended(span: Span, have: int, why: str) -> str:
    return (
        f"{span.shown_url}: {why} after {have} of {span.end} bytes, which are kept: the same command goes on from there"
    )


@contextmanager
def written(part: Path, start: int = 0) -> Iterator[BinaryIO]:
    """`part`, open for writing behind its first `start` bytes. Raises FetchError where the disk does not take it."""
    try:
        with part.open("r+b" if start else "wb") as stream:
            if start:
                stream.seek(start)
                stream.truncate()
            yield stream
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise FetchError(f"{part}: the disk is full, accepted: room for the whole file") from error
        raise FetchError(f"{part}: cannot be written ({error.strerror or error})") from error


def room_for(folder: Path, size_bytes: int) -> None:
    """Raise FetchError where the disk has not so much left."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes:
        raise FetchError(f"{folder}: {free} bytes are free on this disk, accepted: {size_bytes} or more")


def public(url: str) -> str:
    """Without a password."""
    return CREDENTIALS_IN_URL.sub("***@", url)
