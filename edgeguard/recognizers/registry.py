"""The kinds of models of faces and plates. A new one: its entry in `manifest.py`, its class, one row here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgeguard.recognizers.detect import YunetFinder
from edgeguard.recognizers.liveness import Liveness
from edgeguard.recognizers.manifest import (
    LivenessSpec,
    PlateDetectorSpec,
    PlateReaderSpec,
    RecognizerEntry,
    RecognizerSpec,
    TemplateSpec,
    YunetSpec,
)
from edgeguard.recognizers.plates.detect import PlateDetector
from edgeguard.recognizers.plates.reader import PlateReader
from edgeguard.recognizers.template import TemplateMaker


@dataclass(frozen=True, slots=True)
class Kind:
    """`spec`: what a description of this kind becomes; `load` checks file against description and runs it once."""

    what: str
    spec: type[RecognizerSpec]
    load: Callable[[Any], object]


KINDS: dict[str, Kind] = {
    "yunet": Kind("finds faces", YunetSpec, YunetFinder),
    "face_template": Kind("tells faces apart", TemplateSpec, TemplateMaker),
    "minifasnet": Kind("tells people from pictures", LivenessSpec, lambda spec: Liveness((spec,))),
    "plate_detector": Kind("finds plates", PlateDetectorSpec, PlateDetector),
    "plate_reader": Kind("reads plates", PlateReaderSpec, PlateReader),
}


def placed(entry: RecognizerEntry, folder: Path) -> RecognizerSpec:
    """The description with the folder of its file."""
    return KINDS[entry.kind].spec(folder=folder, **entry.model_dump())


def verify(spec: RecognizerSpec) -> None:
    """Load and run it once. Raises ModelError where the file is missing, damaged or not as described."""
    KINDS[spec.kind].load(spec)
