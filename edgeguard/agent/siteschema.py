"""JSON Schema of the site file, with a description at every key, for editors."""

from typing import Any

from edgeguard.agent.site import SiteConfig
from edgeguard.agent.words import WORDS
from edgeguard.scenarios import SCENARIOS

# JSON documents have no narrower type than this.
Document = dict[str, Any]


def site_schema() -> Document:
    """JSON Schema 2020-12."""
    made = SiteConfig.model_json_schema()
    models = {SiteConfig.__name__: made, **made["$defs"]}
    words = WORDS | _kinds()
    for name, model in models.items():
        for key, field in model.get("properties", {}).items():
            field.pop("title", None)
            if f"{name}.{key}" in words:
                field["description"] = words[f"{name}.{key}"]
    _without_time_format(made)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "EdgeGuard site file", **made}


def _kinds() -> dict[str, str]:
    """Of a scenario's `kind`: the first line of what its class says of itself."""
    return {
        f"{rule.Config.__name__}.kind": (rule.Config.__doc__ or "").partition("\n")[0] for rule in SCENARIOS.values()
    } | {name: told for name, told in WORDS.items() if name.endswith(".kind")}


def _without_time_format(node: object) -> None:
    """JSON Schema's `time` wants seconds and an offset; people write 22:00."""
    if isinstance(node, dict):
        if node.get("format") == "time":
            node["format"], node["pattern"] = "hour-minute", r"^\d{1,2}:\d{2}(:\d{2})?$"
        for child in node.values():
            _without_time_format(child)
    elif isinstance(node, list):
        for child in node:
            _without_time_format(child)
