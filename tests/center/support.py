"""Real programs around the center under test: mosquitto, `edgeguard center`, and a box on MQTT."""

import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import cv2
import httpx
import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edgeguard.contract import (
    Birth,
    BoxStatus,
    CameraHealth,
    CameraInfo,
    CameraStatus,
    Capability,
    CommandAck,
    CommandStatus,
    Decision,
    Event,
    EventDraft,
    Parameter,
    Place,
    Software,
    SpeakCommand,
    State,
    Topics,
    UlidMaker,
)
from edgeguard.contract.base import Message
from edgeguard.types import Phase, Severity
from tests.support.mosquitto import free_port, wait_for

ULIDS = UlidMaker(secrets.randbits)
WITHIN_S = 20.0
NAME, PASSWORD = "operator", "correct horse battery"
PHRASES = ("ebike_leave", "ebike_again", "staff_coming")


class CenterProcess:
    """`edgeguard center` as a person starts it; `settings` is the text of its file."""

    def __init__(self, folder: Path, broker_port: int, settings: str = "") -> None:
        self.data_dir = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "center.log"
        options = ["--listen", f"127.0.0.1:{self.port}", "--broker", f"127.0.0.1:{broker_port}"]
        self._command = [sys.executable, "-m", "edgeguard", "center", *options, "--data", str(folder), "--insecure-lab"]
        if settings:
            (folder / "center.yaml").write_text(settings)
            self._command += ["--config", str(folder / "center.yaml")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        wait_for(self._connected, "the center and its broker", 60.0)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """What its database holds, read beside it."""
        with closing(sqlite3.connect(f"file:{self.data_dir}/center.sqlite3?mode=ro", uri=True)) as database:
            return database.execute(sql, args).fetchall()

    @property
    def setup_token(self) -> str:
        lines = self.log.read_text().splitlines()
        return next(line.rpartition(" ")[2] for line in lines if "set-up token" in line)

    def cookies(self) -> dict[str, str]:
        """Log in; the first caller creates the account."""
        headers = {"origin": self.address}
        with httpx.Client(base_url=self.address, headers=headers, trust_env=False) as client:
            form = {"name": NAME, "password": PASSWORD}
            if client.get("/login").status_code == 303:
                answer = client.post("/setup?lang=en", data={**form, "again": PASSWORD, "token": self.setup_token})
            else:
                answer = client.post("/login", data=form)
            assert answer.status_code == 303, (answer, answer.text, self.log.read_text())
            return dict(client.cookies)

    def box_token(self, box: str) -> str:
        """The token with which a box uploads, made on the command line."""
        words = [*self._command[:4], "box-token", box, "--data", str(self.data_dir)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.address, cookies=self.cookies(), headers={"origin": self.address}, trust_env=False
        )

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(WITHIN_S)

    def _connected(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return bool(httpx.get(f"{self.address}/healthz", trust_env=False).json()["broker"] == "connected")
        except httpx.TransportError:
            return False


def running_center(folder: Path, broker_port: int, settings: str = "") -> Iterator[CenterProcess]:
    """For a fixture: it runs until the tests are over."""
    process = CenterProcess(folder, broker_port, settings)
    process.start()
    yield process
    process.stop()


class Box:
    """A box of the contract, without a camera: publishes what it is told, hears commands and acknowledgements."""

    def __init__(self, broker_port: int, name: str = "box-1") -> None:
        self.name = name
        self.topics = Topics("riverside", name)
        self.heard: list[tuple[str, bytes]] = []
        self._seq = 0
        self._revs: dict[str, int] = {}
        self._port = broker_port
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload))
        )
        self._client.on_subscribe = lambda *_: self._subscribed.set()

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self._client.subscribe([(self.topics.every_cmd, 1), (self.topics.ack, 1)])
        assert self._subscribed.wait(WITHIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes | Message, *, retain: bool = False) -> None:
        body = payload.to_json() if isinstance(payload, Message) else payload
        self._client.publish(topic, body, qos=1, retain=retain).wait_for_publish(WITHIN_S)

    def introduce(self, more: Sequence[Capability] = (), cameras: Sequence[CameraInfo] = ()) -> None:
        """Birth, state and the health of one camera, retained."""
        speak = Capability(name="speak", parameters={"phrase": Parameter(choices=PHRASES)})
        said: dict[str, Any] = {"cameras": tuple(cameras), "capabilities": (speak, *more)}
        birth = Birth(software=Software(version="0"), boot_id="b", bd_seq=1, **said)
        self.publish(self.topics.birth, birth, retain=True)
        self.publish(self.topics.state, State(state=BoxStatus.ONLINE, bd_seq=1), retain=True)
        health = CameraHealth(camera="lift-1", status=CameraStatus.OK, fps_in=15, fps_done=8)
        self.publish(self.topics.camera_health("lift-1"), health, retain=True)

    def event(self, phase: Phase, event_id: str | None = None, reason: str | None = None, **changes: Any) -> Event:
        """The next step of an episode, of a new one without an id."""
        event_id = event_id or ULIDS.new(datetime.now(UTC))
        facts: dict[str, Any] = {
            "event_id": event_id,
            "at": datetime.now(UTC),
            "phase": phase,
            "code": "LIFT.EBIKE.ENTER",
            "severity": Severity.CRITICAL,
            "camera": "lift-1",
            "place": Place(site="riverside", building="3", unit="2", lift="A"),
            "decision": Decision(reason=reason) if reason else None,
        }
        self._seq += 1
        rev = self._revs[event_id] = self._revs.get(event_id, -1) + 1
        draft = EventDraft(**{**facts, **changes})
        return Event.of(draft, site="riverside", box=self.name, seq=self._seq, rev=rev)

    def send(self, event: Event) -> Event:
        self.publish(f"eg1/riverside/{self.name}/event/lift", event)
        return event

    def alarm(self, **changes: Any) -> str:
        """A new episode; returns its id."""
        return self.send(self.event(Phase.NEW, reason="confirmed", **changes)).subject

    def end(self, event_id: str) -> None:
        decision = Decision(reason="cleared", outcome="complied")
        self.send(self.event(Phase.END, event_id, decision=decision, end_reason="cleared"))

    def command(self) -> SpeakCommand:
        """The first `speak` heard; waits for it."""
        topic = self.topics.cmd("speak")
        wait_for(lambda: any(heard == topic for heard, _ in self.heard), topic)
        return SpeakCommand.from_json(next(payload for heard, payload in self.heard if heard == topic))

    def answer(self, command: SpeakCommand, status: CommandStatus) -> None:
        ack = CommandAck(id=command.id, name="speak", status=status, at=datetime.now(UTC))
        self.publish(self.topics.cmd_ack(command.id), ack)


