"""Face models that a test can reckon with: what they see is the mean colour of a picture. And the stand-ins' words.

A picture is black: no face. White: two faces of one size. Any other colour: one face, whose template is the colour;
the greener it is, the more it lives.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE = 64  # of the finder's input; its faces lie at fixed places of it
FACE = (16.0, 32.0)  # centre of the only face
OTHER = (48.0, 32.0)  # and of the one beside it
FACE_PX = 24.0
# Of a face of 112 pixels, as ArcFace has them; the boxes here have the same landmarks, smaller.
LANDMARKS = np.array([(38.3, 51.7), (73.5, 51.5), (56.0, 71.7), (41.5, 92.4), (70.7, 92.2)]) / 112

IMPOSTORS = [
    {"fmr": 1e-1, "similarity": 0.5},
    {"fmr": 1e-3, "similarity": 0.7},
    {"fmr": 1e-5, "similarity": 0.9},
]


@dataclass(frozen=True)
class Tiny:
    """A file's bytes, and how it is described."""

    data: bytes
    entry: dict[str, Any]

    def put(self, folder: Path) -> Path:
        """Lay file and description into `folder`, as they are when installed."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.entry["file"]).write_bytes(self.data)
        (folder / f"{self.entry['name']}.yaml").write_text(yaml.safe_dump({"model": self.entry}), "utf-8")
        return folder

    def changed(self, **fields: Any) -> "Tiny":
        return Tiny(self.data, {**self.entry, **fields})


def finder(name: str = "tiny-finder") -> Tiny:
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["mean", "black"], ["lit"]),
        helper.make_node("Clip", ["lit", "zero", "one"], ["first"]),
        helper.make_node("Sub", ["mean", "white"], ["over"]),
        helper.make_node("Clip", ["over", "zero", "one"], ["second"]),
    ]
    scalars = {"zero": 0.0, "one": 1.0, "black": 5.0, "white": 250.0}
    constants = [numpy_helper.from_array(np.array(value, np.float32), key) for key, value in scalars.items()]
    outputs = []
    for stride in (8, 16, 32):
        cells = (SIDE // stride) ** 2
        for kind, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name_, tables = f"{kind}_{stride}", _tables(kind, stride, (cells, width))
            for part, table in zip(("first", "second"), tables, strict=True):
                constants.append(numpy_helper.from_array(table[None], f"{name_}_{part}_table"))
                nodes.append(helper.make_node("Mul", [part, f"{name_}_{part}_table"], [f"{name_}_{part}"]))
            nodes.append(helper.make_node("Add", [f"{name_}_first", f"{name_}_second"], [name_]))
            outputs.append(helper.make_tensor_value_info(name_, TensorProto.FLOAT, (1, cells, width)))
    data = _network(nodes, "input", (1, 3, SIDE, SIDE), outputs, constants)
    return Tiny(data, _entry(name, data) | {"kind": "yunet", "longest_px": SIDE})


def _tables(kind: str, stride: int, shape: tuple[int, int]) -> list[NDArray[np.float32]]:
    """What each of the two faces adds to an output; both are told by the cells of stride 8."""
    tables = [np.zeros(shape, np.float32), np.zeros(shape, np.float32)]
    if stride != 8:
        return tables
    for table, centre in zip(tables, (FACE, OTHER), strict=True):
        column, row = int(centre[0] // 8), int(centre[1] // 8)
        corner = np.array(centre) - FACE_PX / 2
        points = (corner + LANDMARKS * FACE_PX) / 8 - (column, row)
        offset, size = np.array(centre) / 8 - (column, row), [np.log(FACE_PX / 8)] * 2
        values: dict[str, Any] = {"cls": [1.0], "obj": [0.9], "bbox": [*offset, *size], "kps": points.ravel()}
        table[row * (SIDE // 8) + column] = values[kind]
    return tables


def template(name: str = "tiny-face", **threshold: Any) -> Tiny:
    data = _mean_colour(112, 1.0)
    described = {
        "kind": "face_template",
        "input": {"size": [112, 112], "color": "rgb", "scale": 1.0},
        "dimensions": 3,
        "threshold": {"verify": 0.8, "measured_on": "made up", "impostors": IMPOSTORS, **threshold},
    }
    return Tiny(data, _entry(name, data) | described)


def liveness(name: str = "tiny-live", crop: float = 2.7) -> Tiny:
    data = _mean_colour(80, 0.05)
    described = {
        "kind": "minifasnet",
        "input": {"size": [80, 80], "color": "bgr", "scale": 1.0},
        "crop": crop,
        "threshold": 0.6,
        "measured_on": "made up",
    }
    return Tiny(data, _entry(name, data) | described)


def _mean_colour(side: int, scale: float) -> bytes:
    """(1, 3): the mean of each channel, times `scale`."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "scale"], ["output"]),
    ]
    constants = [numpy_helper.from_array(np.array(scale, np.float32), "scale")]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, (1, 3))]
    return _network(nodes, "images", (1, 3, side, side), outputs, constants)


