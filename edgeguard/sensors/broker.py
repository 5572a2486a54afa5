"""Readings that come by MQTT from a broker on the compound's own network: the box's own client, beside its uplink."""

import logging
import os
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import Field, model_validator

from edgeguard.errors import ConfigError, SensorError
from edgeguard.sensors.base import MemoryInput, Sample
from edgeguard.sensors.config import MqttReading, Port
from edgeguard.sensors.payload import number_of
from edgeguard.tls import TidySocket
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

KEEPALIVE_S = 15
# A broker that comes back is found within seconds.
RECONNECT_FIRST_S, RECONNECT_MOST_S = 1, 5


class BrokerTls(Strict):
    """PEM files: who signed the broker's certificate, and the box's own where the broker asks for one."""

    ca: Path = Field(description="Authority that signed the broker's certificate.")
    cert: Path | None = Field(default=None, description="The box's own certificate, where the broker wants one.")
    key: Path | None = Field(default=None, description="Its key.")

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key together, or neither")
        return self

    def context(self) -> ssl.SSLContext:
        """Raises ConfigError for a file that cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(f"tls: met {self.ca}, {self.cert}: {error}, accepted: PEM files") from error
        context.sslsocket_class = TidySocket
        return context


class BrokerConfig(Strict):
    """A broker that sensors publish to. TLS, unless `insecure_lab` says out loud that there is none."""

    host: str = Field(min_length=1, description="Address of the broker.")
    port: Port | None = Field(default=None, description="Left out: 8883, or 1883 without TLS.")
    tls: BrokerTls | None = Field(default=None, description="How the broker is verified.")
    insecure_lab: bool = Field(default=False, description="Plain MQTT: everybody on the network can play a sensor.")
    username: str | None = Field(default=None, description="User name at the broker.")
    password_env: str | None = Field(default=None, description="Environment variable that holds the password.")

    @model_validator(mode="after")
    def _one_transport(self) -> Self:
        if (self.tls is None) == (not self.insecure_lab):
            raise ValueError("either tls: {ca: FILE} or insecure_lab: true, exactly one of them")
        return self

    def placed(self, folder: Path) -> Self:
        """With relative TLS files counted from this folder."""
        tls = self.tls
        if tls is None:
            return self
        files = {"ca": folder / tls.ca, "cert": tls.cert and folder / tls.cert, "key": tls.key and folder / tls.key}
        return self.model_copy(update={"tls": tls.model_copy(update=files)})

    def password(self) -> str | None:
        """Raises ConfigError where the variable is not set."""
        if self.password_env is None:
            return None
        try:
            return os.environ[self.password_env]
        except KeyError as error:
            raise ConfigError(f"password_env: met {self.password_env}, accepted: a variable that is set") from error


class BrokerLink:
    """One client; every topic goes to the readings that are told by it. `start` connects, and again for ever."""

    def __init__(
        self,
        name: str,
        config: BrokerConfig,
        heard: Sequence[tuple[MqttReading, MemoryInput]],
        monotonic_s: Callable[[], float],
    ) -> None:
        self.name = name
        self._config = config
        self._clock = monotonic_s
        self._topics: dict[str, list[tuple[MqttReading, MemoryInput]]] = {}
        for reading, into in heard:
            self._topics.setdefault(reading.topic, []).append((reading, into))
        self._told: set[tuple[str, str]] = set()
        self._away = False
        self.listening = False  # the broker has said that it will tell
        client = self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.reconnect_delay_set(RECONNECT_FIRST_S, RECONNECT_MOST_S)
        client.on_connect = self._connected
        client.on_connect_fail = self._not_reached
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._received
        if config.username is not None:
            client.username_pw_set(config.username, config.password())
        if config.tls is not None:
            client.tls_set_context(config.tls.context())

    def start(self) -> None:
        config = self._config
        if config.insecure_lab:
            log.warning("INSECURE LAB: sensors at %s are believed without encryption or proof", self.name)
        self._client.connect_async(config.host, config.port or (8883 if config.tls else 1883), KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._lost(f"refused: {reason}")
            return
        self._away = False
        client.subscribe([(topic, 1) for topic in self._topics])
        log.info("sensor broker %s is there", self.name)

    def _subscribed(
        self, _client: mqtt.Client, _data: object, _mid: int, reasons: list[ReasonCode], _more: Properties | None
    ) -> None:
        refused = [topic for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure]
        if refused:
            log.error("sensor broker %s refuses %s", self.name, ", ".join(refused))
        self.listening = not refused

    def _not_reached(self, _client: mqtt.Client, _data: object) -> None:
        self._lost("cannot be reached")

    def _disconnected(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        self._lost(str(reason))

    def _lost(self, why: str) -> None:
        """Every few seconds while it lasts: told once."""
        self.listening = False
        if not self._away:
            self._away = True
            log.warning("sensor broker %s: %s", self.name, why)

    def _received(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        now_s = self._clock()
        for reading, into in self._topics.get(message.topic, ()):
            # What the broker kept of a press is long over.
            if not (message.retain and reading.momentary):
                into.put(*self._samples(reading, message, now_s))

    def _samples(self, reading: MqttReading, message: mqtt.MQTTMessage, now_s: float) -> list[Sample]:
        try:
            value = number_of(bytes(message.payload), reading)
        except SensorError as error:
            self._bad(reading, str(error))
            return [Sample(now_s, None, str(error))]
        # Let go at once, since nobody will say so.
        return [Sample(now_s, value), *([Sample(now_s, 0.0)] if reading.momentary else [])]

    def _bad(self, reading: MqttReading, why: str) -> None:
        """Counted each time, told once per place."""
        place = (reading.topic, reading.pointer)
        if place not in self._told:
            self._told.add(place)
            log.warning("sensor topic %s of broker %s: %s", reading.topic, self.name, why)
