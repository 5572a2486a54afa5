"""Picture -> faces -> templates -> who it is, and whether it lives. No picture, no template leaves a box."""

from edgeguard.recognizers.detect import YunetFinder
from edgeguard.recognizers.gallery import Gallery, Match
from edgeguard.recognizers.liveness import Liveness
from edgeguard.recognizers.manifest import (
    LivenessSpec,
    PlateDetectorSpec,
    RecognizerEntry,
    RecognizerSpec,
    TemplateSpec,
    YunetSpec,
)
from edgeguard.recognizers.photo import read_photo
from edgeguard.recognizers.quality import Flaw, Quality, QualityGate
from edgeguard.recognizers.reader import FaceReader, Look, Unseen, meant
from edgeguard.recognizers.registry import KINDS, placed, verify
from edgeguard.recognizers.rule import ImpostorPoint, ThresholdRule
from edgeguard.recognizers.template import Template, TemplateMaker

__all__ = [
    "KINDS",
    "FaceReader",
    "Flaw",
    "Gallery",
    "ImpostorPoint",
    "Liveness",
    "LivenessSpec",
    "Look",
    "Match",
    "PlateDetectorSpec",
    "Quality",
    "QualityGate",
    "RecognizerEntry",
    "RecognizerSpec",
    "Template",
    "TemplateMaker",
    "TemplateSpec",
    "ThresholdRule",
    "Unseen",
    "YunetFinder",
    "YunetSpec",
    "meant",
    "placed",
    "read_photo",
    "verify",
]
