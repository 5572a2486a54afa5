"""The pages on loopback, and clients that behave badly."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.agent.ops import CLIENT_S, CLIENTS_AT_ONCE, STALE_S, OpsConfig, OpsServer, Questions
from edgeguard.agent.status import JournalReport, Status
from edgeguard.contract import CameraStatus
from edgeguard.errors import ConfigError
from tests.agent.test_status import camera, status, uplink
from tests.support.mosquitto import free_port

BLIND = camera(status=CameraStatus.BLIND, reason="no answer")


@contextmanager
def serving(told: Status | None, age_s: float = 0.0) -> Iterator[int]:
    questions = Questions(lambda _: (told, age_s), lambda one: f"guards {one.guards}\n".encode())
    with OpsServer(OpsConfig(port=free_port()), questions) as server:
        assert server.port is not None
        yield server.port


def ask(port: int, path: str, host: str = "localhost:1") -> tuple[int, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("told", "age_s", "code", "reasons"),
    [
        (status(), 0.0, 200, []),
        (status(cameras=(BLIND, camera("b"))), 0.0, 200, ["camera lift-a sees nothing since 0 s: no answer"]),
        (status(uplink=uplink(connected=False)), 0.0, 200, ["uplink no connection"]),
        (status(cameras=(BLIND,)), 0.0, 503, ["no camera sees anything", "camera lift-a sees nothing"]),
        (
            status(journal=JournalReport(writes=False, reason="full")),
            0.0,
            503,
            ["journal nothing can be written: full"],
        ),
        (status(), STALE_S + 1, 503, ["the box knows nothing of itself since 11 s"]),
        (None, 0.0, 503, ["the box is starting"]),
    ],
    ids=["well", "one of two blind", "no broker", "blind", "disk full", "hangs", "starting"],
)
def test_healthz(told: Status | None, age_s: float, code: int, reasons: list[str]) -> None:
    with serving(told, age_s) as port:
        answer, body = ask(port, "/healthz")
    health: dict[str, Any] = json.loads(body)
    assert (answer, health["guards"]) == (code, code == 200)
    assert len(health["reasons"]) == len(reasons)
    assert all(met.startswith(wanted) for met, wanted in zip(health["reasons"], reasons, strict=True))


def test_status_and_metrics() -> None:
    with serving(status()) as port:
        assert Status.model_validate_json(ask(port, "/status")[1]) == status()
        assert ask(port, "/metrics?x=1") == (200, b"guards True\n")


@pytest.mark.parametrize(
    ("path", "host", "code", "told"),
    [
        ("/", "localhost", 404, "accepted: /healthz, /metrics, /status"),
        ("/../status", "127.0.0.1", 404, "no page /../status"),
        ("/" + "x" * 5000, "[::1]:9464", 404, "no page"),
        ("/status", "evil.example", 403, "loopback"),
        ("/status", "127.0.0.1:9464", 200, "lift-a"),
        ("/status", "[::1]", 200, "lift-a"),
    ],
)
def test_what_is_asked_for(path: str, host: str, code: int, told: str) -> None:
    with serving(status()) as port:
        answer, body = ask(port, path, host)
    assert (answer, told in body.decode()) == (code, True)


def test_nothing_can_be_sent_to_it() -> None:
    with serving(status()) as port, closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/status", b"x" * 10)
        assert connection.getresponse().status == 501


def test_clients_that_dawdle_are_cut_off_and_one_too_many_is_turned_away() -> None:
    """Each sends a byte a second: every single read is quick enough, the whole is not."""
    with serving(status()) as port:
        slow = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(CLIENTS_AT_ONCE)]
        deadline_s = time.monotonic() + 20
        while threads("process_request_thread") < CLIENTS_AT_ONCE:
            assert time.monotonic() < deadline_s, "the clients were not taken"
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", port), 20) as late:
            assert closed(late)
        began_s = time.monotonic()
        while not all([dripped(client) for client in slow]):  # noqa: C419 - every one of them
            assert time.monotonic() < began_s + 10 * CLIENT_S
            time.sleep(0.5)
        assert ask(port, "/status")[0] == 200
        for client in slow:
            client.close()


def test_a_client_that_does_not_read_holds_nobody_up() -> None:
    with serving(status()) as port:
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            assert ask(port, "/status")[0] == 200
        assert ask(port, "/status")[0] == 200


def threads(name: str) -> int:
    return sum(name in thread.name for thread in threading.enumerate())


def closed(client: socket.socket) -> bool:
    try:
        return client.recv(10) == b""
    except ConnectionError:
        return True


def dripped(client: socket.socket) -> bool:
    """Send a byte; true when nobody takes it."""
    try:
        client.sendall(b"G")
    except OSError:
        return True
    return False


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.4", "::", "box.local", "", "localhost"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValidationError, match=r"127\.0\.0\.1 or ::1: these pages ask for no password"):
        OpsConfig(address=address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1"])
def test_loopback_is_accepted(address: str) -> None:
    assert OpsConfig(address=address).port == 9464


def test_a_taken_port_is_told() -> None:
    with serving(status()) as port, pytest.raises(ConfigError, match=rf"ops\.port: met {port}, which cannot be used"):
        OpsServer(OpsConfig(port=port), Questions(lambda _: (None, 0.0), lambda _: b"")).__enter__()


def test_it_can_be_closed_before_and_after() -> None:
    server = OpsServer(OpsConfig(), Questions(lambda _: (None, 0.0), lambda _: b""))
    server.__exit__(None, None, None)
    assert server.port is None
