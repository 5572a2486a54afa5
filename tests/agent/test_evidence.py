"""The room with its cameras: real streams, a real journal, an HTTPS server."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from edgeguard.agent.agenda import Agenda
from edgeguard.agent.evidence import EvidenceRoom
from edgeguard.agent.evidence_camera import Album, CameraEvidence
from edgeguard.agent.evidence_config import EvidenceConfig
from edgeguard.agent.evidence_index import Item, ItemState
from edgeguard.contract import Evidence
from edgeguard.errors import EvidenceError
from edgeguard.journal import Journal, OutboxKind
from edgeguard.pipeline.camera import Look
from edgeguard.sources import CameraReader, RtspConfig, open_source
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Phase, Report, Severity, Tracks
from tests.support.events import START, episode_id
from tests.support.mosquitto import Authority, wait_for
from tests.support.rtsp import RtspServer
from tests.support.upload_server import TOKEN, UploadServer

LABELS = ("person", "e-bike")


def look_at(monotonic_s: float, luma: int = 90) -> Look:
    """A grey picture with one person in it."""
    picture = picture_from_array(np.full((96, 64), luma, np.uint8), "gray")
    person = Detections(np.array([[8, 8, 40, 80]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int16))
    tracks = Tracks(person, np.ones(1, np.int64), np.zeros(1, np.float32))
    return Look(Frame("lift-1", 0, monotonic_s, START, picture), tracks)


def report_at(monotonic_s: float, event_id: str) -> Report:
    return Report(
        event_id, "LIFT.EBIKE.ENTER", Phase.NEW, Severity.CRITICAL, "lift-1", "lift_ebike", START, monotonic_s
    )


@dataclass
class Place:
    journal: Journal
    room: EvidenceRoom
    folder: Path

    def pending(self, kind: OutboxKind) -> list[str]:
        return [row.topic.rsplit("/", 1)[1] for row in self.journal.pending(100) if row.kind is kind]

    def item(self, event_id: str, name: str) -> Item | None:
        return next((item for item in self.room.store.items(event_id) if item.name == name), None)

    def settled(self, event_id: str, name: str = "clip.mp4") -> Callable[[], bool]:
        def is_settled() -> bool:
            item = self.item(event_id, name)
            return item is not None and item.state is not ItemState.PROMISED

        return is_settled


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Place]:
    config = EvidenceConfig.model_validate({"before_s": 1, "after_s": 1} | settings)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(folder / "journal.sqlite3", "hz", "box-1"))
        room = EvidenceRoom(config, folder, journal, blur=True, queued=lambda: None)
        yield Place(journal, stack.enter_context(room), folder)


@contextmanager
def watching(evidence: CameraEvidence, url: str) -> Iterator[CameraReader]:
    """A camera read and looked at twice a second."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(0.3):
            evidence.looked(look_at(time.monotonic()))

    source = RtspConfig(url=url)
    with CameraReader("lift-1", lambda: open_source(source, "lift-1", tap=evidence.ring)) as reader:
        evidence.start()
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield reader
        finally:
            done.set()
            thread.join()
            evidence.stop()


@pytest.fixture
def camera() -> Iterator[RtspServer]:
    server = RtspServer()
    server.start()
    yield server
    server.kill()


def clip_of(place: Place, event_id: str) -> tuple[Item, list[av.VideoFrame]]:
    item = place.item(event_id, "clip.mp4")
    assert item is not None
    with av.open(io.BytesIO(place.room.store.path_of(item).read_bytes()), "r") as container:
        return item, list(container.decode(video=0))


def test_nothing_happens(tmp_path: Path) -> None:
    with opened(tmp_path) as place:
        camera = place.room.camera("lift-1")
        camera.start()
        camera.stop()
        assert place.room.stats().files == 0
    with opened(tmp_path) as place:
        assert place.journal.pending(10) == []


def test_three_pictures_and_a_clip(tmp_path: Path, camera: RtspServer) -> None:
    event_id = episode_id()
    with opened(tmp_path) as place:
        evidence = place.room.camera("lift-1")
        with watching(evidence, camera.url) as reader:
            wait_for(lambda: reader.status().frames_in > 40, "some seconds of the stream")
            now_s = time.monotonic()
            evidence.take(report_at(now_s, event_id), look_at(now_s), LABELS)
            wait_for(lambda: place.pending(OutboxKind.PICTURE), "the first picture")
            wait_for(place.settled(event_id), "the clip")
        assert place.pending(OutboxKind.PICTURE) == ["1", "2", "3"]
        states = {item.name: item.state for item in place.room.store.items(event_id)}
        assert states == dict.fromkeys(("after.jpg", "at.jpg", "before.jpg", "clip.mp4"), ItemState.KEPT)
        item, frames = clip_of(place, event_id)
        assert item.note == ""
        # 1 s before, 1 s after, and up to a group of pictures (1 s) more in front.
        assert 28 <= len(frames) <= 47
        assert (frames[0].width, frames[0].height) == (640, 360)


def test_confirmed_at_once_and_stopped_at_once(tmp_path: Path, camera: RtspServer) -> None:
    event_id = episode_id()
    with opened(tmp_path, before_s=20, after_s=30) as place:
        evidence = place.room.camera("lift-1")
        with watching(evidence, camera.url) as reader:
            wait_for(lambda: reader.status().frames_in > 20, "the stream")
            now_s = time.monotonic()
            evidence.take(report_at(now_s, event_id), look_at(now_s), LABELS)
    with opened(tmp_path) as place:
        item, frames = clip_of(place, event_id)
        assert "late" in item.note
        assert "early" in item.note
        assert frames
        after = place.item(event_id, "after.jpg")
        assert after is not None
        assert (after.state, after.note) == (ItemState.MISSING, "nobody looked then")


