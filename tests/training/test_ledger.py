"""SOURCES.md names every source that training draws from, and calls restricted what the recipe does."""

import re
from pathlib import Path

import pytest

from models.training import feed, prepare, sources

TEXT = (Path(feed.__file__).parent / "SOURCES.md").read_text("utf-8")
RECIPE = feed.read_recipe()
DETECTOR = "## lift-n, lift-s, yard-n, second-look"
SHARED = Path("data")


def ledger() -> dict[str, dict[str, str]]:
    """The first table's rows by source: what each column says."""
    lines = TEXT.split(DETECTOR)[1].split("###")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    head, _, *rows = cells
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in rows}


LEDGER = ledger()


@pytest.mark.parametrize("share", RECIPE["shares"])
def test_every_share_of_the_recipe_has_a_row(share: str) -> None:
    assert any(source == share or source.startswith(f"{share}/") for source in LEDGER)


@pytest.mark.parametrize("source", LEDGER)
def test_what_the_recipe_calls_restricted_is_called_so(source: str) -> None:
    assert LEDGER[source]["restricted"] == ("yes" if source.startswith(tuple(RECIPE["restricted"])) else "no")


@pytest.mark.parametrize("source", LEDGER)
def test_every_source_says_where_from_and_under_which_licence(source: str) -> None:
    row = LEDGER[source]
    assert all(row[column] for column in ("from", "licence as stated", "used for", "train", "kept out"))


def test_what_is_drawn_in_training_has_pictures_there() -> None:
    idle = {source for source, row in LEDGER.items() if row["train"] == "0"}
    assert not any(feed.matching(RECIPE["shares"], source) for source in idle)


@pytest.mark.parametrize(
    "weights", ["yolov8n.pt", "yolov8s.pt", "yolov8n-seg.pt", "plate_detect_y5fu_320", "plate_rec_color_big"]
)
def test_weights_that_are_loaded_are_named(weights: str) -> None:
    assert f"| {weights} |" in TEXT


def test_all_weights_that_the_steps_load_are_in_the_ledger() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(prepare.__file__).parent.rglob("*.py"))
    assert {name for name in re.findall(r"yolo[\w-]+\.pt\b", code) if name not in TEXT} == set()


@pytest.mark.shared
def test_counts_of_real_pictures_are_those_of_the_material(shared: Path) -> None:
    counts: dict[tuple[str, str], int] = {}
    for sample in sources.SharedData(shared / SHARED).samples():
        counts[sample.source, sample.part] = counts.get((sample.source, sample.part), 0) + 1
    for source in {source for source, _ in counts}:
        told = LEDGER[source]["train"], LEDGER[source]["kept out"]
        assert told == tuple(str(counts.get((source, part), 0)) for part in (sources.TRAIN, sources.HELD_OUT)), source
