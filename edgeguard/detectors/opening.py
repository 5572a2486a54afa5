"""A model of the manifest as a box uses it: with its second look and its second opinion, where it has them."""

from edgeguard.detectors.manifest import ModelSpec
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.second_look import TwoLooks
from edgeguard.detectors.second_opinion import Agreed
from edgeguard.errors import ConfigError
from edgeguard.networks import ExecutionConfig
from edgeguard.types import Detector, rivals_of

# Sessions of the larger network, which is seldom asked: each takes 80 MB and a sixth of a second to load.
MOST_OTHERS = 2
# What the larger network sees at all: upside down it may be surer, and both looks count.
FAINTEST = 0.05


def open_detector(
    spec: ModelSpec, execution: ExecutionConfig | None = None, *, score_floor: float | None = None
) -> Detector:
    """Load every network that the model asks.

    `score_floor` as for `OnnxDetector`; a second opinion keeps its own. Raises ConfigError, ModelError.
    """
    execution = execution or ExecutionConfig()
    first, look = OnnxDetector(spec, execution, score_floor=score_floor), spec.looks_again
    detector: Detector = first if look is None else TwoLooks(first, look, execution, score_floor)
    opinion, other = spec.second_opinion, spec.asked
    if opinion is None:
        return detector
    if other is None:
        raise ConfigError(f"{spec.name}: second_opinion.model is {opinion.model!r}, accepted: a row that was looked up")
    few = execution.model_copy(update={"sessions": min(execution.sessions or 1, MOST_OTHERS)})
    second = OnnxDetector(other, few, score_floor=min(opinion.least, FAINTEST))
    label, others_label = spec.labels.index(opinion.label), other.labels.index(opinion.label)
    rivals, first_rivals = (rivals_of(opinion.label, labels) for labels in (other.labels, spec.labels))
    return Agreed(detector, label, second, others_label, opinion.overlap, rivals, first_rivals, opinion.least)
