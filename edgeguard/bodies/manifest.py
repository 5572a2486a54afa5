"""Body networks as their descriptions tell: what a file eats, which part of the picture, what it says."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from edgeguard.errors import ConfigError
from edgeguard.networks import MANIFEST_NAME, InputSpec
from edgeguard.yamlfile import Strict, load

Positive = Annotated[float, Field(gt=0)]
Six = tuple[float, float, float, float, float, float]


class _Described(Strict):
    """What is told of every network."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.onnx$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    input: InputSpec
    licence: Annotated[str, Field(min_length=1)]


class _OfOne(_Described):
    """`crop`: side of the square it is shown, in longer sides of what it is about."""

    crop: Annotated[float, Field(ge=1, le=4)]


class PostureEntry(_OfOne):
    """A person's box -> (1, 3) logits: lying, sitting, standing."""

    kind: Literal["posture"]
    card: str


class FightEntry(_Described):
    """A picture -> (1, channels, cells): what is seen of people.

    Whether they fight is told by how it has changed in the last `window_s`, and by how they have moved: two logistic
    regressions, whose odds are multiplied.
    `mean`, `spread` and `weight` are of the logarithms that `scuffle.features` gives, `changes` the weights of those
    that `changes.Changes` gives. It says nothing before `least_s`, and at most `alone` of somebody with nobody near.
    """

    kind: Literal["fight"]
    window_s: Annotated[float, Field(gt=0, le=10)]
    least_s: Annotated[float, Field(gt=0, le=10)]
    mean: Six
    spread: tuple[Positive, Positive, Positive, Positive, Positive, Positive]
    weight: Six
    changes: Annotated[tuple[float, ...], Field(min_length=1)]
    bias: float
    alone: Annotated[float, Field(ge=0, le=1)]
    card: str

    def logit(self, features: Six, changes: NDArray[np.float64]) -> float:
        """Of the six numbers and of (channels,)."""
        rows = zip(features, self.mean, self.spread, self.weight, strict=True)
        moved = sum(weight * (feature - mean) / spread for feature, mean, spread, weight in rows)
        return self.bias + moved + float(np.dot(self.changes, changes))


class PoseEntry(_OfOne):
    """A person's box -> (1, 56, cells): cx cy w h score, and 17 times x y confidence, in pixels of the input."""

    kind: Literal["yolo_pose"]
    source: Annotated[str, Field(min_length=1)]


class _Placed(Strict):
    """A description and the folder where its file lies."""

    file: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.file


class PostureSpec(PostureEntry, _Placed):
    """Placed."""


class FightSpec(FightEntry, _Placed):
    """Placed."""


class PoseSpec(PoseEntry, _Placed):
    """Placed."""


class _Bundled(Strict):
    """The part of the models' manifest that is about bodies."""

    model_config = ConfigDict(extra="ignore")

    bodies: tuple[Annotated[PostureEntry | FightEntry, Field(discriminator="kind")], ...] = ()


def bodies_in(folder: Path) -> tuple[PostureSpec | FightSpec, ...]:
    """All that the manifest in `folder` has. Raises ConfigError."""
    entries = load(folder / MANIFEST_NAME, _Bundled).bodies
    return tuple(
        (PostureSpec if isinstance(entry, PostureEntry) else FightSpec)(folder=folder, **entry.model_dump())
        for entry in entries
    )


def posture_of(folder: Path) -> PostureSpec:
    """What the manifest in `folder` has for how people lie. Raises ConfigError."""
    return _of(folder, PostureSpec)


def fight_of(folder: Path) -> FightSpec:
    """What it has for fights. Raises ConfigError."""
    return _of(folder, FightSpec)


S = TypeVar("S", PostureSpec, FightSpec)


def _of(folder: Path, wanted: type[S]) -> S:
    there = bodies_in(folder)
    found = next((spec for spec in there if isinstance(spec, wanted)), None)
    if found is None:
        kinds = ", ".join(spec.kind for spec in there) or "none"
        path = folder / MANIFEST_NAME
        raise ConfigError(f"{path}: bodies: met the kinds {kinds}, accepted: one of each, posture and fight")
    return found


def describe_pose(file: Path) -> PoseSpec:
    """A converted pose network by the description beside it. Raises ConfigError naming the command that makes both."""
    beside = file.with_suffix(".yaml")
    if not file.is_file() or not beside.is_file():
        missing = beside if file.is_file() else file
        told = "a network with its description, as `edgeguard models convert yolo11n-pose.pt` makes them"
        raise ConfigError(f"pose: {missing} is not there, accepted: {told}")
    entry = load(beside, PoseEntry)
    if entry.file != file.name:
        raise ConfigError(f"{beside}: file: met {entry.file!r}, accepted: {file.name!r}, which it lies beside")
    return PoseSpec(folder=file.parent, **entry.model_dump())
