"""The whole box, told by signed commands what a rule is to watch for: in force, kept, told, and taken back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.configure import NAME
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import Clock as Kept
from edgeguard.contract import ConfigureArgs, ConfigureCommand
from edgeguard.sources.base import Clock
from tests.agent.test_replacing import EBIKE
from tests.agent.test_rights_box import KEY, ask, times
from tests.conftest import MakeModel
from tests.support.boxes import box_settings, get_json, lab, running_box
from tests.support.mosquitto import Listener, Mosquitto, wait_for

LOITER = {"kind": "conduct_loiter", "name": "ramp", "labels": ["e-bike"], "dwell_s": 3600}
NIGHT = {
    "timezone": "Asia/Shanghai",
    "windows": [{"start": "22:00", "end": "06:00"}, {"start": "12:00", "end": "13:00"}],
}
SYNCED = Kept(synced=True)


class Shifted:
    """The system's clock with a time of day that a test puts ahead or back."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.clock = Clock(utcnow=lambda: datetime.now(UTC) + self.ahead)


@pytest.fixture
def found(tmp_path: Path, make_model: MakeModel, broker: Mosquitto) -> dict[str, Any]:
    """Settings of a box with two cameras that takes settings."""
    source = {"model": "tiny", "source": {"kind": "synthetic"}}
    cameras = [{"id": "yard-1", "scenarios": [LOITER], **source}, {"id": "lift-1", **source}]
    told = {"uplink": lab(broker.port), "commands": {"keys": [KEY.public.text]}, "remote_settings": True}
    return box_settings(tmp_path, make_model(EBIKE), cameras=cameras, **told)


@contextmanager
def at_work(found: dict[str, Any], listener: Listener, **how: Any) -> Iterator[Box]:
    births = len(listener.on("/birth"))
    with running_box(found, **({"kept": lambda: SYNCED} | how)) as box:
        wait_for(lambda: len(listener.on("/birth")) > births, "the box")
        yield box


def told(listener: Listener, camera: str = "yard-1") -> dict[str, Any]:
    """The first rule of a camera in the latest birth."""
    cameras = json.loads(listener.on("/birth")[-1])["cameras"]
    rule: dict[str, Any] = next(one for one in cameras if one["id"] == camera)["rules"][0]
    return rule


_number = iter(range(1000))


def configure(listener: Listener, camera: str = "yard-1", **args: Any) -> tuple[str, str]:
    """The box's last word."""
    which = (
        {"kind": "conduct_loiter", "zone": "ramp"} if camera == "yard-1" else {"kind": "lift_ebike", "zone": "cabin"}
    )
    made = ConfigureArgs.model_validate({"camera": camera, **which, **args})
    return ask(listener, "configure", ConfigureCommand(id=f"s{next(_number)}", args=made, **times()))


def in_force(box: Box, camera: str = "yard-1") -> Any:
    return next(iter(box.lanes[camera].config.scenarios), None)


