"""Stories of e-bikes in lifts: who is where when, as far as it goes without Blender."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.training.scenes import cabin, stories, vehicles, visits
from models.training.scenes.commands import parser
from models.training.scenes.kit import Floats, Thing
from models.training.scenes.motion import ramp

NUMBERS = (0, 1, 4, 5)
EVERY = [(name, number) for name in stories.STORIES for number in NUMBERS]


def told(name: str, number: int) -> tuple[visits.Visit, dict[str, float]]:
    visit = stories.story(name, number)
    return visit, dict(visit.marks)


def opening(visit: visits.Visit, time_s: float) -> float:
    return ramp(time_s, visit.script.doors)


def middle_y(thing: Thing) -> float:
    """How far it stands behind the sill, in metres."""
    return float(thing.plan()[:, 1].mean())


def vertices(thing: Thing) -> Floats:
    return np.asarray(np.concatenate([part.mesh.vertices for part in thing.parts]))


def nose(thing: Thing) -> Floats:
    """Where the bars are, seen from the middle: towards the front."""
    left, right = thing.grips[:2]
    return np.asarray((left + right)[:2] / 2 - thing.plan().mean(axis=0))


@pytest.mark.parametrize(("name", "number"), EVERY)
def test_it_comes_from_outside_and_stands_free_of_the_shut_doors(name: str, number: int) -> None:
    visit, marks = told(name, number)
    assert (visit.name, visit.what, visit.plan) == (f"{name}-{number:03d}", "e-bike", name)
    bike = visit.script.cast(0.0)[0]
    assert bike.label == vehicles.E_BIKE
    assert bike.plan()[1, 1] < 0
    assert opening(visit, 0.0) == 0
    inside = visit.script.cast(marks["inside"] + 0.3)[0].plan()
    assert inside[0, 1] > 0
    assert inside[1, 1] < visit.script.room.depth_m
    assert opening(visit, marks["shut"]) == pytest.approx(0, abs=1e-6)
    assert visit.script.length_s > marks["shut"]


def cut(room: cabin.Cabin, open_share: float, thing: Thing) -> int:
    """How many of its vertices are where a leaf of the doors is."""
    points, half = vertices(thing), room.door_m / 2
    low, high = (-open_share * half, open_share * half) if room.centre_opening else (half - 2 * open_share * half, half)
    plane = points[(points[:, 2] < room.door_height_m) & (points[:, 1] < -0.05) & (points[:, 1] > -0.11)]
    return int(((plane[:, 0] < low) | (plane[:, 0] > high)).sum())


@pytest.mark.parametrize(("name", "number"), EVERY)
def test_no_door_closes_through_anybody(name: str, number: int) -> None:
    visit, _ = told(name, number)
    for time_s in np.arange(0.0, visit.script.length_s, 0.25):
        for thing in visit.script.cast(float(time_s)):
            assert cut(visit.script.room, opening(visit, float(time_s)), thing) <= 10


@pytest.mark.parametrize("number", NUMBERS)
def test_backwards_the_tail_comes_first(number: int) -> None:
    visit, marks = told("backwards", number)
    for before_s in (1.0, 0.5, -0.5):
        bike, owner = visit.script.cast(marks["inside"] - before_s)
        assert nose(bike)[1] < -0.1
        assert owner.plan()[1, 1] > bike.plan()[0, 1]
    came_in = [middle_y(visit.script.cast(marks["inside"] - before_s)[0]) for before_s in (1.2, 0.8, 0.4, 0.0)]
    assert came_in == sorted(came_in)


def test_half_open_stays_so_while_it_comes_in() -> None:
    visit, marks = told("half-open", 0)
    shares = [opening(visit, float(t)) for t in np.arange(0.0, visit.script.length_s, 0.1)]
    assert 0.5 <= max(shares) <= 0.8
    assert opening(visit, marks["inside"]) == max(shares)


def test_half_open_closes_half_and_opens_again() -> None:
    visit, marks = told("half-open", 1)
    at_half = visit.script.cast(marks["half"])[0].plan()
    assert opening(visit, marks["half"]) == pytest.approx(stories.HALF)
    assert at_half[1, 1] == pytest.approx(-0.02, abs=0.03)
    assert opening(visit, marks["half"] - 0.9) == pytest.approx(1)
    assert opening(visit, marks["inside"]) == pytest.approx(1)


@pytest.mark.parametrize("number", NUMBERS)
def test_left_alone_the_owner_goes_and_the_e_bike_stays(number: int) -> None:
    visit, marks = told("left-alone", number)
    stood = visit.script.cast(marks["inside"] + 0.4)
    assert middle_y(stood[1]) > 0.3
    for time_s in (marks["alone"], marks["shut"], visit.script.length_s):
        bike, owner = visit.script.cast(time_s)
        np.testing.assert_allclose(bike.plan(), stood[0].plan(), atol=1e-6)
        assert middle_y(owner) < -0.2
    assert opening(visit, marks["alone"]) == pytest.approx(1)
    assert visit.script.length_s - marks["shut"] >= stories.ALONE_S - 1e-6


@pytest.mark.parametrize("number", NUMBERS)
def test_in_and_out_it_rides_and_leaves(number: int) -> None:
    visit, marks = told("in-and-out", number)
    begins, ends = (visit.script.cast(marks["shut"] + later_s)[0].plan() for later_s in (0, stories.RIDE_S))
    np.testing.assert_allclose(begins, ends)
    assert opening(visit, marks["shut"] + stories.RIDE_S / 2) == pytest.approx(0)
    assert opening(visit, marks["out"] - 0.3) == pytest.approx(1)
    assert all(thing.plan()[1, 1] < 0.1 for thing in visit.script.cast(marks["out"]))
    gone = visit.script.cast(visit.script.length_s)
    assert all(thing.plan()[1, 1] < -0.5 for thing in gone)
    assert opening(visit, visit.script.length_s) == pytest.approx(0)


def test_the_number_and_the_story_decide() -> None:
    (one, _), (two, _), (other, _) = told("backwards", 3), told("backwards", 3), told("in-and-out", 3)
    assert (one.script.view, one.sensor) == (two.script.view, two.sensor)
    assert one.script.view != other.script.view
    for a, b in zip(one.script.cast(2.5), two.script.cast(2.5), strict=True):
        np.testing.assert_array_equal(vertices(a), vertices(b))


def test_no_story_by_that_name() -> None:
    with pytest.raises(KeyError):
        stories.story("sideways", 0)


def test_a_story_is_asked_for_in_place_of_others() -> None:
    asked = parser().parse_args(["visits", "--story", "half-open", "--seed", "4"])
    assert (asked.story, asked.seed, asked.others) == ("half-open", 4, False)
    assert parser().parse_args(["visits"]).story is None
    for wrong in (["--story", "sideways"], ["--story", "half-open", "--others"]):
        with pytest.raises(SystemExit):
            parser().parse_args(["visits", *wrong])


@pytest.mark.parametrize("with_marks", [False, True])
def test_only_a_story_has_marks_in_its_truth(tmp_path: Path, with_marks: bool) -> None:
    visit = stories.story("left-alone", 0) if with_marks else visits.visit(0)
    seen = {"kind": "e-bike", "label": 1, "visible": 0.5, "xyxy": [1, 2, 30, 20], "labelled": True}
    shot = visits._Shot(np.full((27, 48, 3), 90, np.uint8), np.zeros((27, 48), np.uint8), [seen])
    visits._write(visit, [0.0, 0.125], [shot, shot], tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    keys = ["what", "plan", "fps", "quiet_s", "mount", "sensor", "door_region", "frames"]
    assert list(truth) == keys + ["marks"] * with_marks
    assert truth["frames"][-1] == {"opening": 0.0, "visible": 0.5, "xyxy": [1, 2, 30, 20], "objects": [seen]}
    if with_marks:
        assert list(truth["marks"]) == ["inside", "alone", "shut"]
        assert truth["marks"]["shut"] == pytest.approx(visits.QUIET_S + dict(visit.marks)["shut"], abs=1e-3)
