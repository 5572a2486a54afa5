# ruff: noqa: INP001  # a script, not a package
"""Every fault of a stream played against a real server, line or file: what is told, how soon, how long it is blind.

From the repository's root, with Debian's GStreamer RTSP server installed:
python -m benchmarks.faults [--only NAME ...] [--cameras 30] [--json]
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, sleep

from edgeguard.sources import (
    CameraReader,
    FileConfig,
    ReaderState,
    ReaderStatus,
    RtspConfig,
    SourceConfig,
    UsbConfig,
    open_source,
)
from edgeguard.sources.health import SEEING_STATES
from tests.support.recordings import write_audio, write_video
from tests.support.rtsp import RtspServer
from tests.support.sizes import write_changing, write_sized
from tests.support.wire import Wire, damaged, deaf_server, full_server, jumping, renamed_codec, without_key_frames

log = logging.getLogger("faults")
LONGEST_S = 30.0
LOOK_EVERY_S = 0.02
FAULTS = dict[str, Callable[[], "AbstractContextManager[Scene]"]]


@dataclass
class Scene:
    """A camera to open, and what happens once it runs; without `strikes` the fault is there from the start.

    `told`: the fault's word, "" where nothing may be noticed. `heals`: the end of the fault.
    """

    source: SourceConfig
    told: str
    strikes: Callable[[], object] | None = None
    heals: Callable[[], object] | None = None


@dataclass
class Row:
    """What was seen of one fault. `blind_s` from the fault to its end, or over `noticed_s` where it never ends.

    `told`: the word that was waited for, "" where nothing may be noticed.
    """

    fault: str
    told: str = ""
    states: list[str] = field(default_factory=list)
    reason: str = ""
    noticed_s: float | None = None
    seeing_again_s: float | None = None
    blind_s: float = 0.0
    log_line: str = ""


class Told:
    """Logs a reader's state when it changes, as the box does, and remembers it."""

    def __init__(self, reader: CameraReader) -> None:
        self._reader = reader
        self.lines: list[str] = []
        self.states: list[str] = []

    def look(self) -> ReaderStatus:
        status = self._reader.status()
        word = f"{status.state}/{status.fault}" if status.fault and status.fault != status.state else str(status.state)
        if not self.states or self.states[-1] != word:
            self.states.append(word)
            self.lines.append(f"camera {self._reader.camera_id} is {word}{': ' * bool(status.reason)}{status.reason}")
            log.info(self.lines[-1])
        return status

    def until(self, condition: Callable[[ReaderStatus], bool], longest_s: float = LONGEST_S) -> float | None:
        """Seconds until it holds, None where it never does."""
        began_s = monotonic()
        while monotonic() - began_s < longest_s:
            if condition(self.look()):
                return monotonic() - began_s
            sleep(LOOK_EVERY_S)
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="*", help="names of faults, or a part of them")
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("edgeguard").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        faults = all_faults(Path(folder))
        chosen = {name: make for name, make in faults.items() if wanted(name, options.only)}
        rows = [play(name, make) for name, make in chosen.items()]
    many = together(options.cameras) if wanted("all at once", options.only) else {}
    if options.json:
        print(json.dumps({"faults": [asdict(row) for row in rows], "together": many}))
    else:
        show(rows, many)


def wanted(name: str, only: list[str] | None) -> bool:
    return only is None or any(part in name for part in only)


def play(name: str, make: Callable[[], AbstractContextManager[Scene]]) -> Row:
    """Let one fault happen and write down what is told of it."""
    row = Row(name)
    log.info("--- %s", name)
    with make() as scene, CameraReader("cam", lambda: open_source(scene.source, "cam")) as reader:
        row.told, told = scene.told, Told(reader)
        if scene.strikes is not None:
            told.until(lambda status: status.state is ReaderState.OK)
            told.until(lambda _: False, 2.0)
            scene.strikes()
        before_s, lines = sum(reader.status().blind_s.values()), len(told.lines)
        row.noticed_s = told.until(lambda status: noticed(status, scene.told))
        row.reason = reader.status().reason
        row.log_line = told.lines[-1] if len(told.lines) > lines or not lines else ""
        if scene.heals is not None:
            scene.heals()
            row.seeing_again_s = told.until(lambda status: status.state in SEEING_STATES)
        row.blind_s = sum(reader.status().blind_s.values()) - before_s
        row.states = told.states
    return row


