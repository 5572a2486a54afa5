"""Somebody in a closed zone, over a line the wrong way, or over a wall."""

from collections.abc import Callable, Sequence

import pytest
from pydantic import ValidationError

from edgeguard.scenarios.conduct_intrusion import ConductIntrusionConfig
from edgeguard.types import Phase, Severity
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ConductIntrusionConfig(dwell_s=1, clear_s=5)
INSIDE: Row = ("person", (200, 150, 280, 400), 1)
INTRUSION, CLIMB = "CONDUCT.INTRUSION", "CONDUCT.CLIMB"
# The right half is closed, its border is the line.
GATED = ConductIntrusionConfig(
    zone=((0.5, 0), (1, 0), (1, 1), (0.5, 1)), line=((0.5, 0), (0.5, 1)), direction="in", clear_s=5
)
# The top of a wall lies at 40 % of the picture, from a quarter to three quarters of its width.
WALL = ConductIntrusionConfig(zone=((0, 0.5), (1, 0.5), (1, 1), (0, 1)), wall_top=((0.25, 0.4), (0.75, 0.4)))


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, INTRUSION, [INSIDE])


def across(from_x: float, to_x: float, seconds: float) -> Callable[[float], Sequence[Row]]:
    """Somebody walks from one place to another and stops there."""

    def scene(at_s: float) -> Sequence[Row]:
        x = from_x + (to_x - from_x) * min(at_s / seconds, 1)
        return [("person", (x - 40, 150, x + 40, 400), 1)]

    return scene


def up(from_y: float, to_y: float, seconds: float, x: float = 320) -> Callable[[float], Sequence[Row]]:
    """Somebody whose middle goes from one height to another and stays there."""

    def scene(at_s: float) -> Sequence[Row]:
        y = from_y + (to_y - from_y) * min(at_s / seconds, 1)
        return [("person", (x - 40, y - 80, x + 40, y + 80), 1)]

    return scene


def codes(camera: Camera) -> list[str]:
    return [code for _, code in camera.told(Phase.NEW)]


@pytest.mark.parametrize("fps", [2, 8, 25])
@pytest.mark.parametrize(
    ("direction", "from_x", "to_x", "told"),
    [
        ("in", 100, 500, True),
        ("in", 500, 100, False),
        ("out", 100, 500, False),
        ("any", 100, 500, True),
        # Was inside from the first look on: nobody saw them cross.
        ("in", 500, 560, False),
        # To the line and back.
        ("in", 100, 318, False),
    ],
)
def test_only_who_comes_over_the_line_that_way(
    direction: str, from_x: float, to_x: float, told: bool, fps: float
) -> None:
    config = GATED.model_copy(update={"direction": direction})
    camera = Camera(config).play(across(from_x, to_x, 4), 10, fps)
    assert codes(camera) == [INTRUSION] * told


def test_who_goes_back_over_the_line_is_none_any_more() -> None:
    camera = Camera(GATED).play(across(100, 500, 4), 8).play(across(500, 100, 4), 4).play(across(100, 100, 1), 8)
    assert camera.story() == ["confirmed", "left"]


@pytest.mark.parametrize(("x0", "told"), [((0.5, 0.5), False), ((0.5, 1.0), True)])
def test_round_the_end_of_the_line_is_not_over_it(x0: tuple[float, float], told: bool) -> None:
    """Feet at 83 % of the height: the line reaches down to half of it, or to the ground."""
    config = GATED.model_copy(update={"line": ((0.5, 0.0), x0)})
    assert bool(codes(Camera(config).play(across(100, 500, 4), 8))) is told


@pytest.mark.parametrize("fps", [2, 8, 25])
@pytest.mark.parametrize(("from_y", "to_y"), [(320, 120), (120, 320)])
def test_over_the_wall_either_way_is_climbing(from_y: float, to_y: float, fps: float) -> None:
    camera = Camera(WALL).play(up(from_y, to_y, 3), 6, fps)
    assert CLIMB in codes(camera)
    (climb,) = [report for report in camera.reports() if (report.code, report.phase) == (CLIMB, Phase.NEW)]
    assert climb.severity is Severity.CRITICAL
    assert climb.monotonic_s <= 3


@pytest.mark.parametrize(
    "scene",
    [
        up(120, 125, 3),  # somebody outside, whose head shows over the wall
        up(300, 200, 3),  # somebody inside who comes up to the wall
        up(320, 120, 3, x=80),  # beside the wall: up a slope
    ],
)
def test_by_the_wall_is_not_climbing(scene: Callable[[float], Sequence[Row]]) -> None:
    assert CLIMB not in codes(Camera(WALL).play(scene, 6))


def test_a_climber_is_one_episode_until_out_of_sight() -> None:
    camera = Camera(WALL).play(up(120, 320, 3), 20).play([], 15)
    told = [(report.code, report.end_reason or report.decision) for report in camera.reports()]
    assert [step for code, step in told if code == CLIMB] == ["confirmed", "left"]
    # And is now an intruder as well.
    assert [step for code, step in told if code == INTRUSION] == ["confirmed", "left"]


def test_after_a_restart_who_is_there_is_the_climber() -> None:
    before = Camera(WALL).play(up(120, 320, 3), 6)
    after = before.restart(WALL).play(up(320, 320, 1), 5)
    assert sorted(after.story()) == ["seen_again", "seen_again"]


def test_a_passer_by_does_not_keep_the_episode_of_a_climber_who_has_gone() -> None:
    passer: Row = ("person", (20, 200, 80, 380), 7)
    camera = Camera(WALL).play(up(320, 120, 3), 4).play([passer], 20)
    told = [report.end_reason or report.decision for report in camera.reports() if report.code == CLIMB]
    assert told == ["confirmed", "left"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"line": [[0.5, 0.5], [0.5, 0.5]]}, r"two ends, met \(0\.5, 0\.5\) twice"),
        ({"wall_top": [[0, 0], [1.5, 0]]}, r"0\.\.1 of the picture, met \(1\.5, 0"),
        ({"wall_top": [[0, 0], [1, 0], [1, 1]]}, "at most 2 items"),
        ({"line": [[0.5, 0], [0.5, 1]]}, "a zone on one side of the line"),
        ({"direction": "up"}, "'in', 'out' or 'any'"),
        ({"labels": []}, "at least 1 item"),
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ConductIntrusionConfig.model_validate(wrong)
