"""What training draws from: what is left out stays out, by its source or by its name."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training import feed, unseen_lifts

ROWS = {
    "lift_ebike-tiles-lily_v0_00": "lift_ebike/tiles",
    "lift_ebike-tiles-lily_v0_01": "lift_ebike/tiles",
    "emptied-lift_ebike-tiles-lily_v0_00": "emptied/lift_ebike/tiles",
    "plate-peeling-left": "emptied/plates",
    "cycle-9-00001": "cycles/real",
    "cycle-9-00002": "cycles",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    for name in ROWS:
        cv2.imwrite(str(tmp_path / "images" / f"{name}.jpg"), np.zeros((9, 16, 3), np.uint8))
        (tmp_path / "labels" / f"{name}.txt").touch()
    rows = [{"image": f"images/{name}.jpg", "source": source, "part": "train"} for name, source in ROWS.items()]
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_a_lift_is_left_out_with_all_that_was_made_of_its_pictures(root: Path) -> None:
    recipe = feed.read_recipe() | {"left_out": unseen_lifts.lifts()["peeling-left"]}
    assert feed.Feed(root, recipe, 1).counts() == {"cycles": 2, "lift_ebike/tiles": 1}


def test_a_part_of_a_source_is_left_out(root: Path) -> None:
    counts = feed.Feed(root, feed.without(feed.read_recipe(), ["cycles/real"]), 1).counts()
    assert counts["cycles"] == 1


def test_cycles_in_rendered_lifts_are_free_those_in_real_ones_are_not(root: Path) -> None:
    recipe = feed.read_recipe()
    assert feed.Feed(root, feed.without(recipe, recipe["restricted"]), 1).counts() == {"cycles": 1}


def test_every_lift_that_is_left_out_has_a_name_of_its_own() -> None:
    lifts = unseen_lifts.lifts()
    assert {*lifts} > {"peeling-left", unseen_lifts.PHOTOGRAPHS}
    names = [name for own in lifts.values() for name in own]
    assert len(names) == len(set(names))


def test_sources_are_drawn_oftener_or_not_at_all() -> None:
    recipe = {"shares": {"scenes": 4, "lift_ebike/tiles": 3, "lift_people": 2, "clips": 1}}
    assert feed.reweighed(recipe, {"scenes": 0.5, "lift_": 0})["shares"] == {"scenes": 2, "clips": 1}


def test_sources_are_there_with_pictures_that_may_be_drawn(root: Path) -> None:
    recipe = feed.read_recipe()
    assert feed.sources_there(root, feed.without(recipe, ["lift_ebike", "emptied"])) == {"cycles", "cycles/real"}
    assert feed.sources_there(root, feed.without(recipe, recipe["restricted"])) == {"cycles"}
    assert feed.sources_there(root / "nowhere", recipe) == set()


def test_squares_are_drawn_where_no_picture_is_wide(root: Path) -> None:
    for name in ROWS:
        cv2.imwrite(str(root / "images" / f"{name}.jpg"), np.zeros((16, 16, 3), np.uint8))
    batch = feed.Feed(root, feed.read_recipe(), 1).batch(2, stacked=True, wide=True)
    assert batch.pictures.shape == (2, 3, 320, 320)
