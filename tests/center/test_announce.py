"""What the center says on its terminal, where other threads write their log."""

import io
import sys

import pytest

from edgeguard.center.app import announced


class Terminal(io.RawIOBase):
    """Keeps what is written, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.writes.append(bytes(data))  # type: ignore[call-overload]
        return len(self.writes[-1])


def test_a_line_and_its_end_are_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else, where Python is unbuffered as its service runs it, a line of the log may follow the token directly."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(terminal, 1), write_through=True))
    announced("the set-up token: 4cC1")
    assert terminal.writes == [b"the set-up token: 4cC1\n"]
