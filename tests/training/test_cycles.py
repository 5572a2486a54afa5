"""Composed door cycles, out of rooms that are drawn here instead of rendered."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.cycles import stills
from models.training.cycles.composer import Composer, Shot
from models.training.cycles.room import SIZE_PX, Guest, Room, Stand, rooms
from models.training.feed import matching, read_recipe
from models.training.labels import LABELS, Box
from models.training.prepare import Amounts, cycle_stills
from models.training.scenes import rooms as scenes

E_BIKE, PERSON, PRAM = (LABELS.index(name) for name in ("e-bike", "person", "pram"))
WIDTH, HEIGHT = SIZE_PX
WAY = [[-1.2, 100.0, 130.0, 80.0], [0.9, 380.0, 130.0, 80.0]]


def draw(file: Path, boxes: dict[int, tuple[slice, slice]]) -> None:
    picture, indices = np.full((HEIGHT, WIDTH, 3), 120, np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, where in boxes.items():
        picture[where], indices[where] = 40 * number, number
    cv2.imwrite(f"{file}.jpg", picture)
    cv2.imwrite(f"{file}.png", indices)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """An e-bike 60 wide and 50 high, and a pram; each is pushed by somebody, and one more stands about."""
    folder = tmp_path / "007"
    folder.mkdir()
    guests = []
    for step in range(3):
        draw(folder / f"empty-{step}", {})
    for k, (what, label) in enumerate((("e-bike", E_BIKE), ("pram", PRAM), ("people with a carton", PERSON))):
        stands = []
        for step, y in enumerate((-0.7, 0.05, 0.75)):
            x = round(float(np.interp(y, (-1.2, 0.9), (100, 380))))
            draw(folder / f"guest-{k}-{step}", {1: np.s_[105:155, x - 30 : x + 30], 2: np.s_[80:155, x - 60 : x - 30]})
            stands.append({"y": y, "visible": 0.9})
        guests.append({"what": what, "label": label, "stands": stands, "way": WAY})
    draw(folder / "standing-0", {1: np.s_[60:140, 430:460]})
    mount = {"kind": "side", "place_m": [0.0, 2.0, 2.2]}
    told = {
        "number": 7,
        "mount": mount,
        "openings": [0, 0.5, 1],
        "guests": guests,
        "standing": [{"from_camera_m": 2.854}],  # where room 7 of the scenes has somebody
    }
    (folder / "room.json").write_text(json.dumps(told))
    return rooms(tmp_path)[0]


def test_without_a_room_it_says_what_renders_one() -> None:
    with pytest.raises(ValueError, match="scenes rooms"):
        Composer([], [], 1)


def test_the_number_decides_a_cycle_and_even_ones_bring_an_e_bike(room: Room) -> None:
    once, again, other = (Composer([room], [], 3).cycle(number) for number in (4, 4, 5))
    assert once.kind == "e-bike"
    assert other.kind != "e-bike"
    assert all(np.array_equal(a, b) for a, b in zip(once.pictures, again.pictures, strict=True))
    assert max(once.visible) > 0.5
    assert once.visible[0] == 0.0


def test_a_room_of_another_version_is_refused(room: Room) -> None:
    room.told["standing"] = [{"from_camera_m": 9.0}]
    with pytest.raises(ValueError, match="007: rendered by another version; accepted: rendered anew"):
        Composer([room], [], 3).cycle(4)


def test_a_room_of_bicycles_is_known_as_one(room: Room) -> None:
    there = scenes.room(7, 1, "bicycles")
    room.told |= {
        "invited": "bicycles",
        "standing": [{"from_camera_m": scenes.from_camera(there.view, there.standing[0])}],
    }
    assert Composer([room], [], 3).cycle(4).kind == "e-bike"
    del room.told["invited"], room.floor
    with pytest.raises(ValueError, match="rendered by another version"):
        Composer([room], [], 3).cycle(4)


def test_ordinary_cycles_bring_people(room: Room) -> None:
    composer = Composer([room], [], 3, ordinary=True)
    assert {composer.cycle(number).kind for number in (1, 3, 5, 7)} == {"people with a carton"}
    assert composer.cycle(4).kind == "e-bike"
    room.told["guests"] = [guest for guest in room.told["guests"] if guest["label"] != PERSON]
    cycle = composer.cycle(5)
    assert cycle.kind == "people"
    assert max(cycle.visible) == 0.0
    assert np.abs(cycle.pictures[-1].astype(float) - cycle.pictures[0].astype(float)).max() > 20


def test_stills_have_the_box_of_what_was_brought(room: Room) -> None:
    made = list(stills.stills(Composer([room], [], 3), 48))
    labels = [box.label for still in made for box in still.boxes]
    assert set(labels) == {E_BIKE, PRAM, PERSON}
    bikes = [still.boxes[0].corners(SIZE_PX) for still in made if still.boxes and still.boxes[0].label == E_BIKE]
    assert len(bikes) > 12
    for x1, y1, x2, y2 in bikes:
        assert x2 - x1 == pytest.approx(60, abs=3)
        assert y2 - y1 == pytest.approx(50, abs=3)


def test_somebody_is_there_in_every_still(room: Room) -> None:
    empty = room.empty[-1].astype(float).mean(axis=2)
    for still in stills.stills(Composer([room], [], 3), 24):
        assert np.abs(still.picture.astype(float).mean(axis=2) - empty).max() > 20


def test_who_stands_about_has_a_box_and_more_do_where_it_is_crowded(room: Room) -> None:
    few, many = (
        [still.boxes for still in stills.stills(Composer([room], [], 3, crowded=crowded), 120)]
        for crowded in (False, True)
    )
    there, always = ([stands_about(boxes) for boxes in found] for found in (few, many))
    assert 0 < sum(there) / len(few) < sum(always) / len(many)


def stands_about(boxes: list[Box]) -> bool:
    people = [box.corners(SIZE_PX) for box in boxes if box.label == PERSON]
    return any(corners == pytest.approx((430, 60, 460, 140), abs=2) for corners in people)


def test_what_is_hardly_seen_is_not_labelled() -> None:
    plane = np.zeros((HEIGHT, WIDTH), np.float32)
    plane[100:150, 100:160] = 1
    assert stills.boxes(Shot(plane, plane, 0.1), E_BIKE) == []
    assert len(stills.boxes(Shot(plane, plane, 0.9), E_BIKE)) == 1
    assert len(stills.boxes(Shot(plane, plane, 0.0), PERSON)) == 1
    assert stills.boxes(Shot(plane, 0 * plane, 0.0), PERSON) == []


def coming_up(outside: slice, inside: slice) -> Guest:
    """Who comes from the picture's lower edge, 60 wide: rows that show them 0.7 m before the sill, 0.75 m behind."""
    stands = []
    for rows in (outside, inside):
        indices = np.zeros((HEIGHT, WIDTH), np.uint8)
        indices[rows, 200:260] = 1
        stands.append(Stand(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), indices))
    way = [[-0.7, 230.0, 270.0, 80.0], [0.75, 230.0, 130.0, 80.0]]
    told = {"stands": [{"y": -0.7, "visible": 0.5}, {"y": 0.75, "visible": 1.0}], "way": way}
    return Guest(told, stands, [np.ones((HEIGHT, WIDTH), np.float32)] * 2, (0.0, 2.0, 2.2))


