from pathlib import Path

import pytest

from edgeguard.errors import TruthError
from edgeguard.replay.csvrows import files_of, label_of, read_rows

ACCEPTED = (("a", "b", "same"), ("image", "person"))
SAME = {"1": True, "0": False}


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "set.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "a,b,same\n1.jpg,2.jpg,1\n",
        "same,a,b\n1,1.jpg,2.jpg\n",
        "\ufeffA, b ,Same\r\n\r\n1.jpg, 2.jpg,1\r\n",
        '"a","b","same"\n"1.jpg","2.jpg","1"',
        "a,b,same,source,\n1.jpg,2.jpg,1,,\n",
    ],
)
def test_columns_in_any_order_and_as_spreadsheets_write_them(tmp_path: Path, text: str) -> None:
    columns, rows = read_rows(written(tmp_path, text), ACCEPTED)
    assert columns == ("a", "b", "same")
    assert [dict(row.cells) for row in rows] == [{"a": "1.jpg", "b": "2.jpg", "same": "1"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "set.csv:1: columns none, accepted: a,b,same or image,person"),
        ("file_x,file_y,Decision\n", "set.csv:1: columns file_x,file_y,decision, accepted: a,b,same or image,person"),
        ("a,b\n", "set.csv:1: columns a,b, accepted"),
        ("a,b,same,a\n", "set.csv:1: columns a,b,same,a, accepted"),
        ("a,b,same,image\n", "set.csv:1: columns a,b,same,image, accepted"),
        ("a,b,same\n", "set.csv: no row, accepted: at least one"),
        ("a,b,same\nx,y,1\nx,y\n", r"set.csv:3: 2 cells, accepted: 3 \(a,b,same\)"),
        ("a,b,same\nx,,1\n", "set.csv:2: b: met nothing, accepted: a value"),
        ('a,b,same\n"x,y,1\n', "set.csv:2: met unexpected end of data, accepted: a CSV"),
        ("a,b,same\n人脸,y,1\n".encode("gbk"), "set.csv: met bytes that are not UTF-8 at 9, accepted: a CSV in UTF-8"),
    ],
)
def test_a_wrong_file_is_told_with_its_row(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(TruthError, match=message):
        read_rows(written(tmp_path, text), ACCEPTED)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"none.csv: cannot be read \(No such file or directory\), accepted: a CSV"):
        read_rows(tmp_path / "none.csv", ACCEPTED)


def test_a_wrong_label_is_told_with_its_row(tmp_path: Path) -> None:
    _, rows = read_rows(written(tmp_path, "a,b,same\nx,y,1\nx,y,maybe\n"), ACCEPTED)
    assert label_of(rows[0], "same", SAME)
    with pytest.raises(TruthError, match=r"set.csv:3: same: met 'maybe', accepted: 1, 0"):
        label_of(rows[1], "same", SAME)


def test_files_are_named_once_and_the_missing_ones_with_their_rows(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    path = written(tmp_path, "image,person\nx,p\nx,q\n")
    assert [row.line for row in files_of(path, read_rows(path, ACCEPTED)[1], ("image",)).values()] == [2]
    path = written(tmp_path, "image,person\n" + "".join(f"{n}.jpg,p\n" for n in range(8)))
    with pytest.raises(TruthError) as refused:
        files_of(path, read_rows(path, ACCEPTED)[1], ("image",))
    told = str(refused.value).splitlines()
    assert told[0] == f"{path}:2: {tmp_path / '0.jpg'} is not there, accepted: a file"
    assert told[-1] == "and 3 more"
