"""What the second look learns from."""

from pathlib import Path

import numpy as np
import pytest

from models.training.crops import KEPT_PX, KINDS, Crop, crops_of, free, kind_of, save, saved
from models.training.evaluate import Found, Image
from models.training.feed import Item, read_recipe
from models.training.labels import LABELS

BIKE, CHAIR, PERSON = LABELS.index("e-bike"), LABELS.index("wheelchair"), LABELS.index("person")
ROWS = np.array([(BIKE, 10, 10, 50, 50), (CHAIR, 60, 10, 100, 50), (PERSON, 110, 10, 130, 50)], np.float32)


@pytest.mark.parametrize(
    ("box", "kind"),
    [
        ((12, 10, 52, 50), "e-bike"),
        ((62, 12, 100, 50), "wheelchair"),
        ((110, 12, 130, 50), "other"),
        ((140, 60, 180, 90), "other"),
        ((30, 30, 42, 42), None),  # a part of the e-bike
        ((30, 30, 60, 60), None),  # half of it and half of something else
    ],
)
def test_a_proposal_is_what_it_overlaps(box: tuple[float, ...], kind: str | None) -> None:
    met = kind_of(np.array(box, np.float32), ROWS)
    assert (None if met is None else KINDS[met]) == kind


def test_nothing_labelled_is_something_else() -> None:
    assert kind_of(np.array([0, 0, 9, 9], np.float32), np.zeros((0, 5), np.float32)) == KINDS.index("other")


def proposes(picture: Image) -> Found:
    assert picture.ndim == 3
    return np.array([(12, 10, 52, 50, 0.6), (60, 10, 100, 50, 0.03)], np.float32)


@pytest.mark.parametrize(
    ("part", "kinds"), [("train", ["e-bike", "e-bike", "wheelchair", "other"]), ("held-out", ["e-bike"])]
)
def test_labels_and_weak_proposals_teach_but_do_not_judge(part: str, kinds: list[str]) -> None:
    item = Item(np.zeros((100, 200, 3), np.uint8), ROWS, "scenes")
    crops = list(crops_of(item, "a.jpg", part, [proposes], np.random.default_rng(0)))
    assert [KINDS[crop.kind] for crop in crops] == kinds
    assert all(crop.cut(item.picture).shape == (KEPT_PX, KEPT_PX, 3) for crop in crops)


def test_what_was_collected_is_read_again(tmp_path: Path) -> None:
    item = Item(np.zeros((100, 200, 3), np.uint8), ROWS, "scenes")
    crops = list(crops_of(item, "a.jpg", "train", [proposes], np.random.default_rng(0)))
    save(crops, tmp_path / "pictures.jsonl")
    assert saved(tmp_path / "pictures.jsonl") == crops


def test_every_detector_proposes_and_labels_teach_once() -> None:
    item = Item(np.zeros((100, 200, 3), np.uint8), ROWS, "scenes")
    crops = list(crops_of(item, "a.jpg", "train", [proposes, proposes], np.random.default_rng(0)))
    assert sum(crop.score > 0 for crop in crops) == 2
    assert sum(crop.score == 0 for crop in crops) == len(ROWS)


def test_without_an_e_bike_weak_proposals_and_anything_else_teach() -> None:
    item = Item(np.zeros((100, 200, 3), np.uint8), ROWS[1:], "clips")
    crops = list(crops_of(item, "a.jpg", "train", [proposes], np.random.default_rng(0)))
    assert sum(crop.score > 0 for crop in crops) == 2
    assert len(crops) > 4
    assert not any(KINDS[crop.kind] == "e-bike" for crop in crops)


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("scenes", True),
        ("cycles", True),
        ("cycles/real", False),
        ("coco128", True),
        ("fall_stills", True),
        ("clips", False),
        ("lift_ebike/tiles", False),
        ("emptied/plates", False),
        ("composite", False),
        ("hard_negatives/objects", False),
    ],
)
def test_free_crops_are_those_of_free_sources(source: str, stays: bool) -> None:
    crops = [Crop("a.jpg", (0, 0, 20, 20), 0, 0.5, name, "train") for name in (source, "scenes")]
    assert free(crops, read_recipe()["restricted"]) == (crops if stays else crops[1:])


def test_where_nothing_is_restricted_all_crops_are_free() -> None:
    crop = Crop("a.jpg", (0, 0, 20, 20), 0, 0.5, "clips", "train")
    assert free([crop], []) == [crop]
