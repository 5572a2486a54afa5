from pathlib import Path

import pytest

from edgeguard.errors import ConfigError
from edgeguard.replay.page import ReportFolder, figure, page, table, tiles

NASTY = '<script>"&'
PLAIN = "&lt;script&gt;&quot;&amp;"


@pytest.mark.parametrize(
    "html",
    [page(NASTY, []), tiles([(NASTY, "")]), tiles([("", NASTY)]), table([NASTY], [[NASTY]]), figure("1.jpg", NASTY)],
)
def test_what_people_wrote_stays_text(html: str) -> None:
    assert PLAIN in html
    assert "<script" not in html


def test_an_empty_page_is_whole() -> None:
    assert page("nothing", []).startswith("<!doctype html>")
    assert tiles([]) == '<div class="tiles"></div>'
    assert "<td" not in table([], [])


def test_a_report_is_a_folder(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "a" / "b")
    folder.add_picture("1.jpg", b"jpeg")
    assert folder.write("index.html", "page").read_text() == "page"
    assert (tmp_path / "a" / "b" / "pictures" / "1.jpg").read_bytes() == b"jpeg"


def test_a_place_that_cannot_be_a_folder_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="accepted: a folder that can be made"):
        ReportFolder(tmp_path / "file" / "report")
