"""What must not be configured at a gate, and why; told at the start, before anything is opened."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgeguard.access.claims import Means
from edgeguard.scenarios import GateFaceConfig, GatePlateConfig, GateRuleConfig

if TYPE_CHECKING:
    from edgeguard.agent.site import CameraConfig, SiteConfig

# What may look at the same pictures as a face model does: the purpose is the gate, and nothing else.
BESIDE_FACES = ("gate_face", "gate_plate", "access_tailgate")
NEEDS = {GateFaceConfig: Means.FACE, GatePlateConfig: Means.PLATE}


def gate_refusals(site: "SiteConfig") -> Iterator[str]:
    """One text for each thing that is wrong; none: the rules at gates are in order."""
    for camera in site.cameras:
        rules = [rule for rule in camera.scenarios if isinstance(rule, GateRuleConfig)]
        for rule in rules:
            yield from (f"{camera.id}: {rule.kind}: {why}" for why in _of_rule(site, rule))
        if any(isinstance(rule, GateFaceConfig) for rule in rules):
            yield from (f"{camera.id}: gate_face: {why}" for why in _of_purpose(site, camera))
        if rules:
            yield from (f"{camera.id}: {why}" for why in _of_evidence(site))
    yield from _of_first(site)


def _of_first(site: "SiteConfig") -> Iterator[str]:
    """Cameras and readers that count at a gate as shown first must be there, and somebody must look for the face."""
    at_gates = {one.id for one in site.cameras for rule in one.scenarios if isinstance(rule, GateRuleConfig)}
    for gate in site.access.gates if site.access else ():
        if gate.first and gate.id not in _seeing_faces(site):
            yield f"access.gates {gate.id}: first, accepted: with a camera that has gate_face for {gate.id}"
        for camera in (one.camera for one in gate.first):
            if camera is not None and camera not in at_gates:
                yield f"access.gates {gate.id}: first: met camera {camera}, accepted: {_names(sorted(at_gates))}"
        if site.claims is None and any(one.reader for one in gate.first):
            yield f"access.gates {gate.id}: first: met a reader, accepted: with `claims`, where readers hand in"


def _seeing_faces(site: "SiteConfig") -> set[str]:
    """Gates at which a camera looks for faces."""
    return {rule.gate for camera in site.cameras for rule in camera.scenarios if isinstance(rule, GateFaceConfig)}


def _of_rule(site: "SiteConfig", rule: GateRuleConfig) -> Iterator[str]:
    if rule.gate not in {gate.id for gate in site.gates}:
        yield f"met gate {rule.gate}, accepted: {_names(gate.id for gate in site.gates)} of `gates`"
    known = None if site.access is None else site.access.gate(rule.gate)
    if known is None:
        accepted = "none" if site.access is None else _names(gate.id for gate in site.access.gates)
        yield f"met gate {rule.gate}, accepted: {accepted} of `access.gates`"
        return
    if isinstance(rule, GatePlateConfig) and known.face == "verify" and rule.gate not in _seeing_faces(site):
        yield f"gate {rule.gate} verifies faces, accepted: with a camera that has gate_face for it"
    needed = NEEDS[type(rule)]
    if needed not in known.means:
        yield f"gate {rule.gate} takes {_names(known.means)}, accepted: means with {needed}"


def _of_purpose(site: "SiteConfig", camera: "CameraConfig") -> Iterator[str]:
    others = [rule.kind for rule in camera.scenarios if rule.kind not in BESIDE_FACES]
    if others:
        yield f"met beside {', '.join(others)}, accepted: {', '.join(BESIDE_FACES)}; a face model looks at gates only"
    if camera.place.lift is not None or site.place.lift is not None:
        yield "met at a camera of a lift, accepted: at a gate's; a face model looks at gates only"
    if not site.privacy.blur_heads and site.privacy.legal_basis is None:
        yield "met privacy.blur_heads false, accepted: true, or privacy.legal_basis"


def _of_evidence(site: "SiteConfig") -> Iterator[str]:
    uploads = [name for name in ("upload_clips", "upload_pictures") if getattr(site.evidence, name)]
    if uploads and site.privacy.legal_basis is None:
        yield f"met evidence.{', '.join(uploads)}, which are not blurred, accepted at a gate: with privacy.legal_basis"


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
