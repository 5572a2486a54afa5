"""A network's weights in half precision: half the file; where it is opened they become single precision again.

python -m models.training.halved FROM.onnx TO.onnx      prints the sum for the manifest
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEAST_VALUES = 64
"""Of a weight that is worth it."""

SINGLE = "_single"
"""What a weight's name ends with where it is used; the stored one keeps its own, by which training finds it."""


def halve(model: onnx.ModelProto) -> None:
    """In place. ONNX Runtime turns the weights back when it loads the file: not a microsecond more a picture."""
    casts = []
    for entry in model.graph.initializer:
        values = numpy_helper.to_array(entry)
        if values.dtype != np.float32 or values.size < LEAST_VALUES:
            continue
        entry.CopyFrom(numpy_helper.from_array(values.astype(np.float16), entry.name))
        casts.append(helper.make_node("Cast", [entry.name], [entry.name + SINGLE], to=TensorProto.FLOAT))
    stored = {cast.input[0] for cast in casts}
    for node in model.graph.node:
        node.input[:] = [name + SINGLE if name in stored else name for name in node.input]
    others = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *others])  # a name is made before it is used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, metavar="FROM.onnx")
    parser.add_argument("target", type=Path, metavar="TO.onnx")
    options = parser.parse_args()
    if not options.source.is_file():
        parser.error(f"met {options.source}, accepted: an ONNX file")
    model = onnx.load(options.source)
    halve(model)
    onnx.save(model, options.target)
    print(f"sha256: {hashlib.sha256(options.target.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
