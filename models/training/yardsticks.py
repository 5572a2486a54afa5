"""Exports the detectors that ours is compared with, as models of the box: YOLOv8 n and s, YOLOX nano, COCO weights.

Runs in the training environment; the files are third-party weights and stay in the cache. Their 80 classes become the
project's labels, a bicycle or a motorcycle an e-bike, so that whatever takes a model of ours takes them too:

edgeguard eval detect --models-dir CACHE/yardsticks --model yolov8n --manifest held_out.jsonl
python benchmarks/episodes.py --models-dir CACHE/yardsticks --model yolov8n-320 --count 100
"""

import argparse
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import yaml
from onnx import TensorProto, helper

from models.training.labels import LABELS

SIDE_PX = 640
COCO_SHOWN: dict[str, tuple[int, ...]] = {
    "person": (0,),
    "e-bike": (1, 3),  # bicycle, motorcycle
    "dog": (16,),
    "car": (2, 5, 7),
    "bag": (24, 26, 28),
}
"""COCO's classes of which a label's score is the highest; of other labels they know nothing."""

LATEST_OPSET = 17
"""From the next one on the axes of a ReduceMax are an input."""

THRESHOLD = {"low": 0.15, "high": 0.3}


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A row of the manifest: which file, how its output lies, what it eats."""

    name: str
    file: str
    head: str
    eats: dict[str, Any]

    def row(self, folder: Path) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": self.file,
            "sha256": hashlib.sha256((folder / self.file).read_bytes()).hexdigest(),
            "head": self.head,
            "input": self.eats,
            "labels": list(LABELS),
            "thresholds": {"default": THRESHOLD},
            "licence": "third party",
            "card": "none",
        }


PLAIN = {"color": "rgb", "scale": 1 / 255}
YARDSTICKS = (
    Yardstick("yolov8n", "yolov8n.onnx", "yolov8", {"size": [SIDE_PX, SIDE_PX]} | PLAIN),
    Yardstick("yolov8s", "yolov8s.onnx", "yolov8", {"size": [SIDE_PX, SIDE_PX]} | PLAIN),
    Yardstick("yolov8n-320", "yolov8n.onnx", "yolov8", {"size": [320, 320], "dynamic": True} | PLAIN),
    Yardstick("yolox-nano", "yolox_nano_416.onnx", "yolox", {"size": [416, 416], "color": "bgr", "scale": 1.0}),
)
"""yolov8n at its own size and at ours: what 320 pixels do not show is not forgotten."""


def fold(model: onnx.ModelProto, head: str) -> None:
    """In place: the output (1, 4 + 80, cells), or (1, cells, 5 + 80) of YOLOX, gets the project's labels for COCO's.

    Raises ValueError for a graph of an operator set in which a maximum is told otherwise.
    """
    if (opset := model.opset_import[0].version) > LATEST_OPSET:
        raise ValueError(f"met operator set {opset}, accepted: up to {LATEST_OPSET}")
    axis, first = (1, 4) if head == "yolov8" else (2, 5)
    graph, output = model.graph, model.graph.output[0]
    raw = f"{output.name}_coco"
    for node in graph.node:
        node.output[:] = [raw if name == output.name else name for name in node.output]
    parts = [_taken(graph, raw, "geometry", range(first), axis)]
    for label in LABELS:
        rows = [first + row for row in COCO_SHOWN.get(label, ())]
        parts.append(_highest(graph, raw, label, rows, axis) if rows else _silent(graph, raw, label, axis))
    graph.node.append(helper.make_node("Concat", parts, [output.name], axis=axis))
    dims = output.type.tensor_type.shape.dim
    dims[axis].Clear()
    dims[axis].dim_value = first + len(LABELS)


def _taken(graph: Any, raw: str, name: str, rows: Sequence[int], axis: int) -> str:  # noqa: ANN401  # onnx.GraphProto
    graph.initializer.append(helper.make_tensor(f"{name}_rows", TensorProto.INT64, [len(rows)], list(rows)))
    graph.node.append(helper.make_node("Gather", [raw, f"{name}_rows"], [f"{name}_taken"], axis=axis))
    return f"{name}_taken"


def _highest(graph: Any, raw: str, name: str, rows: Sequence[int], axis: int) -> str:  # noqa: ANN401
    taken = _taken(graph, raw, name, rows, axis)
    graph.node.append(helper.make_node("ReduceMax", [taken], [f"{name}_score"], axes=[axis], keepdims=1))
    return f"{name}_score"


def _silent(graph: Any, raw: str, name: str, axis: int) -> str:  # noqa: ANN401
    taken = _taken(graph, raw, name, [0], axis)
    graph.initializer.append(helper.make_tensor(f"{name}_never", TensorProto.FLOAT, [], [0.0]))
    graph.node.append(helper.make_node("Mul", [taken, f"{name}_never"], [f"{name}_score"]))
    return f"{name}_score"


def export(weights: Path, out: Path) -> None:
    """`weights` holds the .pt files and YOLOX's; `out` gets the folded models and their manifest."""
    from models.training import torchvision_stand_in  # noqa: PLC0415  # torch: to export alone

    torchvision_stand_in.install()
    from ultralytics import YOLO  # noqa: PLC0415  # only after the stand-in

    out.mkdir(parents=True, exist_ok=True)
    for file, head in {yardstick.file: yardstick.head for yardstick in YARDSTICKS}.items():
        source = weights / file
        if not source.exists():
            copy = out / f"{source.stem}.pt"  # the export writes beside the weights
            shutil.copyfile(weights / copy.name, copy)
            source = Path(YOLO(str(copy)).export(format="onnx", imgsz=SIDE_PX, opset=17, simplify=False, dynamic=True))
        model = onnx.load(str(source))
        fold(model, head)
        onnx.checker.check_model(model)
        onnx.save(model, str(out / file))
    rows = [yardstick.row(out) for yardstick in YARDSTICKS]
    (out / "manifest.yaml").write_text(yaml.safe_dump({"models": rows}, sort_keys=False))


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m models.training.yardsticks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("weights", type=Path, help="folder of the weights, SHARED/models")
    parser.add_argument("out", type=Path, help="folder for the models, CACHE/yardsticks")
    options = parser.parse_args(words)
    export(options.weights, options.out)
    print(options.out / "manifest.yaml")


if __name__ == "__main__":
    main()
