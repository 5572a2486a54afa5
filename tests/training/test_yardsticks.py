"""Public detectors with COCO's classes folded into ours."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from models.training.labels import COCO_ROWS, LABELS
from models.training.yardsticks import COCO_SHOWN, YARDSTICKS, fold


def passed_through(shape: list[int]) -> onnx.ModelProto:
    """A network whose answer is what it is shown."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["output0"])],
        "any",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize(("head", "first"), [("yolov8", 4), ("yolox", 5)])
def test_a_label_has_the_highest_of_its_classes(head: str, first: int, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((first + 80, 3), np.float32)
    answer = rows[None] if head == "yolov8" else rows.T[None]
    model = passed_through([*answer.shape])
    fold(model, head)
    onnx.checker.check_model(model)
    onnx.save(model, str(tmp_path / "any.onnx"))
    session = onnxruntime.InferenceSession(str(tmp_path / "any.onnx"), providers=["CPUExecutionProvider"])
    told = session.run(None, {"images": answer})[0]
    got = told[0] if head == "yolov8" else told[0].T
    assert got[:first] == pytest.approx(rows[:first])
    assert got[first + LABELS.index("e-bike")] == pytest.approx(rows[[first + 1, first + 3]].max(axis=0))
    assert got[first + LABELS.index("person")] == pytest.approx(rows[first])
    assert got[first + LABELS.index("pram")].tolist() == [0, 0, 0]
    assert len(got) == first + len(LABELS)


def test_a_graph_that_tells_maxima_otherwise_is_refused() -> None:
    model = passed_through([1, 84, 3])
    model.opset_import[0].version = 18
    with pytest.raises(ValueError, match="met operator set 18, accepted: up to 17"):
        fold(model, "yolov8")


def test_what_they_know_is_what_ours_began_from() -> None:
    for label, rows in COCO_SHOWN.items():
        assert label in LABELS
        assert set(COCO_ROWS[label]) <= set(rows)


def test_every_yardstick_has_a_name_of_its_own() -> None:
    assert len({yardstick.name for yardstick in YARDSTICKS}) == len(YARDSTICKS)
