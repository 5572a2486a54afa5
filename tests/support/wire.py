"""A bad line between a reader and an RTSP server: TCP forwarded, with one fault in it.

RTSP over TCP carries replies, and packets as "$", channel, length, payload. A `Fault` sees the payloads of RTP one by
one and the text of replies; what it returns is sent.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Self

RTP_HEADER_BYTES = 12
H264_KEY_TYPES = frozenset({5, 7, 8})  # IDR slice, sequence and picture parameters
FRAGMENT_A = 28


def unchanged(data: bytes) -> bytes:
    return data


@dataclass
class Wire:
    """Listens on `port` once opened; `packet` and `reply` change what the server sends, None drops a packet."""

    server_port: int
    packet: Callable[[bytes], bytes | None] = unchanged
    reply: Callable[[bytes], bytes] = unchanged
    delay_s: Callable[[float], float] = lambda _: 0.0
    bytes_per_s: float = 0.0
    _listener: socket.socket = field(init=False)
    _threads: list[threading.Thread] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/cam"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _spawn(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                client = self._listener.accept()[0]
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.server_port)) as server:
            up = threading.Thread(target=self._up, args=(client, server), daemon=True)
            up.start()
            with suppress(EOFError):
                self._down(server, client)
            # Both ways: the other thread waits in a read of one of them.
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            up.join(5)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while not self._closing.is_set():
                server.sendall(_some(client, self._closing))

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        began_s = monotonic()
        stream = _Buffered(server, self._closing)
        while not self._closing.is_set():
            for chunk in self._altered(stream):
                self._wait(self.delay_s(monotonic() - began_s))
                self._send(client, chunk)

    def _altered(self, stream: "_Buffered") -> Iterator[bytes]:
        head = stream.take(1)
        if head != b"$":
            yield self.reply(head + stream.until(b"\r\n\r\n") + stream.body())
            return
        channel, length = struct.unpack(">BH", stream.take(3))
        payload: bytes | None = stream.take(length)
        if channel % 2 == 0 and payload is not None:
            payload = self.packet(payload)
        if payload is not None:
            yield struct.pack(">cBH", b"$", channel, len(payload)) + payload

    def _send(self, client: socket.socket, data: bytes) -> None:
        if not self.bytes_per_s:
            client.sendall(data)
            return
        for start in range(0, len(data), 64):
            piece = data[start : start + 64]
            client.sendall(piece)
            self._wait(len(piece) / self.bytes_per_s)

    def _wait(self, seconds_s: float) -> None:
        if seconds_s > 0 and self._closing.wait(seconds_s):
            raise EOFError


class _Buffered:
    """Reads whole pieces off a socket."""

    def __init__(self, source: socket.socket, closing: threading.Event) -> None:
        self._source = source
        self._closing = closing
        self._data = bytearray()
        self._text = b""

    def take(self, count: int) -> bytes:
        while len(self._data) < count:
            self._data += _some(self._source, self._closing)
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def until(self, mark: bytes) -> bytes:
        while mark not in self._data:
            self._data += _some(self._source, self._closing)
        self._text = self.take(self._data.index(mark) + len(mark))
        return self._text

    def body(self) -> bytes:
        lengths = [line.split(b":")[1] for line in self._text.split(b"\r\n") if line.lower().startswith(b"content-len")]
        return self.take(int(lengths[0])) if lengths else b""


def _some(source: socket.socket, closing: threading.Event) -> bytes:
    source.settimeout(0.2)
    while not closing.is_set():
        with suppress(TimeoutError):
            data = source.recv(65536)
            if not data:
                raise EOFError
            return data
    raise EOFError


def without_key_frames(packet: bytes) -> bytes | None:
    """H.264: drop what a decoder begins with."""
    kind = packet[RTP_HEADER_BYTES] & 0x1F
    if kind == FRAGMENT_A:
        kind = packet[RTP_HEADER_BYTES + 1] & 0x1F
    return None if kind in H264_KEY_TYPES else packet


def damaged(every: int) -> Callable[[bytes], bytes]:
    """Turn bits of every so many packets' payload."""
    count = 0

    def change(packet: bytes) -> bytes:
        nonlocal count
        count += 1
        body = RTP_HEADER_BYTES + 2
        return packet if count % every else packet[:body] + bytes(b ^ 0x5A for b in packet[body:])

    return change


def jumping(after: int, by_s: float, clock_hz: int = 90_000) -> Callable[[bytes], bytes]:
    """Add `by_s` to the timestamps from the packet number `after` on."""
    count = 0

    def change(packet: bytes) -> bytes:
        nonlocal count
        count += 1
        if count < after:
            return packet
        (stamp,) = struct.unpack(">I", packet[4:8])
        return packet[:4] + struct.pack(">I", (stamp + round(by_s * clock_hz)) % 2**32) + packet[8:]

    return change


def renamed_codec(reply: bytes) -> bytes:
    """A description that names a codec nobody has; as long as before, so that its length stays right."""
    return reply.replace(b"H264/90000", b"X999/90000")


@contextmanager
def deaf_server(answer: bytes = b"") -> Iterator[str]:
    """Something listens and takes every connection, but never speaks RTSP; `answer` is all it says."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0.1)
        taken: list[socket.socket] = []

        def accept() -> None:
            while not closing.is_set():
                with suppress(TimeoutError):
                    client = listener.accept()[0]
                    client.sendall(answer)
                    taken.append(client)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/cam"
        finally:
            closing.set()
            thread.join(5)
            for client in taken:
                client.close()


@contextmanager
def full_server() -> Iterator[str]:
    """A port whose queue is full: the system drops every further connection, as a host that is off would."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        sleep(0.1)
        try:
            yield f"rtsp://127.0.0.1:{address[1]}/cam"
        finally:
            for client in waiting:
                client.close()
