"""One connection to the broker: opened, used and given up; what went wrong in words a person can act on."""

import socket
import ssl
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edgeguard.errors import UplinkError
from edgeguard.uplink.config import UplinkConfig

# A day: what the broker keeps for a box that is away; commands have expired by then.
_SESSION_EXPIRY_S = 24 * 3600

# Less than two live pictures; the line is kept full all the same, only what it cannot carry yet stays with us.
_MOST_UNSENT_BYTES = 64 * 1024

OnMessage = Callable[[str, bytes], None]


class Link:
    """Connects once. `changed` is called from the network thread when an acknowledgement came or the link broke."""

    def __init__(
        self,
        config: UplinkConfig,
        client_id: str,
        *,
        will: tuple[str, bytes],
        changed: Callable[[], None],
        on_message: OnMessage,
    ) -> None:
        self._config = config
        self._changed = changed
        self._on_message = on_message
        self._answered = Event()
        self._refusal: str | None = None
        self._acknowledged: SimpleQueue[tuple[int, str | None]] = SimpleQueue()
        self.lost: str | None = None
        self._newest: MQTTMessageInfo | None = None
        self._client = self._new_client(client_id)
        self._client.will_set(will[0], will[1], qos=1, retain=True)

    def open(self) -> None:
        """Connect and log in; raise UplinkError with the reason."""
        context = self._config.tls_context()
        if context is not None:
            self._client.tls_set_context(context)
        if self._config.username is not None:
            self._client.username_pw_set(self._config.username, self._config.password())
        self._connect()
        self._client.loop_start()
        answered = self._answered.wait(self._config.connect_timeout_s)
        problem = self._refusal or self.lost or (None if answered else "no answer to the log-in")
        if problem is not None:
            self.close()
            raise UplinkError(f"{self._where}: {problem}")

    def close(self) -> None:
        """Say goodbye where there is somebody to hear it."""
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, *topics: str, qos: int = 1) -> None:
        self._client.subscribe([(topic, qos) for topic in topics])

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> int:
        """Hand a message to the network; its number comes back in `acknowledged` when the broker has it."""
        return self._client.publish(topic, payload, qos=qos, retain=retain).mid

    def publish_newest(self, topic: str, payload: bytes) -> bool:
        """Send at QoS 0; False while an earlier one of these has not left: nothing queues up where the line is slow."""
        if self._newest is not None and not self._newest.is_published():
            return False
        self._newest = self._client.publish(topic, payload, qos=0)
        return True

    def acknowledged(self) -> list[tuple[int, str | None]]:
        """(number, refusal or None) of the messages acknowledged since the last call."""
        taken: list[tuple[int, str | None]] = []
        while True:
            try:
                taken.append(self._acknowledged.get_nowait())
            except Empty:
                return taken

    @property
    def _where(self) -> str:
        return f"broker {self._config.host}:{self._config.effective_port}"

    def _new_client(self, client_id: str) -> Client:
        is_5 = self._config.protocol == 5
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            # The broker keeps what people said while the box was away.
            clean_session=None if is_5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if is_5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = self._config.connect_timeout_s
        # The window is kept by the one who publishes.
        client.max_inflight_messages_set(0)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        client.on_subscribe = self._subscribed
        client.on_message = self._received
        return client

    def _connect(self) -> None:
        properties = None
        if self._config.protocol == 5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _SESSION_EXPIRY_S
        clean: dict[str, Any] = {"clean_start": False, "properties": properties} if properties else {}
        try:
            self._client.connect(
                self._config.host, self._config.effective_port, keepalive=self._config.keepalive_s, **clean
            )
        except (OSError, ValueError) as error:
            raise UplinkError(f"{self._where}: {in_words(error)}") from error
        line = self._client.socket()
        if isinstance(line, socket.socket):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Linux only. What waits in the kernel stands before an alarm and cannot be taken back.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MOST_UNSENT_BYTES)

    def _connected(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = f"log-in refused: {reason}"
        self._answered.set()

    def _disconnected(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self._answered.is_set():
            self.lost = f"connection lost: {reason}"
        else:
            hint = " (is this box's certificate accepted there?)" if self._config.tls else ""
            self.lost = f"closed by the broker before the log-in was answered{hint}"
        self._answered.set()
        self._changed()

    def _published(
        self, _client: Client, _data: object, mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._acknowledged.put((mid, str(reason) if reason.is_failure else None))
        self._changed()

    def _subscribed(
        self, _client: Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refusal = "subscription refused: does the broker's ACL allow this box its own prefix?"

    def _received(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._on_message(message.topic, bytes(message.payload))

    @property
    def warning(self) -> str | None:
        """Connected, but not all right."""
        return self._refusal


def in_words(error: OSError | ValueError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            words = f"its certificate is not accepted: {error.verify_message}"
        case ssl.SSLError():
            words = f"TLS failed: {error.reason or error}"
        case socket.gaierror():
            words = "the name is not known"
        case TimeoutError():
            words = "no answer"
        case ConnectionRefusedError():
            words = "connection refused: nothing listens there"
        case _:
            words = getattr(error, "strerror", None) or str(error)
    return words
