"""The demo's two watchers: a platform on the broker, and a client of the center's live stream."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Self

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edgeguard.contract import Event, Topics
from edgeguard.contract.topics import Kind, parse

CONNECT_TIMEOUT_S = 10.0
# The stream says at least every 10 s that it lives.
SILENT_S = 30.0


class Platform:
    """Subscribes to a box's events as any platform would; `on_event` is called on the client's thread."""

    def __init__(self, port: int, topics: Topics, on_event: Callable[[Event], None]) -> None:
        self._port = port
        self._filter = f"{topics.birth.rsplit('/', 1)[0]}/{Kind.EVENT}"
        self._on_event = on_event
        self._seen: set[str] = set()
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "edgeguard-demo-platform", protocol=mqtt.MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe(self._filter, 1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self._subscribed.wait(CONNECT_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        if parse(message.topic).kind is not Kind.EVENT:
            return
        event = Event.from_json(bytes(message.payload))
        # QoS 1 may repeat; a consumer drops what it has seen by id.
        if event.id not in self._seen:
            self._seen.add(event.id)
            self._on_event(event)


class CardWatch:
    """Reads the center's live stream and notes when each alarm's card first came: what an open page gets."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._client = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=SILENT_S, trust_env=False)
        self._thread = threading.Thread(target=self._run, name="demo-cards", daemon=True)
        self._connected = threading.Event()
        self._changed = threading.Condition()
        self._first_at: dict[str, datetime] = {}
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._connected.wait(CONNECT_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def first_at(self, event_id: str, timeout_s: float) -> datetime | None:
        """When the card of an episode first came; waits for it."""
        with self._changed:
            self._changed.wait_for(lambda: event_id in self._first_at, timeout_s)
            return self._first_at.get(event_id)

    def ended(self, event_id: str, timeout_s: float) -> bool:
        """Whether the card has come to its end; waits for it."""
        with self._changed:
            return self._changed.wait_for(lambda: event_id in self._ended, timeout_s)

    def _run(self) -> None:
        try:
            with self._client.stream("GET", f"{self._address}/api/stream") as response:
                response.raise_for_status()
                for kind, data in _server_sent(response.iter_lines()):
                    self._connected.set()
                    if kind == "card":
                        self._note(data)
        except httpx.HTTPError:
            return  # the center has gone, or the demo has closed the client

    def _note(self, card: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        with self._changed:
            self._first_at.setdefault(card["event_id"], now)
            if card["state"] == "ended":
                self._ended.add(card["event_id"])
            self._changed.notify_all()


def _server_sent(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
