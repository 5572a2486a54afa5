"""An int8 variant of a bundled detector, calibrated on training pictures; says how to measure what it loses.

python -m models.training.quantised models/lift-n.onnx lift-n-int8.onnx [--keep-head]
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.training.evaluate import DYNAMIC_SIDE_PX, letterboxed
from models.training.feed import expected, listed, load
from models.training.prepare import cache_root
from models.training.sources import TRAIN

CALIBRATION_PICTURES = 160
SEED = 20
HEAD = "/model.22"
"""Boxes and scores are added up there from many small numbers, which eight bits do not hold."""


class Pictures:
    """Some of the training pictures as the box would look at them, one by one."""

    def __init__(self, root: Path) -> None:
        rows = expected(listed(root, TRAIN), "pictures to train on", root)
        chosen = np.random.default_rng(SEED).choice(len(rows), min(CALIBRATION_PICTURES, len(rows)), replace=False)
        self._tensors = self._read(root, [rows[int(number)] for number in chosen])

    def _read(self, root: Path, rows: Sequence[dict[str, str]]) -> Iterator[dict[str, NDArray[np.float32]]]:
        for row in rows:
            canvas, _, _ = letterboxed(load(root, row).picture, DYNAMIC_SIDE_PX)
            planes = canvas[None, ..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
            yield {"images": np.ascontiguousarray(planes)}

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._tensors, None)


def quantise(source: Path, out: Path, root: Path, keep_head: bool) -> None:
    import onnx  # noqa: PLC0415  # the rest of this package does without
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static  # noqa: PLC0415

    class Reader(Pictures, CalibrationDataReader):  # type: ignore[misc]
        """What the library wants to be subclassed."""

    nodes = [node.name for node in onnx.load(str(source)).graph.node]
    quantize_static(
        source,
        out,
        Reader(root),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["Conv"],
        nodes_to_exclude=[name for name in nodes if keep_head and HEAD in name],
    )


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep-head", action="store_true", help="leave the head in float32")
    options = parser.parse_args(words)
    try:
        quantise(options.source, options.out, cache_root() / "train", options.keep_head)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    print(f"now: python -m models.training evaluate {options.out}")


if __name__ == "__main__":
    main()
