"""JSON Schema and AsyncAPI 3, generated from the models."""

from typing import Any

from edgeguard.contract.access import AccessSummary
from edgeguard.contract.ack import Ack
from edgeguard.contract.base import MAX_MESSAGE_BYTES, SEGMENT_PATTERN, Message
from edgeguard.contract.codes import CODES_VERSION
from edgeguard.contract.commands import (
    CommandAck,
    CutOffCommand,
    EraseCommand,
    ExportCommand,
    ListsCommand,
    OpenCommand,
    PassCommand,
    ReleaseCommand,
    RevokeCommand,
    SignedOrder,
    SpeakCommand,
    TalkCommand,
    ViewCommand,
)
from edgeguard.contract.device import Birth, CameraHealth, Evidence, State, Tail
from edgeguard.contract.event import Event
from edgeguard.contract.examples import EXAMPLES
from edgeguard.contract.gap import Gap
from edgeguard.contract.passes import PassMade
from edgeguard.contract.rights import DossierPart
from edgeguard.contract.topics import ROOT

# Channel -> (who sends, messages). Pictures and live views are JPEG, metrics are free counters: they have no schema.
_BOX, _CENTER = "send", "receive"
_CHANNELS: dict[str, tuple[str, tuple[type[Message], ...]]] = {
    "birth": (_BOX, (Birth,)),
    "state": (_BOX, (State,)),
    "event/{family}": (_BOX, (Event,)),
    "evidence/{event_id}": (_BOX, (Evidence,)),
    "cam/{camera}/health": (_BOX, (CameraHealth,)),
    "tail": (_BOX, (Tail,)),
    "access": (_BOX, (AccessSummary,)),
    "cmd/speak": (_CENTER, (SpeakCommand,)),
    "cmd/view": (_CENTER, (ViewCommand,)),
    "cmd/talk": (_CENTER, (TalkCommand,)),
    "cmd/open": (_CENTER, (SignedOrder,)),
    "cmd/release": (_CENTER, (SignedOrder,)),
    "cmd/cut_off": (_CENTER, (SignedOrder,)),
    "cmd/lists": (_CENTER, (SignedOrder,)),
    "cmd/export": (_CENTER, (SignedOrder,)),
    "cmd/erase": (_CENTER, (SignedOrder,)),
    "cmd/pass": (_CENTER, (SignedOrder,)),
    "cmd/revoke": (_CENTER, (SignedOrder,)),
    "cmd_ack/{command_id}": (_BOX, (CommandAck,)),
    "dossier/{command_id}": (_BOX, (DossierPart,)),
    "ack": (_CENTER, (Ack,)),
    "gap": (_CENTER, (Gap,)),
}

# What the text in a SignedOrder is, and what an answer to one seals.
_WITHIN: tuple[type[Message], ...] = (
    OpenCommand,
    ReleaseCommand,
    CutOffCommand,
    ListsCommand,
    ExportCommand,
    EraseCommand,
    PassCommand,
    RevokeCommand,
    PassMade,
)

# JSON documents have no narrower type than this.
Document = dict[str, Any]


def json_schemas() -> dict[str, Document]:
    """JSON Schema 2020-12 of every message, by the name of its model."""
    models = [*(model for _, models in _CHANNELS.values() for model in models), *_WITHIN]
    return {model.__name__: _schema(model) for model in models}


def asyncapi() -> Document:
    """The whole contract as an AsyncAPI 3.0 document, seen from the box."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "EdgeGuard MQTT contract",
            "version": f"1.{CODES_VERSION}",
            "description": f"JSON of at most {MAX_MESSAGE_BYTES} bytes, QoS 1; events are CloudEvents 1.0.",
        },
        "defaultContentType": "application/json",
        "channels": {_name(path): _channel(path, models) for path, (_, models) in _CHANNELS.items()},
        "operations": {
            f"{action}_{_name(path)}": {"action": action, "channel": {"$ref": f"#/channels/{_name(path)}"}}
            for path, (action, _) in _CHANNELS.items()
        },
        "components": {"messages": {name: _message(name, schema) for name, schema in json_schemas().items()}},
    }


def _schema(model: type[Message]) -> Document:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}


def _name(path: str) -> str:
    return path.replace("/", "_").replace("{", "").replace("}", "")


def _channel(path: str, models: tuple[type[Message], ...]) -> Document:
    address = f"{ROOT}/{{site}}/{{box}}/{path}"
    variables = [part[1:-1] for part in address.split("/") if part.startswith("{")]
    return {
        "address": address,
        "parameters": {name: {"description": f"matches {SEGMENT_PATTERN}"} for name in variables},
        "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in models},
    }


def _message(name: str, schema: Document) -> Document:
    examples = [
        {"name": example.name, "payload": example.message.model_dump(mode="json", by_alias=True, exclude_none=True)}
        for example in EXAMPLES
        if type(example.message).__name__ == name
    ]
    payload = {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema}
    return {"name": name, "payload": payload, "examples": examples}
