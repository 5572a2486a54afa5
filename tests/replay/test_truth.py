from pathlib import Path

import pytest

from edgeguard.errors import TruthError
from edgeguard.replay.truth import TruthEntry, read_truth


def write(folder: Path, text: str) -> Path:
    path = folder / "truth.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("[]\n", ()),
        (
            "- {code: LIFT.EBIKE.ENTER, start_s: 2.5, end_s: 9, tolerance_s: 1}\n",
            (TruthEntry(code="LIFT.EBIKE.ENTER", start_s=2.5, end_s=9, tolerance_s=1),),
        ),
        (
            '[{"code": "LIFT.BICYCLE.ENTER", "start_s": 0, "end_s": 0}]',
            (TruthEntry(code="LIFT.BICYCLE.ENTER", start_s=0, end_s=0),),
        ),
    ],
    ids=["nothing happens", "yaml", "json"],
)
def test_a_good_file(tmp_path: Path, text: str, entries: tuple[TruthEntry, ...]) -> None:
    assert read_truth(write(tmp_path, text)) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "truth.yaml:1: met None, accepted: a valid list"),
        ("code: x\n", "truth.yaml:1: met a mapping of code, accepted: a valid list"),
        (
            "- {code: LIFT.EBIKE.ENTER, start_s: 1, end_s: 2}\n- {code: LIFT.EBIKE.ENTRE, start_s: 1, end_s: 2}\n",
            "truth.yaml:2: 1.code: met 'LIFT.EBIKE.ENTRE', accepted: code 'LIFT.EBIKE.ENTRE' is not in the table",
        ),
        ("- {code: LIFT.EBIKE.ENTER, start_s: 1}\n", "truth.yaml:1: 0.end_s: met nothing, accepted: a value"),
        ("- code: LIFT.EBIKE.ENTER\n  start_s: -1\n  end_s: 2\n", "truth.yaml:2: 0.start_s: met -1, accepted: greater"),
        ("- {code: LIFT.EBIKE.ENTER, start_s: 3, end_s: 2}\n", "end_s at or after start_s, met start_s 3, end_s 2"),
        ("- {code: LIFT.EBIKE.ENTER, start_s: .nan, end_s: 2}\n", "0.start_s: met '.nan'"),
        ("- {code: LIFT.EBIKE.ENTER, start_s: 1, end_s: 2, tolerance: 1}\n", "did you mean tolerance_s?"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TruthError) as refused:
        read_truth(write(tmp_path, text))
    assert message in str(refused.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="No such file"):
        read_truth(tmp_path / "truth.yaml")
