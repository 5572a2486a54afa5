"""A site file as it is in force: every value, the defaults too, secrets hidden, as YAML that can be read again."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, SecretStr

from edgeguard.sources import redact

HIDDEN = "(hidden)"
_INDENT = "  "
_WORD = re.compile(r"[A-Za-z/][\w./-]*")
_NOT_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of YAML; `given`: it stands in the file, else it is a default; `note` goes behind a `#`.

    `path`: `cameras.0.source.url`.
    """

    path: str
    text: str
    given: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value with what the file says at its place (None: nothing), and whether the file says it."""

    path: str
    value: object
    raw: object
    given: bool


def effective(site: BaseModel, raw: object, environ: Mapping[str, str] = os.environ) -> Iterator[Line]:
    """The lines of a settings model; `raw` is the parsed file it came from."""
    return _Writer(environ).mapping(_Entry("", site, raw, given=True), "")


@dataclass(frozen=True, slots=True)
class _Writer:
    environ: Mapping[str, str]

    def mapping(self, entry: _Entry, indent: str) -> Iterator[Line]:
        for key, child in _children(entry):
            yield from self._key(key, child, indent)

    def _key(self, key: str, entry: _Entry, indent: str) -> Iterator[Line]:
        value = entry.value
        if isinstance(value, BaseModel):
            yield Line(entry.path, f"{indent}{key}:", entry.given)
            yield from self.mapping(entry, indent + _INDENT)
        elif isinstance(value, dict) and value:
            yield Line(entry.path, f"{indent}{key}:", entry.given)
            raws = entry.raw if isinstance(entry.raw, dict) else {}
            for name, item in value.items():
                named = _Entry(f"{entry.path}.{name}", item, raws.get(name), entry.given)
                yield from self._key(name, named, indent + _INDENT)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            yield Line(entry.path, f"{indent}{key}:", entry.given)
            given = entry.raw if isinstance(entry.raw, list) else [None] * len(value)
            for number, (item, raw) in enumerate(zip(value, given, strict=True)):
                yield from self._item(_Entry(f"{entry.path}.{number}", item, raw, entry.given), indent + _INDENT)
        else:
            yield Line(entry.path, f"{indent}{key}: {_scalar(value)}", entry.given, self._note(key, value))

    def _item(self, entry: _Entry, indent: str) -> Iterator[Line]:
        """The first key stands behind the dash."""
        for number, line in enumerate(self.mapping(entry, indent + _INDENT)):
            text = f"{indent}- {line.text.removeprefix(indent + _INDENT)}"
            yield replace(line, text=text) if number == 0 else line

    def _note(self, key: str, value: object) -> str:
        if key.endswith("_env") and isinstance(value, str):
            return "set in this environment" if value in self.environ else "NOT set in this environment"
        return ""


def _children(entry: _Entry) -> Iterator[tuple[str, _Entry]]:
    """What the file gives first, as it gives it; then the defaults."""
    model, raw = entry.value, entry.raw if isinstance(entry.raw, dict) else {}
    if not isinstance(model, BaseModel):
        return
    fields = type(model).model_fields
    for name in sorted(fields, key=lambda name: list(raw).index(name) if name in raw else len(raw)):
        value = getattr(model, name)
        # A user name in an address is given too, but not under its own key.
        given = entry.given and (name in raw or (bool(raw) and value != fields[name].get_default()))
        yield name, _Entry(f"{entry.path}.{name}".lstrip("."), value, raw.get(name), given)


def _scalar(value: object) -> str:
    """One line of YAML: JSON is YAML, and a plain word needs no quotes."""
    if isinstance(value, SecretStr):
        return HIDDEN
    plain = _jsonable(value)
    if isinstance(plain, str) and _WORD.fullmatch(plain) and plain.lower() not in _NOT_WORDS:
        return plain
    return json.dumps(plain, ensure_ascii=False)


def _jsonable(value: object) -> Any:  # noqa: ANN401 - JSON is anything
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, dict):
        return {str(name): _jsonable(item) for name, item in value.items()}
    text = str(value)
    return redact(text) if "://" in text else text
