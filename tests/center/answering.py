"""A box that answers `view` and `talk` as it is told to, and a page's websocket."""

import contextlib
import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import cv2
import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from edgeguard.contract import BoxStatus, Command, CommandAck, CommandStatus, State, TalkChunk
from edgeguard.contract.commands import read_command
from tests.center.support import WITHIN_S, Box, CenterProcess
from tests.support.mosquitto import wait_for

HEAD = struct.Struct("<BBHId")
Answer = tuple[CommandStatus, str | None]
ACCEPTED: Answer = (CommandStatus.ACCEPTED, None)


class AnsweringBox(Box):
    """`answers` is what it says to every command at once; `clock_s` is how far its clock is ahead."""

    def __init__(self, broker_port: int, name: str) -> None:
        super().__init__(broker_port, name)
        self.answers: list[Answer] = [ACCEPTED]
        self.clock_s = 0.0
        self.commands: list[Command] = []
        self.chunks: dict[str, list[TalkChunk]] = {}
        self._client.on_message = self._hear

    def __enter__(self) -> Self:
        super().__enter__()
        self._subscribed.clear()
        self._client.subscribe(self.topics.every_talk, 0)
        assert self._subscribed.wait(WITHIN_S)
        self.introduce()
        return self

    def say(self, command: Command, status: CommandStatus, reason: str | None = None) -> None:
        """From any thread."""
        name = next(name for name in ("view", "talk") if type(command).__name__.lower().startswith(name))
        at = datetime.now(UTC) + timedelta(seconds=self.clock_s)
        ack = CommandAck(id=command.id, name=name, status=status, at=at, reason=reason)
        self._client.publish(self.topics.cmd_ack(command.id), ack.to_json(), qos=1)

    def frame(self, jpeg: bytes, camera: str = "lift-1") -> None:
        self._client.publish(self.topics.view(camera), jpeg, qos=0)

    def go(self, center: CenterProcess) -> None:
        """The broker tells its will; waits until the center knows."""
        self.publish(self.topics.state, State(state=BoxStatus.OFFLINE, bd_seq=1), retain=True)
        where = "site = 'riverside' AND box = ? AND state LIKE '%offline%'"
        wait_for(lambda: center.rows(f"SELECT 1 FROM box WHERE {where}", self.name), "the center to know")

    def asked(self, count: int = 1) -> Command:
        """The `count`-th command; waits for it."""
        wait_for(lambda: len(self.commands) >= count, f"command {count}")
        return self.commands[count - 1]

    def spoken(self, command: Command) -> list[TalkChunk]:
        """Every chunk of a talk; waits for the last."""
        wait_for(lambda: any(chunk.last for chunk in self.chunks.get(command.id, [])), "the last chunk")
        return self.chunks[command.id]

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        *_, kind, name = message.topic.split("/")
        if kind == "talk":
            self.chunks.setdefault(name, []).append(TalkChunk.from_bytes(bytes(message.payload)))
        elif kind == "cmd":
            command = read_command(name, bytes(message.payload))
            self.commands.append(command)
            for answer in self.answers:
                self.say(command, *answer)


class Page:
    """A browser's end of `/api/live` or `/api/talk/{event_id}`."""

    def __init__(self, center: CenterProcess, path: str, cookies: Mapping[str, str]) -> None:
        self._socket = knock(center, path, cookies=cookies)
        self.views: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, message: str | bytes | dict[str, Any]) -> None:
        """Into the void where the center has just hung up."""
        with contextlib.suppress(ConnectionClosed):
            self._socket.send(json.dumps(message) if isinstance(message, dict) else message)

    def told(self, timeout_s: float = WITHIN_S) -> dict[str, Any]:
        """The next text."""
        message = self._socket.recv(timeout_s)
        assert isinstance(message, str)
        told: dict[str, Any] = json.loads(message)
        return told

    def until(self, state: str) -> dict[str, Any]:
        """Texts until one says this state, of a talk or of the only view."""
        while True:
            told = self.told()
            self.views = told.get("views", [])
            for part in (told, *self.views):
                if part.get("state") == state:
                    return part

    def frame(self, timeout_s: float = WITHIN_S) -> tuple[int, int, bytes]:
        """(view, age in ms, JPEG) of the next frame; states on the way are remembered."""
        while True:
            message = self._socket.recv(timeout_s)
            if isinstance(message, bytes):
                version, _, view, age_ms, _ = HEAD.unpack_from(message)
                assert version == 1
                return view, age_ms, message[HEAD.size :]
            self.views = json.loads(message)["views"]

    def frames_until(self, jpeg: bytes) -> None:
        """Takes frames as a page does, and says so, until this one has come."""
        while self.frame()[2] != jpeg:
            self.send({"shown": 1})
        self.send({"shown": 1})

    def closed(self) -> int:
        """The code the center closes with; waits for it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._socket.recv(WITHIN_S)
        assert self._socket.close_code is not None
        return self._socket.close_code

    def tear(self) -> None:
        """The network is gone in the middle: no word of good-bye."""
        self._socket.socket.close()


def knock(
    center: CenterProcess, path: str, *, cookies: Mapping[str, str], origin: str | None = None, **headers: str
) -> ClientConnection:
    """Raises InvalidStatus where the door stays shut."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return connect(
        f"ws://127.0.0.1:{center.port}{path}",
        additional_headers={**({"cookie": cookie} if cookie else {}), **headers},
        origin=Origin(origin or center.address),
        open_timeout=WITHIN_S,
        proxy=None,
    )


def tiny_jpeg(number: int) -> bytes:
    """Each number another picture."""
    good, jpeg = cv2.imencode(".jpg", np.full((16, 16, 3), number, np.uint8))
    assert good
    return jpeg.tobytes() + number.to_bytes(2, "big")
