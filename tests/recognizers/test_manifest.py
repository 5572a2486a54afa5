from pathlib import Path
from typing import Any

import pytest
import yaml

from edgeguard.errors import ConfigError
from edgeguard.recognizers.manifest import RecognizerEntry
from edgeguard.yamlfile import Strict, load
from tests.support import face_models


class File(Strict):
    model: RecognizerEntry


def read(folder: Path, entry: dict[str, Any]) -> RecognizerEntry:
    path = folder / "entry.yaml"
    path.write_text(yaml.safe_dump({"model": entry}), "utf-8")
    return load(path, File).model


@pytest.mark.parametrize("name", [*face_models.STAND_INS])
def test_the_stand_ins_are_described(tmp_path: Path, name: str) -> None:
    entry = read(tmp_path, {"name": name, **face_models.STAND_INS[name]})
    assert entry.name == name


@pytest.mark.parametrize(
    ("tiny", "change", "message"),
    [
        ("finder", {"kind": "retinaface"}, r"model.kind: met 'retinaface', accepted: .*'yunet'.*'minifasnet'"),
        ("finder", {"longest": 320}, "longest: unknown, accepted: did you mean longest_px?"),
        ("finder", {"score": 0}, "score: met 0, accepted: greater than 0"),
        ("template", {"dimensions": 1}, "dimensions: met 1"),
        ("template", {"alignment": "none"}, "alignment: met 'none', accepted: 'arcface_112'"),
        (
            "template",
            {"input": {"size": [160, 160], "color": "rgb", "scale": 1.0}},
            r"accepted with alignment arcface_112: size \[112, 112\]",
        ),
        ("template", {"threshold": {"verify": 0.3}}, "threshold.measured_on: met nothing"),
        ("liveness", {"real_class": 3}, r"real_class is 3, accepted: 0..2"),
        ("liveness", {"crop": 0.5}, "crop: met 0.5"),
        ("liveness", {"file": "../x.onnx"}, "file: met '../x.onnx'"),
    ],
)
def test_a_wrong_description_is_refused_with_its_line(
    tmp_path: Path, tiny: str, change: dict[str, Any], message: str
) -> None:
    entry = getattr(face_models, tiny)().entry
    with pytest.raises(ConfigError, match=message) as refused:
        read(tmp_path, {**entry, **change})
    assert str(refused.value).startswith(f"{tmp_path / 'entry.yaml'}:")
