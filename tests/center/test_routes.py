"""Who is told: wrong tables with their line, right ones with their recipients."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeguard.center.routes import Routes, load_routes
from edgeguard.contract import Place
from edgeguard.errors import ConfigError
from edgeguard.types import Severity
from tests.center.routes_support import table, written

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t["places"][3].update(parent="C9"), "places.3.parent: met C9, accepted: D1, S1, C1, G42"),
        (lambda t: t["places"][2].pop("parent"), "met nothing at community C1, accepted: the street it lies in"),
        (lambda t: t["places"][3].update(parent="S1"), "met street S1, accepted: a community, no level may be missing"),
        (lambda t: t["places"][0].update(parent="S1"), "met the circle D1 -> S1 -> D1"),
        (lambda t: t["places"][0].update(parent="C1"), "met the circle D1 -> C1 -> S1 -> D1"),
        (lambda t: t["places"][1].update(id="D1"), "places.1.id: met D1 a second time"),
        (lambda t: t["places"][2].update(grid_codes=["330106G0042"]), "met 330106G0042, which is C1's"),
        (
            lambda t: t["places"][3]["roles"].update(guard=["nobody"]),
            "places.3.roles.guard: met nobody, accepted: desk",
        ),
        (lambda t: t["places"][3]["roles"].pop("guard"), "met guard, which nobody has at G42"),
        (lambda t: t["places"][2].update(roles={}), "rules.0.steps.1.roles: met officer, which nobody has at C1"),
        (lambda t: t.update(otherwise="X"), "otherwise: met X, accepted: D1, S1, C1, G42"),
        (lambda t: t["rules"][0].update(codes=["SENSOR.GAZ"]), "met SENSOR.GAZ, which is no code"),
        (lambda t: t["rules"][0].update(places=["X"]), "rules.0.places: met X, accepted: D1"),
        (lambda t: t["rules"][1].update(name="calls"), "rules.1.name: met calls a second time"),
        (lambda t: t["rules"][0]["steps"][0].pop("after_s"), "exactly one of them"),
        (lambda t: t["rules"][0]["steps"][0].update(missed="done"), "exactly one of them"),
        (
            lambda t: t["rules"][0]["steps"][0].update(level="village"),
            "rules.0.steps.0.level: met 'village', accepted: 'grid'",
        ),
        (
            lambda t: t["recipients"]["desk"]["channels"][0].update(url="http://desk.example/x"),
            "https://, or http:// on loopback",
        ),
        (
            lambda t: t["recipients"]["desk"]["channels"][0].update(kind="pigeon"),
            "met 'pigeon', accepted: 'webhook', 'sms'",
        ),
    ],
)
def test_a_wrong_table_is_told_with_its_line(tmp_path: Path, change: Change, said: str) -> None:
    content = table()
    change(content)
    with pytest.raises(ConfigError) as refusal:
        load_routes(written(tmp_path, content))
    assert said in str(refusal.value)
    assert all(line.startswith(f"{tmp_path}/routes.yaml:") for line in str(refusal.value).splitlines())


def test_the_line_is_that_of_the_place(tmp_path: Path) -> None:
    content = table()
    content["places"][3]["parent"] = "C9"
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as refusal:
        load_routes(path)
    line = int(str(refusal.value).removeprefix(f"{path}:").partition(":")[0])
    assert "parent: C9" in path.read_text("utf-8").splitlines()[line - 1]


def test_the_example_is_right() -> None:
    example = Path(__file__).parents[2] / "cameras" / "routes" / "routes-example.yaml"
    assert [rule.name for rule in load_routes(example).rules] == ["calls-and-danger", "rest"]


def routes(**changes: Any) -> Routes:
    return Routes.model_validate(table() | changes)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        (Place(site="x", grid_code="330106G0042"), "G42"),
        (Place(site="x", address_code="330106001001"), "G42"),
        (Place(site="garden"), "C1"),
        (Place(site="x", grid_code="unknown"), "G42"),
        (None, "G42"),
    ],
)
def test_events_find_their_place(where: Place | None, place: str) -> None:
    content = table()
    content["places"][2]["sites"] = ["garden"]
    found = Routes.model_validate(content).place_of(where, where.site if where else "x")
    assert found.id == place


def test_steps_climb_and_a_level_that_is_below_the_place_is_the_place() -> None:
    found = routes()
    grid, community = found.by_id["G42"], found.by_id["C1"]
    calls = found.rules[0]
    assert [found.target(step, grid).recipients for step in calls.steps] == [("desk",), ("community",), ("street",)]
    assert [found.target(step, community).place.id for step in calls.steps] == ["C1", "C1", "S1"]


def test_the_first_rule_that_fits_is_followed() -> None:
    found, place = routes(), routes().by_id["G42"]

    def name(code: str, severity: Severity) -> str | None:
        rule = found.rule_for(code, severity, place)
        return rule.name if rule else None

    assert name("SENSOR.SOS", Severity.WARNING) == "calls"
    assert name("LIFT.EBIKE.ENTER", Severity.CRITICAL) == "rest"
    assert name("LIFT.BICYCLE.ENTER", Severity.INFO) is None
