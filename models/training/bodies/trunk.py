"""The beginning of a detector as a network of its own: what `body-fight` sees people with.

    python -m models.training.bodies.trunk models/lift-n.onnx models/body-fight.onnx

1x3xHxW in, H and W multiples of 32; (1, 256, H / 32, W / 32) out: what the detector's first ten layers have made of
each cell. Prints the sum for the manifest.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx.utils import Extractor

from models.training.halved import SINGLE

LAST = "model.9.cv2.conv.weight"
"""The last convolution of a YOLOv8's first ten layers."""


def cut(detector: Path, out: Path) -> None:
    """Raises ValueError where the file has no such convolution, or its names are lost."""
    whole = onnx.load(str(detector))
    end, channels = _end(whole.graph)
    cells = onnx.helper.make_tensor_value_info(end, onnx.TensorProto.FLOAT, [1, channels, "rows", "columns"])
    whole.graph.value_info.append(cells)  # an end must be described
    part = Extractor(whole).extract_model([whole.graph.input[0].name], [end])
    onnx.checker.check_model(part)
    onnx.save(part, str(out))


def _end(graph: onnx.GraphProto) -> tuple[str, int]:
    """What leaves the last convolution's activation, x times sigmoid of x, and its channels."""
    used = {LAST, LAST + SINGLE}  # stored in single precision, or in half
    convolved = next((node.output[0] for node in graph.node if node.op_type == "Conv" and used & {*node.input}), None)
    ends = [node.output[0] for node in graph.node if node.op_type == "Mul" and convolved in node.input]
    if len(ends) != 1:
        raise ValueError(f"expected a YOLOv8 with its names kept, found no activation after {LAST}")
    return ends[0], next(int(entry.dims[0]) for entry in graph.initializer if entry.name == LAST)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detector", type=Path)
    parser.add_argument("onnx", type=Path)
    options = parser.parse_args(words)
    cut(options.detector, options.onnx)
    print(f"sha256: {hashlib.sha256(options.onnx.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
