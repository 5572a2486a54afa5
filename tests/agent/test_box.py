"""The whole box: a drawn camera, a network that always sees an e-bike, a real broker, a voice in memory."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import CameraHealth, CommandAck, Event, SpeakArgs, SpeakCommand
from edgeguard.errors import AudioError, ConfigError, JournalError, ModelError, UplinkError
from edgeguard.types import Phase
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.mosquitto import Listener, Mosquitto, wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1], [20, 4, 44, 60, 0.8, 0]]], np.float32)


def settings(folder: Path, models: Path, port: int | None, **source: Any) -> dict[str, Any]:
    return {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(folder / "data"),
        "models_dir": str(models),
        "cameras": [{"id": "lift-a", "model": "tiny", "source": {"kind": "synthetic", **source}}],
        "voice": {"output": {"kind": "memory"}, "languages": ["zh"]},
        "uplink": {"host": "127.0.0.1", "port": port, "insecure_lab": True} if port else None,
    }


def events(listener: Listener) -> list[Event]:
    return [Event.from_json(payload) for payload in listener.on("/event/")]


def spoken(listener: Listener) -> list[Event]:
    return [event for event in events(listener) if event.data.actions]


def test_sees_speaks_reports_and_shows(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with running_box(settings(tmp_path, make_model(EBIKE), broker.port)):
        wait_for(lambda: len(events(listener)) >= 2, "the event and its first playback")
        wait_for(lambda: bool(listener.on("/picture/")), "the picture")
        wait_for(lambda: bool(list((tmp_path / "data" / "evidence").rglob("at.jpg"))), "the clear picture")
    new, spoken = events(listener)[:2]
    assert (new.data.code, new.data.phase, new.data.seq, new.data.camera) == (
        "LIFT.EBIKE.ENTER",
        Phase.NEW,
        1,
        "lift-a",
    )
    assert [(action.asset, action.result) for action in spoken.data.actions] == [("ebike_leave", "playing")]
    picture = cv2.imdecode(np.frombuffer(listener.on("/picture/")[0], np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    health = [CameraHealth.from_json(payload) for payload in listener.on("/cam/lift-a/health")]
    assert health[-1].status == "off"
    assert {json.loads(state)["state"] for state in listener.on("/state")} >= {"online", "stopping"}


def test_an_open_episode_goes_on_after_a_restart(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    models = make_model(EBIKE)
    with running_box(settings(tmp_path, models, broker.port)):
        wait_for(lambda: len(events(listener)) >= 1, "the first event")
    with running_box(settings(tmp_path, models, broker.port, duration_s=2)) as box:
        wait_for(lambda: any(event.data.phase is Phase.END for event in events(listener)), "the end")
    assert box.first_frame_at("lift-a") is not None
    phases = [event.data.phase for event in events(listener)]
    assert (phases.count(Phase.NEW), phases.count(Phase.END)) == (1, 1)
    assert len({event.data.event_id for event in events(listener)}) == 1
    assert events(listener)[-1].data.end_reason == "end_of_recording"


def test_without_a_broker_the_box_speaks_and_keeps_its_events(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto
) -> None:
    broker.kill()
    site = settings(tmp_path, make_model(EBIKE), broker.port, duration_s=3)
    with running_box(site):
        wait_for(lambda: bool(list((tmp_path / "data" / "evidence").rglob("at.jpg"))), "the picture")
    broker.start()
    late = Listener(broker.port)
    with running_box(site | {"cameras": [site["cameras"][0] | {"id": "other"}]}):
        wait_for(lambda: len(events(late)) >= 2, "what was kept")
    late.close()
    assert [event.data.seq for event in events(late)][:2] == [1, 2]


def test_speaks_on_command(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener) -> None:
    now = datetime.now(UTC)
    command = SpeakCommand(
        id="c1",
        issued_at=now,
        expires_at=now + timedelta(seconds=60),
        by="guard",
        args=SpeakArgs(phrase="test", camera="lift-a"),
    )
    elsewhere = command.model_copy(update={"id": "c2", "args": SpeakArgs(phrase="test", camera="lift-z")})
    nothing = np.zeros((1, 1, 6), np.float32)
    with running_box(settings(tmp_path, make_model(nothing), broker.port)):
        wait_for(lambda: bool(listener.on("/birth")), "the birth")
        listener.publish("eg1/hz/box-1/cmd/speak", command.to_json())
        listener.publish("eg1/hz/box-1/cmd/speak", elsewhere.to_json())
        wait_for(lambda: len(listener.on("cmd_ack/c1")) == len(listener.on("cmd_ack/c2")) == 2, "the answers")
    first, second = ([CommandAck.from_json(answer) for answer in listener.on(f"cmd_ack/{id_}")] for id_ in ("c1", "c2"))
    assert [answer.status for answer in first] == ["accepted", "done"]
    assert first[1].reason == "test played on memory"
    assert [answer.status for answer in second] == ["accepted", "failed"]
    assert second[1].reason == "camera 'lift-z', accepted: lift-a"


def test_each_lift_has_its_own_voice(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(EBIKE), broker.port)
    quiet = {"output": {"kind": "file", "path": str(tmp_path / "b.wav")}, "languages": ["en"]}
    site["cameras"].append(site["cameras"][0] | {"id": "lift-b", "voice": quiet})
    with running_box(site):
        wait_for(lambda: {event.data.camera for event in spoken(listener)} == {"lift-a", "lift-b"}, "both voices")
    heard = {event.data.camera: event.data.actions[0] for event in spoken(listener)}
    assert (heard["lift-a"].target, heard["lift-a"].language) == ("memory", "zh")
    assert (heard["lift-b"].target, heard["lift-b"].language) == ("file:b.wav", "en")


def test_a_camera_nobody_has_any_more_gets_its_end(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(EBIKE), broker.port)
    with running_box(site):
        wait_for(lambda: len(events(listener)) >= 1, "the first event")
    with running_box(site | {"cameras": [site["cameras"][0] | {"id": "lift-b"}]}):
        wait_for(lambda: any(event.data.end_reason == "restart" for event in events(listener)), "the end")


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"cameras": [{"id": "a", "model": "big", "source": {"kind": "synthetic"}}]}, ConfigError, "no model 'big'"),
        ({"voice": {"output": {"kind": "memory"}, "languages": ["xx"]}}, AudioError, "xx"),
        (
            {
                "cameras": [
                    {
                        "id": "a",
                        "model": "tiny",
                        "source": {"kind": "synthetic"},
                        "scenarios": [{"kind": "lift_ebike", "phrases": {"leave": "go_away"}}],
                    }
                ]
            },
            AudioError,
            "a: lift_ebike.phrases: no phrase 'go_away'",
        ),
        ({"data_dir": "/dev/null/data"}, ConfigError, "data_dir: met /dev/null/data"),
        (
            {"uplink": {"host": "h", "insecure_lab": True, "username": "u", "password_env": "EDGEGUARD_NO_SUCH"}},
            UplinkError,
            "EDGEGUARD_NO_SUCH is not set",
        ),
    ],
)
def test_refuses_what_cannot_work(
    tmp_path: Path, make_model: MakeModel, change: dict[str, Any], error: type[Exception], told: str
) -> None:
    site = settings(tmp_path, make_model(EBIKE), None) | change
    with pytest.raises(error, match=told), Box(SiteConfig.model_validate(site)):
        pass


def test_refuses_a_damaged_model(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    (models / "tiny.onnx").write_bytes(b"not a network")
    with (
        pytest.raises(ModelError, match=r"tiny\.onnx"),
        Box(SiteConfig.model_validate(settings(tmp_path, models, None))),
    ):
        pass


def test_two_boxes_never_share_a_journal(tmp_path: Path, make_model: MakeModel) -> None:
    site = SiteConfig.model_validate(settings(tmp_path, make_model(EBIKE), None))
    with Box(site), pytest.raises(JournalError, match="journal"), Box(site):
        pass


def test_the_command_line_stops_cleanly(tmp_path: Path, make_model: MakeModel) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(settings(tmp_path, make_model(EBIKE), None)), "utf-8")
    command = [sys.executable, "-m", "edgeguard", "run", "-c", str(path)]
    assert subprocess.run([*command, "--check"], check=False, capture_output=True, timeout=60).returncode == 0
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as box:
        assert box.stderr is not None
        line = next(line for line in box.stderr if "LIFT.EBIKE.ENTER new" in line)
        assert line
        box.send_signal(signal.SIGTERM)
        box.communicate(timeout=30)
    assert box.returncode == 0
