"""The bundled file is what the next training goes on from; `models.training.selfcheck` does, in its own environment."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

from models.training.bodies.trunk import cut
from models.training.halved import SINGLE, halve

LIFT_N = Path(__file__).parents[2] / "models" / "lift-n.onnx"
SECOND_LOOK = LIFT_N.with_name("second-look.onnx")
# YOLOv8n: convolutions with a batch norm, folded in, and the last ones of the head at three scales, without.
FOLDED, LAST = 57, 6


def test_its_weights_are_named_as_the_networks_are() -> None:
    names = {entry.name for entry in onnx.load(str(LIFT_N)).graph.initializer}
    folded = {name for name in names if name.endswith(".conv.weight")} - {"model.22.dfl.conv.weight"}  # a fixed ramp
    assert {name.replace(".weight", ".bias") for name in folded} <= names
    last = {name for name in names if name.startswith("model.22.cv") and name.endswith(".2.weight")}
    assert (len(folded), len(last)) == (FOLDED, LAST)


def test_it_takes_pictures_of_any_multiple_of_32() -> None:
    (pictures,) = onnx.load(str(LIFT_N), load_external_data=False).graph.input
    batch, colours, height, width = pictures.type.tensor_type.shape.dim
    assert (batch.dim_value, colours.dim_value) == (1, 3)
    assert height.dim_param
    assert width.dim_param


def test_a_trunk_says_what_the_detector_sees(tmp_path: Path) -> None:
    cut(LIFT_N, tmp_path / "trunk.onnx")
    picture = np.random.default_rng(1).random((1, 3, 64, 96), np.float32)
    whole = onnx.load(str(LIFT_N))
    (cells,) = onnx.load(str(tmp_path / "trunk.onnx")).graph.output
    whole.graph.output.append(cells)
    (met,) = InferenceSession(tmp_path / "trunk.onnx").run(None, {"images": picture})
    _, seen = InferenceSession(whole.SerializeToString()).run(None, {"images": picture})
    assert met.shape == (1, 256, 2, 3)
    np.testing.assert_array_equal(met, seen)


def test_a_trunk_is_not_cut_from_another_architecture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"found no activation after model\.9\.cv2\.conv\.weight"):
        cut(SECOND_LOOK, tmp_path / "trunk.onnx")


def test_halved_weights_say_nearly_the_same_and_keep_their_names() -> None:
    whole, halved = (onnx.load(str(SECOND_LOOK)) for _ in range(2))
    halve(halved)
    assert halved.ByteSize() < 0.52 * whole.ByteSize()
    names = {entry.name for entry in halved.graph.initializer}
    assert names == {entry.name for entry in whole.graph.initializer}
    assert not any(name.endswith(SINGLE) for name in names)
    sessions = [InferenceSession(model.SerializeToString()) for model in (halved, whole)]
    picture = {sessions[0].get_inputs()[0].name: np.random.default_rng(1).random((1, 3, 192, 192), np.float32)}
    met, expected = (session.run(None, picture)[0] for session in sessions)
    np.testing.assert_allclose(met, expected, atol=0.005)
