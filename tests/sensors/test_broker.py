"""Readings from a real broker, plain and with TLS."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edgeguard.errors import ConfigError
from edgeguard.sensors.base import MemoryInput, Sample
from edgeguard.sensors.broker import BrokerConfig, BrokerLink
from edgeguard.sensors.config import MqttReading
from tests.sensors.support import MQTT
from tests.support.mosquitto import Authority, Mosquitto, free_port, wait_for


class Heard:
    """Everything a reading took."""

    def __init__(self, **settings: Any) -> None:
        self.reading = MqttReading.model_validate(MQTT | settings)
        self.into = MemoryInput()
        self.samples: list[Sample] = []

    def values(self) -> list[float | None]:
        self.samples += self.into.take()
        return [sample.value for sample in self.samples]


@contextmanager
def linked(config: dict[str, Any], *heard: Heard) -> Iterator[BrokerLink]:
    pairs = [(one.reading, one.into) for one in heard]
    link = BrokerLink("yard", BrokerConfig.model_validate(config), pairs, time.monotonic)
    link.start()
    try:
        yield link
    finally:
        link.stop()


def lab(port: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "insecure_lab": True}


@pytest.fixture
def sensor(broker: Mosquitto) -> Iterator[mqtt.Client]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def publish(sensor: mqtt.Client, payload: bytes, *, retain: bool = False, topic: str = "t") -> None:
    sensor.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)


def test_values_bad_ones_and_two_readings_of_one_message(broker: Mosquitto, sensor: mqtt.Client) -> None:
    gas, heat = Heard(pointer="/gas"), Heard(pointer="/heat", scale=0.1)
    # Retained: what a sensor said before the box came is its value now.
    publish(sensor, b'{"gas": 1, "heat": 205}', retain=True)
    with linked(lab(broker.port), gas, heat):
        wait_for(lambda: gas.values() == [1], "the value that was kept")
        publish(sensor, b"no JSON at all \xff")
        publish(sensor, b'{"gas": 3}')
        wait_for(lambda: gas.values() == [1, None, 3], "what came later")
        assert heat.values() == [20.5, None, None]
    assert "accepted: UTF-8" in gas.samples[1].why


def test_each_message_of_a_momentary_button_is_a_press_but_not_what_was_kept(
    broker: Mosquitto, sensor: mqtt.Client
) -> None:
    button = Heard(pointer="/action", words={"single": 1}, momentary=True)
    publish(sensor, b'{"action": "single"}', retain=True)
    with linked(lab(broker.port), button) as link:
        wait_for(lambda: link.listening, "the connection")
        publish(sensor, b'{"action": "single"}')
        publish(sensor, b'{"action": "single"}')
        wait_for(lambda: button.values() == [1, 0, 1, 0], "two presses")


def test_it_comes_back_with_its_broker(broker: Mosquitto) -> None:
    gas = Heard()
    with linked(lab(broker.port), gas) as link:
        wait_for(lambda: link.listening, "the connection")
        broker.kill()
        wait_for(lambda: not link.listening, "the loss")
        broker.start()
        wait_for(lambda: link.listening, "the return")
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()

        def heard() -> bool:
            client.publish("t", b"4", qos=1)
            return 4 in gas.values()

        wait_for(heard, "a value after the outage")
        client.disconnect()
        client.loop_stop()


def test_a_broker_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    right, wrong = Authority(tmp_path / "right", "right"), Authority(tmp_path / "wrong", "wrong")
    broker = Mosquitto(tmp_path / "broker", authority=right)
    broker.start()
    try:
        box = right.issue("center")
        for authority, believed in ((right, True), (wrong, False)):
            tls = {"ca": str(authority.ca), "cert": str(box.cert), "key": str(box.key)}
            config = {"host": "localhost", "port": broker.port, "tls": tls}
            with linked(config, Heard(topic="eg1/x")) as link:
                if believed:
                    wait_for(lambda link=link: link.listening, "TLS")  # type: ignore[misc]
                else:
                    wait_for(lambda link=link: link._away, "the refusal")  # type: ignore[misc]
                    assert not link.listening
    finally:
        broker.stop()


def test_files_and_passwords_that_are_not_there(tmp_path: Path) -> None:
    tls = {"host": "b", "tls": {"ca": str(tmp_path / "none.pem")}}
    for config, said in (
        (tls, "none.pem"),
        ({**lab(free_port()), "username": "u", "password_env": "NO_SUCH"}, "NO_SUCH"),
    ):
        with pytest.raises(ConfigError, match=said):
            BrokerLink("yard", BrokerConfig.model_validate(config), (), time.monotonic)
