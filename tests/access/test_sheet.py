from datetime import UTC, datetime
from pathlib import Path

import pytest

from edgeguard.access import Directory
from edgeguard.access.bulk import Imported, import_people, import_vehicles, members
from edgeguard.access.sheet import read_people, read_time, read_vehicles, write_people, write_vehicles, zone_of
from edgeguard.errors import DirectoryError
from tests.support.directories import act

CARS = "plate,list,valid_until\r\n粤B12345,resident,\r\n粤b·d54321,visitor,2026-12-31\r\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    sheet = read_vehicles(written(tmp_path, CARS, encoding), "Asia/Shanghai")
    assert sheet.errors == {}
    assert [one.plate for one in sheet.rows.values()] == ["粤B12345", "粤BD54321"]
    assert sheet.rows[3].valid_until == datetime(2026, 12, 31, 16, tzinfo=UTC)  # through the whole day in Shanghai


def test_what_is_neither_is_told(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"plate,list\n\xff\xff\xff,resident\n")
    with pytest.raises(DirectoryError, match="met bytes that are neither UTF-8 nor GBK"):
        read_vehicles(tmp_path / "table.csv")
    with pytest.raises(DirectoryError, match=r"cannot be read \(No such file or directory\), accepted: a CSV"):
        read_vehicles(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table.csv:1: columns nothing, accepted: plate,list and any of plate,list,ref,valid_from"),
        ("plate\n", "table.csv:1: columns plate, accepted: plate,list and any of"),
        ("plate,list,colour\n", "columns plate,list,colour, accepted"),
        ('plate,list\n"粤B12345\n', "table.csv:2: met unexpected end of data, accepted: a CSV"),
    ],
)
def test_a_table_of_something_else_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DirectoryError, match=message):
        read_vehicles(written(tmp_path, text))


def many(cars: int, bad: dict[int, str]) -> str:
    """A line for each car from line 2 on, some replaced."""
    return "plate,list\n" + "".join(f"{bad.get(line, f'粤B{line:05d},resident')}\n" for line in range(2, cars + 2))


def test_three_errors_in_fifty_thousand_are_three_lines_and_nothing_is_imported(box: Directory, tmp_path: Path) -> None:
    bad = {7: "?,resident", 800: "粤B00002,resident", 49_999: "粤B12345,friend"}
    path = written(tmp_path, many(50_000, bad), "gbk")
    found = import_vehicles(box, read_vehicles(path), act())
    assert [error.removeprefix(str(path)) for error in found.errors] == [
        ":7: plate: met '?', accepted: a plate of 4 to 10 letters and digits; met '?'",
        ":800: plate: met '粤B00002' in line 2 too, accepted: each once",
        ":49999: list: met 'friend', accepted: 'resident', 'visitor', 'contractor' or 'denied'",
    ]
    assert (found.done, box.vehicles.count(), box.trail()) == (False, 0, [])
    found = import_vehicles(box, read_vehicles(path), act(), skip_bad=True)
    assert (found.added, found.done, box.vehicles.count()) == (49_997, True, 49_997)


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(box: Directory, tmp_path: Path) -> None:
    sheet = read_vehicles(written(tmp_path, CARS))
    assert import_vehicles(box, sheet, act(), dry=True) == Imported(2, 0, 0, (), done=False)
    assert (box.vehicles.count(), box.trail()) == (0, [])
    assert import_vehicles(box, sheet, act()) == Imported(2, 0, 0, (), done=True)
    assert import_vehicles(box, sheet, act()) == Imported(0, 0, 2, (), done=True)


PEOPLE = """ref,kind,label,valid_until,hours,gates,cards
p-1,resident,张三,,,,00112233 44556677
p-2,contractor,,2026/12/31 18:00,mon-fri 8:00-18:00; sat 9:00-12:00,north,
p-3,visitor,,2026-12-31T18:00:00+08:00,,,
"""


def test_what_is_exported_can_be_imported_again(box: Directory, tmp_path: Path) -> None:
    import_people(box, read_people(written(tmp_path, PEOPLE)), act())
    import_vehicles(box, read_vehicles(written(tmp_path, CARS)), act())
    people, cars = write_people(members(box)), write_vehicles(box.vehicles.all())
    assert import_people(box, read_people(written(tmp_path, people)), act()) == Imported(0, 0, 3, (), done=True)
    assert import_vehicles(box, read_vehicles(written(tmp_path, cars)), act()) == Imported(0, 0, 2, (), done=True)
    assert write_people(members(box)) == people
    assert people.startswith("\ufeffref,kind")


def test_errors_of_people_are_told_without_their_names(box: Directory, tmp_path: Path) -> None:
    box.people.put(read_people(written(tmp_path, PEOPLE)).rows[2].person, act())
    box.credentials.add_card("p-1", "00112233", act())
    rows = [
        "p-9,resident,李四,,,,00112233",  # somebody else's card
        "p-9 9,resident,李四,,,,",
        "p-10,visitor,李四,,,,",
        "p-11,resident,李四,next week,,,",
        "p-12,resident,李四,,9 to 5,,",
        "p-13,resident",
        "p-14,resident,李四,,,,12",
        f"p-15,resident,{'李' * 201},,,,",
    ]
    path = written(tmp_path, PEOPLE.splitlines()[0] + "\n" + "\n".join(rows))
    found = import_people(box, read_people(path), act(), skip_bad=True)
    told = [error.removeprefix(str(path)) for error in found.errors]
    assert [line.split(": ")[0] for line in told] == [f":{line}" for line in range(2, 10)]
    assert told[0] == ":2: this card belongs to p-1, accepted: a card of nobody"
    assert told[2] == ":4: accepted: a visitor has a valid_until"
    assert told[3].startswith(
        ":5: valid_until: met 'next week', accepted: 2026-12-31 (the whole day), 2026-12-31 18:00"
    )
    assert told[5] == ":7: met 2 cells, accepted: as many as the first line has"
    assert "李" not in "".join(told)
    assert box.people.count() == 1


@pytest.mark.parametrize(
    ("text", "end", "utc"),
    [
        ("2026-12-31", False, "2026-12-30T16:00"),
        ("2026-12-31", True, "2026-12-31T16:00"),
        ("2026/1/5", True, "2026-01-05T16:00"),
        ("2026-12-31 18:00", True, "2026-12-31T10:00"),
        ("2026-12-31T18:00Z", False, "2026-12-31T18:00"),
    ],
)
def test_a_time_is_read(text: str, end: bool, utc: str) -> None:
    met = read_time(text, zone_of("Asia/Shanghai"), end=end)
    assert met.astimezone(UTC).isoformat().startswith(utc)


@pytest.mark.parametrize("text", ["", "2026-13-01", "31.12.2026", "9999-12-31"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="accepted: 2026-12-31"):
        read_time(text, UTC, end=True)