def test_settings_are_in_force_told_and_kept_until_they_are_taken_back(
    found: dict[str, Any], listener: Listener
) -> None:
    with at_work(found, listener) as box:
        assert told(listener)["settable"] == ["on", "armed", "min_score", "dwell_s"]
        other = box.lanes["lift-1"].worker
        status, reason = configure(listener, dwell_s=30, min_score=0.4, armed=NIGHT)
        assert (status, "dwell_s 30" in reason, "22:00-06:00; 12:00-13:00" in reason) == ("done", True, True)
        rule = in_force(box)
        assert (rule.dwell_s, rule.min_score, len(rule.armed.windows)) == (30, 0.4, 2)
        assert box.lanes["lift-1"].worker is other, "nothing else was touched"
        wait_for(lambda: "override" in told(listener), "the birth")
        now = told(listener)
        assert (now["dwell_s"], len(now["windows"]), now["override"]["by"]) == (30, 2, "officer")
        assert now["override"]["site_file"]["dwell_s"] == 3600
        (line,) = get_json(found, "/status")["rules"]["set"]
        assert (line["by"], "dwell_s 30" in line["what"]) == ("officer", True)
    with at_work(found, listener) as box:
        assert in_force(box).dwell_s == 30, "after a restart"
        assert configure(listener, dwell_s=45)[0] == "done"
        assert (in_force(box).dwell_s, in_force(box).armed.windows) == (45, ()), "what is left out is the site file's"
        box.apply(SiteConfig.model_validate(found | {"privacy": {"blur_heads": False}}))
        assert in_force(box).dwell_s == 45, "a changed site file goes under it"
        assert configure(listener) == ("done", "yard-1 conduct_loiter ramp: as in the site file")
        assert in_force(box).dwell_s == 3600
        wait_for(lambda: "override" not in told(listener), "the birth")
    assert json.loads((Path(found["data_dir"]) / NAME).read_text()) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"dwell_s": -1}, "conduct_loiter: dwell_s: met -1.0, accepted: greater than or equal to 0"),
        ({"min_score": 1}, "min_score: met 1.0, accepted: less than 1"),
        ({"armed": {"timezone": "Mars", "windows": []}}, None),
        ({"zone": "roof", "dwell_s": 3}, "rule: met conduct_loiter roof, accepted for yard-1: conduct_loiter ramp"),
        (
            {"camera": "lift-1", "kind": "lift_ebike", "zone": "cabin", "dwell_s": 3},
            "met dwell_s, accepted for lift_ebike",
        ),
        (
            {"until": datetime(2026, 1, 1, tzinfo=UTC), "on": False},
            "until: met 2026-01-01T00:00:00.000Z, accepted: later",
        ),
    ],
)
def test_what_the_rule_does_not_take_is_refused_with_the_value(
    found: dict[str, Any], listener: Listener, args: dict[str, Any], words: str | None
) -> None:
    with at_work(found, listener) as box:
        if words is None:
            with pytest.raises(ValueError, match="IANA"):
                configure(listener, **args)
            return
        worker = box.lanes["yard-1"].worker
        status, reason = configure(listener, **args)
        assert (status, words in reason) == ("rejected", True), reason
        assert box.lanes["yard-1"].worker is worker


def test_an_ebike_rule_is_off_for_a_day_at_most_and_comes_back_by_itself(
    found: dict[str, Any], listener: Listener
) -> None:
    shifted, soon = Shifted(), datetime.now(UTC) + timedelta(hours=2)
    with at_work(found, listener, clock=shifted.clock) as box:
        wait_for(box.services.journal.open_episodes, "the e-bike")
        assert told(listener, "lift-1")["at_most_s"] == 86400
        for until in (None, datetime.now(UTC) + timedelta(hours=25)):
            status, reason = configure(listener, "lift-1", on=False, until=until)
            assert (status, "accepted: at most 24 h from now" in reason) == ("rejected", True)
        assert configure(listener, "lift-1", on=False, until=soon)[0] == "done"
        assert in_force(box, "lift-1") is None
        wait_for(lambda: not told(listener, "lift-1")["on"], "the birth")
        wait_for(lambda: not box.services.journal.open_episodes(), "what nobody watches any more to end")
        assert box.lanes["lift-1"].worker.alive, "the camera is still seen"
        assert any("lift_ebike" in one["part"] for one in get_json(found, "/status")["problems"])
        shifted.ahead = timedelta(hours=2, seconds=1)
        wait_for(lambda: in_force(box, "lift-1") is not None, "the rule to come back")
        wait_for(lambda: told(listener, "lift-1")["on"], "the birth")
        wait_for(box.services.journal.open_episodes, "the e-bike")
        assert [one for one in listener.on("/event/lift") if b'"end"' in one], "the first one has ended"


def test_time_runs_out_though_the_clock_is_set_back(found: dict[str, Any], listener: Listener) -> None:
    shifted = Shifted()
    with at_work(found, listener, clock=shifted.clock) as box:
        until = datetime.now(UTC) + timedelta(seconds=4)
        assert configure(listener, "lift-1", on=False, until=until)[0] == "done"
        shifted.ahead = -timedelta(seconds=20)
        wait_for(lambda: in_force(box, "lift-1") is not None, "the rule to come back")
        assert configure(listener, on=False, until=datetime.now(UTC) + timedelta(hours=1))[0] == "done"
    shifted.ahead = -timedelta(days=1)
    with at_work(found, listener, clock=shifted.clock) as box:
        assert in_force(box) is not None, "by a clock that has not come so far nothing with an end holds"


