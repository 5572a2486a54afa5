"""The recipe's files: what is kept out of training, the shares, the labels mended by hand."""

from pathlib import Path

import pytest
import yaml

from models.training import feed, sources
from models.training.__main__ import mixture
from models.training.labels import COCO_ROWS, COCO_TO_LABEL, LABELS

RECIPE = feed.read_recipe()
MANIFEST = yaml.safe_load((Path(sources.__file__).parents[1] / "manifest.yaml").read_text())


def test_every_label_starts_from_a_coco_class() -> None:
    assert set(COCO_ROWS) == set(LABELS)
    assert set(COCO_TO_LABEL.values()) <= set(range(len(LABELS)))


def test_the_manifest_names_the_labels_in_the_recipe_s_order() -> None:
    lift_n = next(model for model in MANIFEST["models"] if model["name"] == "lift-n")
    assert tuple(lift_n["labels"]) == LABELS


def test_no_lift_is_kept_out_twice() -> None:
    lifts = sources.read_split()["lifts"]
    names = [name for files in lifts.values() for name in files]
    assert len(names) == len(set(names))


def test_the_view_of_a_lift_kept_out_is_no_background() -> None:
    split = sources.read_split()
    kept_out = {Path(name).stem.removeprefix("lily_") for name in sources.held_out_lifts(split)}
    assert not kept_out & {tile for tiles in split["views"].values() for tile in tiles}


def test_sources_are_left_out_by_the_beginning_of_their_names() -> None:
    left = feed.without(RECIPE, ["lift_ebike", "clips"])["shares"]
    assert set(RECIPE["shares"]) - set(left) == {name for name in RECIPE["shares"] if name.startswith("lift_ebike")} | {
        "clips"
    }
    assert feed.without(RECIPE, [])["shares"] == RECIPE["shares"]


def test_what_is_free_alone_can_be_trained_on() -> None:
    assert set(feed.without(RECIPE, RECIPE["restricted"])["shares"]) == {
        "scenes",
        "cycles",
        "yards",
        "fall_stills",
        "coco128",
    }


@pytest.mark.parametrize("key", ["unlabelled", "turned"])
def test_settings_name_sources_that_have_a_share(key: str) -> None:
    for source in RECIPE[key]:
        assert any(source.startswith(share) for share in RECIPE["shares"]), source


def test_corrections_are_shares_of_the_picture() -> None:
    for name, boxes in sources.read_corrections().items():
        for box in boxes:
            assert 0 <= box.cx <= 1, name
            assert 0 < box.width <= 1, name


@pytest.mark.shared
def test_everything_kept_out_exists(shared: Path) -> None:
    for name in sources.held_out_lifts(sources.read_split()):
        assert (shared / "data" / name).is_file(), name


@pytest.mark.shared
def test_lifts_kept_out_never_reach_the_training_part(shared: Path) -> None:
    split = sources.read_split()
    data = sources.SharedData(shared / "data")
    kept_out = {shared / "data" / name for name in sources.held_out_lifts(split)}
    samples = list(data.samples())
    assert {s.path for s in samples if s.path in kept_out and s.part == sources.TRAIN} == set()
    assert sum(s.path in kept_out for s in samples) == len(kept_out)


def test_a_folder_without_lift_pictures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        sources.SharedData(tmp_path)


@pytest.mark.parametrize(
    ("others", "names", "shares"),
    [
        ([], ["run"], [1.0]),
        (["models/lift-n.onnx"], ["run", "models/lift-n.onnx"], [0.5, 0.5]),
        (["coco:0.2"], ["run", "coco"], [0.8, 0.2]),
        (["old:0.3", "coco:0.2"], ["run", "old", "coco"], [0.5, 0.3, 0.2]),
    ],
)
def test_what_is_mixed_has_its_share(others: list[str], names: list[str], shares: list[float]) -> None:
    met = mixture("run", others)
    assert met[0] == names
    assert met[1] == pytest.approx(shares)


@pytest.mark.parametrize("others", [["old", "coco:0.2"], ["coco:1.2"], ["coco:0"]])
def test_a_mixture_that_does_not_add_up_is_refused(others: list[str]) -> None:
    with pytest.raises(ValueError, match="accepted: a share for each or for none, less than 1 together"):
        mixture("run", others)
