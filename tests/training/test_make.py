"""One command from data to a detector: its curriculum, what it goes on with, what it refuses."""

import sys
from pathlib import Path

import pytest

from models.training import __main__ as command
from models.training import make
from models.training.feed import matching, read_recipe
from models.training.prepare import STEPS, missing

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
    for file in ("train/real.jsonl", "train/cycles-40.jsonl", "cutouts/some.png", "scenes/images/s0001_000001.jpg"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("{}\n")
    (tmp_path / "train/clips.jsonl").write_text("\n")  # nothing was found then
    steps, cannot = missing(tmp_path)
    assert steps == ["clips", "emptied", "scenes", "composites"]
    assert set(cannot) == {"yards"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["out.onnx", "--minutes", "0"], "met --minutes 0, accepted: more than 0"),
        (["nowhere/out.onnx"], "nowhere/out.onnx, accepted: a file in a folder that is there"),
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
