"""Who may go in, from a program through the center to a running box, and the box's word back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from edgeguard.contract import Clock
from tests.center.support import NAME, CenterProcess, running_center
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.mosquitto import Mosquitto, wait_for
from tests.support.rights import directory_of, people_box

LIST = {
    "revision": 3,
    "people": [{"ref": "p-7", "kind": "contractor", "hours": "mon-fri 08:00-18:00"}],
    "vehicles": [{"plate": "粤B12345", "list": "denied"}],
}


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port, f"privacy: {{officers: [{NAME}]}}\n")


def test_a_list_is_signed_sent_and_in_force(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, center: CenterProcess, client: httpx.Client
) -> None:
    where = "/api/lists/hz/box-1"
    assert client.post(where, json=LIST).status_code == 409, "no key yet"
    words = [sys.executable, "-m", "edgeguard", "center", "keys", "new", "--data", str(center.data_dir)]
    key = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split('"')[1]
    settings = people_box(tmp_path, make_model(np.zeros((1, 1, 6), np.float32)), broker.port, key)
    with running_box(settings, kept=lambda: Clock(synced=True)) as box:
        uplink = box.services.line.uplink
        assert uplink is not None
        wait_for(lambda: uplink.health.connected, "the broker")
        done = client.post(where, json=LIST).json()
        assert (done["status"], done["reason"]) == ("done", "revision 3 is in force: 2 added, 0 changed, 0 removed")
        older = client.post(where, json={**LIST, "revision": 2}).json()
        assert (older["status"], "accepted: later than 3" in older["reason"]) == ("rejected", True)
        assert client.post(where, json={**LIST, "people": [{"ref": "p-8", "kind": "tenant"}]}).status_code == 422
    with directory_of(settings) as directory:
        assert [person.ref for person in directory.people.all()] == ["p-7"]
    told = center.rows("SELECT who, action, detail FROM audit WHERE action LIKE 'lists%' ORDER BY id")
    assert told[-1][:2] == (NAME, "lists_answer")
    assert "12345" not in str(told), "what is on a list is not kept here"


def test_who_is_no_officer_sends_no_list(broker: Mosquitto, tmp_path: Path) -> None:
    process = CenterProcess(tmp_path, broker.port)
    process.start()
    try:
        with process.client() as somebody:
            assert somebody.post("/api/lists/hz/box-1", json=LIST).status_code == 403
    finally:
        process.stop()
