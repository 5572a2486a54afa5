"""One command from data to a detector: its curriculum, what it goes on with, what it refuses."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from models.training import __main__ as command
from models.training import make
from models.training.feed import Feed, Item, matching, read_recipe, without
from models.training.prepare import STEPS, missing
from models.training.stands import Stand

RECIPE = read_recipe()
CAMERAS_SAW = {name for name in RECIPE["shares"] if not name.startswith(("scenes", "cycles", "composite", "yards"))}


def test_the_curriculum_goes_from_what_is_made_to_what_is_real() -> None:
    synthetic, mixed, real = make.stages(RECIPE, minutes=60)
    assert not set(synthetic.recipe["shares"]) & CAMERAS_SAW
    assert mixed.recipe["shares"] == RECIPE["shares"]

    def share_of_cameras(stage: make.Stage) -> float:
        shares: dict[str, float] = stage.recipe["shares"]
        return sum(shares[name] for name in CAMERAS_SAW) / sum(shares.values())

    assert share_of_cameras(real) > 1.5 * share_of_cameras(mixed)
    assert synthetic.minutes + mixed.minutes + real.minutes == 60
    assert synthetic.recipe["optimizer"]["lr"] > real.recipe["optimizer"]["lr"]


def test_every_line_of_the_curriculum_names_sources() -> None:
    for part in RECIPE["curriculum"]:
        used = {matching(part.get("times", {}), name) for name in RECIPE["shares"]} - {None}
        assert used == set(part.get("times", {}))


def test_a_curriculum_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match=r"met curriculum shares \[0.5\], accepted: 1 together"):
        list(make.stages(RECIPE | {"curriculum": [{"name": "half", "share": 0.5, "lr": 0.1}]}, 60))


def test_what_is_there_is_not_prepared_again(tmp_path: Path) -> None:
    steps, cannot = missing(tmp_path)
    assert steps == [step for step in STEPS if step not in cannot]
    assert set(cannot) == {"scenes", "cycles", "yards"}
    written(tmp_path, "train/real.jsonl", "train/cycles-40.jsonl", "cutouts/outlined.json")
    written(tmp_path, "scenes/images/s0001_000001.jpg")
    (tmp_path / "train/clips.jsonl").write_text("\n")  # nothing was found then
    steps, cannot = missing(tmp_path)
    assert steps == ["clips", "emptied", "scenes", "composites"]
    assert set(cannot) == {"yards"}


def written(cache: Path, *files: str) -> None:
    for file in files:
        (cache / file).parent.mkdir(parents=True, exist_ok=True)
        (cache / file).write_text("{}\n")


def test_an_outlining_that_was_broken_off_is_done_again(tmp_path: Path) -> None:
    written(tmp_path, "cutouts/person_some_0.png")
    assert "segments" in missing(tmp_path)[0]


def test_composites_are_not_made_again_for_stills_that_nobody_rendered(tmp_path: Path) -> None:
    indexes = [f"train/{step}.jsonl" for step in ("real", "clips", "emptied", "composites-7", "cycles-7")]
    written(tmp_path, *indexes, "cutouts/outlined.json")
    assert missing(tmp_path) == ([], {"scenes": tmp_path / "scenes/images", "yards": tmp_path / "yards"})


def test_what_was_rendered_since_is_prepared_and_pasted_into(tmp_path: Path) -> None:
    indexes = [f"train/{step}.jsonl" for step in ("real", "clips", "emptied", "scenes", "composites-7", "cycles-7")]
    written(tmp_path, *indexes, "cutouts/outlined.json", "scenes/images/s0001_000001.jpg", "rooms-train/1000/room.json")
    os.utime(tmp_path / "scenes/images", (2e9, 2e9))  # later than any index
    os.utime(tmp_path / "rooms-train", (1e9, 1e9))
    assert missing(tmp_path)[0] == ["scenes", "composites"]


def order(cache: Path, **other: Any) -> make.Order:
    facts: dict[str, Any] = {
        "onnx": cache / "out.onnx",
        "shared": cache,
        "cache": cache,
        "name": "made",
        "minutes": 60.0,
        "start": None,
        "size": "n",
        "threads": 1,
        "bfloat16": False,
        "left_out": (),
        "blender": None,
    }
    return make.Order(**facts | other)


def test_a_run_of_other_settings_is_not_gone_on_from(tmp_path: Path) -> None:
    synthetic, mixed, _ = make.stages(RECIPE, 60)
    first, then = tmp_path / "made-synthetic", tmp_path / "made-mixed"
    make.begin(first, make.settings(order(tmp_path), synthetic, None))
    make.begin(first, make.settings(order(tmp_path), synthetic, None))  # the same goes on
    make.begin(then, make.settings(order(tmp_path), mixed, first / "last.pt"))
    longer, _, _ = make.stages(RECIPE, 90)
    others = [make.settings(order(tmp_path, size="s"), synthetic, None), make.settings(order(tmp_path), longer, None)]
    others.append(make.settings(order(tmp_path), mixed, None))
    for other in others:
        with pytest.raises(ValueError, match="made-synthetic, a run of other settings, accepted: another name"):
            make.begin(first, other)


def test_what_starts_from_other_weights_is_another_run(tmp_path: Path) -> None:
    synthetic, mixed, _ = make.stages(RECIPE, 60)
    make.begin(tmp_path, make.settings(order(tmp_path), synthetic, None))
    after = make.settings(order(tmp_path), mixed, tmp_path / "last.pt")
    assert after != make.settings(order(tmp_path), mixed, None)
    assert after["after"]["minutes"] == 15


def test_a_run_of_unknown_settings_is_not_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / "last.pt").touch()
    synthetic, _, _ = make.stages(RECIPE, 60)
    with pytest.raises(ValueError, match="a run of other settings, accepted: another name"):
        make.begin(tmp_path, make.settings(order(tmp_path), synthetic, None))


def test_what_goes_on_from_a_bundled_file_is_another_run(tmp_path: Path) -> None:
    synthetic, _, _ = make.stages(RECIPE, 60)
    start = tmp_path / "old.onnx"
    told = []
    for content in (b"weights", b"other weights"):
        start.write_bytes(content)
        told.append(make.settings(order(tmp_path, start=start), synthetic, start)["after"])
    assert len({None, *told}) == 3


def test_it_begins_with_the_bundled_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.onnx").touch()
    prepared(tmp_path / "train", {"scenes": 1, "coco128": 1})
    starts: list[Path | None] = []

    def train(_: make.Order, stage: make.Stage, start: Path | None) -> Path:
        starts.append(start)
        return tmp_path / stage.name / "last.pt"

    for name, stand_in in (("_prepare", None), ("_train", train), ("_network", None), ("_export", None)):
        monkeypatch.setattr(make, name, stand_in or (lambda *_: None))
    monkeypatch.setattr(make, "_mined", lambda _, stage, __: stage)
    monkeypatch.setattr(make, "_judged", lambda *_: [])
    monkeypatch.setattr(make, "_finish", lambda order, *_: order.onnx)
    make.make(order(tmp_path, start=tmp_path / "old.onnx"))
    assert starts == [tmp_path / name for name in ("old.onnx", "synthetic/last.pt", "mixed/last.pt")]


def prepared(root: Path, counts: dict[str, int]) -> None:
    """Pictures of these sources to train on, all of them black."""
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    rows = [(f"{source}-{number}", source) for source, count in counts.items() for number in range(count)]
    for name, _ in rows:
        cv2.imwrite(str(root / "images" / f"{name}.jpg"), np.zeros((90, 160, 3), np.uint8))
        (root / "labels" / f"{name}.txt").write_text("1 0.5 0.5 0.25 0.4\n" if name.endswith("-0") else "")
    index = [{"image": f"images/{name}.jpg", "source": source, "part": "train"} for name, source in rows]
    (root / "real.jsonl").write_text("\n".join(map(json.dumps, index)))


def test_what_the_stage_before_fails_on_is_drawn_oftener(tmp_path: Path) -> None:
    prepared(tmp_path / "train", {"scenes": 2, "coco128": 2})
    _, mixed, real = make.stages(RECIPE, 60)
    assert (mixed.mined, real.mined > 0) == (0, True)
    mine = order(tmp_path, left_out=("coco128",))
    real = replace(real, recipe=without(real.recipe, mine.left_out))
    before = tmp_path / "last.pt"
    before.with_suffix(".onnx").symlink_to(Path(make.__file__).parents[1] / "lift-n.onnx")
    assert make._mined(mine, mixed, before) == mixed
    assert make._mined(mine, real, None) == real
    stage = make._mined(mine, real, before)
    assert stage.recipe["hard"] == {"images/scenes-0.jpg": 2.5}  # the e-bike that a black picture does not show
    assert Feed(tmp_path / "train", stage.recipe, 1)._within["scenes"] == pytest.approx([2.5 / 3.5, 1 / 3.5])
    before.with_suffix(".onnx").unlink()
    assert make._mined(mine, real, before) == stage  # not looked for again


def test_of_every_source_some_are_looked_at() -> None:
    rows = [{"image": str(number), "source": source} for source in ("a", "b") for number in range(9)]
    chosen = make.some(rows, 3, seed=1)
    assert [row["source"] for row in chosen] == ["a"] * 3 + ["b"] * 3
    assert chosen == make.some(rows, 3, seed=1) != make.some(rows, 3, seed=2)


def test_what_is_written_is_in_half_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of --size s were too large for the repository; `selfcheck` weighs one."""
    asked: dict[str, Any] = {}
    network = SimpleNamespace(export_onnx=lambda *_, **how: asked.update(how))
    monkeypatch.setitem(sys.modules, "models.training.network", network)
    make._export(None, tmp_path / "out.onnx")
    assert asked == {"half": True}