def test_whom_the_edge_cuts_is_not_moved_away_from_it() -> None:
    guest = coming_up(np.s_[220:270], np.s_[80:180])
    cut, visible = guest.at(-0.7)
    assert visible == 0.5
    assert cut.cover[-1].any()
    moved, visible = guest.at(-0.3)
    assert moved.cover[-1].any()
    assert visible == pytest.approx(0.89, abs=0.02)  # of those who are whole inside, so much would still be seen
    last, visible = guest.at(0.75)
    assert (visible, float(last.cover[-1].max())) == (1.0, 0.0)


def test_who_is_cut_everywhere_is_shown_where_they_were_rendered() -> None:
    guest = coming_up(np.s_[220:270], np.s_[0:180])
    assert guest.at(-0.5)[1] == 0.5
    assert guest.at(0.5)[1] == pytest.approx(1.0, abs=0.03)
    for y_m in np.linspace(-0.7, 0.75, 9):
        cover = guest.at(float(y_m))[0].cover > 0.5
        assert cover[-4:].any() or cover[:4].any()


def test_who_is_not_seen_from_outside_is_not_there() -> None:
    guest = coming_up(np.s_[0:0], np.s_[80:180])
    assert guest.at(-0.7)[1] == guest.at(-0.1)[1] == 0.0
    assert guest.at(0.3)[1] == pytest.approx(1.0, abs=0.01)


def test_stills_are_named_by_who_was_invited(room: Room, tmp_path: Path) -> None:
    """By which the recipe draws some more often."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "rooms-train").symlink_to(tmp_path, target_is_directory=True)
    there = scenes.room(7, 1, "folded")
    other = tmp_path / "008"
    shutil.copytree(tmp_path / "007", other)
    standing = [{"from_camera_m": scenes.from_camera(there.view, there.standing[0])}]
    (other / "room.json").write_text(json.dumps(room.told | {"invited": "folded", "standing": standing}))
    names = [made.name for made in cycle_stills(cache, Amounts(cycles=48))]
    assert {name[:-5] for name in names} == {"cycle-any-7-", "cycle-folded-7-"}
    assert len(set(names)) == len(names)
    emphasised = read_recipe()["emphasised"]
    assert {matching(emphasised, name) for name in names} == {None, "cycle-folded"}


def test_without_a_room_from_there_on_no_stills_are_made(room: Room, tmp_path: Path) -> None:
    (tmp_path / "rooms-train").mkdir()
    with pytest.raises(ValueError, match=r"met no rooms from number 8 on, accepted: what `.* rooms --out"):
        list(cycle_stills(tmp_path, Amounts(first_room=8)))
