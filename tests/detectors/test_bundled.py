"""What is bundled goes into the wheel, and is what the manifest says."""

import tomllib
from pathlib import Path

from edgeguard.detectors import ModelSpec, models_dir, open_detector, read_manifest
from edgeguard.detectors.second_look import TwoLooks

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_every_file_of_a_bundled_detector() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packed = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    files = [path.name for spec in read_manifest(models_dir()) for path in _files(spec)]
    assert {f"models/{name}" for name in files} <= set(packed)


def _files(spec: ModelSpec) -> list[Path]:
    again = spec.looks_again
    return [spec.path, *([again.path] if again else [])]


def test_every_bundled_detector_opens() -> None:
    detectors = [open_detector(spec) for spec in read_manifest(models_dir())]
    assert any(isinstance(detector, TwoLooks) for detector in detectors)
