"""A table of routes that is right, and its file."""

import copy
from pathlib import Path
from typing import Any

import yaml

TABLE: dict[str, Any] = {
    "places": [
        {"id": "D1", "level": "district", "name": "Lakeside district", "roles": {"officer": ["district"]}},
        {"id": "S1", "level": "street", "name": "Harbour street", "parent": "D1", "roles": {"officer": ["street"]}},
        {"id": "C1", "level": "community", "name": "Garden", "parent": "S1", "roles": {"officer": ["community"]}},
        {
            "id": "G42",
            "level": "grid",
            "name": "Grid 42",
            "parent": "C1",
            "grid_codes": ["330106G0042"],
            "address_codes": ["330106001001"],
            "roles": {"guard": ["desk"]},
        },
    ],
    "recipients": {
        name: {
            "name": name.title(),
            "channels": [{"kind": "webhook", "url": f"http://127.0.0.1:1/{name}", "secret_env": "HOOK_SECRET"}],
        }
        for name in ("desk", "community", "street", "district")
    },
    "rules": [
        {
            "name": "calls",
            "codes": ["SENSOR.SOS", "SENSOR.ALARM110"],
            "steps": [
                {"level": "grid", "roles": ["guard"], "after_s": 0},
                {"level": "community", "roles": ["officer"], "missed": "arrived"},
                {"level": "street", "roles": ["officer"], "after_s": 120, "unless": "arrived"},
            ],
        },
        {"name": "rest", "severities": ["critical"], "steps": [{"level": "grid", "roles": ["guard"], "after_s": 0}]},
    ],
    "otherwise": "G42",
}


def table() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(TABLE)


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "routes.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
    return path
