"""A box that lists two people, for requests about one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgeguard.access import Directory
from edgeguard.agent.site import SiteConfig
from tests.support.boxes import box_settings, lab
from tests.support.directories import act, enrol, person, vehicle

PLATE, LABEL, CARD = "粤B12345", "flat 12", "04A1B2C3"


def people_box(folder: Path, models: Path, broker_port: int, key: str, **changes: Any) -> dict[str, Any]:
    """`key`: the center's, as text."""
    gates = [{"id": "north", "means": ["face", "card", "plate"]}]
    told = {"uplink": lab(broker_port), "access": {"gates": gates}, "commands": {"keys": [key]}, **changes}
    return box_settings(folder, models, **told)


@contextmanager
def directory_of(settings: dict[str, Any]) -> Iterator[Directory]:
    site = SiteConfig.model_validate(settings)
    assert site.access is not None
    with Directory.of(site.data_dir, site.site, site.box, site.access) as directory:
        yield directory


def fill(settings: dict[str, Any]) -> None:
    """p-1 with face, consent, card, label and car; p-2 with face and consent."""
    with directory_of(settings) as directory:
        for ref in ("p-1", "p-2"):
            enrol(directory, ref)
        directory.people.put(person(label=LABEL), act())
        directory.credentials.add_card("p-1", CARD, act())
        directory.vehicles.put(vehicle(PLATE, ref="p-1"), act())