def _network(nodes: list[Any], name: str, shape: tuple[int, ...], outputs: list[Any], constants: list[Any]) -> bytes:
    images = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "tiny", [images], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _entry(name: str, data: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"name": name, "file": f"{name}.onnx", "sha256": digest, "licence": "CC0-1.0", "source": "made up"}


def picture(path: Path, bgr: tuple[int, int, int], side: int = 128) -> Path:
    """Write a picture of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((side, side, 3), bgr, np.uint8))
    return path


# The stand-ins of the shared material. Their thresholds were measured as docs/faces.md tells.
STAND_INS: dict[str, dict[str, Any]] = {
    "yunet": {
        "file": "yunet_n_dynamic.onnx",
        "sha256": "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
        "licence": "Apache-2.0",
        "source": "github.com/ShiqiYu/libfacedetection.train",
        "kind": "yunet",
    },
    "mobilefacenet": {
        "file": "mobilefacenet_arcface.onnx",
        "sha256": "4f743ee8ad762e9a0316075d12f3c658e2896880d13e1d84333c0886755b7238",
        "licence": "none stated, research only",
        "source": "github.com/liguiyuan/mobilefacenet-ncnn",
        "kind": "face_template",
        "input": {"size": [112, 112], "color": "rgb", "scale": 1.0},
        "dimensions": 128,
        "threshold": {
            "verify": 0.36,
            "measured_on": "LFW, 1,014 people",
            "impostors": [
                {"fmr": 1e-1, "similarity": 0.1271},
                {"fmr": 1e-2, "similarity": 0.2325},
                {"fmr": 1e-3, "similarity": 0.3182},
                {"fmr": 1e-4, "similarity": 0.3931},
                {"fmr": 1e-5, "similarity": 0.4548},
            ],
        },
    },
    "minifasnet-2.7": {
        "file": "minifasnet_v2_2.7_80.onnx",
        "sha256": "bdddb2d77c3c1dad36c488543598d62bb7a4dbb13b58c2a0d2f01f405c012937",
        "licence": "Apache-2.0",
        "source": "github.com/minivision-ai/Silent-Face-Anti-Spoofing",
        "kind": "minifasnet",
        "input": {"size": [80, 80], "color": "bgr", "scale": 1.0},
        "crop": 2.7,
        "threshold": 0.5,
        "measured_on": "four videos of two people",
    },
    "minifasnet-4.0": {
        "file": "minifasnet_v1se_4.0_80.onnx",
        "sha256": "891d40068ca101b8b079ea0890b422e9dfd47a8e50854cd949bff0fb0e836008",
        "licence": "Apache-2.0",
        "source": "github.com/minivision-ai/Silent-Face-Anti-Spoofing",
        "kind": "minifasnet",
        "input": {"size": [80, 80], "color": "bgr", "scale": 1.0},
        "crop": 4.0,
        "threshold": 0.5,
        "measured_on": "four videos of two people",
    },
}


def stand_ins(folder: Path, shared: Path) -> Path:
    """Install the stand-ins into `folder` by link: what a site has after `models import --describe`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, entry in STAND_INS.items():
        (folder / entry["file"]).symlink_to(shared / "models" / entry["file"])
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({"model": {"name": name, **entry}}), "utf-8")
    return folder
