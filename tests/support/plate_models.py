"""A finder and a reader that see the same in every picture: for tests of what is built on them."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.conftest import constant_network

ALPHABET = "京沪粤津警0123456789ABCDEFGH"
COLOURS = ["blue", "green", "yellow", "white", "black"]
SIDE_PX = 320
"""A picture of this size is seen pixel by pixel."""

PLATE = (0.9, 100.0, 120.0, 120.0, 38.0)
"""Score, left, top, width, height."""


def put(folder: Path, text: str, *plates: tuple[float, ...], colour: str = "blue") -> Path:
    """Write both and their manifest: every picture has these plates, and every plate reads `text`."""
    finder = np.array([_cell(*plate) for plate in plates], np.float32).reshape(-1, 10).T[None]
    entries = [
        _written(folder, "plate-finder", finder, (1, 3, "height", "width"))
        | {"kind": "plate_detector", "input": _input(SIDE_PX, SIDE_PX, dynamic=True)},
        _written(folder, "plate-reader", _columns(text, colour), (1, 3, 48, 168))
        | {"kind": "plate_reader", "input": _input(48, 168), "alphabet": ALPHABET, "colours": COLOURS},
    ]
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"recognizers": entries}, allow_unicode=True), "utf-8")
    return folder


def _cell(score: float, x: float, y: float, width: float, height: float) -> tuple[float, ...]:
    return (score, 0.0, x, y, x + width, y, x + width, y + height, x, y + height)


def _columns(text: str, colour: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """A column for each character and one for none after it; each as sure as e to the tenth."""
    width = 1 + len(ALPHABET)
    columns = np.zeros((1, 2 * len(text) + 1, width + len(COLOURS)), np.float32)
    columns[0, ::2, 0] = 10
    for place, character in enumerate(text):
        columns[0, 2 * place + 1, 1 + ALPHABET.index(character)] = 10
    columns[0, :, width + COLOURS.index(colour)] = 10
    return columns


def _input(height: int, width: int, **more: object) -> dict[str, object]:
    return {"size": [height, width], "color": "bgr", "scale": 1 / 255, **more}


def _written(
    folder: Path, name: str, output: "np.ndarray[Any, np.dtype[np.float32]]", graph_input: tuple[int | str, ...]
) -> dict[str, Any]:
    data = constant_network(output, graph_input)
    (folder / f"{name}.onnx").write_bytes(data)
    entry = {"name": name, "file": f"{name}.onnx", "sha256": hashlib.sha256(data).hexdigest()}
    return {**entry, "licence": "CC0-1.0", "source": "made by the test"}
