from datetime import UTC, datetime
from typing import Any

import pytest

from edgeguard.agent.status import (
    CameraReport,
    DiskReport,
    JournalReport,
    Level,
    RuleReport,
    RulesReport,
    SiteFileReport,
    Status,
    UplinkReport,
    VoiceReport,
    spell,
)
from edgeguard.contract import CameraStatus, Clock

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def camera(name: str = "lift-a", status: CameraStatus = CameraStatus.OK, **facts: Any) -> CameraReport:
    return CameraReport(id=name, status=status, since=NOW, **({"state": status.value} | facts))


def uplink(*, connected: bool = True) -> UplinkReport:
    return UplinkReport(broker="b:8883", connected=connected, reason="refused", since=NOW)


def status(**changes: Any) -> Status:
    """A box where nothing is wrong."""
    facts: dict[str, Any] = {
        "site": "hz",
        "box": "box-1",
        "version": "0",
        "boot_id": "b",
        "pid": 1,
        "started_at": NOW,
        "at": NOW,
        "uptime_s": 60,
        "cameras": (camera(),),
        "voices": (VoiceReport(output="alsa:default", state="ok"),),
        "uplink": uplink(),
        "journal": JournalReport(writes=True),
        "disk": DiskReport(data_dir="/d", free_bytes=2**34, total_bytes=2**36),
        "clock": Clock(synced=True),
        "site_file": SiteFileReport(loaded_at=NOW),
    }
    return Status(**(facts | changes)).judged()


def test_nothing_wrong() -> None:
    assert (status().guards, status().problems) == (True, ())


OFF = RuleReport(camera="yard-1", kind="conduct_loiter", zone="ramp", on=False, what="off", by="wang", at=NOW)
BLIND = camera(status=CameraStatus.BLIND, state="stalled", blind_for_s=600)


@pytest.mark.parametrize(
    ("changes", "guards", "level", "told"),
    [
        ({"cameras": (BLIND,)}, False, Level.FAULT, "camera lift-a sees nothing since 10 min"),
        ({"cameras": (BLIND, camera("b"))}, True, Level.FAULT, "camera lift-a sees nothing since 10 min"),
        ({"cameras": (camera(status=CameraStatus.DEGRADED, reason="dark"),)}, True, Level.FAULT, "sees badly: dark"),
        ({"cameras": (camera(status=CameraStatus.OFF),)}, False, Level.NOTICE, "camera lift-a is off"),
        ({"cameras": (camera(door="unknown: no answer"),)}, True, Level.NOTICE, "is unknown: no answer"),
        ({"cameras": ()}, False, None, ""),
        ({"journal": JournalReport(writes=False, reason="full")}, False, Level.FAULT, "nothing can be written: full"),
        ({"journal": JournalReport(writes=True, damaged="j.damaged")}, True, Level.FAULT, "set aside as j.damaged"),
        ({"journal": JournalReport(writes=True, tombstones=2)}, True, Level.NOTICE, "2 messages could never be sent"),
        ({"journal": JournalReport(writes=True, evidence_dropped=3)}, True, Level.NOTICE, "3 pictures"),
        ({"voices": (VoiceReport(output="x", state="no_device"),)}, True, Level.FAULT, "voice on x cannot be heard"),
        ({"voices": (VoiceReport(output="x", state="stopped"),)}, True, Level.FAULT, "voice on x cannot be heard"),
        ({"voices": (VoiceReport(output="x", state="ok", stuck_s=9),)}, True, Level.FAULT, "hangs in its driver"),
        ({"voices": (VoiceReport(output="none", state="off"),)}, True, Level.NOTICE, "is off in the site file"),
        ({"uplink": None}, True, Level.NOTICE, "uplink is not configured"),
        ({"uplink": uplink(connected=False)}, True, Level.FAULT, "uplink no connection to b:8883: refused; 0 messages"),
        (
            {"journal": JournalReport(writes=True, outbox_depth=7, outbox_oldest_s=7300)},
            True,
            Level.NOTICE,
            "uplink 7 messages wait, the oldest since 2 h",
        ),
        ({"disk": DiskReport(data_dir="/d", free_bytes=2**20, total_bytes=2**30)}, True, Level.FAULT, "1 MiB left"),
        ({"disk": None}, True, None, ""),
        ({"site_file": SiteFileReport(loaded_at=NOW, error="line 3")}, True, Level.FAULT, "not in force: line 3"),
        ({"clock": Clock(synced=False)}, True, Level.NOTICE, "no time server keeps it"),
        ({"clock": None}, True, None, ""),
        ({"rules": RulesReport(lost=("it is damaged",))}, True, Level.FAULT, "settings of rules it is damaged"),
        ({"rules": RulesReport(set=(OFF,))}, True, Level.NOTICE, "rule conduct_loiter ramp of yard-1 is off, by wang"),
        ({"rules": RulesReport(set=(OFF.model_copy(update={"on": True}),))}, True, None, ""),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], guards: bool, level: Level | None, told: str) -> None:
    judged = status(**changes)
    assert judged.guards is guards
    assert [problem.level for problem in judged.problems] == [level] * (level is not None)
    assert told in " ".join(f"{problem.part} {problem.what}" for problem in judged.problems)
    assert all(problem.help for problem in judged.problems)


def test_faults_come_first() -> None:
    problems = status(clock=Clock(synced=False), uplink=None, disk=None, cameras=(BLIND,)).problems
    assert [problem.level for problem in problems] == [Level.FAULT, Level.NOTICE, Level.NOTICE]


def test_it_is_read_as_it_was_written() -> None:
    told = status(cameras=(BLIND,))
    assert Status.model_validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172_800, "2 days")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert spell(seconds) == words