def test_rooms_that_nothing_is_measured_in_ask_for_the_threshold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = order(tmp_path, onnx=Path(make.__file__).parents[1] / "lift-n.onnx")
    assert make._threshold(mine) is None
    assert f"no threshold: no rooms in {tmp_path / 'rooms-choice'}" in capsys.readouterr().err
    written(tmp_path, "rooms-choice/1400/room.json")
    black = Item(np.zeros((90, 160, 3), np.uint8), np.zeros((0, 5), np.float32), "rooms")
    monkeypatch.setattr(make, "stands", lambda _: iter([Stand(black, "rear", "pram")]))
    assert make._threshold(mine) == 0.001


def test_stages_without_pictures_are_left_out_and_all_of_them_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make, "_prepare", lambda _: None)
    with pytest.raises(ValueError, match="accepted: prepared pictures of some source that may be used"):
        make.make(order(tmp_path))
    (tmp_path / "train").mkdir()
    row = {"image": "images/a.jpg", "source": "coco128", "part": "train"}
    (tmp_path / "train/real.jsonl").write_text(json.dumps(row))
    trained = []

    def train(_: make.Order, stage: make.Stage, __: Path | None) -> Path:
        trained.append(stage.name)
        return tmp_path / "last.pt"

    for name, stand_in in (("_train", train), ("_network", None), ("_export", None), ("_judged", None)):
        monkeypatch.setattr(make, name, stand_in or (lambda *_: []))
    monkeypatch.setattr(make, "_mined", lambda _, stage, __: stage)
    monkeypatch.setattr(make, "_finish", lambda order, *_: order.onnx)
    assert make.make(order(tmp_path)) == tmp_path / "out.onnx"
    assert trained == ["mixed", "real"]
    assert "no stage synthetic: none of its pictures is there" in capsys.readouterr().err


def test_a_rendering_that_fails_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "BLENDER_NEEDS", "json")
    with pytest.raises(ValueError, match=r"models.training.nowhere CACHE: ended with status 1"):
        make.render(sys.executable, tmp_path, ["models.training.nowhere CACHE"])


def test_all_that_is_rendered_goes_below_the_cache_that_was_asked_for() -> None:
    assert [line for line in RECIPE["rendered"] if "CACHE/" not in line] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["out.onnx", "--minutes", "0"], "met --minutes 0, accepted: more than 0"),
        (["nowhere/out.onnx"], "nowhere/out.onnx, accepted: a file in a folder that is there"),
        (["out.onnx", "--start", "nowhere.onnx"], "met --start nowhere.onnx, accepted: a bundled .onnx file that is"),
        (["out.onnx", "--blender", sys.executable], "accepted: a Python with bpy"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_begun(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(["--cache", str(tmp_path), "make", *words]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
