"""The sender of live pictures alone: an eye that shows what it is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edgeguard.agent.live import MOST_CAMERAS, ViewHandler
from edgeguard.contract import ViewArgs, ViewCommand
from edgeguard.errors import CommandRefused, SourceError
from edgeguard.pipeline.camera import Look
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Tracks

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TRACKS = Tracks(Detections.empty(), np.zeros(0, np.int64), np.zeros(0, np.float32))


class Scripted:
    """A camera that has a new picture whenever it is asked, `age_s` old."""

    def __init__(self, labels: tuple[str, ...] = ("person",)) -> None:
        self.labels = labels
        self.why_blind = ""
        self.age_s = 0.0
        self.watched_hz: list[float] = []

    def look(self) -> Look | None:
        picture = picture_from_array(np.full((36, 64, 3), 90, np.uint8), "bgr24")
        return Look(Frame("a", 0, time.monotonic() - self.age_s, NOW, picture), TRACKS)

    def blind(self) -> str:
        return self.why_blind

    def watch(self, rate_hz: float) -> None:
        self.watched_hz.append(rate_hz)


class Wall:
    """What was sent; says whether the line takes it."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.free = True

    def publish(self, camera: str, jpeg: bytes) -> bool:
        assert jpeg.startswith(b"\xff\xd8")
        if self.free:
            self.sent.append(camera)
        return self.free


def view(camera: str = "a", duration_s: float = 0.5, rate_hz: float = 8.0) -> ViewCommand:
    args = ViewArgs(camera=camera, duration_s=duration_s, rate_hz=rate_hz)
    return ViewCommand(id="v", by="guard", issued_at=NOW, expires_at=NOW + timedelta(seconds=9), args=args)


@contextmanager
def viewing(eyes: dict[str, Scripted], wall: Wall) -> Iterator[ViewHandler]:
    with ViewHandler(eyes.get, wall.publish, blur=True) as handler:
        yield handler


def test_ends_by_itself_and_lets_the_gate_decide_again() -> None:
    eye, wall = Scripted(), Wall()
    with viewing({"a": eye}, wall) as handler:
        told = handler.start(view()).result(5)
        assert told == f"{len(wall.sent)} pictures sent"
        assert 1 <= len(wall.sent) <= 6
        while eye.watched_hz[-1]:
            time.sleep(0.01)
    assert max(eye.watched_hz) == 8


def test_only_so_many_cameras_at_once() -> None:
    eyes = {name: Scripted() for name in "abcdefg"}
    with viewing(eyes, Wall()) as handler:
        running = [handler.start(view(name, 30)) for name in "abcdefg"[:MOST_CAMERAS]]
        handler.start(view("a", 30))
        with pytest.raises(CommandRefused, match="a, b, c, d are viewed, accepted: 4 cameras at once"):
            handler.start(view("e"))
    assert [str(view.exception(0)) for view in running] == ["the box stops"] * MOST_CAMERAS
    with pytest.raises(CommandRefused, match="its thread has ended"):
        handler.start(view())


def test_a_picture_that_the_line_cannot_take_is_skipped() -> None:
    wall = Wall()
    wall.free = False
    with viewing({"a": Scripted()}, wall) as handler:
        told = handler.start(view()).result(5)
    assert told.startswith("0 pictures sent, ")
    assert told.endswith(" skipped: the line was busy")


def test_a_camera_that_goes_blind_ends_its_view() -> None:
    eye, wall = Scripted(), Wall()
    with viewing({"a": eye}, wall) as handler:
        running = handler.start(view(duration_s=30))
        while not wall.sent:
            time.sleep(0.01)
        eye.why_blind = "stalled: no frame for 2.6 s"
        with pytest.raises(SourceError, match=r"camera a is blind: stalled: no frame for 2\.6 s"):
            running.result(5)
        count = len(wall.sent)
        time.sleep(0.3)
        assert len(wall.sent) == count
        with pytest.raises(CommandRefused, match="camera a is blind"):
            handler.start(view())


def test_an_old_picture_is_never_sent() -> None:
    eye, wall = Scripted(), Wall()
    eye.age_s = 5.0
    with (
        viewing({"a": eye}, wall) as handler,
        pytest.raises(SourceError, match="camera a: no new picture for 3"),
    ):
        handler.start(view(duration_s=30)).result(10)
    assert wall.sent == []


def test_heads_that_cannot_be_found_are_not_shown() -> None:
    with viewing({"a": Scripted(("e-bike",))}, Wall()) as handler:
        with pytest.raises(CommandRefused, match="heads must be blurred, but the detector of a knows no person"):
            handler.start(view())
        handler.blur = False
        assert handler.start(view()).result(5)
