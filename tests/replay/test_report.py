import io
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.detectors import ScriptedDetector
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline
from edgeguard.replay.album import Album
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.page import ReportFolder
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.report import Replayed, replay_page
from edgeguard.replay.truth import TruthEntry
from edgeguard.scenarios import Thresholds
from edgeguard.types import Detections
from tests.support.scripted import BIKE, LABELS, frames, steady, time_of

NOTHING = Detections.empty()


def entry(start_s: float, end_s: float) -> TruthEntry:
    return TruthEntry(code="LIFT.EBIKE.ENTER", start_s=start_s, end_s=end_s, tolerance_s=0.5)


def report(folder: Path, table: dict[float, Detections], truth: tuple[TruthEntry, ...] | None, until_s: float) -> str:
    model = Model(ScriptedDetector(LABELS, table, time_of), LABELS, {"e-bike": Thresholds(0.2, 0.5)}, "scripted")
    log = EventLog(Scene(), io.StringIO())
    album = Album(ReportFolder(folder), LABELS, truth or ())
    play(frames(steady(until_s)), build_pipeline(ChainConfig(), "lift-1", model, event_ids()), log, album.watch)
    album.close()
    return replay_page(Replayed("clip.mp4", model, log.episodes, truth, album))


def shown(html: str) -> list[str]:
    """Captions of the pictures, in order."""
    return re.findall(r"<figcaption>(.*?), [\d.]+ s</figcaption>", html)


COMES_AND_GOES = {4.0: BIKE, 8.0: NOTHING}


@pytest.mark.parametrize(
    ("table", "truth", "words", "captions"),
    [
        ({}, None, ["0</b><span>episodes (no truth was given)"], []),
        ({}, (), ["0 of 0", "false alarms, upper end of 95 %"], []),
        ({}, (entry(4, 8),), ["0 of 1", "missed"], ["0% of it", "50% of it", "100% of it"]),
        (
            COMES_AND_GOES,
            (entry(4, 8),),
            ["1 of 1", "found 125 ms"],
            ["before", "confirmed", "strongest, 0.90", "cleared"],
        ),
        (COMES_AND_GOES, (), ["false alarm</span>"], ["before", "confirmed", "strongest, 0.90", "cleared"]),
    ],
)
def test_what_the_page_tells(
    tmp_path: Path,
    table: dict[float, Detections],
    truth: tuple[TruthEntry, ...] | None,
    words: list[str],
    captions: list[str],
) -> None:
    html = report(tmp_path, table, truth, 30)
    for word in words:
        assert word in html
    assert shown(html) == captions


def test_every_picture_of_the_page_is_there(tmp_path: Path) -> None:
    html = report(tmp_path, COMES_AND_GOES, (entry(4, 8), entry(20, 22)), 30)
    names = set(re.findall(r'src="(pictures/[^"]+)"', html))
    assert len(names) == 7
    for name in names:
        picture = cv2.imdecode(np.fromfile(tmp_path / name, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (48, 64, 3)


def test_what_is_open_at_the_end_is_pictured_too(tmp_path: Path) -> None:
    assert shown(report(tmp_path, {4.0: BIKE}, None, 6)) == ["before", "confirmed", "strongest, 0.90"]


def test_a_recording_without_a_frame(tmp_path: Path) -> None:
    assert "0.0 s, 0 frames" in report(tmp_path, {}, None, 0)
