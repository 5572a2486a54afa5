"""A network's weights in half precision: half the file; where it is opened they become single precision again."""

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
