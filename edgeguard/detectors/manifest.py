"""The list of detectors: which file, what it eats, what it knows, and how sure it must be."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

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


class Weighing(Strict):
    """How the odds of both add up: log odds = first * those of the detector + second * the classifier's + shift."""

    first: float = Field(gt=0)
    second: float = Field(gt=0)
    shift: float = 0.0


class SecondLookEntry(Strict):
    """What the manifest says of a detector's second look.

    It is asked about boxes of `label` with a score from `asked_from` up to `sure`; `kinds` are its outputs in order,
    and a crop is `context` times the longer side of the box. One that it was asked about and that gets less than
    `least` is dropped.
    """

    file: Annotated[str, Field(pattern=r"^[^/\\]+\.onnx$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    input: InputSpec
    label: str
    kinds: Annotated[tuple[str, ...], Field(min_length=2)]
    context: float = Field(ge=1, le=4)
    asked_from: Score
    sure: Score
    least: float = Field(default=0.0, ge=0, lt=1)
    weighing: Weighing
    card: str

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.label not in self.kinds:
            raise ValueError(f"label is {self.label!r}, accepted: one of kinds ({', '.join(self.kinds)})")
        if self.asked_from >= self.sure:
            raise ValueError(f"asked_from is {self.asked_from}, accepted: below sure ({self.sure})")
        return self


class SecondOpinionEntry(Strict):
    """What the manifest says of the detector that must agree: a box of `label` counts only where it sees one too.

    `model` is another row of the manifest; its score of that label must be at least `least`, and its box must share
    `overlap` (intersection over union) with the first one's.
    """

    model: str
    label: str
    least: Score
    overlap: Score


class ModelEntry(Strict):
    """One row of the manifest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.onnx$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    head: Literal["yolov8", "end2end", "yolox"]
    input: InputSpec
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    thresholds: dict[str, Threshold]
    second_look: SecondLookEntry | None = None
    second_opinion: SecondOpinionEntry | None = None
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
        for name, asked in (("second_look", self.second_look), ("second_opinion", self.second_opinion)):
            if asked and asked.label not in self.labels:
                raise ValueError(f"{name}.label is {asked.label!r}, accepted: {', '.join(self.labels)}")
        return self


class SecondLookSpec(SecondLookEntry):
    """The entry and where its file lies."""

    folder: Path

    @property
    def name(self) -> str:
        return Path(self.file).stem

    @property
    def path(self) -> Path:
        return self.folder / self.file


class ModelSpec(ModelEntry):
    """A row of the manifest, where its file lies, and the row that is asked for a second opinion."""

    folder: Path
    asked: "ModelSpec | None" = None

    @property
    def path(self) -> Path:
        return self.folder / self.file

    def threshold(self, label: str) -> Threshold:
        """The limits of a label of this model."""
        return self.thresholds.get(label) or self.thresholds[ANY_LABEL]

    def whole(self) -> Self:
        """The same model at its whole input size, whatever the picture: what others measure it at."""
        return self.model_copy(update={"input": self.input.model_copy(update={"dynamic": False})})

    @property
    def looks_again(self) -> SecondLookSpec | None:
        """The second look and where its file lies."""
        entry = self.second_look
        return None if entry is None else SecondLookSpec(folder=self.folder, **entry.model_dump())

    def lows(self) -> NDArray[np.float32]:
        """(labels,) float32: the score below which a detection is dropped; what is looked at again may be weaker."""
        again = {} if self.second_look is None else {self.second_look.label: self.second_look.asked_from}
        return np.array([again.get(label, self.threshold(label).low) for label in self.labels], np.float32)

    def highs(self) -> NDArray[np.float32]:
        """(labels,) float32: the operating threshold."""
        return np.array([self.threshold(label).high for label in self.labels], np.float32)


class _Manifest(Strict):
    """`recognizers` and `bodies` are read by the stages that run them."""

    models: Annotated[list[ModelEntry], Field(min_length=1)]
    recognizers: tuple[object, ...] = ()
    bodies: tuple[object, ...] = ()


def read_manifest(folder: Path) -> tuple[ModelSpec, ...]:
    """Read `folder/manifest.yaml`. Raises ConfigError with the file, the place, the value met and what is accepted."""
    path = folder / MANIFEST_NAME
    entries = load(path, _Manifest).models
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path}: models: names are {names}, accepted: each name once")
    specs = {entry.name: ModelSpec(folder=folder, **entry.model_dump()) for entry in entries}
    return tuple(_with_asked(spec, specs, path) for spec in specs.values())


def _with_asked(spec: ModelSpec, specs: dict[str, ModelSpec], path: Path) -> ModelSpec:
    opinion = spec.second_opinion
    if opinion is None:
        return spec
    where = f"{path}: models: {spec.name}: second_opinion"
    others = [name for name, other in specs.items() if other is not spec and opinion.label in other.labels]
    if opinion.model not in others:
        there = ", ".join(others) or "there is none"
        raise ConfigError(f"{where}.model is {opinion.model!r}, accepted: another row with {opinion.label!r} ({there})")
    return spec.model_copy(update={"asked": specs[opinion.model]})


def find_model(name: str, folder: Path) -> ModelSpec:
    """The model of that name in `folder`; or, given the path of an .onnx file, its first row in the manifest beside it.

    Raises ConfigError naming the models there are.
    """
    by_path = name.endswith(".onnx")
    specs = read_manifest(Path(name).parent if by_path else folder)
    wanted = Path(name).name
    for spec in specs:
        if wanted == (spec.file if by_path else spec.name):
            return spec
    accepted = dict.fromkeys(os.fspath(spec.path) if by_path else spec.name for spec in specs)
    raise ConfigError(f"{specs[0].folder / MANIFEST_NAME}: no model {name!r}, accepted: {', '.join(accepted)}")
