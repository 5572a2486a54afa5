"""Models of faces and plates as their descriptions tell: what a file eats, what it gives, how sure is enough."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edgeguard.networks import InputSpec
from edgeguard.recognizers.align import SIDE_PX
from edgeguard.recognizers.rule import ThresholdRule
from edgeguard.yamlfile import Strict

Share = Annotated[float, Field(gt=0, lt=1)]


class _Described(Strict):
    """What is told of every model; `licence` as SPDX names it, `source`: where the file comes from."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    file: Annotated[str, Field(pattern=r"^[^/\\]+\.onnx$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    licence: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]


class YunetEntry(_Described):
    """Finds faces with five landmarks (YuNet, read by OpenCV).

    A picture is looked at with its longer side at most `longest_px`: faces below about a thirtieth of that are lost.
    """

    kind: Literal["yunet"]
    longest_px: Annotated[int, Field(ge=32, le=4096)] = 640
    score: Share = 0.6
    nms_iou: Share = 0.3


class TemplateEntry(_Described):
    """Face -> template, a direction in `dimensions`; `alignment`: where its training put eyes, nose and mouth."""

    kind: Literal["face_template"]
    input: InputSpec
    alignment: Literal["arcface_112"] = "arcface_112"
    dimensions: Annotated[int, Field(ge=2, le=4096)]
    threshold: ThresholdRule

    @model_validator(mode="after")
    def _fits_the_alignment(self) -> Self:
        if self.input.size != (SIDE_PX, SIDE_PX) or self.input.dynamic:
            met = f"size {list(self.input.size)}{' dynamic' if self.input.dynamic else ''}"
            raise ValueError(f"input has {met}, accepted with alignment {self.alignment}: size [{SIDE_PX}, {SIDE_PX}]")
        return self


class LivenessEntry(_Described):
    """Person or picture of one (MiniFASNet): the face box times `crop` -> one logit per class.

    `threshold`: probability of `real_class` from which the face is taken for a live one.
    """

    kind: Literal["minifasnet"]
    input: InputSpec
    crop: Annotated[float, Field(ge=1, le=10)]
    classes: Annotated[int, Field(ge=2, le=16)] = 3
    real_class: Annotated[int, Field(ge=0)] = 1
    threshold: Share
    measured_on: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _real_is_a_class(self) -> Self:
        if self.real_class >= self.classes:
            raise ValueError(f"real_class is {self.real_class}, accepted: 0..{self.classes - 1}")
        return self


class PlateDetectorEntry(_Described):
    """Finds plates with four corners; trained by `models/training/plate_detector`. `input`: the largest canvas."""

    kind: Literal["plate_detector"]
    input: InputSpec
    score: Share = 0.4
    nms_iou: Share = 0.3

    @model_validator(mode="after")
    def _takes_any_size(self) -> Self:
        if not self.input.dynamic:
            raise ValueError("input is not dynamic, accepted: dynamic: true, since pictures of any size are looked at")
        return self


class PlateReaderEntry(_Described):
    """Rectified plate -> columns of one score for none, for each of `alphabet`, then for each of `colours`."""

    kind: Literal["plate_reader"]
    input: InputSpec
    alphabet: Annotated[str, Field(min_length=1)]
    colours: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for field, met in (("alphabet", self.alphabet), ("colours", self.colours)):
            if len(set(met)) != len(met):
                raise ValueError(f"{field} is {met!r}, accepted: each of them once")
        return self


RecognizerEntry = Annotated[
    YunetEntry | TemplateEntry | LivenessEntry | PlateDetectorEntry | PlateReaderEntry, Field(discriminator="kind")
]


class _Placed(Strict):
    """A description and the folder where its file lies."""

    file: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.file


class YunetSpec(YunetEntry, _Placed):
    """Placed."""


class TemplateSpec(TemplateEntry, _Placed):
    """Placed."""


class LivenessSpec(LivenessEntry, _Placed):
    """Placed."""


class PlateDetectorSpec(PlateDetectorEntry, _Placed):
    """Placed."""


class PlateReaderSpec(PlateReaderEntry, _Placed):
    """Placed."""


RecognizerSpec = YunetSpec | TemplateSpec | LivenessSpec | PlateDetectorSpec | PlateReaderSpec
