import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edgeguard.agent.runmark import TELL_EVERY_S, RunMark

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Machine:
    """Runs of a box on one disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.boot = folder / "boot_id"
        self.boot.write_text("first")
        self.now = START

    def run(self, seconds: float = 100, service_result: str = "") -> RunMark:
        """A run that was alive for so long."""
        mark = RunMark(self.folder, service_result, self.boot)
        mark.begin(self.now)
        self.now += timedelta(seconds=seconds)
        mark.touch()
        os.utime(self.folder / "run.json", (self.now.timestamp(),) * 2)
        return mark


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_first_start_has_nothing_to_tell(machine: Machine) -> None:
    assert machine.run().due(machine.now) is None


def test_a_clean_stop_has_nothing_to_tell(machine: Machine) -> None:
    machine.run().stopped()
    assert machine.run().due(machine.now) is None


@pytest.mark.parametrize(
    ("result", "reason"), [("", "crash"), ("signal", "crash"), ("oom-kill", "oom_kill"), ("watchdog", "watchdog")]
)
def test_a_crash_is_told_once(machine: Machine, result: str, reason: str) -> None:
    machine.run()
    machine.now += timedelta(seconds=3)
    mark = machine.run(service_result=result)
    unclean = mark.due(machine.now)
    assert unclean is not None
    assert (unclean.reason, unclean.gap_s, unclean.times) == (reason, 3.0, 1)
    mark.told(machine.now)
    assert mark.due(machine.now + timedelta(days=1)) is None


def test_a_power_cut(machine: Machine) -> None:
    machine.run()
    machine.boot.write_text("second")
    unclean = machine.run().due(machine.now)
    assert unclean is not None
    assert unclean.reason == "power"


def test_a_process_that_was_left(machine: Machine) -> None:
    mark = machine.run()
    assert mark.left_s("detector", machine.now) > 1e9
    mark.left("detector", "stuck for 2.6 s", machine.now)
    again = machine.run(seconds=5)
    unclean = again.due(machine.now)
    assert unclean is not None
    assert (unclean.reason, unclean.detail) == ("stuck", "stuck for 2.6 s")
    assert again.left_s("detector", machine.now) == 5
    assert again.left_s("journal", machine.now) > 1e9


def test_a_box_that_dies_again_and_again_tells_of_it_seldom(machine: Machine) -> None:
    machine.run()
    told = []
    for _ in range(100):
        mark = machine.run(seconds=2)
        unclean = mark.due(machine.now)
        if unclean is not None:
            told.append(unclean.times)
            mark.told(machine.now)
    assert sum(told) >= 100 - TELL_EVERY_S / 2
    assert len(told) <= 200 / TELL_EVERY_S + 1


@pytest.mark.parametrize("damage", [b"", b"\x00" * 100, b"{}", b'{"state": 1}'])
def test_a_damaged_note_is_taken_for_a_bad_end(machine: Machine, damage: bytes) -> None:
    machine.run()
    (machine.folder / "run.json").write_bytes(damage)
    assert machine.run().due(machine.now) is not None


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    mark = RunMark(tmp_path / "none")
    mark.begin(START)
    mark.touch()
    mark.stopped()
