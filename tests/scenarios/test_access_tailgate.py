"""Two through a gate, one behind the other. The gate is a line down the middle, inside is right."""

from collections.abc import Callable, Sequence

import pytest
from pydantic import ValidationError

from edgeguard.scenarios import build
from edgeguard.scenarios.access_tailgate import AccessTailgateConfig
from edgeguard.types import Phase
from tests.support.zone_rule import THRESHOLDS, Camera, Row

CONFIG = AccessTailgateConfig(
    zone=((0.5, 0), (1, 0), (1, 1), (0.5, 1)), line=((0.5, 0.2), (0.5, 1)), within_s=3, clear_s=5
)


def people(*begin_s: float, speed_px_s: float = 100, from_x: float = 220) -> Callable[[float], Sequence[Row]]:
    """Each walks from left to right from their moment on, and is over the line a second later."""

    def scene(at_s: float) -> Sequence[Row]:
        rows: list[Row] = []
        for number, began_s in enumerate(begin_s):
            x = from_x + speed_px_s * (at_s - began_s)
            if at_s >= began_s and 0 < x < 640:
                rows.append(("person", (x - 30, 200, x + 30, 400), number))
        return rows

    return scene


@pytest.mark.parametrize("fps", [2, 5, 8, 25])
@pytest.mark.parametrize(
    ("begin_s", "told"),
    [
        ((), 0),
        ((1,), 0),
        ((1, 2.5), 1),
        ((1, 6), 0),
        # A row is one episode, however many.
        ((1, 2.5, 4, 5.5), 1),
        # Two pairs, far apart.
        ((1, 2.5, 20, 21.5), 2),
    ],
)
def test_one_behind_the_other(begin_s: tuple[float, ...], told: int, fps: float) -> None:
    camera = Camera(CONFIG).play(people(*begin_s), 40, fps)
    assert len(camera.told(Phase.NEW)) == len(camera.told(Phase.END)) == told


@pytest.mark.parametrize("gap_s", [2.8, 3.2])
def test_within_so_many_seconds(gap_s: float) -> None:
    camera = Camera(CONFIG).play(people(1, 1 + gap_s), 20, fps=20)
    assert len(camera.told(Phase.NEW)) == (gap_s < 3)


def test_side_by_side_is_tailgating_too() -> None:
    def pair(at_s: float) -> Sequence[Row]:
        x = 220 + 100 * at_s
        return [("person", (x - 30, 200, x + 30, 400), 1), ("person", (x - 40, 260, x + 20, 460), 2)]

    assert len(Camera(CONFIG).play(pair, 3).told(Phase.NEW)) == 1


def test_going_out_is_none() -> None:
    outwards = people(0, 1.5, speed_px_s=-100, from_x=420)
    assert Camera(CONFIG).play(outwards, 10).log == []


def test_one_who_dithers_on_the_line_is_one() -> None:
    def dithering(at_s: float) -> Sequence[Row]:
        x = 320 + 4 * (round(at_s * 8) % 2)
        return [("person", (x - 30, 200, x + 30, 400), 1)]

    assert Camera(CONFIG).play(dithering, 20).log == []


def test_a_restart_ends_what_was_open_once() -> None:
    before = Camera(CONFIG).play(people(1, 2.5), 6)
    after = before.restart(CONFIG).play([], 10)
    assert before.story() + after.story() == ["confirmed", "restart"]


def test_a_covered_camera_sees_nobody_cross() -> None:
    camera = Camera(CONFIG).play(people(0), 0.5).cover(2, people(0)(2)).play(people(1, 2.5), 8)
    assert len(camera.told(Phase.NEW)) == 1


def test_who_is_seen_in_the_event() -> None:
    new = Camera(CONFIG).play(people(1, 2.5), 6).reports()[0]
    assert (new.code, new.zones) == ("ACCESS.TAILGATE", ("gate",))
    assert new.sighting is not None
    assert new.sighting.track_id == 1


def test_it_needs_a_line() -> None:
    with pytest.raises(ValidationError, match="line\n  Field required"):
        AccessTailgateConfig.model_validate({})
    with pytest.raises(ValidationError, match="met one whose middle lies on it"):
        AccessTailgateConfig.model_validate({"line": [[0.5, 0], [0.5, 1]]})
    assert build((CONFIG,), "gate", ("person",), THRESHOLDS, str)
