"""One probe against everybody enrolled at a door."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import GalleryError
from edgeguard.recognizers.rule import ThresholdRule
from edgeguard.recognizers.template import Template


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest of the gallery, and what it takes to be taken for them."""

    nearest: str = field(repr=False)  # of a stranger too, so it is told only through `ref`
    similarity: float
    threshold: float

    @property
    def ref(self) -> str | None:
        """Pseudonym of the person; None: nobody of the gallery."""
        return self.nearest if self.similarity >= self.threshold else None


class Gallery:
    """Templates of one model under the pseudonyms of their people; someone may have several.

    The threshold is that of its size. Raises GalleryError where it is too large for the model's rule, or a template is
    of another model.
    """

    def __init__(self, rule: ThresholdRule, refs: Sequence[str], templates: Sequence[Template]) -> None:
        if len(refs) != len(templates):
            raise GalleryError(f"{len(refs)} refs for {len(templates)} templates, accepted: one for each")
        models = {template.model for template in templates}
        if len(models) > 1:
            raise GalleryError(f"templates of {len(models)} models, accepted: of one; enrol again after a change")
        self._refs = tuple(refs)
        self._model = models.pop() if models else None
        self.threshold = rule.identify(len(templates)) if templates else 1.0
        self._matrix = np.stack([template.vector for template in templates]) if templates else None

    def __len__(self) -> int:
        return len(self._refs)

    def __repr__(self) -> str:
        return f"Gallery({len(self)} templates, threshold {self.threshold:.3f})"

    def search(self, probe: Template) -> Match | None:
        """The nearest; None where nobody is enrolled. Raises GalleryError for a probe of another model."""
        if self._matrix is None:
            return None
        if probe.model != self._model:
            raise GalleryError("a probe of another model than the gallery's, accepted: of the same")
        nearest, similarity = nearest_of(self._matrix, probe.vector)
        return Match(self._refs[nearest], similarity, self.threshold)


def nearest_of(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> tuple[int, float]:
    """Row of (n, d) nearest to (d,), and its cosine; all have length 1."""
    similarities = matrix @ vector
    row = int(similarities.argmax())
    return row, float(similarities[row])
