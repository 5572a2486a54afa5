"""Every metric is moved by the fault or the deed that it tells of, in a running box."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.agent.metrics import Metrics
from edgeguard.agent.survey import Survey
from edgeguard.contract import Ack, AckKind, Event, EventDraft
from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.pipeline.config import ChainConfig, Model, share_model
from edgeguard.types import Detections, Detector, Picture, Playback
from tests.conftest import MakeModel
from tests.support.boxes import Scrape, box_settings, lab, running_box
from tests.support.events import START, draft, episode_id
from tests.support.mosquitto import Listener, Mosquitto, wait_for
from tests.support.rtsp import RtspServer
from tests.support.wire import Wire, damaged

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1], [20, 4, 44, 60, 0.8, 0]]], np.float32)
NOTHING = np.zeros((1, 1, 6), np.float32)
SLOW_S = 0.12


@dataclass(frozen=True)
class SlowDetector:
    """The same answers, later."""

    detector: Detector

    def detect(self, picture: Picture) -> Detections:
        time.sleep(SLOW_S)
        return self.detector.detect(picture)


def slow(chain: ChainConfig, folder: Path | None) -> Model:
    model = share_model(chain, folder)
    return replace(model, detector=SlowDetector(model.detector))


@pytest.fixture
def rtsp_server() -> Iterator[RtspServer]:
    server = RtspServer()
    server.start()
    yield server
    server.kill()


def camera(**source: Any) -> list[dict[str, Any]]:
    return [{"id": "lift-a", "model": "tiny", "source": source, "reader": {"retry_first_s": 0.2}}]


def test_frames_looks_events_and_sound(tmp_path: Path, make_model: MakeModel) -> None:
    site = box_settings(tmp_path, make_model(EBIKE))
    with running_box(site):
        wait_for(lambda: Scrape(site)("decision_to_audio_ms_count", output="memory") == 1, "the first phrase")
        wait_for(lambda: Scrape(site)("evidence_bytes") > 0, "evidence on the disk")
        seen = Scrape(site)
    assert seen("frames_in_total", camera="lift-a") >= seen("frames_done_total", camera="lift-a") > 0
    assert seen("inferences_total", camera="lift-a") > 0
    assert seen("inference_ms_count", model="tiny") > 0
    assert seen("capture_to_decision_ms_count", camera="lift-a") > 0
    assert seen("events_total", code="LIFT.EBIKE.ENTER", phase="new") == 1
    assert (seen("episodes_open"), seen("journal_last_seq") >= 1, seen("journal_writes")) == (1, True, 1)
    assert (seen("camera_state", state="ok"), seen("voice_state", output="memory", state="ok")) == (1, 1)
    assert seen("outbox_depth") >= 1
    assert not seen.has("uplink_connected")
    assert seen("process_resident_memory_bytes") > 1e7
    assert seen("disk_free_bytes") > 0
    assert (seen("guards"), seen("build_info", site="hz", box="box-1")) == (1, 1)
    assert not any("_created" in one.name for one in seen.samples)


def test_a_broker_that_dies_and_comes_back(tmp_path: Path, make_model: MakeModel, broker: Mosquitto) -> None:
    site = box_settings(tmp_path, make_model(EBIKE), uplink=lab(broker.port))
    with running_box(site):
        wait_for(lambda: Scrape(site)("uplink_connected") == 1, "the connection")
        wait_for(lambda: Scrape(site)("publish_to_puback_ms_count") >= 2, "the broker's word")
        before = Scrape(site)
        broker.kill()
        wait_for(lambda: Scrape(site)("uplink_connected") == 0, "the loss")
        wait_for(lambda: Scrape(site)("outbox_depth") > 0, "what waits")
        first_s = Scrape(site)("outbox_oldest_s")
        wait_for(lambda: Scrape(site)("outbox_oldest_s") > first_s, "that it gets older")
        broker.start()
        wait_for(lambda: Scrape(site)("outbox_depth") == 0, "that all is sent")
        after = Scrape(site)
    assert before("decision_to_publish_ms_count") >= 1
    assert after("uplink_connections_total") >= 2
    assert after("uplink_published_total") > before("uplink_published_total")
    assert (after("outbox_oldest_s"), after("uplink_connected")) == (0, 1)


def test_what_people_say(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener) -> None:
    site = box_settings(tmp_path, make_model(EBIKE), uplink=lab(broker.port))
    with running_box(site):
        wait_for(lambda: bool(listener.on("/event/")), "the event")
        event_id = Event.from_json(listener.on("/event/")[0]).data.event_id
        for kind in (AckKind.SEEN, AckKind.HANDLED, AckKind.FALSE_ALARM, AckKind.FALSE_ALARM):
            listener.publish("eg1/hz/box-1/ack", Ack(event_id=event_id, ack=kind, by="guard").to_json())
        wait_for(lambda: Scrape(site)("acks_total") == 4, "the acknowledgements")
        said = Scrape(site)
    assert [said("acks_total", kind=kind.value) for kind in AckKind] == [1, 1, 2]


def test_a_camera_that_stops(tmp_path: Path, make_model: MakeModel) -> None:
    source = {"kind": "synthetic", "duration_s": 1, "then": "stall"}
    site = box_settings(tmp_path, make_model(NOTHING), cameras=camera(**source))
    with running_box(site):
        wait_for(lambda: Scrape(site)("camera_state", camera="lift-a", state="ok") == 1, "pictures")
        sighted = Scrape(site)("guards")
        wait_for(lambda: Scrape(site)("camera_state", camera="lift-a", state="blind") == 1, "the stall")
        first_s = Scrape(site)("blind_seconds_total", camera="lift-a")
        wait_for(lambda: Scrape(site)("blind_seconds_total", camera="lift-a") > first_s + 0.5, "more blindness")
        blind = Scrape(site)
    assert (sighted, blind("guards")) == (1, 0)
    assert blind("blind_seconds_total", camera="lift-a", reason="stalled") > 0


def test_a_camera_that_comes_and_goes(tmp_path: Path, make_model: MakeModel) -> None:
    source = {"kind": "synthetic", "duration_s": 0.5, "then": "error"}
    site = box_settings(tmp_path, make_model(NOTHING), cameras=camera(**source))
    with running_box(site):
        wait_for(lambda: Scrape(site)("camera_reconnects_total", camera="lift-a") >= 2, "new connections")
        assert Scrape(site)("blind_seconds_total", camera="lift-a", reason="failed") > 0


def test_a_damaged_stream(tmp_path: Path, make_model: MakeModel, rtsp_server: RtspServer) -> None:
    with Wire(rtsp_server.port, packet=damaged(5)) as wire:
        site = box_settings(tmp_path, make_model(NOTHING), cameras=camera(kind="rtsp", url=wire.url))
        with running_box(site):
            wait_for(lambda: Scrape(site)("frames_dropped_total", reason="decode") > 0, "frames that cannot be decoded")


def test_a_slow_detector(tmp_path: Path, make_model: MakeModel) -> None:
    models = make_model(EBIKE)
    site = box_settings(tmp_path, models, cameras=camera(kind="synthetic", fps=25))
    with running_box(site, load=slow):
        wait_for(lambda: Scrape(site)("inference_ms_count") >= 5, "some looks")
        wait_for(lambda: Scrape(site)("frames_dropped_total", reason="superseded") >= 1, "frames that had to go")
        seen = Scrape(site)
    for name in ("inference_ms", "capture_to_decision_ms"):
        assert seen(f"{name}_sum") / seen(f"{name}_count") > 1000 * SLOW_S
        assert seen(f"{name}_bucket", le="20.0") == 0


def test_a_loudspeaker_that_is_missing(tmp_path: Path, make_model: MakeModel) -> None:
    voice = {"output": {"kind": "alsa", "device": "no such card"}, "languages": ["zh"]}
    site = box_settings(tmp_path, make_model(EBIKE), voice=voice)
    with running_box(site):
        wait_for(lambda: Scrape(site)("playbacks_total", result="no_device") >= 1, "a phrase nobody hears")
        seen = Scrape(site)
    assert seen("voice_state", state="no_device") == 1
    assert not seen.has("decision_to_audio_ms_count")


def test_a_camera_that_hangs_is_started_anew(tmp_path: Path, make_model: MakeModel) -> None:
    source = {"kind": "synthetic", "duration_s": 1, "then": "hang"}
    site = box_settings(tmp_path, make_model(NOTHING), cameras=camera(**source))
    with running_box(site):
        wait_for(lambda: Scrape(site)("part_restarts_total", part="camera lift-a reader") >= 1, "a new reader")


def test_a_disk_without_room_for_evidence(tmp_path: Path, make_model: MakeModel) -> None:
    site = box_settings(tmp_path, make_model(EBIKE), evidence={"reserve_mb": 10**9})
    with running_box(site):
        wait_for(lambda: Scrape(site)("evidence_dropped_total", reason="no_room") >= 1, "pictures given up")
        assert Scrape(site)("events_total", phase="new") == 1


def test_what_can_never_be_sent(tmp_path: Path, make_model: MakeModel) -> None:
    site = box_settings(tmp_path, make_model(EBIKE))
    with running_box(site) as box:
        wait_for(lambda: bool(box.services.journal.pending(1)), "something to send")
        box.services.journal.tombstone(box.services.journal.pending(1)[0], "a test")
        wait_for(lambda: Scrape(site)("journal_tombstones_total") == 1, "the tombstone")


def test_a_journal_that_is_shut(tmp_path: Path, make_model: MakeModel) -> None:
    """As on a disk that takes nothing more: every write is refused."""
    with running_box(box_settings(tmp_path, make_model(NOTHING))) as box:
        survey = Survey(box.services, box.lanes, lambda: box.file)
        wait_for(lambda: survey().guards, "a box that guards")
        box.services.journal._writer.close()
        status = Survey(box.services, box.lanes, lambda: box.file)()
    assert (status.guards, status.journal.writes) == (False, False)
    assert "nothing can be written: journal is not open" in status.problems[0].what
    text = box.services.metrics.page(status).decode()
    assert "\njournal_writes 0.0\n" in text
    assert "\nguards 0.0\n" in text


def row(facts: EventDraft, *, kind: OutboxKind = OutboxKind.EVENT, historical: bool = False) -> OutboxRow:
    event = Event.of(facts, site="s", box="b", seq=1, rev=0)
    flags = {"retain": False, "historical": historical, "live": True}
    return OutboxRow(1, kind, facts.event_id, 1, "topic", event.to_json(), queued_s=0.0, **flags)


DECIDED = draft(episode_id()).model_copy(
    update={"timing": draft(episode_id()).timing.model_copy(update={"decided": START})}
)
SPOKEN = DECIDED.model_copy(update={"timing": DECIDED.timing.model_copy(update={"spoken": START})})


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        (row(DECIDED), 1),
        (row(SPOKEN), 0),
        (row(DECIDED, historical=True), 0),
        (row(DECIDED, kind=OutboxKind.PICTURE), 0),
        (row(draft(episode_id())), 0),
    ],
    ids=["a decision", "tells of a playback", "asked for again", "no event", "nobody decided"],
)
def test_only_decisions_count_on_their_way(sent: OutboxRow, counted: int) -> None:
    metrics = Metrics()
    metrics.confirmed(sent, START, 1.5)
    values = {one.name: one.value for family in metrics.collect() for one in family.samples}
    assert (values["decision_to_publish_ms_count"], values["publish_to_puback_ms_count"]) == (counted, 1)


def test_two_boxes_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.played(Playback("test", "zh", "memory", START, datetime.now(UTC), "played"))
    assert one.registry.get_sample_value("playbacks_total", {"output": "memory", "result": "played"}) == 1
    assert other.registry.get_sample_value("playbacks_total", {"output": "memory", "result": "played"}) is None
