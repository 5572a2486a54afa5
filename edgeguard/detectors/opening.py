"""A model of the manifest as a box uses it: with its second look and its second opinion, where it has them."""

from edgeguard.detectors.manifest import ModelSpec
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.second_look import TwoLooks
from edgeguard.detectors.second_opinion import Agreed
from edgeguard.networks import ExecutionConfig
from edgeguard.types import Detector


def open_detector(
    spec: ModelSpec, execution: ExecutionConfig | None = None, *, score_floor: float | None = None
) -> Detector:
    """Load every network that the model asks.

    `score_floor` as for `OnnxDetector`; a second opinion keeps its own. Raises ConfigError, ModelError.
    """
    execution = execution or ExecutionConfig()
    first, look = OnnxDetector(spec, execution, score_floor=score_floor), spec.looks_again
    detector: Detector = first if look is None else TwoLooks(first, look, execution, score_floor)
    terms, other = spec.second_opinion, spec.seconder
    if terms is None or other is None:
        return detector
    seconder = OnnxDetector(other, execution, score_floor=terms.least)
    label, others_label = spec.labels.index(terms.label), other.labels.index(terms.label)
    return Agreed(detector, label, seconder, others_label, terms.overlap)
