import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.cli import main
from tests.support import plate_models
from tests.support.plate_models import PLATE

BOX = "160,139,120,38,0"
"""Where the finder sees its plate, as a row has it."""

LYING = "160,139,38,120,-90"
"""The same, as OpenCV's `minAreaRect` may have it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((320, 320, 3), 90, np.uint8))
    return plate_models.put(tmp_path, "京H99999", PLATE)


def score(folder: Path, text: str, *more: str) -> int:
    (folder / "set.csv").write_text(text, "utf-8")
    return main(["eval", "plate", "--manifest", str(folder / "set.csv"), "--models-dir", str(folder), *more])


def told(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    assert score(folder, text, "--json", *more) == 0
    result: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


def test_the_last_line_is_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (
        f"a.png,京H99999,blue,{BOX}",
        f"b.png,京H99998,yellow,{LYING}",
        "b.png,粤AD12345,green,60,280,90,30,0",
    )
    got = told(folder, "\n".join(["image,text,colour,cx,cy,w,h,angle", *rows]), capsys)
    assert (got["n"], got["pictures"], got["extra"]) == (3, 2, 0)
    assert (got["exact_rate"], got["exact_rate_n"]) == (pytest.approx(1 / 3, abs=1e-5), 3)
    assert got["exact_rate_interval"] == pytest.approx([0.0615, 0.7923], abs=1e-4)
    assert got["detection_rate"] == pytest.approx(2 / 3, abs=1e-5)
    assert (got["read_rate"], got["read_rate_n"]) == (0.5, 2)
    assert got["province_rate"] == pytest.approx(2 / 3, abs=1e-5)
    assert (got["green_last_rate"], got["green_last_rate_n"]) == (0.0, 1)
    assert (got["colour_rate"], got["colour_rate_n"]) == (0.5, 2)
    kinds = got["by_kind"]
    assert isinstance(kinds, dict)
    assert (kinds["ordinary"]["exact_rate"], kinds["ordinary"]["exact_rate_n"]) == (0.5, 2)
    assert kinds["green_small"]["exact_rate"] == 0.0


def test_without_a_box_the_plate_is_anywhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = told(folder, "text,image\n京H·99999,a.png\n京h99999,b.png\n", capsys)
    assert (got["exact_rate"], got["extra"], got["colour_rate"]) == (1.0, 0, None)


def test_two_plates_of_a_picture_are_told_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate_models.put(folder, "京H99999", PLATE, (0.8, 20, 20, 100, 30))
    got = told(folder, f"image,text,cx,cy,w,h,angle\na.png,京H99999,{BOX}\na.png,京H99999,70,35,100,30,0\n", capsys)
    assert (got["n"], got["exact_rate"], got["extra"]) == (2, 1.0, 0)
    got = told(folder, f"image,text,cx,cy,w,h,angle\na.png,京H99999,{BOX}\n", capsys)
    assert (got["exact_rate"], got["extra"]) == (1.0, 1)


def test_a_row_that_is_there_twice_counts_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = f"a.png,京H99999,{BOX}\n"
    got = told(folder, f"image,text,cx,cy,w,h,angle\n{row}{row}", capsys)
    assert (got["n"], got["exact_rate"]) == (1, 1.0)


def test_a_picture_without_any_plate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plate_models.put(folder, "京H99999", (0.1, 0, 0, 100, 30))
    got = told(folder, "image,text\na.png,京H99999\n", capsys)
    assert (got["exact_rate"], got["detection_rate"], got["read_rate"], got["province_rate"]) == (0.0, 0.0, None, 0.0)


def test_people_get_a_table_and_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "image,text\na.png,京H99999\nb.png,京H99998\n", "--report", str(folder / "page")) == 0
    out = capsys.readouterr().out
    assert "2 plates in 2 pictures" in out
    assert "exact: ordinary" in out
    page = (folder / "page" / "index.html").read_text("utf-8")
    assert "b.png: 京H99998, read 京H99999" in page
    assert "a.png" not in page
    assert len(list((folder / "page" / "pictures").iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,plate\n", "set.csv:1: columns image,plate, accepted: image,text or image,text,colour or"),
        ("image,text,cx\na.png,京H99999,1\n", "set.csv:1: columns image,text,cx, accepted: "),
        ("image,text\n", "set.csv: no row, accepted: at least one"),
        ("image,text\na.png,京H99999,blue\n", "set.csv:2: 3 cells, accepted: 2 (image,text)"),
        ("image,text\na.png,\n", "set.csv:2: text: met nothing, accepted: a value"),
        ("image,text\na.png,京H9\n", "set.csv:2: text: met '京H9', accepted: a plate of 5 to 9 characters"),
        ("image,text\nnone.png,京H99999\n", "none.png is not there, accepted: a file"),
        ("image,text,colour\na.png,京H99999,pink\n", "set.csv:2: colour: met 'pink', accepted: blue, green"),
        (f"image,text,cx,cy,w,h,angle\na.png,京H99999,x{BOX}\n", "set.csv:2: cx: met 'x160', accepted: a number"),
        ("image,text,cx,cy,w,h,angle\na.png,京H99999,1,1,nan,1,0\n", "set.csv:2: w: met 'nan', accepted: a number"),
        ("image,text,cx,cy,w,h,angle\na.png,京H99999,1,1,0,9,0\n", "set.csv:2: w, h: met 0, 9, accepted: more than 0"),
        ('image,text\na.png,"京H99999\n', "set.csv:2: met"),
    ],
)
def test_bad_input_is_told(folder: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    assert score(folder, text) == 2
    assert message in capsys.readouterr().err


def test_a_spreadsheet_in_gbk_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "set.csv").write_bytes("image,text\na.png,京H99999\n".encode("gbk"))
    assert main(["eval", "plate", "--manifest", str(folder / "set.csv"), "--models-dir", str(folder)]) == 2
    assert "set.csv: met bytes that are not UTF-8 at 17, accepted: a CSV in UTF-8" in capsys.readouterr().err


def test_a_renamed_text_file_is_told_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.jpg").write_text("not a picture")
    assert score(folder, "image,text\na.png,京H99999\nc.jpg,京H99999\n") == 2
    err = capsys.readouterr().err
    assert "set.csv:3: " in err
    assert "13 bytes that are no picture, accepted: a JPEG or PNG picture" in err


def test_an_unknown_region_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "image,text\na.png,京H99999\n", "--region", "atlantis") == 2
    assert "plate region is 'atlantis', accepted: cn" in capsys.readouterr().err


def test_without_the_networks_it_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "manifest.yaml").write_text("recognizers: []\n")
    assert score(folder, "image,text\na.png,京H99999\n") == 2
    assert "no recognizer 'plate-finder' (PlateDetector), accepted: none is listed" in capsys.readouterr().err
