"""What several parts of the tests need."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.support.mosquitto import Listener, Mosquitto

LABELS = ["person", "e-bike", "bicycle"]

MakeModel = Callable[..., Path]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material; tests that use it are marked `shared`."""
    folder = Path(os.environ.get("EDGEGUARD_SHARED", Path(__file__).resolve().parent.parent.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared material at {folder} (EDGEGUARD_SHARED)")
    return folder


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    listener = Listener(broker.port)
    yield listener
    listener.close()


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Write a network that always gives `output`, and its manifest; returns their folder.

    Keywords replace fields of the manifest's entry; `graph_input` is the shape that the network itself declares.
    """

    def make(output: NDArray[np.float32], graph_input: tuple[int | str, ...] = (1, 3, 64, 64), **entry: Any) -> Path:
        network = constant_network(output, graph_input)
        (tmp_path / "tiny.onnx").write_bytes(network)
        return write_manifest(tmp_path, {"sha256": hashlib.sha256(network).hexdigest(), **entry})

    return make


def constant_network(output: NDArray[np.float32], graph_input: tuple[int | str, ...]) -> bytes:
    """output + 0 * mean(images): the answer never changes, the input is used."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["output0"]),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((), np.float32), "zero"),
        numpy_helper.from_array(output.astype(np.float32), "answer"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, graph_input)
    answer = helper.make_tensor_value_info("output0", TensorProto.FLOAT, output.shape)
    graph = helper.make_graph(nodes, "tiny", [images], [answer], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    network: bytes = model.SerializeToString()
    return network


def write_manifest(folder: Path, changes: dict[str, Any]) -> Path:
    """A manifest with one model, "tiny"; a field changed to None is left out."""
    entry = {
        "name": "tiny",
        "file": "tiny.onnx",
        "sha256": "0" * 64,
        "head": "end2end",
        "input": {"size": [64, 64], "layout": "nchw", "color": "rgb", "scale": 1 / 255},
        "labels": LABELS,
        "thresholds": {"e-bike": {"low": 0.2, "high": 0.6}, "default": {"low": 0.3, "high": 0.5}},
        "licence": "AGPL-3.0-or-later",
        "card": "tiny.md",
    } | changes
    rows = [{key: value for key, value in entry.items() if value is not None}]
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"models": rows}), "utf-8")
    return folder
