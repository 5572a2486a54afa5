"""The whole box, asked by signed commands for a copy of what it holds of somebody, and for their deletion."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.agent.box import Box
from edgeguard.audit import Head
from edgeguard.contract import Clock, Command, Decision, EraseArgs, EraseCommand, ExportArgs, ExportCommand, Topics
from edgeguard.contract.rights import DossierPart, unpacked
from edgeguard.contract.sealing import ReplyKey
from edgeguard.contract.signing import SigningKey
from edgeguard.types import Phase, Severity
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Listener, Mosquitto, wait_for
from tests.support.rights import CARD, LABEL, PLATE, fill, people_box

NOTHING = np.zeros((1, 1, 6), np.float32)
KEY, ASKING = SigningKey.of_seed(bytes(32)), ReplyKey.new()
TOPICS = Topics("hz", "box-1")


def settings(folder: Path, models: Path, broker: Mosquitto, **changes: Any) -> dict[str, Any]:
    return people_box(folder, models, broker.port, KEY.public.text, **changes)


@contextmanager
def at_work(found: dict[str, Any], listener: Listener, *, synced: bool = True) -> Iterator[Box]:
    births = len(listener.on("/birth"))
    with running_box(found, kept=lambda: Clock(synced=synced)) as box:
        wait_for(lambda: len(listener.on("/birth")) > births, "the box")
        yield box


def times(age_s: float = 0.0) -> dict[str, Any]:
    issued = datetime.now(UTC) - timedelta(seconds=age_s)
    return {"issued_at": issued, "expires_at": issued + timedelta(seconds=60), "by": "officer"}


def export(command_id: str, ref: str = "p-1", age_s: float = 0.0) -> ExportCommand:
    return ExportCommand(id=command_id, args=ExportArgs(ref=ref, reply_key=ASKING.public), **times(age_s))


def erase(command_id: str, ref: str = "p-1") -> EraseCommand:
    return EraseCommand(id=command_id, args=EraseArgs(ref=ref), **times())


def ask(listener: Listener, name: str, command: Command, key: SigningKey | None = KEY) -> tuple[str, str]:
    """The box's last word."""
    topic = TOPICS.cmd(name)
    listener.publish(topic, command.to_json() if key is None else key.sign(topic, command).to_json())
    said = f"/cmd_ack/{command.id}"
    ends = {"done", "failed", "rejected", "expired"}
    wait_for(lambda: any(json.loads(one)["status"] in ends for one in listener.on(said)), f"the end of {command.id}")
    last = json.loads(listener.on(said)[-1])
    return last["status"], last.get("reason", "")


def passage(box: Box, ref: str) -> Path:
    """Somebody went through; returns the picture that the box keeps of it."""
    event_id, decision = episode_id(), Decision(outcome="granted", reason="listed", subject_ref=ref)
    facts = {"code": "ACCESS.FACE.GRANTED", "severity": Severity.INFO, "decision": decision}
    box.services.journal.record_many([draft(event_id, phase, **facts) for phase in (Phase.NEW, Phase.END)])
    store = box.services.evidence.store
    assert store.keep(event_id, "at.jpg", b"face")
    return store.path_of(store.items(event_id)[0])


def copy(listener: Listener, command_id: str) -> dict[str, Any]:
    parts = [DossierPart.from_json(one) for one in listener.on(f"/dossier/{command_id}")]
    assert [one.part for one in parts] == list(range(1, parts[0].parts + 1))
    sealed = b"".join(one.body() for one in parts)
    return unpacked(ASKING.open(sealed, TOPICS.dossier(command_id)))


def test_a_copy_comes_once_sealed_and_a_deletion_with_its_proof(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    found = settings(tmp_path, make_model(NOTHING), broker)
    fill(found)
    with at_work(found, listener) as box:
        at_gate = {ref: passage(box, ref) for ref in ("p-1", "p-2")}
        status, reason = ask(listener, "export", export("c1"))
        assert (status, reason.startswith("1 consents, ")) == ("done", True)
        told = copy(listener, "c1")
        assert (told["ref"], told["cards"], told["events"][0]["who"]) == ("p-1", 1, "officer")
        assert ask(listener, "export", export("c1"))[0] == "done"
        assert len(listener.on("/dossier/c1")) == 1, "the same request runs once"

        status, reason = ask(listener, "erase", erase("c2"))
        assert (status, reason.startswith("deleted: templates 1, cards 1, ")) == ("done", True)
        directory = box.services.reception.directory
        assert directory is not None
        assert directory.people.find("p-1") is None
        assert [ref for ref, _ in directory.faces.all(datetime.now(UTC))] == ["p-2"]
        number, _, digest = reason.split()[-1].partition(":")
        assert [(row.who, row.id) for row in directory.trail("p-1", 1)] == [("officer", int(number))]
        assert directory.holds(Head(int(number), bytes.fromhex(digest)))
        wait_for(lambda: not at_gate["p-1"].is_file(), "the pictures of their passages to go")
        assert at_gate["p-2"].is_file()
        assert ask(listener, "erase", erase("c3"))[0] == "failed", "nobody is there any more"
        assert "nobody is listed as 'p-1'" in ask(listener, "export", export("c4"))[1]
        wait_for(lambda: json.loads(listener.on("/access")[-1])["people"] == ["p-2"], "the center hears of it")
    published = b"".join(payload for _, payload, _ in listener.messages)
    for secret in (PLATE, PLATE[1:], LABEL, CARD):
        assert secret.encode() not in published
    assert b'"person_exported"' not in published, "sealed"


@pytest.mark.parametrize(
    ("key", "synced", "age_s", "status", "reason"),
    [
        (None, True, 0.0, "rejected", "SignedOrder"),
        (SigningKey.of_seed(bytes(range(32))), True, 0.0, "rejected", "signed with key"),
        (KEY, False, 0.0, "rejected", "is not kept by a time server"),
        (KEY, True, 3600.0, "expired", "expired at"),
    ],
)
def test_what_nobody_may_ask(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener,
    key: SigningKey | None, synced: bool, age_s: float, status: str, reason: str,
) -> None:  # fmt: skip
    found = settings(tmp_path, make_model(NOTHING), broker)
    fill(found)
    with at_work(found, listener, synced=synced):
        said = ask(listener, "export", export("c1", age_s=age_s), key)
        assert (said[0], reason in said[1]) == (status, True)
        assert listener.on("/dossier/c1") == []


def test_a_box_says_whether_it_can(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    for changes, able in (({}, True), ({"commands": {"keys": []}}, False), ({"access": None}, False)):
        with at_work(settings(tmp_path, make_model(NOTHING), broker) | changes, listener):
            names = {one["name"] for one in json.loads(listener.on("/birth")[-1])["capabilities"]}
        assert ({"export", "erase"} <= names) is able