def drawn_lift(width: int = 960, height: int = 540) -> bytes:
    """JPEG of a lift with a two-wheeler, drawn here: a wall, a floor, doors, wheels."""
    picture = np.full((height, width, 3), (92, 98, 104), np.uint8)
    cv2.fillPoly(picture, [np.array([[0, height], [220, 330], [740, 330], [width, height]])], (62, 66, 72))
    for left in (330, 482):
        cv2.rectangle(picture, (left, 40), (left + 148, 330), (128, 134, 140), -1)
        cv2.rectangle(picture, (left, 40), (left + 148, 330), (70, 74, 78), 2)
    for x in (360, 620):
        cv2.circle(picture, (x, 400), 62, (24, 24, 24), 14, cv2.LINE_AA)
        cv2.circle(picture, (x, 400), 10, (180, 180, 180), -1, cv2.LINE_AA)
    frame = np.array([[360, 400], [440, 395], [520, 395], [600, 290], [620, 400]])
    cv2.polylines(picture, [frame], isClosed=False, color=(40, 60, 200), thickness=16, lineType=cv2.LINE_AA)
    cv2.line(picture, (575, 262), (640, 285), (30, 30, 30), 10, cv2.LINE_AA)
    cv2.ellipse(picture, (430, 330), (62, 16), 0, 0, 360, (30, 30, 34), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (290, 225), (690, 480), (60, 190, 255), 3)
    noise = np.random.default_rng(1).normal(0, 3, picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    good, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert good
    return jpeg.tobytes()
