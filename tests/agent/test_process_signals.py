"""Signals arrive whatever the main thread is at, and wait for what it holds."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from edgeguard.agent import process_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """As they were, after each test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_comes_while_a_lock_is_held_waits_for_it() -> None:
    lock, met, done = threading.Lock(), [], threading.Event()

    def then(number: int) -> None:
        with lock:
            met.append(number)
        done.set()

    with process_signals.told((signal.SIGUSR1,), then):
        with lock:
            signal.raise_signal(signal.SIGUSR1)
            time.sleep(0.05)
            assert met == []
        assert done.wait(5)
    assert met == [signal.SIGUSR1]


def test_signals_are_told_in_order_and_others_are_not() -> None:
    met: list[int] = []
    signal.signal(signal.SIGUSR2, lambda *_: None)
    with process_signals.told((signal.SIGUSR1,), met.append):
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1):
            signal.raise_signal(number)
    assert met == [signal.SIGUSR1, signal.SIGUSR1]


def test_afterwards_no_thread_is_left_and_signals_do_nothing() -> None:
    met: list[int] = []
    with process_signals.told((signal.SIGUSR1,), met.append):
        assert "signals" in {thread.name for thread in threading.enumerate()}
    signal.raise_signal(signal.SIGUSR1)
    assert "signals" not in {thread.name for thread in threading.enumerate()}
    assert met == []
