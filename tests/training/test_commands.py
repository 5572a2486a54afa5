"""The commands of the training as they are told: what parses, what is refused and how, what is left alone."""

import argparse
import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import cv2
import numpy as np
import pytest

from models.training import __main__ as command
from models.training import prepare, quantised, second_look, unseen_lifts
from models.training.crops import KINDS, Crop, save, teaching
from models.training.feed import matching, read_recipe
from models.training.make import LEAVES
from models.training.sources import shared_root

REPOSITORY = Path(command.__file__).parents[2]
MODELS = REPOSITORY / "models"
TOLD = (MODELS / "training" / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("&&")[0] for line in re.findall(r"^python -m (models\.training.*)$", TOLD, flags=re.MULTILINE)
]
RECIPE = read_recipe()

Parse = Callable[[Sequence[str]], argparse.Namespace]


class ParsedError(Exception):
    """Ends a command once its options are read."""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Parse:
    """The options that `python -m` gets of a module's name and words; nothing of it is run."""
    real = argparse.ArgumentParser.parse_args

    def stop(parser: argparse.ArgumentParser, words: Sequence[str] | None = None) -> NoReturn:
        raise ParsedError(real(parser, words))

    def options(words: Sequence[str]) -> argparse.Namespace:
        module = importlib.import_module(words[0])
        module = importlib.import_module(f"{words[0]}.__main__") if hasattr(module, "__path__") else module
        monkeypatch.setattr(sys, "argv", [*words])
        with pytest.raises(ParsedError) as met:
            module.main()
        told: argparse.Namespace = met.value.args[0]
        return told

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
    return options


def test_the_readme_tells_of_commands() -> None:
    assert len(COMMANDS) > 50


@pytest.mark.parametrize("line", [line for line in COMMANDS if "--help" not in line])
def test_a_line_of_the_readme_is_a_command(line: str, parsed: Parse) -> None:
    assert parsed(shlex.split(line, comments=True))


def test_what_make_leaves_is_a_command(parsed: Parse) -> None:
    lines = re.findall(r"`python -m ([^`]*)`", LEAVES)
    assert [parsed(line.split()).command for line in lines] == ["train", "table"]


def test_what_is_emphasised_is_what_the_recipe_renders(parsed: Parse) -> None:
    names = []
    for words in map(str.split, RECIPE["rendered"]):
        options = vars(parsed(words))
        names += [f"scene-s{options['seed']:04d}_000001"] if "seed" in options else []
        names += [f"cycle-{options['invited']}-7-00001"] if "rooms-train" in str(options["out"]) else []
    assert {matching(RECIPE["emphasised"], name) for name in names} >= set(RECIPE["emphasised"])


def test_all_that_can_be_prepared_is_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[str] = []

    def prepared(_: Path, __: Path, asked: Sequence[str], ___: prepare.Amounts) -> dict[str, int]:
        steps.extend(asked)
        return {}

    monkeypatch.setattr(command, "prepare", prepared)
    (tmp_path / "yards" / "004").mkdir(parents=True)
    assert command.main(["--cache", str(tmp_path), "prepare"]) == 0
    assert steps == ["real", "clips", "emptied", "segments", "composites", "yards"]
    assert f"no cycles: nothing rendered in {tmp_path / 'rooms-train'}" in capsys.readouterr().err


def test_steps_are_told_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["prepare", "everything"])
    assert "met everything, accepted: real, clips, emptied, " in capsys.readouterr().err


LIFT_N, PREPARE_FIRST = str(MODELS / "lift-n.onnx"), "run `python -m models.training prepare` first"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["evaluate", "nowhere.onnx"], "met nowhere.onnx, which is not there, accepted: an ONNX file of a YOLOv8"),
        (["evaluate", str(MODELS / "README.md")], "README.md, accepted: an ONNX file of a YOLOv8 detector"),
        (["evaluate", str(MODELS / "second-look.onnx")], "from ['crops', 3, 192, 192] to ['crops', 5], accepted: an"),
        (["evaluate", LIFT_N], PREPARE_FIRST),
        (["evaluate", LIFT_N, "--whole", "nobody"], "expected pictures of nobody in"),
        (["hard", LIFT_N], PREPARE_FIRST),
        (["listing", "kept.jsonl"], PREPARE_FIRST),
        (["frames", LIFT_N, "nowhere.mp4"], "met nowhere.mp4, of which no frame can be read, accepted: a recording"),
        (["prepare", "scenes"], "scenes/images, accepted: renderings to prepare scenes from"),
    ],
)
def test_what_a_command_has_nothing_for_is_told(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept.jsonl").write_text("before")
    assert command.main(["--cache", str(tmp_path), *words]) == 2
    met = capsys.readouterr()
    assert told in met.err
    assert met.out == ""
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.jsonl", "before")]


@pytest.mark.parametrize("name", ["nowhere", "nowhere.onnx"])
def test_weights_that_are_not_there_are_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"met nowhere.*accepted: a run that was trained, a bundled file"):
        command.start_of(tmp_path, name)


