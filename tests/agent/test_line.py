from datetime import datetime
from pathlib import Path
from threading import Event as Flag

from edgeguard.agent.line import Line
from edgeguard.agent.supervisor import Supervisor
from edgeguard.contract import Birth, Event, Software
from edgeguard.contract.outbox import OutboxRow
from edgeguard.journal import Journal
from edgeguard.uplink import UplinkConfig
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Listener, Mosquitto, wait_for


def birth(bd_seq: int) -> Birth:
    return Birth(software=Software(version="1"), boot_id="b", bd_seq=bd_seq)


class Counter:
    """Hangs in the first confirmation it is told of."""

    def __init__(self) -> None:
        self.hanging = Flag()
        self.told = 0

    def __call__(self, row: OutboxRow, published: datetime, took_ms: float) -> None:
        del row, published, took_ms
        self.told += 1
        if not self.hanging.is_set():
            self.hanging.set()
            Flag().wait()


def stepped(supervisor: Supervisor) -> Supervisor:
    supervisor.step()
    return supervisor


def test_an_uplink_that_hangs_is_replaced_and_nothing_is_lost(
    tmp_path: Path, broker: Mosquitto, listener: Listener
) -> None:
    counter = Counter()
    with Journal(tmp_path / "journal.sqlite3", "hz", "box-1") as journal:
        line = Line(journal, birth, {}, on_ack=lambda _: None, on_talk=lambda *_: None, on_confirmed=counter)
        supervisor = Supervisor(lambda: [line.part], lambda *_: None)
        line.open(UplinkConfig(host="127.0.0.1", port=broker.port, insecure_lab=True))
        first = line.uplink
        journal.record(draft(episode_id()))
        line.wake()
        assert counter.hanging.wait(20)
        journal.record(draft(episode_id(1)))
        wait_for(lambda: stepped(supervisor).replaced["uplink"], "the replacement")
        assert line.uplink is not first
        assert supervisor.abandoned == 1
        wait_for(lambda: {Event.from_json(row).data.seq for row in listener.on("/event/")} == {1, 2}, "both events")
        wait_for(lambda: not journal.pending(10), "an empty outbox")
        line.close()


def test_without_an_uplink_nothing_is_wrong(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3", "hz", "box-1") as journal:
        line = Line(journal, birth, {}, on_ack=lambda _: None, on_talk=lambda *_: None, on_confirmed=lambda *_: None)
        line.open(None)
        assert not line.part.beat().trouble
        assert not line.publish_now("x", b"")
        line.wake()
        line.close()
