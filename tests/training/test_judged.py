"""What kept-out people are worth: by box, by whole picture, turned or not."""

from pathlib import Path

import numpy as np
import pytest

from models.training.bodies.judged import Judged, as_cameras_see, lines, main, whole

ROWS = (
    "lies.jpg,0,labelled,0.9000",
    "lies.jpg,0,0.800,0.7000",
    "lies.jpg,-2,0.150,0.9500",
    "stands.jpg,2,labelled,0.2000",
    "stands.jpg,2,0.900,0.1000",
    "turned.jpg,2,labelled,0.8000",
    "turned.jpg,2,0.600,0.9900",
    "upright turned.jpg,2,labelled,0.3000",
    "upright turned.jpg,2,0.600,0.2000",
    "unseen.jpg,0,labelled,0.6000",
)


def test_a_row_is_read_as_it_is_written() -> None:
    assert [Judged.parsed(row).row() for row in ROWS] == list(ROWS)


def test_a_picture_is_judged_by_the_surest_of_its_detected_boxes() -> None:
    rows = [Judged.parsed(row) for row in ROWS if not row.startswith("upright")]
    for floor, lies in ((0.1, 0.95), (0.25, 0.7)):
        surest, down = whole(rows, floor)
        # lies, stands, turned, unseen
        assert surest.tolist() == [lies, 0.1, 0.99, 0.0]
        assert down.tolist() == [True, False, False, True]


def test_cameras_see_a_turned_picture_upright() -> None:
    images = ["a.jpg", "turned.jpg", "upright turned.jpg"]
    assert as_cameras_see(images).tolist() == [True, False, True]
    told = list(lines([Judged.parsed(row) for row in ROWS]))
    assert "as a camera sees them, labelled boxes: AUC 1.000" in told[0]
    assert "found 2/2" in told[0]
    assert "as they came, labelled boxes: AUC 0.750" in told[3]


def test_files_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    halves = [tmp_path / "0.csv", tmp_path / "1.csv"]
    halves[0].write_text("\n".join(ROWS[:5]))
    halves[1].write_text("\n".join(ROWS[5:]) + "\n")
    main([str(path) for path in halves])
    assert capsys.readouterr().out.splitlines() == list(lines([Judged.parsed(row) for row in ROWS]))


@pytest.mark.parametrize("text", ["a.jpg,0,labelled", "a.jpg,lying,labelled,0.5", "a.jpg,0,high,0.5"])
def test_what_is_no_such_row_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(SystemExit) as refused:
        main([str(tmp_path / "rows.csv")])
    assert refused.value.code == 2
    assert "accepted: image,label" in capsys.readouterr().err


def test_nobody_who_lies_is_nothing_to_tell_apart() -> None:
    told = next(iter(lines([Judged("a.jpg", 2, None, float(np.float64(0.1)))])))
    assert told.endswith("0 who lie, 1 others: nothing to tell apart")
