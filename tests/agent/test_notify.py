import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeguard.agent.notify import RELOAD_S, Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def lines(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().splitlines()


def test_a_life(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "3000000"})
    notifier.ready()
    assert lines(manager) == ["READY=1", "WATCHDOG_USEC=3000000"]
    notifier.alive("2 cameras")
    assert lines(manager) == ["WATCHDOG=1", "STATUS=2 cameras"]
    notifier.reloading()
    told = lines(manager)
    assert told[0] == "RELOADING=1"
    assert told[1].removeprefix("MONOTONIC_USEC=").isdigit()
    assert told[2] == f"WATCHDOG_USEC={RELOAD_S}000000"
    notifier.stopping()
    assert lines(manager) == ["STOPPING=1"]


def test_an_abstract_address() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0edgeguard-test-notify")
        Notifier({"NOTIFY_SOCKET": "@edgeguard-test-notify"}).ready()
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nobody/listens/here"}])
def test_nobody_listens(environ: dict[str, str]) -> None:
    Notifier(environ).ready()


def test_a_manager_that_hangs_holds_up_nobody(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    for _ in range(10_000):
        notifier.alive("x" * 1000)
