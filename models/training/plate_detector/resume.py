"""A finder that goes on from a file that `export` wrote: checkpoints are a cache that can be lost, that file is not.

It holds the convolutions with their batch norms folded in. The norms get the statistics of the pictures that are shown
to the network; how that leaves the outputs as they are: `models/training/bundled.py`.
"""

from collections.abc import Iterable
from pathlib import Path

import torch

from edgeguard.networks import STEP
from models.training.bundled import as_run, initializers, measure_norms, unfold
from models.training.plate_detector.network import PlateNetwork
from models.training.plates.resume import normed

UNNAMED = "onnx::Conv_"
"""What an export calls the weights of a convolution with a norm, a number after it: they count up as they run."""


def exported_finder(onnx_file: Path, coco_weights: Path, pictures: Iterable[torch.Tensor] = ()) -> PlateNetwork:
    """In evaluation mode. `pictures` are batches (n, 3, h, w) 0..1 that the batch norms are measured on.

    Raises ValueError where the file is of another architecture.
    """
    network, folded = PlateNetwork(coco_weights).eval(), initializers(onnx_file)
    pairs = [pair for _, pair in normed(network)]
    numbers = sorted(int(name.removeprefix(UNNAMED)) for name in folded if name.startswith(UNNAMED))
    if len(numbers) != 2 * len(pairs):
        raise ValueError(f"{onnx_file}: {len(numbers)} tensors called {UNNAMED}..., accepted: {2 * len(pairs)}")
    unnamed = iter([folded[f"{UNNAMED}{number}"] for number in numbers])
    norms = dict(pairs)
    with torch.no_grad():
        for conv in as_run(network, torch.zeros(1, 3, STEP, STEP)):
            if conv in norms:
                unfold(conv, norms[conv], next(unnamed), next(unnamed))
        for name, own in network.named_parameters():
            if f"network.{name}" in folded:
                own.copy_(folded[f"network.{name}"])
        measure_norms(network, pairs, pictures)
    return network
