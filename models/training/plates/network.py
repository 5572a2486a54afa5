"""The reader: a small convolutional network, columns of a plate to characters (CTC) and a colour.

(n, 3, 48, 168) BGR -> (n, 42, 81): of each column 75 characters and none of them first (log probabilities), then five
colours (logits of the whole plate, the same in every column, so that a file has one output).
"""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from models.training.halved import halve
from models.training.plates.kinds import ALPHABET, COLOURS
from models.training.plates.placed import READER_PX

CLASSES = 1 + len(ALPHABET)
MEAN, STD = 127.5, 64.0


def unit(
    inputs: int, outputs: int, stride: tuple[int, int] = (1, 1), kernel: tuple[int, int] = (3, 3)
) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Begins as nothing: put into a trained network, it leaves the outputs as they were."""

    def __init__(self, channels: int, kernel: tuple[int, int] = (3, 3)) -> None:
        super().__init__()
        self.body = nn.Sequential(unit(channels, channels, kernel=kernel), unit(channels, channels, kernel=kernel)[:2])
        nn.init.zeros_(self.body[1][1].weight)

    def forward(self, features: Tensor) -> Tensor:
        return torch.relu(features + self.body(features))


class Reader(nn.Module):
    """Height goes 48, 24, 12, 6, 1; width 168, 84, 42 and stays: a character is at least two columns wide."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            unit(3, 24, (2, 2)),
            unit(24, 32),
            unit(32, 64, (2, 2)),
            Residual(64),
            unit(64, 96, (2, 1)),
            Residual(96),
            Residual(96),
        )
        self.column = nn.Sequential(nn.Conv2d(96, 192, (6, 1), bias=False), nn.BatchNorm2d(192), nn.ReLU(inplace=True))
        self.along = nn.Sequential(unit(192, 192, kernel=(1, 5)), nn.Dropout(0.1))
        self.row = Residual(192, (1, 3))
        self.characters = nn.Conv2d(192, CLASSES, 1)
        self.colour = nn.Sequential(
            nn.Conv2d(96, 32, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, len(COLOURS), 1)
        )

    def forward(self, pictures: Tensor) -> Tensor:
        features = self.body((pictures - MEAN) / STD)
        columns = self.column(features)
        characters = self.characters(self.row(columns + self.along(columns))).squeeze(2).transpose(1, 2).log_softmax(-1)
        colours = self.colour(features).flatten(1)[:, None].expand(-1, characters.shape[1], -1)
        return torch.cat([characters, colours.to(characters.dtype)], -1)


ADDED = ("body.6.", "row.")
"""Blocks that the first readers had not: their files leave these as they begin."""


class Loss:
    """CTC, and the colour where it is known."""

    def __init__(self, colour_weight: float) -> None:
        self._colour_weight = colour_weight
        self._ctc = nn.CTCLoss(blank=0, zero_infinity=True)

    def __call__(self, outputs: Tensor, texts: list[str], colours: Tensor) -> Tensor:
        lengths = torch.tensor([len(text) for text in texts])
        targets = torch.tensor([1 + ALPHABET.index(one) for text in texts for one in text], dtype=torch.long)
        columns = torch.full((len(texts),), outputs.shape[1])
        loss: Tensor = self._ctc(outputs[..., :CLASSES].transpose(0, 1), targets, columns, lengths)
        if (colours >= 0).any():
            of_plate = outputs[:, 0, CLASSES:]
            loss = loss + self._colour_weight * nn.functional.cross_entropy(of_plate, colours, ignore_index=-1)
        return loss


def export(network: nn.Module, path: Path) -> None:
    """One file of any batch size; batch norms are folded into the convolutions, weights are in half precision."""
    width, height = READER_PX
    example = torch.zeros(2, 3, height, width)
    torch.onnx.export(
        network.eval(),
        (example,),
        path,
        dynamo=False,
        input_names=["plates"],
        output_names=["columns"],
        dynamic_axes={"plates": {0: "n"}, "columns": {0: "n"}},
        opset_version=17,
    )
    model = onnx.load(str(path))
    halve(model)
    onnx.save(model, str(path))


def parameters(network: nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())
