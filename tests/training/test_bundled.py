"""The bundled file is what the next training goes on from; `models.training.selfcheck` does, in its own environment."""

from pathlib import Path

import onnx

LIFT_N = Path(__file__).parents[2] / "models" / "lift-n.onnx"
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
