"""Rooms for composed door cycles, as far as it goes without Blender."""

from pathlib import Path

import numpy as np
import pytest

from models.training.scenes import rooms, vehicles


@pytest.fixture(scope="module")
def made() -> rooms.Room:
    return rooms.room(3)


def test_half_of_the_visitors_bring_an_e_bike(made: rooms.Room) -> None:
    whats = [what for what, _, _ in made.casts]
    assert whats.count("e-bike") == len(whats) - whats.count("e-bike") == 6


def test_what_is_brought_stands_where_it_is_told(made: rooms.Room) -> None:
    for _, x, guest in made.casts:
        for y in rooms.stands(made.cabin):
            thing = rooms.cast_at(guest, x, y)[0]
            assert np.hypot(*(thing.plan().mean(axis=0) - [x, y])) < 0.5


def test_the_label_is_that_of_an_e_bike_only_where_one_comes(made: rooms.Room) -> None:
    for what, x, guest in made.casts:
        assert (rooms.cast_at(guest, x, 0.0)[0].label == vehicles.E_BIKE) is (what == "e-bike")


def test_the_way_leads_inwards_through_the_picture(made: rooms.Room) -> None:
    rows = np.array(rooms.way(made.view, 0.0, rooms.stands(made.cabin)[-1]))
    assert len(rows) > 1
    assert (np.diff(rows[:, 0]) > 0).all()
    assert (rows[:, 3] > 0).all()


def test_the_number_decides() -> None:
    assert rooms.room(5).view == rooms.room(5).view != rooms.room(6).view


def test_more_who_stand_about_change_nothing_else(made: rooms.Room) -> None:
    more = rooms.room(3, 7)
    assert len(more.standing) == 7 > len(made.standing)
    assert more.view == made.view
    for mine, theirs in zip(made.standing, more.standing, strict=False):
        assert np.array_equal(mine[0].plan(), theirs[0].plan())


def test_loads_come_where_they_are_to_be_learnt(made: rooms.Room) -> None:
    laden = rooms.room(3, invited="loads")
    assert laden.view == made.view
    whats = [what for what, _, _ in laden.casts]
    assert whats.count("e-bike") == 4
    assert whats.count("people with a carton") == 3
    assert "bicycle" not in whats
    for _, x, guest in laden.casts[4:7]:
        leader, follower, load = rooms.cast_at(guest, x, 0.0)
        assert leader.label == follower.label != load.label


def test_bicycles_come_where_they_are_to_be_learnt(made: rooms.Room) -> None:
    cycled = rooms.room(3, invited="bicycles")
    assert [what for what, _, _ in cycled.casts] == ["e-bike"] * 6 + ["bicycle"] * 6
    assert cycled.view == made.view


def test_a_room_with_other_visitors_is_not_taken_for_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "2300").mkdir()
    (tmp_path / "2300" / "room.json").write_text('{"invited": "loads"}', encoding="utf-8")
    assert rooms.render(2300, tmp_path, 1, invited="loads").endswith("there already")
    with pytest.raises(ValueError, match="met a room with --invited loads, accepted: rare, or other numbers"):
        rooms.render(2300, tmp_path, 1, invited="rare")


def test_a_camera_hangs_where_it_is_told_to(tmp_path: Path) -> None:
    told = rooms.room(3, mount="centre down")
    assert told.view.kind == "centre down"
    assert told.view == rooms.room(3, mount="centre down").view
    (tmp_path / "3000").mkdir()
    (tmp_path / "3000" / "room.json").write_text('{"told_mount": "rear"}', encoding="utf-8")
    assert rooms.render(3000, tmp_path, 1, mount="rear").endswith("there already")
    with pytest.raises(ValueError, match="met a room with --mount rear, accepted: None, or other numbers"):
        rooms.render(3000, tmp_path, 1)
