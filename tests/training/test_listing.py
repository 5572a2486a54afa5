"""What is kept out of training, as `edgeguard eval detect` reads it."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.replay.labelled import read_manifest
from models.training import listing
from models.training.feed import Item
from models.training.labels import E_BIKE, LABELS
from models.training.stands import Stand

PICTURE = np.zeros((90, 160, 3), np.uint8)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rows = [("tile", "lift_ebike/tiles", "held-out"), ("clip", "clips", "held-out"), ("other", "clips", "train")]
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    for name, _, _ in rows:
        cv2.imwrite(str(tmp_path / "images" / f"{name}.jpg"), PICTURE)
        (tmp_path / "labels" / f"{name}.txt").write_text(f"{E_BIKE} 0.5 0.5 0.25 0.4\n" if name == "tile" else "")
    index = [{"image": f"images/{name}.jpg", "source": source, "part": part} for name, source, part in rows]
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, index)))
    return tmp_path


def test_everything_kept_out_is_listed_by_its_source(root: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "held_out.jsonl"
    assert listing.write_listing(listing.kept_out(root, ""), manifest) == 2
    tile, clip = read_manifest(manifest, LABELS)
    assert tile.groups == ("lift_ebike/tiles",)
    assert tile.xyxy.tolist() == [[60, 27, 100, 63]]
    assert clip.groups == ("clips",)
    assert clip.label.tolist() == []


def test_sources_may_be_chosen(root: Path) -> None:
    assert len([*listing.kept_out(root, "lift_ebike")]) == 1


def test_stands_are_listed_by_mount_and_by_what_is_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def two(_: Path) -> Iterator[Stand]:
        box = np.array([[E_BIKE, 10, 20, 60, 80]], np.float32)
        yield Stand(Item(PICTURE, box, "rooms"), "rear", "e-bike")
        yield Stand(Item(PICTURE, np.zeros((0, 5), np.float32), "rooms"), "rear", "pram")

    monkeypatch.setattr(listing, "stands", two)
    manifest = tmp_path / "set.jsonl"
    listing.write_listing(listing.in_rooms(tmp_path / "rooms", tmp_path / "set-pictures"), manifest)
    first, second = read_manifest(manifest, LABELS)
    assert first.groups == ("rooms", "mount: rear", "brought: e-bike")
    assert first.xyxy.tolist() == [[10, 20, 60, 80]]
    assert second.groups == ("rooms", "mount: rear", "brought: pram")
    assert second.read().width == 160


def test_a_folder_without_rooms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="accepted: a folder of rooms"):
        list(listing.in_rooms(tmp_path / "nothing", tmp_path / "pictures"))
