"""The list of detectors: which file, what it eats, what it knows, and how sure it must be."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from edgeguard.errors import ConfigError
from edgeguard.networks import MANIFEST_NAME, InputSpec
from edgeguard.yamlfile import Strict, load

DEFAULT_MODEL = "lift-n"
ANY_LABEL = "default"

Score = Annotated[float, Field(gt=0, le=1)]


class Threshold(Strict):
    """Score limits of a label: below `low` it is dropped, from `high` on a rule may act on it."""

    low: Score
    high: Score

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low is {self.low}, accepted: at most high ({self.high})")
        return self


class ModelEntry(Strict):
    """One row of the manifest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.onnx$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    head: Literal["yolov8", "end2end", "yolox"]
    input: InputSpec
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    thresholds: dict[str, Threshold]
    licence: str
    card: str

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels are {list(self.labels)}, accepted: each label once")
        known = {*self.labels, ANY_LABEL}
        if unknown := sorted(set(self.thresholds) - known):
            raise ValueError(f"thresholds for {unknown}, accepted: {sorted(known)}")
        if ANY_LABEL not in self.thresholds and (missing := sorted(set(self.labels) - set(self.thresholds))):
            raise ValueError(f"no thresholds for {missing}, accepted: one for each label, or '{ANY_LABEL}'")
        return self


class ModelSpec(ModelEntry):
    """A row of the manifest and where its file lies."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.file

    def threshold(self, label: str) -> Threshold:
        """The limits of a label of this model."""
        return self.thresholds.get(label) or self.thresholds[ANY_LABEL]

    def whole(self) -> Self:
        """The same model at its whole input size, whatever the picture: what others measure it at."""
        return self.model_copy(update={"input": self.input.model_copy(update={"dynamic": False})})

    def lows(self) -> NDArray[np.float32]:
        """(labels,) float32: the score below which a detection is dropped."""
        return np.array([self.threshold(label).low for label in self.labels], np.float32)

    def highs(self) -> NDArray[np.float32]:
        """(labels,) float32: the operating threshold."""
        return np.array([self.threshold(label).high for label in self.labels], np.float32)


class _Manifest(Strict):
    """`recognizers` are read elsewhere: edgeguard/recognizers/bundled.py."""

    models: Annotated[list[ModelEntry], Field(min_length=1)]
    recognizers: list[Any] = Field(default_factory=list)


def read_manifest(folder: Path) -> tuple[ModelSpec, ...]:
    """Read `folder/manifest.yaml`. Raises ConfigError with the file, the place, the value met and what is accepted."""
    path = folder / MANIFEST_NAME
    entries = load(path, _Manifest).models
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: models: names are {names}, accepted: each name once")
    return tuple(ModelSpec(folder=folder, **entry.model_dump()) for entry in entries)


def find_model(name: str, folder: Path) -> ModelSpec:
    """The model of that name in `folder`; or, given the path of an .onnx file, its entry in the manifest beside it.

    Raises ConfigError naming the models there are.
    """
    by_path = name.endswith(".onnx")
    specs = read_manifest(Path(name).parent if by_path else folder)
    wanted = Path(name).name
    for spec in specs:
        if wanted == (spec.file if by_path else spec.name):
            return spec
    accepted = [os.fspath(spec.path) if by_path else spec.name for spec in specs]
    raise ConfigError(f"{specs[0].folder / MANIFEST_NAME}: no model {name!r}, accepted: {', '.join(accepted)}")