@pytest.mark.parametrize(
    ("main", "words", "told"),
    [
        (second_look.main, ["crops"], PREPARE_FIRST),
        (second_look.main, ["train"], "run `python -m models.training.second_look crops` first"),
        (unseen_lifts.main, ["table"], PREPARE_FIRST),
        (quantised.main, [LIFT_N, "int8.onnx"], PREPARE_FIRST),
    ],
)
def test_an_empty_cache_is_told(
    main: Callable[[Sequence[str]], None],
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EDGEGUARD_CACHE", str(tmp_path / "empty"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_lifts_that_nothing_was_trained_without_are_told(tmp_path: Path) -> None:
    options = argparse.Namespace(cache=tmp_path, shared=tmp_path)
    with pytest.raises(ValueError, match=r"accepted: what `python -m models.training.unseen_lifts train` trains"):
        unseen_lifts.detector_of(options, unseen_lifts.FIRST)


def test_cycles_without_rooms_are_told(tmp_path: Path) -> None:
    words = [sys.executable, str(REPOSITORY / "benchmarks" / "episodes.py")]
    ended = subprocess.run(
        words, capture_output=True, text=True, check=False, env={"EDGEGUARD_CACHE": str(tmp_path)}, cwd=REPOSITORY
    )
    assert ended.returncode == 2
    assert f"error: {tmp_path / 'rooms'}: no rooms; accepted: what" in ended.stderr


@pytest.mark.parametrize("name", ["models.training", "models.training.second_look", "models.training.unseen_lifts"])
def test_the_shared_folder_is_told_by_the_environment(
    name: str, parsed: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"models.training": ["hard", "a.onnx"], "models.training.second_look": ["crops"]}.get(name, ["table"])
    monkeypatch.setenv("EDGEGUARD_SHARED", "/elsewhere")
    assert parsed([name, *words]).shared == Path("/elsewhere")
    monkeypatch.delenv("EDGEGUARD_SHARED")
    assert parsed([name, *words]).shared == shared_root() == REPOSITORY.parent / "shared"


def crop(name: str, kind: int) -> Crop:
    return Crop(f"images/{name}.jpg", (1.0, 2.0, 30.0, 40.0), kind, 0.5, "clips", "train")


def test_crops_teach_with_their_picture_and_every_kind(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "here.jpg"), np.zeros((60, 60, 3), np.uint8))
    every = [crop("here", kind) for kind in range(len(KINDS))]
    assert teaching([*every, crop("gone", 0)], tmp_path) == every
    with pytest.raises(ValueError, match="got no pram, wheelchair: run"):
        teaching([one for one in every if KINDS[one.kind] not in {"pram", "wheelchair"}], tmp_path)


def test_a_second_look_of_other_settings_is_not_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    for folder in ("crops", "train/images", "runs/mine"):
        (cache / folder).mkdir(parents=True)
    cv2.imwrite(str(cache / "train/images/here.jpg"), np.zeros((60, 60, 3), np.uint8))
    save([crop("here", kind) for kind in range(len(KINDS))], cache / "crops" / "real.jsonl")
    (cache / "runs/mine/second.pt").touch()
    words = ["train", "mine", "--cache", str(cache), "--detector", LIFT_N]
    with pytest.raises(SystemExit, match="2"):
        second_look.main(words)
    assert "runs/mine, a run of other settings, accepted: another name" in capsys.readouterr().err


@pytest.mark.parametrize(
    "other", [{"minutes": 16.0}, {"lr": 0.1}, {"seed": 3}, {"free": True}, {"start": Path(LIFT_N)}]
)
def test_a_second_look_depends_on_its_settings(other: dict[str, Any]) -> None:
    mine = {"minutes": 15.0, "lr": 6e-4, "seed": 20, "free": False, "detector": Path(LIFT_N), "start": None}
    first, second = (second_look.settings(argparse.Namespace(**mine | one)) for one in ({}, other))
    assert first != second
