import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from edgeguard.errors import ModelError
from edgeguard.recognizers import Template, TemplateMaker, TemplateSpec
from tests.support import face_models


def maker(folder: Path, **changes: object) -> TemplateMaker:
    tiny = face_models.template().changed(**changes)
    return TemplateMaker(TemplateSpec(folder=tiny.put(folder), **tiny.entry))


def flat(bgr: tuple[int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((112, 112, 3), bgr, np.uint8)


def test_a_template_has_length_one_and_the_colours_in_the_order_asked_for(tmp_path: Path) -> None:
    template = maker(tmp_path).make_of_aligned(flat((0, 30, 40)))
    np.testing.assert_allclose(template.vector, [0.8, 0.6, 0.0], atol=1e-6)
    assert template.vector.dtype == np.float32
    assert not template.vector.flags.writeable


def test_mean_and_std_of_the_description_count(tmp_path: Path) -> None:
    described = {"size": [112, 112], "color": "bgr", "scale": 1.0, "mean": [10, 10, 10], "std": [2, 1, 1]}
    template = maker(tmp_path, input=described).make_of_aligned(flat((16, 14, 10)))
    np.testing.assert_allclose(template.vector, [0.6, 0.8, 0.0], atol=1e-6)


def test_similarity_is_the_cosine(tmp_path: Path) -> None:
    made = maker(tmp_path)
    red, green, both = (made.make_of_aligned(flat(colour)) for colour in ((0, 0, 9), (0, 9, 0), (0, 9, 9)))
    assert red.similarity(red) == pytest.approx(1)
    assert red.similarity(green) == pytest.approx(0)
    assert red.similarity(both) == pytest.approx(np.sqrt(0.5))


def test_templates_of_two_models_do_not_compare() -> None:
    one, other = (Template(np.ones(1, np.float32), model) for model in ("a", "b"))
    with pytest.raises(ModelError, match=r"templates of two models \(a, b\)"):
        one.similarity(other)


def test_a_template_is_never_told_as_text(tmp_path: Path) -> None:
    template = maker(tmp_path).make_of_aligned(flat((0, 30, 40)))
    told = f"{template} {template!r} {[template]} %s" % template
    assert "0.8" not in told
    assert "array" not in told
    with pytest.raises(TypeError):
        json.dumps(asdict(template))


def test_a_face_without_a_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"a template of length 0\.0, accepted: a finite one above 0"):
        maker(tmp_path).make_of_aligned(flat((0, 0, 0)))


def test_an_output_of_other_dimensions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"output is float32 \[1, 3\], accepted: float32 \[1, 128\]"):
        maker(tmp_path, dimensions=128)


@pytest.mark.parametrize("vector", [np.ones((2, 2), np.float32), np.ones(2)])
def test_a_vector_of_another_shape_is_no_template(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    with pytest.raises(ValueError, match=r"vector must be \(d,\) float32"):
        Template(vector, "a")
