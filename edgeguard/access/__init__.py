"""Who may go in: the box's directory of people and vehicles, and the decision at a gate."""

from edgeguard.access.claims import (
    CardClaim,
    Claim,
    Decision,
    FaceClaim,
    GuardClaim,
    Means,
    Outcome,
    PinClaim,
    PlateClaim,
    QrClaim,
    Reason,
)
from edgeguard.access.config import AccessConfig, GateRules, KeepConfig, Passback
from edgeguard.access.consents import Consent
from edgeguard.access.directory import Directory
from edgeguard.access.doorkeeper import Doorkeeper
from edgeguard.access.faces import FaceTemplate
from edgeguard.access.people import Person, new_ref
from edgeguard.access.store import Act

__all__ = [
    "AccessConfig",
    "Act",
    "CardClaim",
    "Claim",
    "Consent",
    "Decision",
    "Directory",
    "Doorkeeper",
    "FaceClaim",
    "FaceTemplate",
    "GateRules",
    "GuardClaim",
    "KeepConfig",
    "Means",
    "Outcome",
    "Passback",
    "Person",
    "PinClaim",
    "PlateClaim",
    "QrClaim",
    "Reason",
    "new_ref",
]
