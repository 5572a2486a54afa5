"""Settings written by people, in YAML: read into a pydantic model, with the line of whatever is wrong.

`site.yaml:12: cameras.0.scenarios.0.lift_ebike.clear_s: met 9, accepted: less than or equal to 7`
"""

import difflib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from edgeguard.errors import ConfigError, EdgeGuardError

T = TypeVar("T")
Loc = tuple[int | str, ...]

# Values that are nobody's business in a log or on a screen.
SECRET_NAME = re.compile(r"pass(word|phrase)?|secret|token|credential|key$", re.IGNORECASE)
CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")
MET_LENGTH = 60


class Strict(BaseModel):
    """What settings are read into: frozen, and a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Loader(yaml.SafeLoader):
    """Without YAML 1.1's base 60, which reads 23:30 as 1410; a key given twice is refused."""


_PLAIN = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?[0-9]+$"),
    "tag:yaml.org,2002:float": re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, _PLAIN.get(tag, pattern)) for tag, pattern in resolvers]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class YamlFile:
    """A parsed file: `data`, and checks of the whole or of a part. Raises `error` with `path:line:` in front."""

    def __init__(self, path: Path, error: type[EdgeGuardError] = ConfigError) -> None:
        self._path = path
        self._error = error
        try:
            text = path.read_text("utf-8")
        except OSError as cause:
            raise error(f"{path}: {cause.strerror or cause}") from cause
        except UnicodeDecodeError as cause:
            raise error(f"{path}: met bytes that are not UTF-8 at {cause.start}, accepted: YAML in UTF-8") from cause
        self._node, self.data = self._parse(text)

    def _parse(self, text: str) -> tuple[yaml.Node | None, Any]:
        try:
            loader = _Loader(text)
        except yaml.YAMLError as cause:
            raise self._error(f"{self._path}: met {cause}, accepted: YAML".replace("\n", " ")) from cause
        try:
            node = loader.get_single_node()
            if node is None:
                return None, None
            self._refuse_repeated_keys(node)
            return node, loader.construct_document(node)
        except yaml.MarkedYAMLError as cause:
            mark = cause.problem_mark or cause.context_mark
            raise self._error(f"{self._path}:{mark.line + 1 if mark else 1}: {cause.problem or cause}") from cause
        except (yaml.YAMLError, ValueError) as cause:
            raise self._error(f"{self._path}: met {cause}, accepted: YAML") from cause
        finally:
            loader.dispose()

    def _refuse_repeated_keys(self, node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if not isinstance(key, yaml.ScalarNode):
                    raise self._error(f"{self._path}:{line}: met a list or a mapping as a key, accepted: a name")
                if key.value in seen:
                    raise self._error(f"{self._path}:{line}: {key.value}: given before in line {seen[key.value]}")
                seen[key.value] = line
                self._refuse_repeated_keys(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._refuse_repeated_keys(value)

    def check(self, model: type[T], data: Any = None, at: Loc = ()) -> T:  # noqa: ANN401 - YAML is anything
        """Return `data` (default: the whole file), which stands at `at` in the file, as `model`."""
        data = self.data if data is None else data
        return _validated(data, model, self._error, lambda loc: f"{self._path}:{self.line(loc)}", at)

    def line(self, loc: Loc) -> int:
        """Line of a place in the file, or of the nearest thing around it that is there; from 1."""
        node = self._node
        line = node.start_mark.line + 1 if node else 1
        for part in loc:
            if isinstance(node, yaml.MappingNode):
                entry = next(((key, value) for key, value in node.value if key.value == str(part)), None)
                if entry is None:
                    continue  # pydantic puts the tag of a union into the place
                line, node = entry[0].start_mark.line + 1, entry[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
        return line


def load(path: Path, model: type[T], error: type[EdgeGuardError] = ConfigError) -> T:
    """Read a file into a model; raises `error` with file, line, value met and values accepted, one problem a line."""
    return YamlFile(path, error).check(model)


def check(data: object, model: type[T], where: str) -> T:
    """Return settings that stand in no file, such as the command line's, as `model`; raises ConfigError."""
    return _validated(data, model, ConfigError, lambda _: where)


def _validated(
    data: object, model: type[T], error: type[EdgeGuardError], where: Callable[[Loc], str], at: Loc = ()
) -> T:
    try:
        return TypeAdapter(model).validate_python(data)
    except ValidationError as cause:
        problems = [_problem(item, at, model, where) for item in _own(cause.errors(include_url=False))]
        raise error("\n".join(problems)) from cause


def _own(items: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the lists that are too short only because something in them is wrong."""
    places = [item["loc"] for item in items]

    def follows(item: ErrorDetails) -> bool:
        loc = item["loc"]
        return item["type"] == "too_short" and any(len(loc) < len(at) and at[: len(loc)] == loc for at in places)

    return [item for item in items if not follows(item)]


def _problem(item: ErrorDetails, at: Loc, model: object, where: Callable[[Loc], str]) -> str:
    loc = at + item["loc"]
    if item["type"].startswith("union_tag"):
        loc = (*loc, item["ctx"]["discriminator"].strip("'"))
    place = f"{where(loc)}: {'.'.join(map(str, loc))}{': ' if loc else ''}"
    if item["type"] == "extra_forbidden":
        return f"{place}unknown, accepted: {_nearest(str(loc[-1]), _fields(model, item['loc'][:-1]))}"
    if item["type"] == "value_error" and not loc:  # of the whole: its keys, which `_met` would name, say nothing
        return f"{place}{_accepted(item)}"
    return f"{place}met {_met(item, loc)}, accepted: {_accepted(item)}"


def _accepted(item: ErrorDetails) -> str:
    if item["type"] == "missing":
        return "a value, it is required"
    if item["type"] == "union_tag_invalid":
        return str(item["ctx"]["expected_tags"])
    if item["type"] == "model_type":
        return "a mapping, `name: value`"
    return item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")


def _met(item: ErrorDetails, loc: Loc) -> str:
    value = item["input"]
    if item["type"] in {"missing", "union_tag_not_found"}:
        return "nothing"
    if item["type"] == "union_tag_invalid":
        return repr(item["ctx"]["tag"])
    if any(isinstance(part, str) and SECRET_NAME.search(part) for part in loc):
        return "(not shown)"
    if isinstance(value, dict):
        return f"a mapping of {', '.join(map(str, value)) or 'nothing'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = CREDENTIALS_IN_URL.sub("***@", repr(value))
    return text if len(text) <= MET_LENGTH else f"{text[: MET_LENGTH - 3]}..."


def _nearest(name: str, fields: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(fields), n=1)
    return f"did you mean {near[0]}?" if near else ", ".join(sorted(fields))


def _fields(model: object, loc: Loc) -> set[str]:
    """Names of the fields of whatever models stand at a place."""
    models = list(_models(model))
    for part in loc:
        below = [deeper for above in models for deeper in _models(_annotation(above, part))]
        # A part that is no field is the index of a list or the tag of a union.
        models = below or [one for one in models if _tagged(one, part)] or models
    return {field.alias or name for one in models for name, field in one.model_fields.items()}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _annotation(model: type[BaseModel], part: int | str) -> object:
    fields = model.model_fields.items()
    return next((field.annotation for name, field in fields if part in {name, field.alias}), None)


def _tagged(model: type[BaseModel], part: int | str) -> bool:
    return any(part in get_args(field.annotation) for field in model.model_fields.values())
