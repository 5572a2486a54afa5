"""Yards before they are rendered: what the rules make of the scene's own boxes is exactly what happens in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import av
import numpy as np
import pytest
import yaml

from edgeguard import recordings
from edgeguard.agent.site import SiteConfig, load_site
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline
from edgeguard.replay.clip import EPOCH, open_clip
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.score import Score, score
from edgeguard.replay.truth import TruthEntry, read_truth
from edgeguard.scenarios import Thresholds
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Picture
from models.training.scenes import cars, yard, yard_site, yard_take
from models.training.scenes.kit import pose
from models.training.scenes.truth import LABELS
from models.training.scenes.yard_drama import Happening
from models.training.scenes.yard_script import happening

FPS = 5
BUNDLED = pytest.mark.parametrize(("name", "number", "events"), [("yard", 1, 11), ("yard_night", 101, 6)])


class Drawn:
    """Sees the scene's own boxes of the frame that is shown."""

    def __init__(self, happened: Happening) -> None:
        times = range(round(happened.length_s * FPS))
        self.boxes = [happened.boxes(happened.cast(number / FPS)) for number in times]
        self._index = 0

    def frames(self) -> Iterator[Frame]:
        """Pictures each of which differs from the one before, so that the gate is open."""
        for index in range(len(self.boxes)):
            now_s = index / FPS
            picture = picture_from_array(np.full((270, 480), 60 + 40 * (index % 2), np.uint8), "gray")
            yield Frame("yard", index, now_s, EPOCH + timedelta(seconds=now_s), picture)

    def shown(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self._index = frame.index
            yield frame

    def detect(self, _: Picture) -> Detections:
        rows = self.boxes[self._index]
        labels = np.array([LABELS.index(label) for label, *_ in rows], np.int16)
        boxes = np.array([box for _, *box in rows], np.float32).reshape(-1, 4)
        return Detections(boxes, np.full(len(rows), 0.9, np.float32), labels)


def camera(happened: Happening) -> dict[str, Any]:
    found: dict[str, Any] = yard_site.site(happened)["cameras"][0]
    return found


def told(drawn: Drawn, frames: Iterable[Frame], truth: Sequence[TruthEntry], **settings: Any) -> Score:
    chain = ChainConfig.model_validate(settings)
    model = Model(drawn, LABELS, {label: Thresholds(0.25, 0.4) for label in LABELS}, "drawn")
    log = EventLog(Scene())
    assert play(drawn.shown(frames), build_pipeline(chain, "yard", model, event_ids()), log) is None
    assert len(log.episodes) == len(truth), log.episodes
    return score(log.episodes, truth)


@pytest.mark.parametrize(("number", "events"), [(0, 11), (100, 6), (101, 6)])
def test_what_happens_is_told_exactly(number: int, events: int) -> None:
    happened = happening(number)
    drawn, truth = Drawn(happened), [TruthEntry.model_validate(row) for row in happened.truth]
    # The drawn pictures tell the motion gate nothing of what moves: it lets all of them through.
    motion = {"min_delta_luma": 0.5}
    result = told(drawn, drawn.frames(), truth, scenarios=camera(happened)["scenarios"], motion=motion)
    assert (result.matched, result.missed, result.false_alarms) == (events, 0, 0)


@BUNDLED
def test_the_bundled_film_is_told_exactly_by_its_own_boxes(name: str, number: int, events: int) -> None:
    """Decoder, motion gate, tracker and rules as they are; what the detector makes of it is measured elsewhere."""
    truth = read_truth(recordings.truth(name))
    rules = load_site(recordings.site(name)).cameras[0].scenarios
    film = open_clip(recordings.recording(name), "yard")
    result = told(Drawn(happening(number)), film, truth, scenarios=rules)
    assert (result.matched, result.missed, result.false_alarms) == (events, 0, 0)


@BUNDLED
def test_the_bundled_film_is_what_the_script_says(name: str, number: int, events: int) -> None:
    happened = happening(number)
    assert len(happened.truth) == events
    assert yaml.safe_load(recordings.truth(name).read_text("utf-8")) == list(happened.truth)
    assert yaml.safe_load(recordings.site(name).read_text("utf-8")) == yard_site.site(happened)
    with av.open(str(recordings.recording(name))) as container:
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    np.testing.assert_allclose(times, np.arange(round(happened.length_s * FPS)) / FPS, atol=1e-3)
    assert recordings.recording(name).stat().st_size < 300_000


def test_its_site_file_is_one() -> None:
    happened = happening(1)
    SiteConfig.model_validate(yard_site.site(happened))
    kinds = {rule["kind"] for rule in camera(happened)["scenarios"]}
    assert len(kinds) == len(camera(happened)["scenarios"]) == 10


def test_odd_yards_are_the_other_way_round() -> None:
    even, odd = yard.yard(0), yard.yard(1)
    assert np.mean([x for x, _ in even.outline(yard.LAWN)]) > 0.5 > np.mean([x for x, _ in odd.outline(yard.LAWN)])


def test_a_thing_beside_the_picture_has_no_box() -> None:
    place, car = yard.yard(2), cars.car(np.random.default_rng(1))
    ahead = place.box(car.moved(pose(0, 9.5)))
    assert ahead is not None
    assert ahead[0] == "car"
    assert 1.5 < (ahead[3] - ahead[1]) / (ahead[4] - ahead[2]) < 4
    assert place.box(car.moved(pose(30, 9.5))) is None
    assert place.box(place.shell) is None


@pytest.mark.parametrize("seed", range(6))
def test_cars_are_as_large_as_cars(seed: int) -> None:
    points = np.concatenate([part.mesh.vertices for part in cars.car(np.random.default_rng(seed)).parts])
    size = points.max(axis=0) - points.min(axis=0)
    assert (size > (3.6, 1.6, 1.35)).all()
    assert (size < (5.0, 2.2, 1.8)).all()
    assert -0.07 < points[:, 2].min() < 0.01  # the arches reach into the ground


def test_only_what_changes_is_rendered_anew() -> None:
    place, car = yard.yard(0), cars.car(np.random.default_rng(2))
    stands, drives = car.moved(pose(0, 9.5)), car.moved(pose(1, 9.5))
    assert yard_take.changed({}, {}) == []
    before, after = {"a": stands, "b": stands}, {"a": car.moved(pose(0, 9.5)), "b": drives, "c": car}
    assert yard_take.changed(before, after) == ["b", "c"]
    assert yard_take.window_of(place, car.moved(pose(60, 9.5))) is None
    window, box = yard_take.window_of(place, stands), place.box(stands)
    assert window is not None
    assert box is not None
    assert (np.array(window[:2]) < box[1:3]).all()
    assert (np.array(window[2:]) > box[3:]).all()


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ([], []),
        ([(0, 0, 4, 4), (4, 0, 8, 4)], [(0, 0, 4, 4), (4, 0, 8, 4)]),
        ([(0, 0, 4, 4), (6, 0, 9, 4), (3, 1, 7, 2)], [(0, 0, 9, 4)]),
    ],
)
def test_windows_that_touch_are_one(windows: list[yard_take.Window], kept: list[yard_take.Window]) -> None:
    assert yard_take.apart(windows) == kept
