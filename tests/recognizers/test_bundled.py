from pathlib import Path
from typing import Any

import pytest
import yaml

from edgeguard.detectors import read_manifest
from edgeguard.errors import ConfigError
from edgeguard.networks import models_dir
from edgeguard.recognizers import KINDS, verify
from edgeguard.recognizers.bundled import bundled_recognizer, read_bundled
from edgeguard.recognizers.manifest import PlateReaderSpec, YunetSpec

ENTRY: dict[str, Any] = {
    "name": "reader",
    "kind": "plate_reader",
    "file": "reader.onnx",
    "sha256": "0" * 64,
    "input": {"size": [48, 168], "color": "bgr", "scale": 1.0},
    "alphabet": "浙A1",
    "colours": ["blue"],
    "licence": "CC0-1.0",
    "source": "made up",
}


def manifest(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"recognizers": list(entries)}), "utf-8")
    return folder


def test_one_is_found_by_name_and_kind(tmp_path: Path) -> None:
    found = bundled_recognizer("reader", PlateReaderSpec, manifest(tmp_path, ENTRY))
    assert found.path == tmp_path / "reader.onnx"
    assert found.alphabet == "浙A1"


@pytest.mark.parametrize(
    ("name", "spec", "message"),
    [
        ("other", PlateReaderSpec, r"no recognizer 'other' \(PlateReader\), accepted: reader"),
        ("reader", YunetSpec, r"no recognizer 'reader' \(Yunet\), accepted: none is listed"),
    ],
)
def test_another_name_or_kind_is_refused(tmp_path: Path, name: str, spec: type[Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bundled_recognizer(name, spec, manifest(tmp_path, ENTRY))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([ENTRY, ENTRY], r"names are \['reader', 'reader'\], accepted: each name once"),
        ([ENTRY | {"alphabet": "AA"}], "alphabet is 'AA', accepted: each of them once"),
        ([ENTRY | {"sha256": "0"}], "sha256: met '0'"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, entries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_bundled(manifest(tmp_path, *entries))


def test_no_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"manifest.yaml"):
        read_bundled(tmp_path)


def test_every_bundled_recognizer_is_sound_and_stands_beside_the_detectors() -> None:
    for spec in read_bundled(models_dir()):
        assert spec.kind in KINDS
        verify(spec)
    assert read_manifest(models_dir())
