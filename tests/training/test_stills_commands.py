"""What the commands that render refuse, and how they end where something is not installed."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from models.training import arrivals, failures, fallen, lookalikes, moments, rarities
from models.training.scenes import outcome
from models.training.scenes.commands import EPILOG, parser

Command = Callable[[Sequence[str]], object]
STILLS: dict[str, Command] = {
    one.__name__.rpartition(".")[2]: one.main for one in (arrivals, failures, fallen, lookalikes, moments, rarities)
}
COMMANDS = STILLS | {"scenes": lambda words: parser().parse_args(["stills", "--out", *words])}
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("words", "accepted"),
    [
        (["--shard", "5/4"], "shard '5/4': expected i/n with 1 <= i <= n"),
        (["--shard", "half"], "shard 'half': expected i/n with 1 <= i <= n"),
        (["--count", "0"], "'0': expected a whole number from 1"),
        (["--count", "²"], "'²': expected a whole number from 1"),
        (["--seed", "-1"], "'-1': expected a whole number from 0"),
    ],
)
def test_what_is_no_amount_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, words: list[str], accepted: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        COMMANDS[name]([str(tmp_path), *words])
    assert ended.value.code == 2
    assert accepted in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("bpy") is not None, reason="would render where bpy is")
@pytest.mark.parametrize("name", STILLS)
def test_without_blender_they_tell_what_they_need(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    assert STILLS[name]([str(tmp_path), "--count", "1"]) == 2
    assert capsys.readouterr().err == f"bpy is missing: needs {outcome.NEEDS}\n"


def test_without_any_package_the_command_tells_what_it_needs() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [sys.executable, "-S", "-m", "models.training.scenes", "stills"]
    done = subprocess.run(words, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith(f" is missing: needs {outcome.NEEDS}\n")
    assert "Traceback" not in done.stderr


def test_one_list_of_what_is_needed() -> None:
    assert f"needs {outcome.NEEDS}\n" in EPILOG
    assert all(name in outcome.NEEDS for name in ("bpy", "numpy", "opencv", "pyyaml", "av"))


@pytest.mark.parametrize(("problem", "told"), [(ValueError("met 3"), "met 3\n"), (FileNotFoundError("no a"), "no a\n")])
def test_bad_input_ends_with_2(capsys: pytest.CaptureFixture[str], problem: Exception, told: str) -> None:
    def command() -> str:
        raise problem

    assert outcome.ended(command) == 2
    assert capsys.readouterr().err == told
