"""The box as a process: stopped, killed, left because something hangs, told of a changed site file."""

import hashlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from onnx import TensorProto, helper, numpy_helper

from edgeguard.agent import keeper
from edgeguard.agent.keeper import LEFT_STATUS, Keeper
from edgeguard.agent.sitefile import SiteFile
from edgeguard.contract import Event
from edgeguard.types import Phase
from tests.conftest import MakeModel, write_manifest
from tests.support.mosquitto import Listener, Mosquitto, free_port, wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1]]], np.float32)
# Three are promised; the machine of the tests may be a busy one.
STOPPED_WITHIN_S = 5.0


def settings(folder: Path, models: Path, port: int | None = None, **camera: Any) -> dict[str, Any]:
    return {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(folder / "data"),
        "models_dir": str(models),
        "cameras": [{"id": "lift-a", "model": "tiny", "source": {"kind": "synthetic"}} | camera],
        "voice": {"output": {"kind": "file", "path": str(folder / "voice.wav")}, "languages": ["zh"]},
        "uplink": {"host": "127.0.0.1", "port": port, "insecure_lab": True} if port else None,
    }


class Process:
    """`edgeguard run` on a site file, its log in a file."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site.yaml"
        self._log = folder / "box.log"
        self._process: subprocess.Popen[bytes] | None = None

    def write(self, site: dict[str, Any]) -> None:
        self.site.write_text(yaml.safe_dump(site), "utf-8")

    @contextmanager
    def running(self, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "edgeguard", "run", "-c", str(self.site)]
        with self._log.open("wb") as log, subprocess.Popen(command, stderr=log, env=environ) as box:
            try:
                yield box
            finally:
                box.kill()
                print(self.log)  # shown where a test fails

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def said(self, text: str) -> bool:
        return text in self.log

    def wait_until_said(self, text: str) -> None:
        wait_for(lambda: self.said(text), f"the log to say {text!r}", 40)


@pytest.fixture
def box(tmp_path: Path) -> Process:
    return Process(tmp_path)


def stop(process: subprocess.Popen[bytes]) -> float:
    """Seconds that a clean stop took."""
    began_s = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    return time.monotonic() - began_s


def hanging_network() -> bytes:
    """Detects for ever as soon as a picture is darker than the border around it: a loop without an end."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Identity", ["x"], ["x_on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x_on", TensorProto.FLOAT, []),
        ],
    )
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Greater", ["mean", "black"], ["lit"]),
        helper.make_node("Less", ["mean", "border"], ["darker"]),
        helper.make_node("And", ["lit", "darker"], ["dark"]),
        helper.make_node("Loop", ["", "dark", "mean"], ["looped"], body=body),
        helper.make_node("Mul", ["looped", "zero"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["output0"]),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((), np.float32), "zero"),
        numpy_helper.from_array(np.array(0.2, np.float32), "black"),
        numpy_helper.from_array(np.array(0.43, np.float32), "border"),
        numpy_helper.from_array(EBIKE, "answer"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, (1, 3, 64, 64))
    answer = helper.make_tensor_value_info("output0", TensorProto.FLOAT, EBIKE.shape)
    graph = helper.make_graph(nodes, "hanging", [images], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    network: bytes = model.SerializeToString()
    return network


def put_model(folder: Path, network: bytes) -> None:
    (folder / "tiny.onnx").write_bytes(network)
    write_manifest(folder, {"sha256": hashlib.sha256(network).hexdigest()})


def events(listener: Listener) -> list[Event]:
    told = {event.id: event for event in map(Event.from_json, listener.on("/event/"))}
    return list(told.values())


def told_more(listener: Listener, than: int) -> bool:
    return len(events(listener)) > than


def test_a_network_that_hangs_the_process_is_left_and_the_episode_goes_on(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, box: Process
) -> None:
    models = make_model(EBIKE)
    good = (models / "tiny.onnx").read_bytes()
    box.write(settings(tmp_path, models, broker.port))
    with box.running() as process:
        wait_for(lambda: events(listener), "the event", 40)
        stop(process)
    put_model(models, hanging_network())
    with box.running() as process:
        assert process.wait(60) == LEFT_STATUS
    assert box.said("leaving the process: detector tiny stuck for")
    put_model(models, good)
    box.write(settings(tmp_path, models, broker.port, source={"kind": "synthetic", "duration_s": 2}))
    with box.running() as process:
        assert process.wait(60) == 0
    wait_for(lambda: any(event.data.end_reason == "end_of_recording" for event in events(listener)), "the end")
    wait_for(lambda: any(event.data.code == "DEVICE.BOX.RESTART" for event in events(listener)), "the restart's event")
    lift = [event for event in events(listener) if event.data.code == "LIFT.EBIKE.ENTER"]
    assert len({event.subject for event in lift}) == 1
    assert [event.data.phase for event in lift].count(Phase.NEW) == 1
    restart = [event.data for event in events(listener) if event.data.code == "DEVICE.BOX.RESTART"]
    assert [(data.phase, data.decision and data.decision.reason) for data in restart] == [
        (Phase.NEW, "stuck"),
        (Phase.END, "stuck"),
    ]


@pytest.mark.parametrize(
    ("site", "until"),
    [
        ({"cameras": [{"source": {"kind": "synthetic", "duration_s": 0.5, "then": "hang"}}]}, "stuck for"),
        ({"voice": {"output": {"kind": "memory", "hang_after_s": 0.1}, "languages": ["zh"]}}, "voice on memory stuck"),
        ({}, "LIFT.EBIKE.ENTER update"),
        ({"uplink": {"host": "127.0.0.1", "insecure_lab": True}}, "connection refused"),
        # Packets to this address of the documentation's network go nowhere.
        ({"uplink": {"host": "192.0.2.1", "insecure_lab": True}}, "LIFT.EBIKE.ENTER new"),
    ],
    ids=["camera hangs", "voice hangs", "while it speaks", "broker away", "broker silent"],
)
def test_stops_soon_whatever_hangs(
    tmp_path: Path, make_model: MakeModel, box: Process, site: dict[str, Any], until: str
) -> None:
    merged = settings(tmp_path, make_model(EBIKE))
    merged["cameras"][0] |= site.get("cameras", [{}])[0]
    if "uplink" in site and "port" not in site["uplink"] and site["uplink"]["host"] == "127.0.0.1":
        site["uplink"]["port"] = free_port()
    box.write(merged | {key: value for key, value in site.items() if key != "cameras"})
    with box.running() as process:
        box.wait_until_said(until)
        assert stop(process) < STOPPED_WITHIN_S
    note = json.loads((tmp_path / "data" / "run.json").read_text())
    assert note["state"] == "stopped"


def test_asked_to_stop_it_is_not_left_to_be_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(keeper, "_exit", lambda status, _: told.append(status))
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(settings(tmp_path, tmp_path)), "utf-8")
    kept = Keeper(SiteFile(tmp_path / "site.yaml"))
    kept._leave("detector", "stuck for 5 s")
    kept._stop.set()
    kept._leave("journal", "stuck for 5 s")
    assert told == [LEFT_STATUS]