def noticed(status: ReaderStatus, told: str) -> bool:
    if told:
        return status.fault == told
    return status.frames_in > 90 or status.state is ReaderState.ENDED


def all_faults(folder: Path) -> FAULTS:
    """By name; each opens its own server, line or file."""

    def file(make: Callable[[Path], Path], name: str, told: str) -> Callable[[], AbstractContextManager[Scene]]:
        return lambda: a_file(make(folder / name), told)

    return {
        "nothing wrong, TCP": lambda: with_server(""),
        "nothing wrong, UDP": lambda: with_server("", transport="udp"),
        "H.265": lambda: with_server("", "--codec", "h265"),
        "MJPEG": lambda: with_server("", "--codec", "mjpeg"),
        "frozen (SIGSTOP), later restarted": lambda: struck("stalled", RtspServer.freeze, restart),
        "killed, later restarted": lambda: struck("closed", RtspServer.kill, restart),
        "frozen for good, UDP": lambda: struck("stalled", RtspServer.freeze, restart, transport="udp"),
        "a frame in 4 s": lambda: with_server("returning", "--fps", "1/4", open_timeout_s=10),
        "a frame a second": lambda: with_server("slow", "--fps", "1", "--gop", "2"),
        "bytes trickle in": lambda: with_line("late", lambda port: Wire(port, bytes_per_s=4000)),
        "later and later": lambda: with_line("late", lambda port: Wire(port, delay_s=lambda at_s: 0.12 * (at_s > 3))),
        "no key frame": lambda: with_line("no_picture", lambda port: Wire(port, packet=without_key_frames)),
        "every 5th packet damaged": lambda: with_line("damaged", lambda port: Wire(port, packet=damaged(5))),
        "all packets damaged": lambda: with_line("no_picture", lambda port: Wire(port, packet=damaged(1))),
        "size changes in mid-stream": lambda: with_server(
            "closed",
            "--file",
            str(write_changing(folder / "two.h264", [(640, 360), (352, 288)], frames=45)),
            times="arrival",
        ),
        "timestamps jump 1000 s back": lambda: with_line("", lambda port: Wire(port, packet=jumping(60, -1000.0))),
        "timestamps jump 10000 s on": lambda: with_line("", lambda port: Wire(port, packet=jumping(60, 1e4))),
        "a codec nobody has": lambda: with_line("no_decoder", lambda port: Wire(port, reply=renamed_codec)),
        "refuses connections": lambda: at_address("refused", gone()),
        "host off": lambda: at_server("unreachable", full_server()),
        "host name unknown": lambda: at_address("unknown_host", "rtsp://no-such-camera.invalid/cam"),
        "listens, never answers": lambda: at_server("stalled", deaf_server()),
        "answers nonsense": lambda: at_server("stalled", deaf_server(b"hello\r\n" * 50)),
        "wrong path": lambda: with_server("not_found", path="-other"),
        "wrong password": lambda: with_server("auth_failed", "--user", "u", "--password", "p", credentials="u:wrong"),
        "audio only": lambda: with_server("no_video", "--audio-only"),
        "file: missing": file(lambda path: path, "gone.mp4", "not_found"),
        "file: text": file(text, "text.mp4", "damaged"),
        "file: cut off": file(lambda path: cut(write_video(path, frames=60)), "cut.mp4", "damaged"),
        "file: audio only": file(write_audio, "sound.wav", "no_video"),
        "file: 1x1": file(lambda path: write_sized(path, 1, 1), "one.avi", ""),
        "file: 7680x4320": file(lambda path: write_sized(path, 7680, 4320), "large.avi", ""),
        "usb: not plugged in": lambda: a_source(UsbConfig(device=Path("/dev/video99")), "not_found"),
        "usb: no camera": lambda: a_source(UsbConfig(device=Path("/dev/null")), "no_video"),
    }


@contextmanager
def with_server(
    told: str, *arguments: str, path: str = "", credentials: str = "", **settings: object
) -> Iterator[Scene]:
    """A server that has the fault from the start."""
    server = RtspServer(arguments)
    server.start()
    url = server.url.replace("//", f"//{credentials}@") if credentials else server.url
    try:
        yield Scene(RtspConfig.model_validate({"url": url + path} | settings), told)
    finally:
        server.kill()


