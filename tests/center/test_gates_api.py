"""From the center's program over a broker to a running box and its relay board, and the answer back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.contract import Clock
from tests.center.support import CenterProcess
from tests.conftest import MakeModel
from tests.support.boxes import box_settings, lab, running_box
from tests.support.mosquitto import Mosquitto, wait_for
from tests.support.relay_board import RelayBoard
from tests.support.rights import directory_of

NOTHING = np.zeros((1, 1, 6), np.float32)
ASKED = {"reason": "parcel"}


def keys(center: CenterProcess, *words: str) -> tuple[int, str]:
    """`edgeguard center keys` as a person types it."""
    command = [sys.executable, "-m", "edgeguard", "center", "keys", *words, "--data", str(center.data_dir)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def board() -> Iterator[RelayBoard]:
    with RelayBoard() as there:
        yield there


def at_work(folder: Path, models: Path, broker: Mosquitto, board: RelayBoard, key: str) -> dict[str, object]:
    return box_settings(
        folder,
        models,
        uplink=lab(broker.port),
        relays=[{"id": "strike", "driver": board.config().model_dump(), "pulse_s": 0.2, "rest_s": 0}],
        gates=[{"id": "north", "relay": "strike"}],
        commands={"keys": [key]},
        access={"gates": [{"id": "north", "means": ["card", "guard"]}]},
    )


def ready(box: Box) -> None:
    uplink = box.services.line.uplink
    assert uplink is not None
    wait_for(lambda: uplink.health.connected, "the broker")
    wait_for(lambda: box.services.gates.switches["strike"].health.state == "ok", "the board")


def test_a_person_opens_a_gate(
    tmp_path: Path,
    make_model: MakeModel,
    broker: Mosquitto,
    center: CenterProcess,
    client: httpx.Client,
    board: RelayBoard,
) -> None:
    where = "/api/gates/hz/box-1/north/open"
    none = client.post(where, json=ASKED)
    assert (none.status_code, "edgeguard center keys new" in none.text) == (409, True)
    assert keys(center)[0] == 1
    status, told = keys(center, "new")
    key = told.split('"')[1]
    assert (status, key.startswith("ed25519:")) == (0, True)
    assert "is there already" in keys(center, "new")[1]
    settings = at_work(tmp_path, make_model(NOTHING), broker, board, key)
    with running_box(settings, kept=lambda: Clock(synced=True)) as box:
        ready(box)
        done = client.post(where, json=ASKED)
        assert (done.status_code, done.json()["status"], done.json()["reason"]) == (200, "done", "gate north opened")
        assert len(board.pulses_s) == 1
        refused = client.post("/api/gates/hz/box-1/south/open", json=ASKED).json()
        assert (refused["status"], refused["reason"]) == ("rejected", "met gate south, accepted: north")
    with directory_of(settings) as directory:
        (row,) = directory.trail("north")
        assert (row.who, row.action, row.detail.partition(" ")[2]) == ("operator", "gate_command", "opened: parcel")
    audit = center.rows("SELECT who, action, subject FROM audit WHERE action LIKE 'open%' ORDER BY rowid")
    assert ("operator", "open_answer", "hz/box-1/north") in audit
    assert audit[0] == ("operator", "open", "hz/box-1/north"), "also what could not be sent"


@pytest.mark.parametrize(
    "asked", [{}, {"reason": "  "}, {"reason": "x", "gate": "y"}, {"reason": "x", "direction": "up"}]
)
def test_what_is_asked_wrongly(client: httpx.Client, asked: dict[str, str]) -> None:
    assert client.post("/api/gates/hz/box-1/north/open", json=asked).status_code == 422


def test_nobody_opens_without_a_session(center: CenterProcess) -> None:
    answer = httpx.post(f"{center.address}/api/gates/hz/box-1/north/open", json=ASKED, trust_env=False)
    assert answer.status_code in {401, 403}
