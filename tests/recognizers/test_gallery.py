from typing import Any

import numpy as np
import pytest

from edgeguard.errors import GalleryError
from edgeguard.recognizers import Gallery, Template, ThresholdRule
from tests.support.face_models import IMPOSTORS

RULE = ThresholdRule.model_validate({"verify": 0.4, "measured_on": "made up", "impostors": IMPOSTORS})


def template(*values: float, model: str = "m") -> Template:
    vector = np.array(values, np.float32)
    return Template(vector / np.float32(np.linalg.norm(vector)), model)


def test_the_nearest_is_found_and_taken_above_the_threshold() -> None:
    gallery = Gallery(RULE, ["ann", "bob", "ann"], [template(1, 0, 0), template(0, 1, 0), template(1, 1, 0)])
    match = gallery.search(template(1, 0.05, 0))
    assert match is not None
    assert (match.ref, match.threshold) == ("ann", gallery.threshold)
    assert match.similarity == pytest.approx(1, abs=0.01)


def test_a_stranger_is_nobody_though_somebody_is_nearest() -> None:
    match = Gallery(RULE, ["ann"], [template(1, 0, 0)]).search(template(0.5, 1, 1))
    assert match is not None
    assert match.ref is None
    assert "ann" not in repr(match)


def test_the_threshold_is_that_of_the_size() -> None:
    thresholds = [Gallery(RULE, ["a"] * n, [template(1, 0)] * n).threshold for n in (1, 10, 100)]
    assert thresholds == sorted(set(thresholds))
    assert thresholds[2] == pytest.approx(0.8, abs=0.001)


def test_nobody_enrolled_matches_nobody() -> None:
    assert Gallery(RULE, [], []).search(template(1, 0)) is None


def test_nothing_of_a_person_is_told() -> None:
    gallery = Gallery(RULE, ["ann"], [template(0.6, 0.8)])
    assert repr(gallery) == f"Gallery(1 templates, threshold {gallery.threshold:.3f})"


@pytest.mark.parametrize(
    ("refs", "templates", "message"),
    [
        (["a"] * 301, [template(1, 0)] * 301, "301 templates, accepted: at most 300.*card, QR or plate first"),
        (["a"], [], "1 refs for 0 templates"),
        (["a", "b"], [template(1, 0), template(1, 0, model="n")], "templates of 2 models, accepted: of one"),
    ],
)
def test_a_wrong_gallery_is_refused(refs: list[str], templates: list[Any], message: str) -> None:
    with pytest.raises(GalleryError, match=message):
        Gallery(RULE, refs, templates)


def test_a_probe_of_another_model_is_refused() -> None:
    with pytest.raises(GalleryError, match="a probe of another model"):
        Gallery(RULE, ["a"], [template(1, 0)]).search(template(1, 0, model="n"))
