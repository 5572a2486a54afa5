"""The unit for systemd, by systemd's own tools; no systemd needs to run."""

import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy" / "edgeguard.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """With a program that is there."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text("utf-8").replace("/opt/edgeguard/bin/edgeguard", sys.executable), "utf-8")
    return copy


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], check=False, capture_output=True, text=True, timeout=60)


def test_says_nothing_that_systemd_does_not_know(unit: Path) -> None:
    done = analyze("verify", "--man=no", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_exposes_little(unit: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout[-200:]


def test_a_box_that_ends_is_back_within_the_gap_allowed() -> None:
    settings = dict(
        line.split("=", 1) for line in UNIT.read_text("utf-8").splitlines() if "=" in line and line[0] != "#"
    )
    assert settings["Type"] == "notify"
    assert settings["Restart"] == "always"
    assert settings["RestartSec"] == "100ms"
    assert float(settings["WatchdogSec"]) <= 3
    assert settings["User"] != "root"