def test_killed_again_and_again_one_new_one_end(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, box: Process
) -> None:
    models = make_model(EBIKE)
    box.write(settings(tmp_path, models, broker.port))
    for life, delay_s in enumerate((0.0, 0.05, 0.3, 0.7)):
        with box.running() as process:
            wait_for(partial(told_more, listener, life), "an event of this life", 40)
            time.sleep(delay_s)
            process.kill()
    box.write(settings(tmp_path, models, broker.port, source={"kind": "synthetic", "duration_s": 1}))
    with box.running() as process:
        assert process.wait(60) == 0
    wait_for(lambda: any(event.data.end_reason == "end_of_recording" for event in events(listener)), "the end")
    lift = [event.data for event in events(listener) if event.data.code == "LIFT.EBIKE.ENTER"]
    assert [data.phase for data in lift].count(Phase.NEW) == 1
    assert [data.phase for data in lift].count(Phase.END) == 1
    assert len({data.event_id for data in lift}) == 1
    numbers = sorted(event.data.seq for event in events(listener))
    assert numbers == list(range(1, len(numbers) + 1))


def read_all(manager: socket.socket, told: list[bytes]) -> None:
    with suppress(OSError):  # the test is over
        while True:
            told.append(manager.recv(1000))


def test_a_changed_file_is_applied_and_a_wrong_one_is_not(tmp_path: Path, make_model: MakeModel, box: Process) -> None:
    site = settings(tmp_path, make_model(EBIKE))
    box.write(site)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(40)
        with box.running({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "3000000"}) as process:
            told = [manager.recv(1000), manager.recv(1000)]
            assert told[0].startswith(b"READY=1")
            assert told[1] == b"WATCHDOG=1\nSTATUS=1 cameras"
            # Read all the time, as systemd does: its queue is short.
            threading.Thread(target=read_all, args=(manager, told), daemon=True).start()
            box.write(site | {"privacy": {"blur_heads": False}})
            box.wait_until_said("site file: privacy.blur_heads: True -> False (applied at once)")
            box.write(site | {"privacy": {"blur_heads": 7}})
            box.wait_until_said("site file not applied, the old one stays in force")
            assert box.said("privacy.blur_heads: met 7, accepted: a valid boolean")
            process.send_signal(signal.SIGHUP)
            stop(process)
        wait_for(lambda: told[-1] == b"STOPPING=1", "the last word")
        assert b"RELOADING=1" in b"".join(told)
