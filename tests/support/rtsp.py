"""The RTSP server script as an object that a test starts, kills, freezes and starts again."""

import os
import selectors
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("rtsp_server.py")
STARTED_WITHIN_S = 15.0


@dataclass
class RtspServer:
    """A server process that can be started, killed and frozen; it keeps its port from start to start."""

    arguments: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        command = ["/usr/bin/python3", str(SERVER), "--port", str(self.port), *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(STARTED_WITHIN_S), "the RTSP server did not start in time"
        line = self.process.stdout.readline().split()
        assert line[:1] == [b"ready"], f"the RTSP server said {line}"
        self.port = int(line[1])

    def freeze(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
