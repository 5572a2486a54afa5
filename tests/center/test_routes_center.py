"""A running center that is killed: timers and messages go on; cut-off and closing rates as a program sees them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from edgeguard.center.keys import KeyFile
from edgeguard.contract import (
    Birth,
    BoxStatus,
    Capability,
    CommandAck,
    CommandStatus,
    CutOffCommand,
    Parameter,
    Place,
    SignedOrder,
    Software,
    State,
)
from edgeguard.contract.signing import Keyring
from tests.center.hook import Hook
from tests.center.routes_support import table, written
from tests.center.support import Box, CenterProcess
from tests.support.mosquitto import Mosquitto, wait_for

PLACE = Place(site="riverside", building="7", grid_code="330106G0042")
CALL = {"code": "SENSOR.SOS", "place": PLACE, "zones": ("charger-3",), "rule": "sensor", "camera": None}


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        yield hook


@pytest.fixture
def duty(broker: Mosquitto, tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[CenterProcess]:
    monkeypatch.setenv("HOOK_SECRET", "between us")
    content = table()
    for name, recipient in content["recipients"].items():
        recipient["channels"][0]["url"] = f"{hook.url}/{name}"
    settings = {"routes": str(written(tmp_path, content)), "sla": {"SENSOR.SOS": {"arrived_s": 2, "done_s": 600}}}
    process = CenterProcess(tmp_path, broker.port, yaml.safe_dump(settings))
    process.start()
    yield process
    process.stop()


def introduce(box: Box) -> None:
    off = Capability(name="cut_off", parameters={"sensor": Parameter(choices=("charger-3",))})
    box.publish(box.topics.birth, Birth(software=Software(version="0"), boot_id="b", bd_seq=1, capabilities=(off,)))
    box.publish(box.topics.state, State(state=BoxStatus.ONLINE, bd_seq=1))


def test_a_killed_center_goes_on_where_it_was(duty: CenterProcess, box: Box, hook: Hook) -> None:
    hook.script.extend([503] * 50)
    event_id = box.alarm(**CALL)
    wait_for(lambda: duty.rows("SELECT 1 FROM notice WHERE attempts > 0"), "a message that is refused")
    due = duty.rows("SELECT due_at FROM timer ORDER BY due_at")
    duty.kill()
    hook.script.clear()
    duty.start()
    wait_for(lambda: hook.bodies("/community"), "the escalation")
    wait_for(lambda: hook.bodies("/desk"), "the message of before")
    assert len(hook.bodies("/desk")) == 1
    assert duty.rows("SELECT due_at FROM timer ORDER BY due_at") == due
    assert hook.bodies("/desk")[0]["alarm"]["event_id"] == event_id
    with duty.client() as client:
        card = client.get(f"/api/alarms/{event_id}").json()
        assert [(timer["goal"], timer["missed"]) for timer in card["timers"]] == [("arrived", True), ("done", False)]
        assert client.post(f"/api/alarms/{event_id}/ack", json={"kind": "arrived"}).status_code == 200
        assert client.post(f"/api/alarms/{event_id}/ack", json={"kind": "handled"}).status_code == 200
        closing = client.get("/api/closing?days=1").json()
        assert closing["levels"]["community"] == {"reached": 1, "closed": 1, "handed_on": 0, "open": 0, "rate": 1.0}
        page = client.get("/closing")
        assert "Closing rate" in page.text
        assert "100%" in page.text
    # The box hears that it is over, not that somebody has arrived.
    wait_for(lambda: any(topic == box.topics.ack for topic, _ in box.heard), "the acknowledgement")
    assert [b"handled" in payload for topic, payload in box.heard if topic == box.topics.ack] == [True]


def test_power_is_cut_only_where_it_can_be_and_the_box_has_the_last_word(duty: CenterProcess, box: Box) -> None:
    event_id = box.alarm(**CALL)
    with duty.client() as client:
        wait_for(lambda: client.get(f"/api/alarms/{event_id}").status_code == 200, "the card")
        assert client.post(f"/api/alarms/{event_id}/cut_off").status_code == 422
        introduce(box)
        wait_for(lambda: client.post(f"/api/alarms/{event_id}/cut_off").status_code == 200, "what can be cut off")
        refused = client.post(f"/api/alarms/{event_id}/cut_off").json()
        assert (refused["state"], "edgeguard center keys new" in refused["detail"]) == ("failed", True)
        key = KeyFile(duty.data_dir).make()
        wait_for(lambda: client.post(f"/api/alarms/{event_id}/cut_off").status_code == 200, "the cut-off")
        topic = box.topics.cmd("cut_off")
        wait_for(lambda: any(heard == topic for heard, _ in box.heard), "the command")
        order = SignedOrder.from_json(next(payload for heard, payload in box.heard if heard == topic))
        command = CutOffCommand.from_json(Keyring([key.public]).opened(topic, order))
        assert (command.args.sensor, command.args.event_id, command.by) == ("charger-3", event_id, "operator")
        assert (command.expires_at - command.issued_at).total_seconds() == 15
        done = CommandAck(id=command.id, name="cut_off", status=CommandStatus.DONE, at=command.issued_at)
        box.publish(box.topics.cmd_ack(command.id), done)
        wait_for(lambda: duty.rows("SELECT 1 FROM command WHERE state = 'done'"), "the answer")
    assert duty.rows("SELECT DISTINCT who FROM audit WHERE action = 'cmd/cut_off'") == [("operator",)]
