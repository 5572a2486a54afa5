import socket

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edgeguard.demo.broker import EmbeddedBroker
from edgeguard.errors import UplinkError


def test_takes_messages_on_loopback() -> None:
    with EmbeddedBroker() as broker:
        client = Client(CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        client.publish("eg1/hz/box/tail", b"{}", qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", broker.port)) != 0


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UplinkError, match=f"127.0.0.1:{port}"), EmbeddedBroker(port):
            pass
