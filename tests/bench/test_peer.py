"""The real child process, with a stand-in for ultralytics in its path."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from edgeguard.bench.peer import measure_peer, peer_python
from edgeguard.detectors import ExecutionConfig, find_model
from edgeguard.errors import ConfigError
from tests.conftest import MakeModel

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1]]], np.float32)
STAND_IN = """
class YOLO:
    def __init__(self, model, task):
        print("a peer that talks")

    def __call__(self, frame, imgsz, verbose):
        assert imgsz == [64, 64], imgsz
        assert frame.shape == (360, 640, 3), frame.shape
"""


def plain(steps: Iterable[int]) -> Iterable[int]:
    return steps


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """This one, with a package of that name."""
    (tmp_path / "ultralytics.py").write_text(STAND_IN)
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return script


def test_the_peer_is_asked_in_turns(make_model: MakeModel, interpreter: Path) -> None:
    spec = find_model("tiny", make_model(EBIKE))
    result = measure_peer(spec, ExecutionConfig(), os.fspath(interpreter), 4, plain)
    assert result.edgeguard_ms > 0
    assert result.per_look_wall > 0


def test_an_interpreter_without_ultralytics_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    spec = find_model("tiny", make_model(EBIKE))
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(ConfigError, match=r"--peer-python: .* cannot run ultralytics"):
        measure_peer(spec, ExecutionConfig(), os.fspath(bare), 1, plain)


def test_an_interpreter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--peer-python: met .*none, accepted: an interpreter"):
        peer_python(tmp_path / "none")
