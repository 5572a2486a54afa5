import json

from edgeguard.contract.examples import EXAMPLES
from edgeguard.contract.schema import asyncapi, json_schemas


def test_every_example_has_a_schema_that_names_its_fields() -> None:
    schemas = json_schemas()
    for example in EXAMPLES:
        fields = schemas[type(example.message).__name__]["properties"]
        assert set(json.loads(example.message.to_json())) <= set(fields), example.name


def test_the_document_is_json_and_its_references_lead_somewhere() -> None:
    document = json.loads(json.dumps(asyncapi()))
    assert document["asyncapi"] == "3.0.0"
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].rpartition("/")[2] in document["channels"]
    for channel in document["channels"].values():
        assert channel["address"].startswith("eg1/{site}/{box}/")
        for name in channel["messages"]:
            assert document["components"]["messages"][name]["payload"]["schema"]["type"] == "object"
