"""`edgeguard contract`: the event codes, example messages and schemas, for people and for machines."""

import argparse
import json

from edgeguard.contract.codes import CODES, CODES_VERSION
from edgeguard.contract.examples import EXAMPLES
from edgeguard.contract.schema import asyncapi, json_schemas

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("contract", help="print the event codes, example messages and schemas")
    parser.add_argument("what", choices=sorted(_PRINTERS), help="asyncapi: the whole contract as one document")
    parser.add_argument("--json", action="store_true", help="for machines: one JSON document")


def run(args: argparse.Namespace) -> int:
    """Print what was asked for; always 0."""
    _PRINTERS[args.what](args.json)
    return 0


def _codes(as_json: bool) -> None:
    rows = [
        {
            "code": row.code,
            "family": row.family,
            "severity": row.severity,
            "en": row.en,
            "zh": row.zh,
            "experimental": row.experimental,
        }
        for row in CODES.values()
    ]
    if as_json:
        _print_json({"version": CODES_VERSION, "codes": rows})
        return
    print(f"# event codes, version {CODES_VERSION}")
    for row in CODES.values():
        note = " (experimental)" if row.experimental else ""
        print(f"{row.code:<24} {row.severity:<9} {row.en + note:<45} {row.zh}")


def _examples(as_json: bool) -> None:
    rows = [
        {
            "name": example.name,
            "topic": example.topic,
            "retain": example.retain,
            "payload": example.message.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        for example in EXAMPLES
    ]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        retained = ", retained" if row["retain"] else ""
        print(f"# {row['name']}{retained}\n{row['topic']}")
        _print_json(row["payload"])
        print()


def _schema(as_json: bool) -> None:
    del as_json  # a schema is JSON anyway
    _print_json(json_schemas())


def _asyncapi(as_json: bool) -> None:
    del as_json
    _print_json(asyncapi())


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


_PRINTERS = {"codes": _codes, "examples": _examples, "schema": _schema, "asyncapi": _asyncapi}
