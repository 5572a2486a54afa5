"""Against a real mosquitto."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edgeguard.contract import Ack, Birth, CameraHealth, CameraStatus, Command, Event, Software, SpeakCommand
from edgeguard.errors import AudioError, CommandRefused
from edgeguard.journal import Journal, OutboxKind
from edgeguard.types import Phase
from edgeguard.uplink import Uplink, UplinkConfig
from tests.support.events import draft, episode_id
from tests.support.mosquitto import Listener, Mosquitto, wait_for


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "box" / "journal.sqlite3", "s1", "b1") as journal:
        yield journal


def birth(bd_seq: int) -> Birth:
    return Birth(software=Software(version="0"), boot_id="boot", bd_seq=bd_seq)


def config(port: int, **changes: Any) -> UplinkConfig:
    lab: dict[str, Any] = {"host": "127.0.0.1", "port": port, "insecure_lab": True, "backoff_most_s": 0.5}
    return UplinkConfig(**{**lab, **changes})


def events(listener: Listener) -> list[Event]:
    return [Event.from_json(payload) for payload in listener.on("/event/")]


def record_episode(journal: Journal, uplink: Uplink) -> list[str]:
    event_id = episode_id()
    recorded = []
    for phase in (Phase.NEW, Phase.UPDATE, Phase.END):
        recorded.append(journal.record(draft(event_id, phase)).id)
        uplink.wake()
    return recorded


def check_all_there_in_order(recorded: list[str], received: list[Event]) -> None:
    first_seen = list(dict.fromkeys(event.id for event in received))
    assert sorted(first_seen) == sorted(recorded)
    for event_id in {one.partition(".")[0] for one in recorded}:
        revs = [int(one.partition(".")[2]) for one in first_seen if one.startswith(event_id)]
        assert revs == sorted(revs)
    assert {event.data.seq for event in received} == set(range(1, len(recorded) + 1))


@pytest.mark.parametrize("protocol", [311, 5])
def test_birth_state_tail_events_and_pictures_arrive(
    broker: Mosquitto, listener: Listener, journal: Journal, protocol: int
) -> None:
    with Uplink(config(broker.port, protocol=protocol), journal, birth) as uplink:
        recorded = record_episode(journal, uplink)
        event_id = recorded[0].partition(".")[0]
        picture = bytes(100_000)
        journal.enqueue(journal.topics.picture(event_id, 1), picture, kind=OutboxKind.PICTURE, event_id=event_id)
        uplink.wake()
        wait_for(lambda: bool(listener.on("/picture/")), "the picture")
        wait_for(lambda: journal.stats().outbox_depth == 0, "an empty outbox")
        uplink.set_retained(journal.topics.camera_health("c1"), CameraHealth(camera="c1", status=CameraStatus.OK))
        wait_for(lambda: bool(listener.on("/cam/c1/health")), "the camera's health")
        assert uplink.publish_now(journal.topics.metrics, b"{}")
        wait_for(lambda: bool(listener.on("/metrics")), "the metrics")
        assert uplink.health.connected
        assert uplink.health.published_total == 4
    check_all_there_in_order(recorded, events(listener))
    assert all(event.data.timing.published for event in events(listener))
    assert not any(event.data.historical for event in events(listener))
    assert listener.on("/picture/") == [picture]
    assert Birth.from_json(listener.on("/birth")[0]).bd_seq == 1
    wait_for(lambda: len(listener.on("/state")) == 3, "the goodbye")
    assert [json.loads(state)["state"] for state in listener.on("/state")] == ["online", "stopping", "offline"]
    assert json.loads(listener.on("/tail")[-1])["seq"] == 3
    assert not uplink.health.connected


def test_an_outage_loses_nothing_and_keeps_the_order(broker: Mosquitto, listener: Listener, journal: Journal) -> None:
    with Uplink(config(broker.port), journal, birth) as uplink:
        recorded = record_episode(journal, uplink)
        wait_for(lambda: len(events(listener)) == 3, "events before the outage")
        broker.stop()
        wait_for(lambda: not uplink.health.connected, "the outage to be seen")
        for _ in range(33):
            recorded += record_episode(journal, uplink)
        assert not uplink.publish_now(journal.topics.metrics, b"{}")
        broker.start()
        wait_for(lambda: journal.stats().outbox_depth == 0, "an empty outbox")
        recorded += record_episode(journal, uplink)
        wait_for(lambda: len({event.id for event in events(listener)}) == len(recorded), "all events")
        assert uplink.health.connections_total >= 2
    check_all_there_in_order(recorded, events(listener))


def test_a_broker_killed_in_the_middle_loses_nothing(broker: Mosquitto, journal: Journal) -> None:
    """Confirmed by the dead broker or by the next one: every row is, and what was under way is sent again."""
    recorded: list[str] = []
    arrived: list[Event] = []
    with Uplink(config(broker.port), journal, birth) as uplink:
        for _ in range(3):
            listener = Listener(broker.port)
            wait_for(lambda: uplink.health.connected, "the connection")
            for _ in range(10):
                recorded += record_episode(journal, uplink)
            broker.kill()
            listener.close()
            arrived += events(listener)
            broker.start()
        listener = Listener(broker.port)
        wait_for(lambda: journal.stats().outbox_depth == 0, "an empty outbox")
        listener.close()
        arrived += events(listener)
    # What the broker confirmed and took to its grave is known by its seq and asked for again by the consumer.
    missing = set(recorded) - {event.id for event in arrived}
    check_all_there_in_order([one for one in recorded if one not in missing], _renumbered(arrived))
    broker.kill()
    broker.start()
    listener = Listener(broker.port)
    with Uplink(config(broker.port), journal, birth):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        listener.publish(journal.topics.gap, b'{"from_seq":1,"to_seq":%d}' % len(recorded))
        wait_for(lambda: len(events(listener)) >= len(recorded), "the gap to be filled")
    listener.close()
    assert {event.id for event in events(listener)} == set(recorded)
    assert all(event.data.historical for event in events(listener))


def _renumbered(received: list[Event]) -> list[Event]:
    """The same events with seqs 1..n: the check of holes is made on the whole after the gap is filled."""
    order = {seq: number for number, seq in enumerate(sorted({event.data.seq for event in received}), 1)}
    return [
        event.model_copy(update={"data": event.data.model_copy(update={"seq": order[event.data.seq]})})
        for event in received
    ]


def test_the_broker_tells_when_a_box_dies(broker: Mosquitto, listener: Listener, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.uplink.box", str(tmp_path / "box" / "journal.sqlite3"), str(broker.port)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}) as process:
        wait_for(lambda: bool(listener.on("/state")), "online")
        process.kill()
        wait_for(lambda: len(listener.on("/state")) == 2, "the last will")
    states = [json.loads(state) for state in listener.on("/state")]
    assert states == [{"state": "online", "bd_seq": 1}, {"state": "offline", "bd_seq": 1}]


def test_a_will_that_comes_late_is_put_right(broker: Mosquitto, listener: Listener, journal: Journal) -> None:
    with Uplink(config(broker.port), journal, birth):
        wait_for(lambda: bool(listener.on("/state")), "online")
        listener.publish(journal.topics.state, b'{"state":"offline","bd_seq":0}')
        wait_for(lambda: len(listener.on("/state")) == 3, "the correction")
        assert json.loads(listener.on("/state")[-1]) == {"state": "online", "bd_seq": 1}


def test_an_old_event_is_history_and_an_open_episode_is_not(
    broker: Mosquitto, listener: Listener, journal: Journal
) -> None:
    closed, still_open = episode_id(), episode_id()
    journal.record_many([draft(closed), draft(closed, Phase.END), draft(still_open)])
    with Uplink(config(broker.port, historical_after_s=0), journal, birth):
        wait_for(lambda: len(events(listener)) == 3, "the events")
    first, *others = events(listener)
    assert (first.subject, first.data.historical) == (still_open, False)
    assert [event.data.historical for event in others] == [True, True]


class Speaker:
    """Counts what it is told to say."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.said: list[str] = []
        self._problem = problem

    def __call__(self, command: Command) -> str | None:
        assert isinstance(command, SpeakCommand)
        self.said.append(command.args.phrase)
        if self._problem is not None:
            raise self._problem
        return "played"


