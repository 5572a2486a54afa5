"""The center's line to the broker: small messages go at once, over TLS too."""

import socket
from pathlib import Path

import pytest

from edgeguard.center.config import BrokerConfig, BrokerTls
from edgeguard.center.link import Link
from tests.support.mosquitto import Authority, Mosquitto, wait_for


@pytest.mark.parametrize("secure", [False, True])
def test_nothing_waits_for_a_full_packet(tmp_path: Path, secure: bool) -> None:
    authority = Authority(tmp_path / "ca", "lab") if secure else None
    broker = Mosquitto(tmp_path / "broker", authority=authority)
    broker.start()
    if authority is None:
        config = BrokerConfig(port=broker.port, insecure_lab=True)
    else:
        own = authority.issue("center")
        config = BrokerConfig(port=broker.port, tls=BrokerTls(ca=authority.ca, cert=own.cert, key=own.key))
    link = Link(config, lambda _: None, lambda _: None)
    link.open("center-test")
    link.start()
    try:
        wait_for(lambda: link.connected, "the broker")
        assert link._client is not None
        line = link._client.socket()
        assert isinstance(line, socket.socket)
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    finally:
        link.stop()
        broker.stop()
