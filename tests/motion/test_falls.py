"""The sieve over drawn walls: what falls is followed, what only changes is not."""

import math
from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.motion import FallSieve, SeldomGate
from edgeguard.motion.flights import Flights
from edgeguard.motion.specks import Specks
from edgeguard.motion.steady import LOST_FRAMES, Steadier
from edgeguard.motion.trails import Trail, ahead
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Flight
from tests.support.falls import drop, wall

Shown = Iterable[tuple[float, NDArray[np.uint8]]]


def sifted(shown: Shown, sieve: FallSieve | None = None) -> list[Flight]:
    sieve = sieve or FallSieve()
    found = [flight for at_s, luma in shown for flight in sieve.update(picture_from_array(luma, "gray"), at_s)]
    return [*found, *sieve.finish()]


@pytest.mark.parametrize(
    ("width", "height", "fps", "side"), [(640, 360, 25, 4), (320, 180, 12, 4), (360, 640, 25, 5), (1280, 720, 15, 5)]
)
def test_what_falls_is_followed_to_its_end(width: int, height: int, fps: float, side: int) -> None:
    (flight,) = sifted(drop(4.2, width=width, height=height, fps=fps, side=side))
    assert (flight.width_px, flight.height_px) == (width, height)
    assert flight.chance < -10
    assert np.abs(flight.xy[:, 0] - 0.53 * width).max() < side + 1
    expected = height * (0.15 + 0.3 * (flight.at_s - 2) ** 2)
    assert np.abs(flight.xy[:, 1] - expected).max() < side + 1
    assert flight.xy[-1, 1] > 0.75 * height


def test_a_large_picture_is_reduced_and_told_in_its_own_pixels() -> None:
    shown = ((at_s, cv2.resize(luma, (1280, 720)).astype(np.uint8)) for at_s, luma in drop(4.2, width=640))
    doubled = ((at_s, np.repeat(np.repeat(luma, 2, 0), 2, 1)) for at_s, luma in shown)
    (flight,) = sifted(doubled)
    assert (flight.width_px, flight.height_px) == (2560, 1440)
    assert flight.xy[-1, 1] > 0.75 * 1440


def changing(seconds: float, what: str) -> Shown:
    """A wall where nothing falls."""
    for at_s, still in drop(seconds, gain=0):
        luma = still
        if what == "window" and at_s > 2:
            luma[30:60, 80:120] = 220
        if what == "light" and at_s > 2:
            luma = np.clip(luma + 40.0, 0, 235).astype(np.uint8)
        if what == "flicker":
            luma = np.clip(luma + 12 * math.sin(40 * at_s), 16, 235).astype(np.uint8)
        if what == "flag":
            luma[100:160, 300 : 340 + round(8 * math.sin(9 * at_s))] = 230
        yield at_s, luma


@pytest.mark.parametrize("what", ["window", "light", "flicker", "flag", "nothing"])
def test_what_changes_does_not_fall(what: str) -> None:
    assert sifted(changing(4, what)) == []


def test_a_thing_that_falls_beside_a_tree_in_the_wind_is_followed() -> None:
    """A hundred leaves that sway for ever are more than is followed at once."""
    chance = np.random.default_rng(2)
    leaves, phase = chance.uniform((50, 300), (300, 500), (100, 2)), chance.uniform(0, 6, (100, 2))
    flights, found = Flights(960, 540), []
    for number in range(150):
        at_s = number / 25
        shown = leaves + 4 * np.sin(9 * at_s + phase)
        if number >= 100:
            shown = np.concatenate([shown, [[600, 40 + 120 * (at_s - 4) ** 2]]])
        found += flights.update(Specks(at_s, shown.astype(np.float32), np.full(len(shown), 3, np.float32)))
    down = max(trail.down for trail in [*found, *flights.finish()])
    assert down > 0.9 * 120 * 1.96**2


def test_a_thing_that_falls_through_snow_is_followed() -> None:
    """As small as the flakes, and there are as many of them as are followed at once."""
    chance = np.random.default_rng(4)
    places, paces = chance.uniform((0, 0), (960, 540), (160, 2)), chance.uniform(60, 220, 160)
    flights, found = Flights(960, 540), []
    for number in range(150):
        at_s = number / 25
        flakes = np.stack([places[:, 0], (places[:, 1] + paces * at_s) % 540], 1)
        thing = [[600, 40 + 120 * (at_s - 4) ** 2]] if at_s >= 4 else np.zeros((0, 2))
        shown = np.concatenate([flakes, thing]).astype(np.float32)
        found += flights.update(Specks(at_s, shown, np.full(len(shown), 3, np.float32)))
    down = [trail.down for trail in [*found, *flights.finish()] if abs(trail.xy[-1][0] - 600) < 3]
    assert max(down) > 0.8 * 120 * 1.96**2