def speak(command_id: str, *, life_s: float = 60.0, **changes: Any) -> bytes:
    now = datetime.now(UTC)
    times = {"issued_at": now - timedelta(seconds=90), "expires_at": now + timedelta(seconds=life_s)}
    body = {name: moment.isoformat() for name, moment in times.items()}
    return json.dumps({"id": command_id, "by": "desk", "args": {"phrase": "leave"}, **body, **changes}).encode()


def answers(listener: Listener, command_id: str) -> list[str]:
    return [json.loads(payload)["status"] for payload in listener.on(f"/cmd_ack/{command_id}")]


def test_a_repeated_command_executes_once(broker: Mosquitto, listener: Listener, journal: Journal) -> None:
    speaker = Speaker()
    body = speak("c1")
    for start in range(2):
        with Uplink(config(broker.port), journal, birth, handlers={"speak": speaker}):
            wait_for(lambda born=start: len(listener.on("/birth")) > born, "the box")  # type: ignore[misc]
            listener.publish(journal.topics.cmd("speak"), body)
            listener.publish(journal.topics.cmd("speak"), body)
            wait_for(lambda: journal.stats().outbox_depth == 0 and "done" in answers(listener, "c1"), "done")
            listener.publish(journal.topics.cmd("speak"), speak(f"last-{start}"))
            wait_for(lambda last=f"last-{start}": "done" in answers(listener, last), "the last")  # type: ignore[misc]
    assert speaker.said == ["leave"] * 3
    assert answers(listener, "c1")[:2] == ["accepted", "done"]


