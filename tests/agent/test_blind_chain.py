"""A blind camera never reads as clear: from the reader to the events and the health that the platform gets."""

import threading
from pathlib import Path

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import CameraHealth, Event
from tests.conftest import MakeModel
from tests.support.mosquitto import Listener, Mosquitto, wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1]]], np.float32)


@pytest.mark.parametrize("fault", ["stall", "error", "auth"])
def test_an_episode_goes_on_while_its_camera_is_blind(
    fault: str, tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    source = {"kind": "synthetic", "duration_s": 2, "then": fault}
    # A pause longer than the test: the camera gives its pictures once.
    reader = {"retry_first_s": 60, "retry_longest_s": 60, "auth_retry_s": 60, "stall_after_s": 1}
    scenario = {"kind": "lift_ebike", "clear_s": 1, "idle_s": 1}
    camera = {"id": "lift-a", "model": "tiny", "source": source, "reader": reader, "scenarios": [scenario]}
    site = {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(tmp_path / "data"),
        "models_dir": str(make_model(EBIKE)),
        "cameras": [camera],
        "voice": {"output": {"kind": "memory"}, "languages": ["zh"]},
        "uplink": {"host": "127.0.0.1", "port": broker.port, "insecure_lab": True},
    }
    stop = threading.Event()
    with Box(SiteConfig.model_validate(site)) as box:
        running = threading.Thread(target=box.run, args=(stop,))
        running.start()
        try:
            wait_for(lambda: "blind" in decisions(listener), "an update that says so")
            stop.wait(4)  # longer than clear_s and idle_s: with pictures of an empty lift it would be over
        finally:
            stop.set()
            running.join()
    assert not {"cleared"} & decisions(listener)
    assert "left" not in {event.data.end_reason for event in episodes(listener)}
    # The box is gone; its last words may still be on their way from the broker.
    wait_for(lambda: health_told(listener)[-1].status.value == "off", "the last word")
    told = health_told(listener)
    statuses = [health.status.value for health in told]
    assert statuses[-2:] == ["blind", "off"]  # off: the box was stopped
    assert "ok" not in statuses[statuses.index("ok") + 1 :]
    assert told[-2].reason
    assert told[-1].blind_s_today > 4


def health_told(listener: Listener) -> list[CameraHealth]:
    return [CameraHealth.from_json(payload) for payload in listener.on("/cam/lift-a/health")]


def episodes(listener: Listener) -> list[Event]:
    events = [Event.from_json(payload) for payload in listener.on("/event/")]
    return [event for event in events if event.data.code == "LIFT.EBIKE.ENTER"]


def decisions(listener: Listener) -> set[str]:
    return {event.data.decision.reason or "" for event in episodes(listener) if event.data.decision}
