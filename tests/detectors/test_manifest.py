import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from edgeguard.detectors.manifest import Threshold, find_model, read_manifest
from edgeguard.errors import ConfigError
from edgeguard.networks import models_dir

ENTRY: dict[str, Any] = {
    "name": "tiny",
    "file": "tiny.onnx",
    "sha256": "0" * 64,
    "head": "yolov8",
    "input": {"size": [64, 96], "layout": "nchw", "color": "rgb", "scale": 1 / 255},
    "labels": ["person", "e-bike"],
    "thresholds": {"e-bike": {"low": 0.2, "high": 0.6}, "default": {"low": 0.3, "high": 0.5}},
    "licence": "AGPL-3.0-or-later",
    "card": "tiny.md",
}


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"models": list(entries)}), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"head": "ssd"}, "models.0.head: met 'ssd'.*'yolov8', 'end2end' or 'yolox'"),
        ({"heads": "yolov8"}, "models.0.heads: unknown, accepted: did you mean head?"),
        ({"sha256": "abc"}, "models.0.sha256: met 'abc'"),
        ({"file": "../tiny.onnx"}, "models.0.file: met '../tiny.onnx'"),
        ({"labels": []}, "models.0.labels: met a list of 0"),
        ({"labels": ["e-bike", "e-bike"]}, "each label once"),
        ({"thresholds": {"moped": {"low": 0.1, "high": 0.2}}}, r"thresholds for \['moped'\], accepted: .*'e-bike'"),
        ({"thresholds": {"e-bike": {"low": 0.1, "high": 0.2}}}, r"no thresholds for \['person'\]"),
        ({"thresholds": {"default": {"low": 0.6, "high": 0.5}}}, r"low is 0.6, accepted: at most high \(0.5\)"),
        ({"input": {**ENTRY["input"], "layout": "nhwc"}}, "models.0.input.layout: met 'nhwc'.*'nchw'"),
        ({"input": {**ENTRY["input"], "size": [64]}}, "models.0.input.size.1"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_place_and_value(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    write(tmp_path, {**ENTRY, **change})
    with pytest.raises(ConfigError, match=message) as refused:
        read_manifest(tmp_path)
    assert str(tmp_path / "manifest.yaml") in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "manifest.yaml:1: met None"),
        ("models: []", "manifest.yaml:1: models: met a list of 0"),
        ("models: [", "manifest.yaml:1: expected the node content"),
        ("model: []", "models: met nothing, accepted: a value, it is required"),
        ("[1, 2]", "manifest.yaml:1: met a list of 2, accepted: a mapping"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "manifest.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_manifest(tmp_path)


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"manifest\.yaml: No such file"):
        read_manifest(tmp_path)


def test_one_name_for_two_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="each name once"):
        read_manifest(write(tmp_path, ENTRY, ENTRY))


def test_thresholds_by_label(tmp_path: Path) -> None:
    (spec,) = read_manifest(write(tmp_path, ENTRY))
    assert spec.threshold("e-bike") == Threshold(low=0.2, high=0.6)
    np.testing.assert_allclose(spec.lows(), [0.3, 0.2])
    np.testing.assert_allclose(spec.highs(), [0.5, 0.6])
    assert spec.path == tmp_path / "tiny.onnx"


def test_found_by_name_and_by_path(tmp_path: Path) -> None:
    write(tmp_path, ENTRY, {**ENTRY, "name": "other", "file": "other.onnx"})
    assert find_model("other", tmp_path).file == "other.onnx"
    assert find_model(str(tmp_path / "other.onnx"), Path("elsewhere")).name == "other"


@pytest.mark.parametrize("by_path", [False, True])
def test_an_unknown_model_is_refused_naming_those_there_are(tmp_path: Path, by_path: bool) -> None:
    write(tmp_path, ENTRY)
    name = str(tmp_path / "none.onnx") if by_path else "none"
    accepted = str(tmp_path / "tiny.onnx") if by_path else "tiny"
    with pytest.raises(ConfigError, match=re.escape(f"no model {name!r}, accepted: {accepted}")):
        find_model(name, tmp_path)


def test_the_folder_given_wins(tmp_path: Path) -> None:
    assert models_dir(tmp_path) == tmp_path
    assert models_dir().name in {"models", "_bundled_models"}