@pytest.mark.parametrize(
    ("name", "changes", "status", "reason"),
    [
        ("speak", {"life_s": -1}, "expired", "expired at"),
        ("speak", {"args": {"phrase": 3}}, "rejected", "args.phrase"),
        ("speak", {"hurry": True}, "rejected", "hurry"),
        ("talk", {"args": {}}, "rejected", "cannot talk, accepted: speak"),
        ("talk", {"args": {"output": "speaker"}}, "rejected", "args.output"),
        ("dance", {}, "rejected", "accepted: speak, view, talk"),
    ],
)
def test_a_command_that_must_not_run_is_answered(
    broker: Mosquitto,
    listener: Listener,
    journal: Journal,
    name: str,
    changes: dict[str, Any],
    status: str,
    reason: str,
) -> None:
    speaker = Speaker()
    with Uplink(config(broker.port), journal, birth, handlers={"speak": speaker}):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        listener.publish(journal.topics.cmd(name), speak("x", **changes))
        wait_for(lambda: bool(answers(listener, "x")), "an answer")
    assert answers(listener, "x") == [status]
    assert reason in json.loads(listener.on("/cmd_ack/x")[0])["reason"]
    assert speaker.said == []


@pytest.mark.parametrize("problem", [AudioError("no such phrase"), RuntimeError("no such phrase")])
def test_a_command_that_fails_says_why(
    broker: Mosquitto, listener: Listener, journal: Journal, problem: Exception
) -> None:
    with Uplink(config(broker.port), journal, birth, handlers={"speak": Speaker(problem)}):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        listener.publish(journal.topics.cmd("speak"), speak("x"))
        wait_for(lambda: answers(listener, "x") == ["accepted", "failed"], "the failure")
    assert json.loads(listener.on("/cmd_ack/x")[1])["reason"] == "no such phrase"


class Door:
    """Begins what goes on until somebody ends it, once at a time."""

    def __init__(self) -> None:
        self.open: Future[str] | None = None

    def start(self, command: Command) -> Future[str]:
        if self.open is not None:
            raise CommandRefused("busy")
        self.open = Future()
        return self.open