def test_what_is_thrown_upwards_stays_in_one_place_for_a_moment_and_is_followed() -> None:
    """As a leaf would that flickers there."""
    flights, found = Flights(960, 540), []
    for number in range(60):
        far_s = number / 25 - 0.7
        xy = np.array([[300 + 4 * far_s, 100 + 150 * far_s * far_s]], np.float32)
        # What is slow is no speck, now and then, and so it is begun again.
        seen = np.array([number % 4 > 0 or abs(far_s) > 0.5])
        found += flights.update(Specks(number / 25, xy[seen], np.full(seen.sum(), 4, np.float32)))
    assert max(trail.down for trail in [*found, *flights.finish()]) > 0.9 * 150 * 1.66**2


def test_the_middle_of_a_large_thing_is_known_less_well() -> None:
    """A bag of rubbish that tumbles: another part of it stands out in each frame."""
    chance = np.random.default_rng(8)
    flights, found = Flights(960, 540), []
    for number in range(40):
        at_s = number / 25
        xy = np.array([[430, 100 + 150 * at_s * at_s]]) + chance.uniform(-1.8, 1.8, (1, 2))
        found += flights.update(Specks(at_s, xy.astype(np.float32), chance.uniform(15, 22, 1).astype(np.float32)))
    (trail,) = [*found, *flights.finish()]
    assert len(trail.at_s) > 35


def test_where_it_should_be_in_a_moment() -> None:
    """A parabola goes on; three points tell a speed only; a hole makes it less sure, and so does its size."""
    falling, young = Trail(0), Trail(0)
    for number in range(12):
        falling.add(number / 25, np.array([300, 100 + 0.5 * number**2], np.float32), 4.0, number)
    for number in range(9, 12):
        young.add(number / 25, np.array([50 + 3 * number, 100], np.float32), 4.0, number)
    (x, y, near), (young_x, young_y, _) = ahead([falling, young], 12 / 25, np.array([4, 4], np.float32))
    assert (x, y) == pytest.approx((300, 172), abs=0.1)
    assert (young_x, young_y) == pytest.approx((86, 100), abs=0.1)
    later = ahead([falling, falling], 14 / 25, np.array([4, 20], np.float32))
    assert later[:, 1] == pytest.approx(198, abs=0.2)
    assert near < later[0, 2] < later[1, 2]


def test_what_lines_up_before_a_tree_is_worth_less() -> None:
    """The same fall beside leaves and among them."""
    chance = np.random.default_rng(6)
    flights, ended = Flights(960, 540), []
    for number in range(400):
        leaves = chance.uniform((0, 300), (150, 450), (6, 2))
        far = number - 350
        things = [(x, 250 + 0.6 * far * far) for x in (75, 600) if 0 <= far < 18]
        xy = np.array([*leaves, *things], np.float32)
        ended += flights.update(Specks(number / 25, xy, np.full(len(xy), 3, np.float32)))
    among, beside = sorted((trail for trail in ended if len(trail.at_s) >= 15), key=lambda trail: trail.xy[0][0])
    assert (round(among.xy[0][0]), round(beside.xy[0][0])) == (75, 600)
    assert beside.chance < -35
    assert among.chance > beside.chance + 6


@pytest.mark.parametrize("fps", [12.5, 15, 25])
def test_what_gains_much_from_frame_to_frame_is_followed_from_its_start(fps: float) -> None:
    """Near the camera, at few frames a second: 7 to 10 cells more with each step."""
    flights, found = Flights(960, 540), []
    for number in range(round(fps)):
        at_s = number / fps
        xy = np.array([[300, 60 + 800 * at_s * at_s]], np.float32)
        found += flights.update(Specks(at_s, xy[xy[:, 1] < 540], np.full((xy[:, 1] < 540).sum(), 5, np.float32)))
    (trail,) = [*found, *flights.finish()]
    assert trail.at_s[0] < 0.2
    assert trail.xy[-1][1] > 400


def test_what_a_branch_hides_for_a_moment_is_one_flight() -> None:
    """Hidden for longer than a flight waits, it is begun again below."""
    flights, found = Flights(960, 540), []
    for number in range(45):
        at_s = number / 25
        seen = not 14 <= number < 22
        xy = np.array([[300, 60 + 140 * at_s * at_s]] * seen, np.float32).reshape(-1, 2)
        found += flights.update(Specks(at_s, xy, np.full(len(xy), 4, np.float32)))
    last = [*found, *flights.finish()][-1]
    assert last.at_s[0] < 0.1
    assert len(last.at_s) >= 35
    assert (last.began_frame, last.last_frame) == (round(last.at_s[0] * 25) + 1, 45)
    assert last.chance < -100


