"""Third-party models: known, fetched under their licence, installed whole or not at all."""

from edgeguard.catalogue.choose import finder_of, liveness_of, template_of
from edgeguard.catalogue.entries import BUNDLED, CatalogueEntry, Description, find_entry, read_catalogue
from edgeguard.catalogue.folder import default_folder, read_installed, state_of
from edgeguard.catalogue.install import bring, location, pull, recognise
from edgeguard.catalogue.licence import Acceptance, accept, record, who

__all__ = [
    "BUNDLED",
    "Acceptance",
    "CatalogueEntry",
    "Description",
    "accept",
    "bring",
    "default_folder",
    "find_entry",
    "finder_of",
    "liveness_of",
    "location",
    "pull",
    "read_catalogue",
    "read_installed",
    "recognise",
    "record",
    "state_of",
    "template_of",
    "who",
]