def test_a_command_that_goes_on_is_answered_when_it_is_over(
    broker: Mosquitto, listener: Listener, journal: Journal
) -> None:
    door = Door()
    with Uplink(config(broker.port), journal, birth, handlers={"speak": door}):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        listener.publish(journal.topics.cmd("speak"), speak("a"))
        listener.publish(journal.topics.cmd("speak"), speak("b"))
        wait_for(lambda: answers(listener, "b") == ["rejected"], "the refusal")
        assert json.loads(listener.on("/cmd_ack/b")[0])["reason"] == "busy"
        assert answers(listener, "a") == ["accepted"]
        assert door.open is not None
        door.open.set_result("closed")
        wait_for(lambda: answers(listener, "a") == ["accepted", "done"], "the end")
    assert json.loads(listener.on("/cmd_ack/a")[1])["reason"] == "closed"


@pytest.mark.parametrize("protocol", [311, 5])
def test_talk_comes_by_itself_and_touches_no_disk(
    broker: Mosquitto, listener: Listener, journal: Journal, protocol: int
) -> None:
    heard: list[tuple[str, bytes, str]] = []

    def on_talk(command_id: str, payload: bytes) -> None:
        heard.append((command_id, payload, threading.current_thread().name))

    with Uplink(config(broker.port, protocol=protocol), journal, birth, on_talk=on_talk):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        for number in range(20):
            listener.publish(journal.topics.talk("t1"), bytes([number]))
        wait_for(lambda: len(heard) == 20, "the pieces")
    assert [(command_id, payload[0]) for command_id, payload, _ in heard] == [("t1", number) for number in range(20)]
    assert not any(name.startswith("uplink-inbox") for *_, name in heard)


def test_pictures_do_not_queue_up_where_the_line_is_slow(
    broker: Mosquitto, listener: Listener, journal: Journal
) -> None:
    with Uplink(config(broker.port), journal, birth) as uplink:
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        topic = journal.topics.view("lift-a")
        assert uplink.publish_newest(topic, b"first")
        wait_for(lambda: bool(listener.on("/view/")), "the first picture")
        broker.freeze()
        sent = [uplink.publish_newest(topic, bytes(1_000_000)) for _ in range(100)]
        broker.thaw()
        assert 1 <= sent.count(True) < 50
        wait_for(lambda: len(listener.on("/view/")) == 1 + sent.count(True), "what had been sent")
        wait_for(lambda: uplink.publish_newest(topic, b"again"), "a free line")
    assert not uplink.publish_newest(topic, b"too late")


def test_a_command_cut_off_by_a_restart_is_answered(broker: Mosquitto, listener: Listener, journal: Journal) -> None:
    assert journal.take_command("c9", "speak", datetime.now(UTC) + timedelta(seconds=60))
    with Uplink(config(broker.port), journal, birth):
        wait_for(lambda: answers(listener, "c9") == ["failed"], "the answer")


def test_acks_reach_the_box_and_rubbish_does_no_harm(broker: Mosquitto, listener: Listener, journal: Journal) -> None:
    acks: list[Ack] = []
    event_id = episode_id()
    with Uplink(config(broker.port), journal, birth, on_ack=acks.append):
        wait_for(lambda: bool(listener.on("/birth")), "the box")
        for topic in (journal.topics.ack, journal.topics.gap, journal.topics.cmd("speak")):
            for body in (b"", b"\xff\x00", b"[]", b"null", b'{"id":7}', b'{"id":"x\\n"}', b"x" * 70_000, b"[" * 70_000):
                listener.publish(topic, body)
        good = json.dumps({"event_id": event_id, "ack": "seen", "by": "desk"})
        listener.publish(journal.topics.ack, good.encode())
        wait_for(lambda: bool(acks), "the ack")
    assert [ack.event_id for ack in acks] == [event_id]