@contextmanager
def struck(
    told: str, strikes: Callable[[RtspServer], object], heals: Callable[[RtspServer], object], **settings: object
) -> Iterator[Scene]:
    """A good server that something happens to."""
    server = RtspServer()
    server.start()
    try:
        config = RtspConfig.model_validate({"url": server.url} | settings)
        yield Scene(config, told, lambda: strikes(server), lambda: heals(server))
    finally:
        server.kill()


def restart(server: RtspServer) -> None:
    server.kill()
    server.start()


@contextmanager
def with_line(told: str, wire: Callable[[int], Wire]) -> Iterator[Scene]:
    """A good server behind a bad line."""
    server = RtspServer()
    server.start()
    try:
        with wire(server.port) as line:
            yield Scene(RtspConfig(url=line.url), told)
    finally:
        server.kill()


@contextmanager
def at_server(told: str, server: AbstractContextManager[str]) -> Iterator[Scene]:
    with server as url:
        yield Scene(RtspConfig(url=url), told)


@contextmanager
def at_address(told: str, url: str) -> Iterator[Scene]:
    yield Scene(RtspConfig(url=url), told)


@contextmanager
def a_file(path: Path, told: str) -> Iterator[Scene]:
    yield Scene(FileConfig(path=path), told)


@contextmanager
def a_source(config: SourceConfig, told: str) -> Iterator[Scene]:
    yield Scene(config, told)


def gone() -> str:
    """The address of a server that is no more."""
    server = RtspServer()
    server.start()
    server.kill()
    return server.url


def text(path: Path) -> Path:
    path.write_text("this is no video\n" * 200)
    return path


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def together(cameras: int) -> dict[str, float]:
    """Break the server of many cameras: how far apart they try again, and when the last one sees."""
    server = RtspServer(("--width", "320", "--height", "180", "--fps", "5"))
    server.start()
    config = RtspConfig(url=server.url)
    tries: list[float] = []

    def opened() -> object:
        tries.append(monotonic())
        return open_source(config, "cam")

    with ExitStack() as stack:
        readers = [CameraReader(f"cam-{n}", opened) for n in range(cameras)]  # type: ignore[arg-type]
        for reader in readers:
            stack.enter_context(reader)
        seen = wait_for_all(readers, 60.0)
        server.kill()
        sleep(20.0)  # the waits are at their longest by now
        tries.clear()
        server.start()
        back = wait_for_all(readers, 60.0)
        for reader in readers:
            reader.stop(0.0)
    server.kill()
    return {
        "cameras": cameras,
        "all_seeing_at_start_s": round(seen, 2),
        "all_seeing_again_s": round(back, 2),
        "tries": len(tries),
        "tries_spread_s": round(max(tries) - min(tries), 2),
        "most_tries_in_100_ms": most_within(tries, 0.1),
    }


def wait_for_all(readers: list[CameraReader], longest_s: float) -> float:
    began_s = monotonic()
    while not all(reader.status().state in SEEING_STATES for reader in readers):
        if monotonic() - began_s > longest_s:
            raise TimeoutError([str(reader.status().reason) for reader in readers])
        sleep(LOOK_EVERY_S)
    return monotonic() - began_s


def most_within(times: list[float], span_s: float) -> int:
    return max((sum(start <= time < start + span_s for time in times) for start in times), default=0)


def when(row: Row) -> str:
    if not row.told:
        return "-"
    return "never" if row.noticed_s is None else f"{row.noticed_s:.1f}"


def show(rows: list[Row], many: dict[str, float]) -> None:
    print("| fault | states | noticed after s | sees again s | blind s | log line |\n|---|---|---|---|---|---|")
    for row in rows:
        cells = (
            row.fault,
            " > ".join(row.states[:5]),
            when(row),
            "" if row.seeing_again_s is None else f"{row.seeing_again_s:.1f}",
            f"{row.blind_s:.1f}",
            row.log_line,
        )
        print(f"| {' | '.join(cells)} |")
    if many:
        print(" ".join(f"{name}={value}" for name, value in many.items()))


if __name__ == "__main__":
    main()
