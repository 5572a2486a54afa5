"""A host of model files as one meets them: with Range and without, cut off, swapped, too long, silent about lengths."""

import re
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class ModelServer:
    """Serves `files` by path. `script` holds what to do with the next requests; after it all is served well.

    "cut:N" N bytes of the body and no more; "no_range" all of it, whatever was asked for; "more" extra bytes, without a
    length; "longer" a length that is too large; "swapped" other bytes; "off" a range that begins elsewhere; a status.
    """

    files: dict[str, bytes]
    script: deque[str] = field(default_factory=deque)
    seen: list[tuple[str, str | None]] = field(default_factory=list)

    def start(self) -> "ModelServer":
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # broken off on purpose
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wish = self.script.popleft() if self.script else ""
        asked = request.headers["Range"]
        self.seen.append((request.path, asked))
        whole = self.files.get(request.path)
        if whole is None or wish.isdigit():
            self._send(request, int(wish or 404), b"", {})
            return
        if wish == "swapped":
            whole = bytes(len(whole))
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and wish != "no_range" else 0  # type: ignore[index]
        if start >= len(whole):
            self._send(request, 416, b"", {})
            return
        body, headers = whole[start:], {"Content-Length": str(len(whole) - start)}
        if start:
            first = start + 1 if wish == "off" else start
            headers["Content-Range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        if wish == "longer":
            headers["Content-Length"] = str(len(body) + 7)
        if wish == "more":
            body, headers = body + b"and more", {}
        if wish.startswith("cut:"):
            body = body[: int(wish[4:])]
        self._send(request, 206 if start else 200, body, headers)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
