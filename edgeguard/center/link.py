"""The center's connection to the broker: hears every box, tells boxes commands and acknowledgements."""

import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edgeguard.center.config import BrokerConfig
from edgeguard.center.intake import Received
from edgeguard.contract.topics import EVERY_BOX
from edgeguard.errors import ConfigError, UplinkError

log = logging.getLogger(__name__)

KEEPALIVE_S: Final = 15
# A broker that comes back is found within seconds; one that stays away is not hammered.
RECONNECT_MIN_S: Final = 1
RECONNECT_MAX_S: Final = 5


def _nothing() -> None:
    pass


class Link:
    """A persistent session: the broker keeps what comes while the center is away.

    `on_message` and `on_connection` are called on the network thread and must not block.
    """

    def __init__(
        self,
        config: BrokerConfig,
        on_message: Callable[[Received], None],
        on_connection: Callable[[bool], None],
    ) -> None:
        self._config = config
        self._on_message = on_message
        self._on_connection = on_connection
        self._connection = 0
        self._told_away = False
        self._sending: dict[int, Callable[[], None]] = {}
        self._sent_early: set[int] = set()
        self._sending_lock = threading.Lock()
        self._client: mqtt.Client | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def open(self, client_id: str) -> None:
        """Prepare; `client_id` must stay the same over restarts.

        Raises ConfigError for TLS files or a password that cannot be read.
        """
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True)
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.on_connect = self._connected
        client.on_connect_fail = self._not_reached
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_publish = self._sent
        client.on_socket_open = _at_once
        _secure(client, self._config)
        self._client = client

    def start(self) -> None:
        """Connect in the background, and again for ever."""
        if self._client is None:
            raise UplinkError("the link to the broker is started before it is opened")
        if self._config.insecure_lab:
            log.warning("INSECURE LAB: what goes to and from the broker is neither encrypted nor verified")
        self._client.connect_async(self._config.host, self._config.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()

    def acknowledge(self, messages: Sequence[Received]) -> None:
        """Tell the broker that these are durable. Those of an earlier connection come again and are known then."""
        client = self._client
        for message in messages:
            if client is not None and message.qos > 0 and message.connection == self._connection:
                client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes, on_sent: Callable[[], None] = _nothing) -> bool:
        """QoS 1; `on_sent` is called when the broker has it. False: not connected, nothing was sent."""
        client = self._client
        if client is None or not client.is_connected():
            return False
        info = client.publish(topic, payload, qos=1)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        # paho holds its own lock while it calls `_sent`: ours must not be held while publishing.
        with self._sending_lock:
            early = info.mid in self._sent_early
            self._sent_early.discard(info.mid)
            if not early:
                self._sending[info.mid] = on_sent
        if early:
            on_sent()
        return True

    def publish_now(self, topic: str, payload: bytes) -> bool:
        """QoS 0, for what is worth nothing later. False: not connected, nothing was sent."""
        client = self._client
        if client is None or not client.is_connected():
            return False
        return client.publish(topic, payload, qos=0).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _connected(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.error("broker %s:%d refused: %s", self._config.host, self._config.port, reason)
            return
        self._connection += 1
        self._told_away = False
        client.subscribe(EVERY_BOX, qos=1)
        log.info("connected to the broker %s:%d", self._config.host, self._config.port)
        self._on_connection(True)

    def _not_reached(self, _client: mqtt.Client, _data: object) -> None:
        # Every few seconds while it lasts: told once, and again after it has been there.
        if not self._told_away:
            self._told_away = True
            log.warning("the broker %s:%d cannot be reached", self._config.host, self._config.port)

    def _disconnected(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        log.warning("no connection to the broker %s:%d: %s", self._config.host, self._config.port, reason)
        self._on_connection(False)

    def _received(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        topic = message._topic.decode(errors="replace")  # noqa: SLF001 - `.topic` raises on bytes that are no UTF-8
        self._on_message(
            Received(topic, bytes(message.payload), datetime.now(UTC), message.mid, message.qos, self._connection)
        )

    def _sent(self, _client: mqtt.Client, _data: object, mid: int, _reason: ReasonCode, _more: Properties) -> None:
        with self._sending_lock:
            on_sent = self._sending.pop(mid, None)
            if on_sent is None:
                self._sent_early.add(mid)
        if on_sent is not None:
            on_sent()


def _at_once(_client: mqtt.Client, _data: object, line: object) -> None:
    """A piece of speech is small and must not wait for the next one to fill its packet."""
    if isinstance(line, socket.socket):  # a TLS socket is one too
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _secure(client: mqtt.Client, config: BrokerConfig) -> None:
    if config.username is not None:
        client.username_pw_set(config.username, _password(config.password_env))
    if config.tls is None:
        return
    try:
        context = ssl.create_default_context(cafile=str(config.tls.ca))
        if config.tls.cert is not None:
            context.load_cert_chain(config.tls.cert, config.tls.key)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"broker.tls: {config.tls.ca}, {config.tls.cert}: {error}") from error
    client.tls_set_context(context)


def _password(variable: str | None) -> str | None:
    if variable is None:
        return None
    try:
        return os.environ[variable]
    except KeyError as error:
        raise ConfigError(f"broker.password_env: the environment has no {variable}") from error
