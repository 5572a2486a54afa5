from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgeguard.cli import main

MakeModel = Callable[..., Path]
ANSWER = np.zeros((1, 5, 6), np.float32)


def test_list_shows_what_there_is(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--models-dir", str(make_model(ANSWER))]) == 0
    out = capsys.readouterr().out
    assert "tiny.onnx" in out
    assert "64x64" in out


def test_check_passes_a_sound_file(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "check", "--models-dir", str(make_model(ANSWER))]) == 0
    assert capsys.readouterr().out.startswith("ok   tiny: ")


def test_check_names_a_damaged_file(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_model(ANSWER)
    (folder / "tiny.onnx").write_bytes(b"")
    assert main(["models", "check", "tiny", "--models-dir", str(folder)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"BAD  tiny: {folder / 'tiny.onnx'}: sha256 is ")
    assert "(0 bytes), accepted: " in out


def test_an_unknown_model_is_told_in_one_line(make_model: MakeModel, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "check", "none", "--models-dir", str(make_model(ANSWER))]) == 2
    assert "no model 'none', accepted: tiny" in capsys.readouterr().err
