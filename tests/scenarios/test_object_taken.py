"""A bicycle that is gone from where it stood."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from edgeguard.errors import ConfigError
from edgeguard.scenarios import build
from edgeguard.scenarios.object_taken import ObjectTakenConfig
from edgeguard.schedule import Schedule, Window
from edgeguard.types import Phase
from tests.support.zone_rule import START, THRESHOLDS, Camera, Row

CONFIG = ObjectTakenConfig(settle_s=30, dwell_s=10, clear_s=5, forget_s=60)
BICYCLE: Row = ("bicycle", (200, 300, 320, 400), 1)
OTHER: Row = ("bicycle", (400, 300, 520, 400), 2)
IN_FRONT: Row = ("person", (180, 200, 300, 460), 3)
BESIDE: Row = ("person", (60, 200, 140, 460), 3)


def settled(seconds: float = 40) -> Camera:
    return Camera(CONFIG).play([BICYCLE, OTHER], seconds)


@pytest.mark.parametrize("fps", [1, 2, 8])
def test_told_once_and_forgotten(fps: float) -> None:
    camera = Camera(CONFIG).play([BICYCLE, OTHER], 40, fps).play([OTHER], 120, fps)
    ((new_s, code),) = camera.told(Phase.NEW)
    assert code == "CONDUCT.OBJECT.TAKEN"
    assert new_s == pytest.approx(50, abs=2.1)
    assert camera.story()[-1] == "left"
    assert not camera.attentive


def test_it_tells_what_stood_where() -> None:
    (new,) = settled().play([OTHER], 15).reports()
    assert new.sighting is not None
    assert new.sighting.label == "bicycle"
    assert new.sighting.box == pytest.approx((200 / 640, 300 / 480, 320 / 640, 400 / 480))


def test_brought_back_ends_it() -> None:
    assert settled().play([OTHER], 15).play([BICYCLE, OTHER], 10).story() == ["confirmed", "left"]


def test_what_was_there_only_shortly_is_not_missed() -> None:
    assert settled(20).play([OTHER], 60).log == []


def test_behind_somebody_it_still_stands() -> None:
    assert settled().play([OTHER, IN_FRONT], 300, fps=2).play([BICYCLE, OTHER], 20).log == []


def test_it_is_missed_when_whoever_stood_before_it_has_gone() -> None:
    camera = settled().play([OTHER, IN_FRONT], 100, fps=2).play([OTHER, BESIDE], 12)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [150]


def test_pushed_out_it_is_missed() -> None:
    def pushed(at_s: float) -> Sequence[Row]:
        x = 60 * at_s
        return [OTHER, ("bicycle", (200 - x, 300, 320 - x, 400), 1)] if x < 250 else [OTHER]

    assert settled().play(pushed, 30).story() == ["confirmed"]


def test_a_detector_that_misses_it_for_a_while_is_no_theft() -> None:
    chance = Random(3)

    def seen_mostly(_: float) -> Sequence[Row]:
        return [row for row in (BICYCLE, OTHER) if chance.random() < 0.85]

    assert Camera(CONFIG).play(seen_mostly, 300).log == []
    for _ in range(5):
        assert settled().play([OTHER], 8).play([BICYCLE, OTHER], 20).log == []


def test_what_is_seen_now_and_then_is_not_watched_over() -> None:
    chance = Random(3)

    def seen_seldom(_: float) -> Sequence[Row]:
        return [BICYCLE] if chance.random() < 0.5 else []

    assert Camera(CONFIG).play(seen_seldom, 100).play([], 60).log == []


def armed_after(seconds: float) -> Camera:
    start, end = START + timedelta(seconds=seconds), START + timedelta(hours=8)
    armed = Schedule(windows=(Window(start=start.time(), end=end.time()),))
    return Camera(CONFIG.model_copy(update={"armed": armed, "forget_s": 300}))


@pytest.mark.parametrize("fps", [1, 8])
def test_what_its_owner_fetched_before_the_rule_is_armed_is_not_missed(fps: float) -> None:
    camera = armed_after(300).play([BICYCLE, OTHER], 200, fps).play([OTHER], 200, fps)
    assert camera.log == []


def test_nor_because_somebody_stood_before_its_place_when_the_hours_began() -> None:
    camera = armed_after(250).play([BICYCLE, OTHER], 200, 2).play([OTHER], 40, 2).play([OTHER, IN_FRONT], 20, 2)
    assert camera.play([OTHER], 60, 2).log == []


def test_what_is_taken_when_the_rule_is_armed_is_missed_whatever_went_before() -> None:
    camera = armed_after(100).play([BICYCLE, OTHER], 40).play([OTHER], 20).play([BICYCLE, OTHER], 60)
    camera.play([], 15)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [130]


def test_a_look_that_misses_it_when_the_hours_begin_excuses_nothing() -> None:
    camera = armed_after(60).play([BICYCLE, OTHER], 59.8).play([OTHER], 0.5).play([BICYCLE, OTHER], 10)
    assert len(camera.play([OTHER], 15).told(Phase.NEW)) == 1


def test_a_covered_camera_misses_nothing() -> None:
    camera = settled().cover(60).tick(60)
    assert camera.log == []
    assert camera.play([BICYCLE, OTHER], 20).log == []


def test_a_restart_ends_what_was_open_and_learns_anew() -> None:
    before = settled().play([OTHER], 15)
    after = before.restart(CONFIG).play([OTHER], 60)
    assert before.story() + after.story() == ["confirmed", "restart"]
    assert after.play([], 20).story() == ["restart", "confirmed"]


def test_what_is_refused() -> None:
    with pytest.raises(ConfigError, match="object_taken: met a model with the labels unicorn"):
        build((CONFIG,), "cam-1", ("unicorn",), THRESHOLDS, str)
