"""The recognizers of one gate's camera, as its rules need them; what looks at no gate loads none."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from edgeguard.access import AccessConfig, GateRules, Means
from edgeguard.access.qr import QrReader
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.catalogue import default_folder, finder_of, liveness_of, template_of
from edgeguard.contract import ModelRef
from edgeguard.detectors import models_dir
from edgeguard.errors import ConfigError
from edgeguard.pipeline.gate_reader import FaceEyes, GateReader, Matcher, PlateEyes, Seeing
from edgeguard.recognizers import FaceReader, Liveness, Match, Template, TemplateMaker, TemplateSpec, YunetFinder
from edgeguard.recognizers.bundled import bundled_recognizer
from edgeguard.recognizers.manifest import PlateReaderSpec
from edgeguard.recognizers.plates import grammar_of
from edgeguard.recognizers.plates.build import READER, plate_chain
from edgeguard.scenarios import GateFaceConfig, GatePlateConfig, GateRuleConfig


class Nobody:
    """A `Matcher` for a site file that is only tried."""

    def match(self, probe: Template, at: datetime) -> Match | None:  # noqa: ARG002 - as the Protocol has it
        return None


def gate_rules(camera: CameraConfig) -> tuple[GateRuleConfig, ...]:
    """Its rules at gates; none: nothing beside the detector looks."""
    return tuple(rule for rule in camera.scenarios if isinstance(rule, GateRuleConfig))


def open_gate_reader(
    site: SiteConfig, camera: CameraConfig, matchers: Mapping[str, Matcher] | None = None
) -> GateReader | None:
    """Load what the camera's rules need. None for a camera of no gate. `matchers` by gate; None: nobody is known.

    Raises ConfigError, with the command that mends it where a face model is missing, and ModelError.
    """
    plates: PlateEyes | None = None
    faces: FaceEyes | None = None
    codes = False
    for rule in gate_rules(camera):
        rules = rules_of(site.access, rule.gate)
        codes = codes or Means.QR in rules.means
        if isinstance(rule, GatePlateConfig):
            plates = PlateEyes(plate_chain(models_dir(site.models_dir), grammar_of()), rules.min_plate_reads)
        elif isinstance(rule, GateFaceConfig):
            faces = _face_eyes(faces_folder(site), rules, Nobody() if matchers is None else matchers[rule.gate])
    if plates is None and faces is None:
        return None
    return GateReader(plates, faces, QrReader() if codes else None)


def rules_of(access: AccessConfig | None, gate: str) -> GateRules:
    """Raises ConfigError."""
    rules = None if access is None else access.gate(gate)
    if rules is None:
        known = "none" if access is None else ", ".join(one.id for one in access.gates)
        raise ConfigError(f"gate {gate!r}, accepted of access.gates: {known}")
    return rules


def faces_folder(site: SiteConfig) -> Path:
    return site.faces_dir or default_folder()


def template_spec(site: SiteConfig) -> TemplateSpec:
    """What tells faces apart on this box. Raises ConfigError with the command that mends it."""
    return template_of(faces_folder(site))


def model_of(site: SiteConfig, rule: str) -> ModelRef | None:
    """The network whose word counts in an event of a gate's rule. Raises ConfigError."""
    if rule == "gate_face":
        spec = template_spec(site)
        return ModelRef(name=spec.name, sha256=spec.sha256)
    if rule == "gate_plate":
        reader = bundled_recognizer(READER, PlateReaderSpec, models_dir(site.models_dir))
        return ModelRef(name=reader.name, sha256=reader.sha256)
    return None


def _face_eyes(folder: Path, rules: GateRules, matcher: Matcher) -> FaceEyes:
    finder = Seeing(YunetFinder(finder_of(folder)))
    liveness = Liveness(liveness_of(folder)) if rules.liveness == "required" else None
    return FaceEyes(finder, FaceReader(finder, TemplateMaker(template_of(folder))), matcher, liveness)