def test_a_main_stream_is_read_anew_by_another_reader(tmp_path: Path) -> None:
    with opened(tmp_path) as place:
        evidence = place.room.camera("lift-1", RtspConfig(url="rtsp://127.0.0.1:9/main"))
        evidence.start()
        first = evidence.main
        assert first is not None
        left = evidence.renew_main()
        assert left == [first.thread]
        assert evidence.main is not first
        assert evidence.main is not None
        assert evidence.main.thread is not None
        wait_for(lambda: not left[0].is_alive(), "the end of the one before")
        assert evidence.main.thread.is_alive()
        evidence.stop()
        assert place.room.camera("lift-2").renew_main() == []


def test_the_main_stream_is_cut_and_the_substream_stands_in_for_it(tmp_path: Path, camera: RtspServer) -> None:
    main = RtspServer(("--width", "1280", "--height", "720"))
    main.start()
    try:
        with opened(tmp_path) as place:
            evidence = place.room.camera("lift-1", RtspConfig(url=main.url))
            assert evidence.main is not None
            with watching(evidence, camera.url):
                reader = evidence.main
                wait_for(lambda: reader.status().frames_in > 30, "some seconds of the main stream")
                first = episode_id(1)
                now_s = time.monotonic()
                evidence.take(report_at(now_s, first), look_at(now_s), LABELS)
                wait_for(place.settled(first), "the clip of the main stream")
                main.kill()
                wait_for(lambda: reader.status().blind_for_s > 2, "its loss")
                second = episode_id(2)
                now_s = time.monotonic()
                evidence.take(report_at(now_s, second), look_at(now_s), LABELS)
                wait_for(place.settled(second), "the clip of the substream")
            item, frames = clip_of(place, first)
            assert (item.note, frames[0].width) == ("", 1280)
            item, frames = clip_of(place, second)
            assert item.note.startswith("detection stream, the main stream is ")
            assert frames[0].width == 640
    finally:
        main.kill()


def test_without_packets_there_are_pictures_only(tmp_path: Path) -> None:
    event_id = episode_id()
    with opened(tmp_path, after_s=0) as place:
        now_s = time.monotonic()
        place.room.camera("drawn").take(report_at(now_s, event_id), look_at(now_s), LABELS)
        wait_for(place.settled(event_id), "the answer")
        clip, at = place.item(event_id, "clip.mp4"), place.item(event_id, "at.jpg")
    assert clip is not None
    assert (clip.state, clip.note) == (ItemState.MISSING, "the stream gave no packets")
    assert at is not None
    assert at.state is ItemState.KEPT


def test_a_clip_is_uploaded_and_told_of(tmp_path: Path, camera: RtspServer) -> None:
    server = UploadServer(Authority(tmp_path / "ca", "test authority"))
    server.start()
    (tmp_path / "token").write_text(TOKEN)
    assert server.authority is not None
    upload = {"url": server.url, "ca": server.authority.ca, "token_file": tmp_path / "token", "backoff_first_s": 0.1}
    server.stop()
    event_id = episode_id()
    with opened(tmp_path, upload=upload, upload_clips=True) as place:
        evidence = place.room.camera("lift-1")
        with watching(evidence, camera.url) as reader:
            wait_for(lambda: reader.status().frames_in > 20, "the stream")
            now_s = time.monotonic()
            evidence.take(report_at(now_s, event_id), look_at(now_s), LABELS)
            wait_for(place.settled(event_id), "the clip")
    # The server was away; the next start goes on where this one ended.
    server.start()
    with opened(tmp_path, upload=upload, upload_clips=True) as place:
        wait_for(lambda: place.pending(OutboxKind.EVIDENCE), "what the platform is told")
        rows = [row for row in place.journal.pending(100) if row.kind is OutboxKind.EVIDENCE]
        told = Evidence.from_json(rows[0].payload)
        item, _ = clip_of(place, event_id)
        wait_for(lambda: place.room.stats().waiting == 0, "the note that it is there")
    server.stop()
    assert rows[0].topic == f"eg1/hz/box-1/evidence/{event_id}"
    assert (told.event_id, told.kind, told.name, told.sha256) == (event_id, "clip", "clip.mp4", item.sha256)
    assert list(server.stored) == [f"/upload/hz/box-1/{event_id}/clip.mp4"]


def test_an_album_keeps_few_looks() -> None:
    album = Album(3.0)
    assert album.nearest(0, -10, 10) is None
    for step in range(100):
        album.add(look_at(step / 10))
    kept = [look.frame.monotonic_s for look in album._looks]
    assert kept == [6.0, 7.0, 8.0, 9.0]
    for at_s, found_s in [(5.0, 6.0), (7.4, 7.0), (20.0, 9.0)]:
        look = album.nearest(at_s, 0, 100)
        assert look is not None
        assert look.frame.monotonic_s == found_s
    assert album.nearest(6.0, 9.0, 100) is None


def test_an_agenda_outlives_what_fails_and_finishes_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fails(error: Exception) -> None:
        raise error

    agenda = Agenda("test")
    agenda.soon(lambda: fails(EvidenceError("no disk")))
    agenda.soon(lambda: fails(KeyError("defect")))
    agenda.later(0.01, lambda: done.append("soon"))
    agenda.later(1000, lambda: done.append("at the end"))
    wait_for(lambda: done == ["soon"], "the job that was due")
    agenda.close()
    agenda.later(0, lambda: done.append("never"))
    assert done == ["soon", "at the end"]
    assert "no disk" in caplog.text
    assert "a defect" in caplog.text
