"""The schema, the words and docs/site.md say the same as the models."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeguard.agent.place import PlaceConfig
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.agent.siteschema import site_schema
from edgeguard.agent.words import WORDS
from edgeguard.scenarios import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs" / "site.md").read_text("utf-8")


def keys() -> Iterator[tuple[str, dict[str, Any]]]:
    schema = site_schema()
    for name, model in {"SiteConfig": schema, **schema["$defs"]}.items():
        for key, field in model.get("properties", {}).items():
            yield f"{name}.{key}", field


def test_every_key_has_its_words_and_every_word_its_key() -> None:
    told = {name: field.get("description") for name, field in keys()}
    assert [name for name, words in told.items() if not words] == []
    assert {name: told.get(name) for name in WORDS} == WORDS


def test_every_scenario_is_in_the_schema_by_its_kind() -> None:
    scenarios = site_schema()["$defs"]["CameraConfig"]["properties"]["scenarios"]["items"]
    assert scenarios["discriminator"]["mapping"].keys() == SCENARIOS.keys()


def test_an_unknown_key_is_an_error_in_an_editor_too() -> None:
    schema = site_schema()
    for model in (schema, *(one for one in schema["$defs"].values() if "properties" in one)):
        assert model["additionalProperties"] is False


def test_a_time_of_day_needs_no_seconds() -> None:
    start = site_schema()["$defs"]["Window"]["properties"]["start"]
    assert re.match(start["pattern"], "22:00")
    assert start["format"] != "time"


def test_the_source_is_told_by_its_kind() -> None:
    source = site_schema()["$defs"]["CameraConfig"]["properties"]["source"]
    assert {"rtsp", "file", "synthetic"} <= set(source["discriminator"]["mapping"])


def table(heading: str) -> set[str]:
    """Names in the first column of the table behind a heading, `place.x` as `place`."""
    rows = re.search(rf"{re.escape(heading)}\n\n\| key \|.*?\n\n", PAGE, re.DOTALL)
    assert rows is not None, f"docs/site.md has no table behind {heading!r}"
    first = [line.split("|")[1] for line in rows[0].splitlines() if line.startswith("|")][2:]
    return {re.split(r"[.\[]", name)[0] for cell in first for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "model"), [("## The file", SiteConfig), ("## A camera", CameraConfig), ("## A place", PlaceConfig)]
)
def test_the_page_has_every_key(heading: str, model: type[SiteConfig | CameraConfig | PlaceConfig]) -> None:
    assert table(heading) == set(model.model_fields)
