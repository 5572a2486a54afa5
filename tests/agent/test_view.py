"""A picture of no use as episodes: from what a camera shows to the events that the platform gets."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.agent.view import RULES, ViewEpisodes
from edgeguard.contract import CODES, Event
from edgeguard.motion import ViewConfig, ViewFault, ViewWatch
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import OpenEpisode, Phase, Report, Severity
from tests.conftest import MakeModel
from tests.support.mosquitto import Listener, Mosquitto, wait_for

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COVERED = np.full((90, 160), 90, np.uint8)
ROOM = np.asarray(60 + 100 * (np.indices((90, 160)).sum(0) // 20 % 2), np.uint8)
BLACK = np.full((90, 160), 16, np.uint8)


class Camera:
    """Shows pictures once a second and steps its episodes twice."""

    def __init__(self, *resume: OpenEpisode, tell: Sequence[ViewFault] = tuple(ViewFault)) -> None:
        ids = count(1)
        self.view = ViewWatch(ViewConfig(tell=tuple(tell), covered_s=5, dark_s=5, frozen_s=3600))
        self.episodes = ViewEpisodes("lift-a", self.view, lambda _: f"episode-{next(ids)}", resume)
        self.now_s = 100.0
        self.reports: list[Report] = []

    def shows(self, luma: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], seconds: int) -> "Camera":
        for _ in range(seconds):
            self.view.update(picture_from_array(luma, "gray"), self.now_s)
            self.step()
            self.step()
        return self

    def step(self, *, over: bool = False) -> "Camera":
        at = START + timedelta(seconds=self.now_s)
        self.reports += self.episodes.step(self.now_s, at, over=over)
        self.now_s += 0.5
        return self

    @property
    def story(self) -> list[tuple[str, Phase]]:
        return [(report.code, report.phase) for report in self.reports]


def test_every_fault_has_a_code_and_a_rule_of_its_own() -> None:
    assert {f"DEVICE.CAMERA.{fault.upper()}" for fault in ViewFault} <= CODES.keys()
    assert len(set(RULES.values())) == len(ViewFault)


def test_a_good_picture_has_nothing_to_tell() -> None:
    assert Camera().shows(ROOM, 60).reports == []


def test_one_new_and_one_end_with_how_long_it_lasted() -> None:
    camera = Camera().shows(ROOM, 40).shows(COVERED, 20).shows(ROOM, 30)
    assert camera.story == [("DEVICE.CAMERA.COVERED", Phase.NEW), ("DEVICE.CAMERA.COVERED", Phase.END)]
    new, end = camera.reports
    assert (new.camera_id, new.rule, new.severity) == ("lift-a", "camera_covered", Severity.WARNING)
    assert end.dwell_s == pytest.approx(20, abs=4)
    assert new.event_id == end.event_id


def test_two_faults_are_two_episodes() -> None:
    camera = Camera().shows(ROOM, 40).shows(COVERED, 10).shows(BLACK, 30)
    assert camera.story == [
        ("DEVICE.CAMERA.COVERED", Phase.NEW),
        ("DEVICE.CAMERA.DARK", Phase.NEW),
        ("DEVICE.CAMERA.COVERED", Phase.END),
    ]


def test_what_the_site_does_not_want_is_not_told() -> None:
    assert Camera(tell=[ViewFault.DARK]).shows(ROOM, 40).shows(COVERED, 60).reports == []


def test_the_end_of_a_recording_ends_it() -> None:
    camera = Camera().shows(COVERED, 20).step(over=True)
    assert camera.reports[-1].end_reason == "end_of_recording"


def test_a_restart_ends_what_was_open_of_this_camera_once() -> None:
    mine = OpenEpisode("e1", "DEVICE.CAMERA.MOVED", "lift-a", "camera_moved", START)
    others = [
        OpenEpisode("e2", "DEVICE.CAMERA.MOVED", "lift-b", "camera_moved", START),
        OpenEpisode("e3", "DEVICE.CAMERA.BLIND", "lift-a", "camera_blind", START),
    ]
    camera = Camera(mine, *others).shows(ROOM, 30)
    assert [(report.event_id, report.phase, report.end_reason) for report in camera.reports] == [
        ("e1", Phase.END, "restart")
    ]


def test_the_platform_hears_of_a_covered_camera_that_goes_on_recording(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    camera = {
        "id": "lift-a",
        "model": "tiny",
        "source": {"kind": "synthetic", "shapes": 0},
        "view": {"covered_s": 2},
    }
    site = {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(tmp_path / "data"),
        "models_dir": str(make_model(np.zeros((1, 1, 6), np.float32))),
        "cameras": [camera],
        "voice": {"output": {"kind": "memory"}, "languages": ["zh"]},
        "uplink": {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True},
    }
    stop = threading.Event()
    with Box(SiteConfig.model_validate(site)) as box:
        running = threading.Thread(target=box.run, args=(stop,))
        running.start()
        try:
            wait_for(lambda: "DEVICE.CAMERA.COVERED" in codes(listener), "that it is covered")
        finally:
            stop.set()
            running.join()
    assert codes(listener) == {"DEVICE.CAMERA.COVERED"}


def codes(listener: Listener) -> set[str]:
    return {Event.from_json(payload).data.code for payload in listener.on("/event/")}