def test_a_site_that_does_not_allow_it_takes_nothing_and_forgets_what_was_set(
    found: dict[str, Any], listener: Listener
) -> None:
    with at_work(found, listener) as box:
        assert configure(listener, on=False)[0] == "done"
        box.apply(SiteConfig.model_validate(found | {"remote_settings": False}))
        wait_for(lambda: in_force(box) is not None, "the site file's rule")
        wait_for(lambda: told(listener)["settable"] == [], "the birth")
        status, reason = configure(listener, on=False)
        assert (status, "remote_settings: met false" in reason) == ("rejected", True)
        assert get_json(found, "/status")["rules"]["set"] == []
    with at_work(found, listener) as box:
        assert in_force(box) is not None, "allowed again, nothing comes back"


@pytest.mark.parametrize(
    "damage", [b"{", b"[{}]", b"\xff\x00", b'[{"args": {"camera": "a"}, "by": "x", "at": "never"}]']
)
def test_a_damaged_file_is_told_and_the_site_file_holds(
    found: dict[str, Any], listener: Listener, damage: bytes
) -> None:
    path = Path(found["data_dir"]) / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(damage)
    with at_work(found, listener) as box:
        assert in_force(box).dwell_s == 3600
        status = get_json(found, "/status")
        assert "it is damaged" in status["rules"]["lost"][0]
        assert any(one["level"] == "fault" and one["part"] == "settings of rules" for one in status["problems"])
        assert "it is damaged" in json.loads(listener.on("/birth")[-1])["settings_lost"]
        assert path.read_bytes() == damage
        assert configure(listener, dwell_s=30)[0] == "done"
        wait_for(lambda: "settings_lost" not in json.loads(listener.on("/birth")[-1]), "the birth")
    assert json.loads(path.read_text())[0]["args"]["dwell_s"] == 30


def test_a_setting_of_a_rule_that_is_gone_is_told_and_left_out(found: dict[str, Any], listener: Listener) -> None:
    with at_work(found, listener):
        assert configure(listener, dwell_s=30)[0] == "done"
    found["cameras"][0]["scenarios"] = [LOITER | {"name": "roof"}]
    with at_work(found, listener) as box:
        (lost,) = get_json(found, "/status")["rules"]["lost"]
        assert ("dwell_s 30, set by officer" in lost, "accepted for yard-1: conduct_loiter roof" in lost) == (
            True,
            True,
        )
        assert in_force(box).dwell_s == 3600


def test_nothing_changes_where_it_cannot_be_kept(found: dict[str, Any], listener: Listener) -> None:
    with at_work(found, listener) as box:
        blocked = Path(found["data_dir"]) / f"{NAME}.part"
        blocked.mkdir()
        status, reason = configure(listener, dwell_s=30)
        assert (status, "cannot be written" in reason) == ("failed", True)
        assert in_force(box).dwell_s == 3600


@pytest.mark.parametrize(("synced", "word"), [(False, "clock"), (None, "clock")])
def test_no_setting_by_a_clock_that_nobody_keeps(
    found: dict[str, Any], listener: Listener, synced: bool | None, word: str
) -> None:
    kept = None if synced is None else Kept(synced=synced)
    with at_work(found, listener, kept=lambda: kept):
        status, reason = configure(listener, on=False)
        assert (status, word in reason) == ("rejected", True)


def test_the_same_command_is_taken_once_and_an_unsigned_one_never(found: dict[str, Any], listener: Listener) -> None:
    args = ConfigureArgs(camera="yard-1", kind="conduct_loiter", zone="ramp", dwell_s=30)
    with at_work(found, listener) as box:
        first = ConfigureCommand(id="same", args=args, **times())
        assert ask(listener, "configure", first)[0] == "done"
        assert configure(listener)[0] == "done"
        assert ask(listener, "configure", first)[0] == "done", "its last word again"
        assert in_force(box).dwell_s == 3600, "and nothing else"
        assert ask(listener, "configure", ConfigureCommand(id="bare", args=args, **times()), None)[0] == "rejected"
