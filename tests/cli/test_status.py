"""`edgeguard status` before a running box, and before none."""

import io
import json
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from edgeguard.agent.status import (
    EpisodeReport,
    EvidenceReport,
    JournalReport,
    RulesReport,
    SiteFileReport,
    Status,
    VoiceReport,
)
from edgeguard.cli import main
from edgeguard.cli.status import show
from edgeguard.contract import CameraStatus, Clock
from tests.agent.test_status import NOW, OFF, camera, status, uplink
from tests.conftest import MakeModel
from tests.support.boxes import box_settings, get_json, lab, running_box
from tests.support.mosquitto import Mosquitto, free_port, wait_for

NOTHING = np.zeros((1, 1, 6), np.float32)


def told(of: Status, width: int = 160) -> str:
    stream = io.StringIO()
    show(of, Console(file=stream, width=width))
    return stream.getvalue()


def test_nothing_wrong() -> None:
    text = told(status())
    assert text.startswith("hz / box-1 guards\n")
    assert "what is wrong" not in text
    assert "lift-a" in text


def test_rules_that_the_center_has_set_are_told() -> None:
    text = told(status(rules=RulesReport(set=(OFF, OFF.model_copy(update={"on": True, "what": "dwell_s 30"})))))
    assert "conduct_loiter ramp: off, set by wang" in text
    assert "rule of yard-1" in text
    assert "conduct_loiter ramp: dwell_s 30, set by wang" in text


def test_what_is_wrong_comes_first() -> None:
    text = told(
        status(
            cameras=(
                camera(status=CameraStatus.BLIND, state="auth_failed", reason="401 [x]", blind_for_s=90, label="A [1]"),
                camera("lift-b", door="closed", door_cycles=3, blind_s={"stalled": 61.0, "connecting": 0.2}),
            ),
            voices=(VoiceReport(output="alsa:usb", state="no_device", reason="gone"),),
            uplink=uplink(connected=False),
            journal=JournalReport(writes=True, outbox_depth=4, outbox_oldest_s=300, last_seq=9),
            episodes=(EpisodeReport(event_id="01", code="LIFT.EBIKE.ENTER", camera="lift-b", opened_at=NOW),),
            evidence=EvidenceReport(files=4, size_bytes=2**30, waiting=2, upload="401"),
            restarts={"uplink": 2},
            clock=Clock(synced=True, offset_ms=-1.25),
            site_file=SiteFileReport(path="/etc/site.yaml", loaded_at=NOW, error="line 4"),
        )
    )
    lines = text.splitlines()
    assert lines[0] == "hz / box-1 guards, with 4 faults"
    assert text.index("fault") < text.index("camera   ") or text.index("fault") < text.index("fps in")
    for part in (
        "camera lift-a sees nothing since 90 s: 401 [x]",
        "give the camera's user name and password in the site file",
        "lift-a A [1]",
        "blind (auth_failed)",
        "stalled 61 s",
        "closed, 3 cycles",
        "no_device",
        "4 wait, oldest 5 min; 9 events so far",
        "LIFT.EBIKE.ENTER on lift-b",
        "4 files, 1.0 GiB; 2 wait to be uploaded (401)",
        "uplink 2x",
        "kept by a time server, -1.2 ms to go",
        "/etc/site.yaml, in force since",
    ):
        assert part in text, part
    assert "connecting" not in text


@pytest.mark.parametrize("of", [status(cameras=(), voices=(), uplink=None, disk=None, clock=None)])
def test_an_empty_box(of: Status) -> None:
    text = told(of, 60)
    assert text.startswith("hz / box-1 does NOT guard\n")
    assert "not known whether a time server keeps it" in text


def test_a_running_box(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    site = box_settings(tmp_path, make_model(NOTHING), uplink=lab(broker.port))
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(site), "utf-8")
    with running_box(site):
        # It opens its camera first, which on a busy machine may be late for a moment.
        wait_for(lambda: main(["status", "-c", str(path)]) == 0, "a box that guards")
        # What went before said that it does not, and with status 1.
        assert capsys.readouterr().out.count("hz / box-1 guards") == 1
        assert main(["status", "--port", str(site["ops"]["port"]), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["cameras"][0]["id"] == "lift-a"
        broker.kill()
        wait_for(lambda: faults(get_json(site, "/status")), "the loss of the broker")
        assert main(["status", "-c", str(path)]) == 1
        assert "no connection to" in capsys.readouterr().out
    assert main(["status", "-c", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"no box answers on 127.0.0.1:{site['ops']['port']} (nothing listens there)" in error
    assert "journalctl -u edgeguard" in error


def faults(of: dict[str, list[dict[str, str]]]) -> bool:
    return any(problem["level"] == "fault" for problem in of["problems"])


def test_a_site_without_pages(tmp_path: Path, make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(box_settings(tmp_path, make_model(NOTHING)) | {"ops": None}), "utf-8")
    assert main(["status", "-c", str(path)]) == 2
    assert "has no `ops`, so nothing answers; accepted: ops: {port: 9464}" in capsys.readouterr().err


def test_something_else_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server, b"HTTP/1.0 200 OK\r\n\r\n<html>"))
        thread.start()
        assert main(["status", "--port", str(server.getsockname()[1])]) == 2
        thread.join()
    assert "is no box" in capsys.readouterr().err


def answer(server: socket.socket, text: bytes) -> None:
    client, _ = server.accept()
    with client:
        client.recv(4096)
        client.sendall(text)


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--port", str(free_port())]) == 2
    assert "nothing listens there" in capsys.readouterr().err
