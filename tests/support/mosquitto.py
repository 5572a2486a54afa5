"""A real mosquitto on a free loopback port, plain or with TLS, client certificates and the box's ACL."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path


class Authority:
    """Signs certificates with the openssl command."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, self._key = folder / "ca.crt", folder / "ca.key"
        _openssl("req", "-x509", *_NEW_KEY, "-keyout", self._key, "-out", self.ca, "-subj", f"/CN={name}", "-days", "2")

    def issue(self, name: str) -> Certificate:
        """A certificate for 127.0.0.1 and this common name."""
        stem = name.replace("/", "_")
        made = Certificate(self._folder / f"{stem}.crt", self._folder / f"{stem}.key")
        request, extension = self._folder / f"{stem}.csr", self._folder / f"{stem}.ext"
        extension.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        subject = "/CN=" + name.replace("/", r"\/")
        _openssl("req", *_NEW_KEY, "-keyout", made.key, "-out", request, "-subj", subject)
        signed = ("-CA", self.ca, "-CAkey", self._key, "-CAcreateserial", "-days", "2", "-extfile", extension)
        _openssl("x509", "-req", "-in", request, "-out", made.cert, *signed)
        return made


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Mosquitto:
    """Starts when told, can be killed and started again on the same port; keeps its sessions over a clean stop only."""

    def __init__(
        self, folder: Path, *, authority: Authority | None = None, passwords: dict[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"listener {self.port} 127.0.0.1", "persistence true", "log_dest stderr"]
        lines.append(f"persistence_location {folder}/")
        # Started by root it would become another user, who cannot read the keys of a test.
        lines.append("user root")
        if authority is not None:
            broker = authority.issue("localhost")
            (folder / "acl").write_text("pattern readwrite eg1/%u/#\nuser center\ntopic readwrite eg1/#\n")
            lines += [f"cafile {authority.ca}", f"certfile {broker.cert}", f"keyfile {broker.key}"]
            lines += ["require_certificate true", "use_identity_as_username true", f"acl_file {folder / 'acl'}"]
        elif passwords:
            self._write_passwords(passwords)
            lines += ["allow_anonymous false", f"password_file {folder / 'passwords'}"]
        else:
            lines += ["allow_anonymous true"]
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)
        try:
            wait_for(self._listens, f"mosquitto on {self.port}")
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """It hangs: connections stay open, nothing is read."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _write_passwords(self, passwords: dict[str, str]) -> None:
        target = self._folder / "passwords"
        target.touch(0o600)
        for name, password in passwords.items():
            subprocess.run(["mosquitto_passwd", "-b", str(target), name, password], check=True, capture_output=True)


class Listener:
    """A platform's side: everything published under `eg1/`, in the order it came; comes back after an outage."""

    def __init__(self, port: int) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("eg1/#", qos=1)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_for(self._client.is_connected, "the listener's connection")

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1)

    def on(self, part: str) -> list[bytes]:
        """Payloads of the topics that hold this part."""
        return [payload for topic, payload, _ in self.messages if part in topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    """Return when the condition holds; a generous bound against hanging for ever."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s} s for {what}"
        time.sleep(0.01)
