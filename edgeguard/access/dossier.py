"""What leaves the box of one person, for whoever has a right to a copy: by pseudonym, without name and template.

What the rules keep on the box is named in `only_on_the_box`; `edgeguard people export REF` shows it there.
"""

from dataclasses import asdict
from typing import Any

from edgeguard.access.consents import Consent
from edgeguard.access.directory import Directory, Dossier
from edgeguard.access.store import Act
from edgeguard.access.vehicles import pseudonym
from edgeguard.contract.base import rfc3339
from edgeguard.contract.lists import VehicleRow


def leaving(directory: Directory, ref: str, act: Act, *, in_clear: bool) -> dict[str, Any]:
    """As JSON has it; that it was asked for is audited. `in_clear`: the site has a legal basis to tell plates.

    Raises DirectoryError for nobody's ref.
    """
    found = directory.tell(ref, act)
    return {
        **found.person.model_dump(mode="json", exclude_none=True, exclude={"label"}),
        "consents": [_consent(consent) for consent in found.consents],
        "templates": [{"model": one.model, "enrolled_at": rfc3339(one.enrolled_at)} for one in found.templates],
        "cards": len(found.cards),
        "pin": found.pin_number is not None,
        "vehicles": [_vehicle(directory, vehicle, in_clear=in_clear) for vehicle in found.vehicles],
        "events": [asdict(row) for row in found.trail],
        "only_on_the_box": _kept(found, in_clear=in_clear),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    told = consent.model_dump(mode="json", exclude_none=True, exclude={"ref", "guardian"})
    return {**told, "guardian": consent.guardian is not None}


def _vehicle(directory: Directory, vehicle: VehicleRow, *, in_clear: bool) -> dict[str, Any]:
    told = vehicle.model_dump(mode="json", exclude_none=True, by_alias=True, exclude={"plate", "ref"})
    subject = pseudonym(directory.vehicles.digest(vehicle.plate))
    return {"subject": subject, **({"plate": vehicle.plate} if in_clear else {}), **told}


def _kept(found: Dossier, *, in_clear: bool) -> list[str]:
    """What is held and does not leave."""
    held = {
        "label": bool(found.person.label),
        "guardian": any(consent.guardian for consent in found.consents),
        "template": bool(found.templates),
        "card": bool(found.cards),
        "pin_number": found.pin_number is not None,
        "plate": bool(found.vehicles) and not in_clear,
    }
    return [name for name, there in held.items() if there]
