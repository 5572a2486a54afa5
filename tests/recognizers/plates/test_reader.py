import csv
import hashlib
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgeguard.errors import ModelError
from edgeguard.networks import InputSpec, models_dir
from edgeguard.recognizers.bundled import bundled_recognizer
from edgeguard.recognizers.manifest import PlateReaderSpec
from edgeguard.recognizers.plates.reader import PlateReader, characters, softmax

ALPHABET, COLOURS = "浙A1", ("blue", "green")
NONE = "-"


def columns(path: str, sure: float = 0.8) -> NDArray[np.float32]:
    """(columns, 4) probabilities whose best path is `path`; - stands for none."""
    symbols = NONE + ALPHABET
    table = np.full((len(path), len(symbols)), (1 - sure) / (len(symbols) - 1), np.float32)
    for column, symbol in enumerate(path):
        table[column, symbols.index(symbol)] = sure
    return table


def spec(folder: Path, output: NDArray[np.float32], alphabet: str = ALPHABET) -> PlateReaderSpec:
    """A reader that always gives `output` (columns, symbols and colours)."""
    nodes = [
        helper.make_node("ReduceMean", ["plates"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["columns"]),
    ]
    answer = output[None].astype(np.float32)
    constants = [
        numpy_helper.from_array(np.zeros((), np.float32), "zero"),
        numpy_helper.from_array(answer, "answer"),
    ]
    plates = helper.make_tensor_value_info("plates", TensorProto.FLOAT, ("n", 3, 48, 168))
    told = helper.make_tensor_value_info("columns", TensorProto.FLOAT, answer.shape)
    graph = helper.make_graph(nodes, "tiny", [plates], [told], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    (folder / "tiny.onnx").write_bytes(data)
    return PlateReaderSpec(
        kind="plate_reader",
        name="tiny",
        file="tiny.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="CC0-1.0",
        source="made up",
        input=InputSpec(size=(48, 168), color="bgr", scale=1.0),
        alphabet=alphabet,
        colours=COLOURS,
        folder=folder,
    )


def output(path: str, blue: float = 0.9) -> NDArray[np.float32]:
    colours = np.log(np.array([blue, 1 - blue], np.float32))
    return np.hstack([np.log(columns(path)), np.broadcast_to(colours, (len(path), 2))])


PICTURE = np.zeros((48, 168, 3), np.uint8)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", ""),
        ("-----", ""),
        ("浙--A-1-", "浙A1"),
        ("浙浙AA111", "浙A1"),
        ("11-1", "11"),  # two equal ones are parted by none
        ("-1-1-1", "111"),
        ("A", "A"),
    ],
)
def test_the_best_path_is_collapsed(path: str, text: str) -> None:
    told = [ALPHABET[int(column[1:].argmax())] for column in characters(columns(path))] if path else []
    assert "".join(told) == text


def test_a_character_is_as_sure_as_its_surest_column() -> None:
    table = np.concatenate([columns("A", 0.5), columns("A", 0.9), columns("A", 0.7)])
    (column,) = characters(table)
    assert column.max() == pytest.approx(0.9)


def test_softmax_adds_up_and_keeps_what_is_one() -> None:
    logits = np.array([[1000.0, 999.0], [-5.0, -5.0]], np.float32)
    assert softmax(logits).sum(-1) == pytest.approx([1, 1])
    told = np.array([0.2, 0.3, 0.5], np.float32)
    assert softmax(np.log(told)) == pytest.approx(told)


def test_a_reading_tells_text_colour_and_what_else_it_may_be(tmp_path: Path) -> None:
    reading = PlateReader(spec(tmp_path, output("浙-A-1"))).read(PICTURE)
    assert (reading.text, reading.colour) == ("浙A1", "blue")
    assert reading.colour_confidence == pytest.approx(0.9)
    assert reading.char_confidence == pytest.approx([0.8] * 3)
    assert [place[0][0] for place in reading.candidates] == list("浙A1")
    assert {character for character, _ in reading.candidates[0]} == set(ALPHABET)


def test_no_plate_is_no_text(tmp_path: Path) -> None:
    reading = PlateReader(spec(tmp_path, output("---", blue=0.2))).read(PICTURE)
    assert (reading.text, reading.colour, reading.candidates) == ("", "green", ())


def test_any_size_is_read(tmp_path: Path) -> None:
    reader = PlateReader(spec(tmp_path, output("A")))
    assert reader.read(np.zeros((35, 110, 3), np.uint8)).text == "A"


def test_a_file_of_another_alphabet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"output is \[1, 1, 6\], accepted: \[1, columns, 7\] for so many characters"):
        PlateReader(spec(tmp_path, output("A"), alphabet=ALPHABET + "2"))


@pytest.mark.shared
def test_the_bundled_reader_reads_plates_kept_out_of_its_training(shared: Path) -> None:
    reader = PlateReader(bundled_recognizer("plate-reader", PlateReaderSpec, models_dir()))
    with (shared / "data" / "plate_crops" / "ccpd.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))[1:120:2]
    pictures = [cv2.imread(str(shared / "data" / "plate_crops" / "ccpd" / row["image"])) for row in rows]
    readings = [reader.read(np.asarray(picture, np.uint8)) for picture in pictures]
    exact = [reading.text == row["text"] for reading, row in zip(readings, rows, strict=True)]
    assert np.mean(exact) > 0.8
    assert np.mean([reading.colour == "blue" for reading in readings]) > 0.95
