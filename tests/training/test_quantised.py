"""An int8 variant: what it is calibrated with, and that it still says what the network says."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from models.training import quantised
from models.training.quantised import HEAD, Pictures, quantise

PICTURES = 5


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    rows = []
    for number in range(PICTURES + 1):
        picture = np.random.default_rng(number).integers(0, 255, (36, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "images" / f"{number}.png"), picture)
        part = "train" if number < PICTURES else "held-out"
        rows.append({"image": f"images/{number}.png", "source": "scenes", "part": part})
    (tmp_path / "real.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Two convolutions, the second one in the head."""
    rng = np.random.default_rng(0)
    sizes = {"first": (4, 3, 3, 3), "last": (2, 4, 1, 1)}
    weights = [
        numpy_helper.from_array(rng.normal(0, 0.3, size).astype(np.float32), name) for name, size in sizes.items()
    ]
    nodes = [
        helper.make_node("Conv", ["images", "first"], ["seen"], name="/model.0/conv/Conv", pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["seen", "last"], ["output0"], name=f"{HEAD}/cv2/Conv"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, (1, 3, "height", "width"))
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, (1, 2, "height", "width"))
    graph = helper.make_graph(nodes, "two", [images], [output], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "two.onnx"))
    return tmp_path / "two.onnx"


def test_it_is_calibrated_on_training_pictures_as_a_box_sees_them(root: Path) -> None:
    pictures = Pictures(root)
    tensors = [tensor["images"] for tensor in iter(pictures.get_next, None)]
    assert len(tensors) == PICTURES
    assert {tensor.shape for tensor in tensors} == {(1, 3, 192, 320)}
    assert all(tensor.min() >= 0 and tensor.max() <= 1 for tensor in tensors)


def test_of_many_pictures_some_are_taken_always_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised, "CALIBRATION_PICTURES", 2)
    first, second = ([t["images"].sum() for t in iter(Pictures(root).get_next, None)] for _ in range(2))
    assert len(first) == 2
    assert first == second


@pytest.mark.parametrize(("keep_head", "in_eight_bits"), [(False, 2), (True, 1)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_eight_bits_say_nearly_the_same(root: Path, network: Path, keep_head: bool, in_eight_bits: int) -> None:
    quantise(network, root / "int8.onnx", root, keep_head)
    stored = [w for w in onnx.load(str(root / "int8.onnx")).graph.initializer if w.data_type == TensorProto.INT8]
    assert sum(len(weight.dims) == 4 for weight in stored) == in_eight_bits
    picture = Pictures(root).get_next()
    before, after = (InferenceSession(path).run(None, picture)[0] for path in (network, root / "int8.onnx"))
    assert np.abs(after - before).mean() < 0.02 * np.ptp(before)
