"""Where a box, a camera or a gate is."""

from edgeguard.contract import Place
from edgeguard.yamlfile import Strict


class PlaceConfig(Strict):
    """Where, in the words people on site use; the two codes are those of the city's platform."""

    building: str | None = None
    unit: str | None = None
    lift: str | None = None
    gate: str | None = None
    address_code: str | None = None
    grid_code: str | None = None

    def at(self, site: str, base: "PlaceConfig") -> Place:
        """The contract's place; what is not given here comes from `base`."""
        own = self.model_dump(exclude_none=True)
        return Place(site=site, **(base.model_dump(exclude_none=True) | own))
