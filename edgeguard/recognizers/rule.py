"""How alike is alike enough: the more faces a stranger is compared with, the more like one of them he must be."""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from edgeguard.errors import GalleryError
from edgeguard.yamlfile import Strict

Similarity = Annotated[float, Field(ge=-1, le=1)]
INSTEAD = "larger doors: card, QR or plate first, then the face 1:1"


class ImpostorPoint(Strict):
    """Two faces of different people are at least so alike in `fmr` (false match rate) of all cases."""

    fmr: Annotated[float, Field(gt=0, lt=1)]
    similarity: Similarity


class ThresholdRule(Strict):
    """Cosine similarities of one model.

    `verify`: from here on two pictures show the same person (1:1). `impostors`: measured on pictures of different
    people, from the highest rate to the lowest. `false_accepts`: how often a stranger may be taken for anybody of the
    whole gallery. `max_gallery`: never more templates than this, whatever the table says.
    """

    verify: Similarity
    measured_on: Annotated[str, Field(min_length=1)]
    impostors: tuple[ImpostorPoint, ...] = ()
    false_accepts: Annotated[float, Field(gt=0, lt=1)] = 0.01
    max_gallery: Annotated[int, Field(ge=1, le=10_000)] = 300

    @model_validator(mode="after")
    def _monotone(self) -> Self:
        for before, after in zip(self.impostors, self.impostors[1:], strict=False):
            if after.fmr >= before.fmr or after.similarity < before.similarity:
                met = f"fmr {before.fmr:g} similarity {before.similarity:g}, then {after.fmr:g} {after.similarity:g}"
                raise ValueError(f"impostors has {met}, accepted: fmr falls from row to row, similarity never does")
        return self

    @property
    def largest(self) -> int:
        """Templates of the largest gallery that may be searched; 0 where nobody has measured impostors."""
        if not self.impostors:
            return 0
        lowest = self.impostors[-1].fmr
        # The small part: a table that ends exactly at what is needed serves, whatever the rounding.
        return min(self.max_gallery, math.floor(math.log1p(-self.false_accepts) / math.log1p(-lowest) + 1e-6))

    def needed_fmr(self, templates: int) -> float:
        """False match rate of one comparison at which a stranger passes `templates` of them with `false_accepts`.

        false accepts = 1 - (1 - FMR)^N, for N comparisons that know nothing of one another.
        """
        return -math.expm1(math.log1p(-self.false_accepts) / templates)

    def identify(self, templates: int) -> float:
        """Similarity from which a probe is the person of the nearest of so many templates (1:N), never below `verify`.

        Between two rows of the table it follows the logarithm of the rate. Raises GalleryError above `largest`.
        """
        if not self.impostors:
            raise GalleryError(
                f"a gallery of {templates} templates, accepted: 1:1 only, because no impostors were measured with this "
                "model; `edgeguard eval face --manifest IMAGE_PERSON.csv` prints the table for its description"
            )
        if templates > self.largest:
            raise GalleryError(
                f"a gallery of {templates} templates, accepted: at most {self.largest} (the model was measured down to "
                f"FMR {self.impostors[-1].fmr:g}, {self.false_accepts:g} false accepts a stranger are allowed, "
                f"max_gallery {self.max_gallery}); {INSTEAD}"
            )
        rates = np.log10([point.fmr for point in reversed(self.impostors)])
        similarities = [point.similarity for point in reversed(self.impostors)]
        measured = float(np.interp(math.log10(self.needed_fmr(max(templates, 1))), rates, similarities))
        return max(measured, self.verify)