@pytest.mark.parametrize(("let_go_s", "parts"), [(1.2, 2), (99, 1)])
def test_a_flake_that_sinks_past_what_begins_to_fall_is_another_thing(let_go_s: float, parts: int) -> None:
    """The flight of the flake goes on as that of the thing."""
    flights, found = Flights(960, 540), []
    for number in range(60):
        at_s = number / 25
        fallen_s = at_s - let_go_s
        y = 100 + 60 * min(at_s, let_go_s) + 150 * max(fallen_s, 0) ** 2
        xy = np.array([[300, y]], np.float32)
        found += flights.update(Specks(at_s, xy, np.full(1, 4, np.float32)))
    found += flights.finish()
    assert len(found) == parts
    assert found[-1].at_s[0] == pytest.approx(let_go_s if parts > 1 else 0, abs=0.2)
    assert found[-1].last_frame == 60
    assert sum(trail.chance for trail in found) < -100


def test_what_goes_on_like_it_by_chance_is_not_told_with_it() -> None:
    """Where leaves flicker there is one near every place: the odds are those of chance."""
    chance = np.random.default_rng(9)
    flights, ended = Flights(960, 540), []
    for number in range(400):
        at_s, far = number / 25, number - 350
        leaves = chance.uniform((0, 0), (300, 300), (150, 2))
        thing = [(75.0, 150 + 0.6 * far * far)] if 12 <= far < 24 else []
        xy = np.array([*leaves, *thing], np.float32)
        ended += flights.update(Specks(at_s, xy, np.full(len(xy), 3, np.float32)))
    ended += flights.finish()
    assert all(trail.at_s[0] > 14 for trail in ended if trail.xy[-1][1] > 350)


def test_a_camera_that_shakes_still_sees() -> None:
    def shaken() -> Shown:
        for at_s, luma in drop(4.2):
            move = np.array([[1, 0, 1.5 * math.sin(11 * at_s)], [0, 1, math.sin(17 * at_s)]], np.float32)
            yield at_s, cv2.warpAffine(luma, move, (640, 360), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)

    flights = sifted(shaken())
    longest = max(flights, key=len)
    assert longest.xy[-1, 1] - longest.xy[0, 1] > 0.5 * 360


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (2, 0), (-3, 1), (0.5, -0.5)])
def test_how_far_it_is_off(dx: float, dy: float) -> None:
    steadier, still = Steadier(), wall(640, 360)
    assert steadier.update(still).anew
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    steadied = steadier.update(cv2.warpAffine(still, move, (640, 360), borderMode=cv2.BORDER_REFLECT).astype(np.uint8))
    assert not steadied.anew
    assert steadied.xy == pytest.approx((dx, dy), abs=0.2)
    assert np.abs(steadied.cells[20:-20, 20:-20].astype(int) - still[20:-20, 20:-20]).mean() < 3


def test_another_scene_begins_anew() -> None:
    steadier, other = Steadier(), np.rot90(wall(360, 640)).astype(np.uint8).copy()
    steadier.update(wall(640, 360))
    assert [steadier.update(other).anew for _ in range(LOST_FRAMES)] == [False] * (LOST_FRAMES - 1) + [True]
    assert steadier.update(np.zeros((180, 320), np.uint8)).anew


def test_headlights_on_the_wall_are_no_other_scene() -> None:
    steadier, still = Steadier(), wall(640, 360)
    steadier.update(still)
    lit = np.clip(still + np.linspace(0, 900, 640) % 90, 0, 235).astype(np.uint8)
    assert not any(steadier.update(lit).anew for _ in range(LOST_FRAMES - 1))
    back = steadier.update(still)
    assert (back.anew, back.xy) == (False, (0.0, 0.0))


def test_another_size_and_a_clock_set_back_are_survived() -> None:
    sieve = FallSieve()
    assert sieve.finish() == ()
    for at_s, luma in drop(0.4, gain=0):
        sieve.update(picture_from_array(luma, "gray"), at_s)
        sieve.update(picture_from_array(luma[:100, :100].copy(), "gray"), at_s - 5)
    (flight,) = sifted(drop(4.2), sieve)
    assert len(flight) > 20


def test_a_camera_without_need_of_boxes_is_looked_at_seldom() -> None:
    gate, picture = SeldomGate(5), picture_from_array(wall(64, 48), "gray")
    assert [at_s for at_s in range(12) if gate.update(picture, at_s, held=True)] == [0, 5, 10]
    assert gate.update(picture, 1, held=False)
