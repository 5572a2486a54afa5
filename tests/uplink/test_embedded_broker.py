"""The demo's broker speaks MQTT 3.1.1 only: box and platform must get along with it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edgeguard.contract import Birth, Command, Event, Software
from edgeguard.demo.broker import EmbeddedBroker
from edgeguard.journal import Journal, OutboxKind
from edgeguard.types import Phase
from edgeguard.uplink import Uplink, UplinkConfig
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Listener, wait_for


def birth(bd_seq: int) -> Birth:
    return Birth(software=Software(version="0"), boot_id="boot", bd_seq=bd_seq)


def done(command: Command) -> str:
    return command.by


def test_events_pictures_and_commands_pass_also_after_a_restart_of_the_box(tmp_path: Path) -> None:
    with EmbeddedBroker() as broker, Journal(tmp_path / "journal.sqlite3", "s1", "b1") as journal:
        listener = Listener(broker.port)
        config = UplinkConfig(host="127.0.0.1", port=broker.port, insecure_lab=True)
        for start in (1, 2):
            with Uplink(config, journal, birth, handlers={"speak": done}) as uplink:
                event_id = episode_id()
                journal.record_many([draft(event_id), draft(event_id, Phase.END)])
                topic = journal.topics.picture(event_id, 1)
                journal.enqueue(topic, bytes(100_000), kind=OutboxKind.PICTURE, event_id=event_id)
                uplink.wake()
                wait_for(lambda wanted=start: len(listener.on("/picture/")) == wanted, "the picture")  # type: ignore[misc]
                now = datetime.now(UTC)
                command = {
                    "id": f"c{start}",
                    "issued_at": now.isoformat(),
                    "expires_at": (now + timedelta(seconds=30)).isoformat(),
                    "by": "desk",
                    "args": {"phrase": "leave"},
                }
                listener.publish(journal.topics.cmd("speak"), json.dumps(command).encode())
                wait_for(lambda name=f"/cmd_ack/c{start}": len(listener.on(name)) == 2, "both answers")  # type: ignore[misc]
                wait_for(lambda: journal.stats().outbox_depth == 0, "an empty outbox")
        listener.close()
    received = [Event.from_json(payload) for payload in listener.on("/event/")]
    assert [event.data.seq for event in received] == [1, 2, 3, 4]
    assert json.loads(listener.on("/state")[0]) == {"state": "online", "bd_seq": 1}
