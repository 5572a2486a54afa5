"""Body networks that a test can reckon with: what they see is the mean colour of a square.

The greener it is, the more somebody lies; every joint is in the middle of the square, with the greenness as confidence.
What `fight` sees is the mean colour of each cell.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgeguard.bodies import FightSpec, PoseSpec, PostureSpec

SIDE = 64
CELLS = 3


def posture(folder: Path) -> PostureSpec:
    """Logits: 8 x (green - 0.5), 0, 0."""
    rows = np.zeros((3, 3), np.float32)
    rows[1, 0] = 8
    data = _network([3], rows, np.array([-4, 0, 0], np.float32))
    return PostureSpec(folder=folder, kind="posture", card="tiny.md", **_described(folder, "tiny-posture", data))


def pose(folder: Path) -> PoseSpec:
    """Every cell sees the same."""
    rows = np.zeros((3, 56 * CELLS), np.float32)
    bias = np.zeros((56, CELLS), np.float32)
    bias[5::3] = bias[6::3] = SIDE / 2
    confidence = np.zeros((56, CELLS), np.float32)
    confidence[7::3] = 1
    rows[1] = confidence.ravel()
    data = _network([56, CELLS], rows, bias.ravel())
    return PoseSpec(folder=folder, kind="yolo_pose", source="a test", **_described(folder, "tiny-pose", data))


def fight(folder: Path) -> FightSpec:
    """Red, green and blue 0..1 of cells of 32 pixels, of a picture of 192x320; nothing tells a fight."""
    nodes = [helper.make_node("AveragePool", ["input"], ["output"], kernel_shape=[32, 32], strides=[32, 32])]
    described = _described(folder, "tiny-fight", _model(nodes, [], [1, 3, 192, 320], [1, 3, 6, 10]))
    del described["crop"]
    described["input"]["size"] = [192, 320]
    even: dict[str, Any] = {"mean": (0.0,) * 6, "spread": (1.0,) * 6, "weight": (0.0,) * 6, "changes": (0.0,) * 3}
    times: dict[str, Any] = {"window_s": 2.0, "least_s": 1.25, "alone": 0.5, "bias": 0.0}
    return FightSpec(folder=folder, kind="fight", card="tiny.md", **even, **times, **described)


def _described(folder: Path, name: str, data: bytes) -> dict[str, Any]:
    (folder / f"{name}.onnx").write_bytes(data)
    return {
        "name": name,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": {"size": [SIDE, SIDE], "color": "rgb", "scale": 1 / 255},
        "crop": 1.0,
        "licence": "AGPL-3.0-or-later",
    }


def _network(shape: list[int], rows: np.ndarray[Any, Any], bias: np.ndarray[Any, Any]) -> bytes:
    """Mean colour (1, 3) times `rows` plus `bias`, as (1, *shape)."""
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Gemm", ["mean", "rows", "bias"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["output"]),
    ]
    constants = [
        numpy_helper.from_array(rows, "rows"),
        numpy_helper.from_array(bias, "bias"),
        numpy_helper.from_array(np.array([1, *shape], np.int64), "shape"),
    ]
    return _model(nodes, constants, [1, 3, SIDE, SIDE], [1, *shape])


def _model(
    nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto], eaten: list[int], answered: list[int]
) -> bytes:
    images = helper.make_tensor_value_info("input", TensorProto.FLOAT, eaten)
    answer = helper.make_tensor_value_info("output", TensorProto.FLOAT, answered)
    graph = helper.make_graph(nodes, "tiny", [images], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
