"""A reader that goes on from a file that `export` wrote: checkpoints are a cache that can be lost, that file is not.

It holds the convolutions in the order of the network, each with its batch norm folded in. The norms get the statistics
of the crops that are shown to it; how that leaves the outputs as they are: `models/training/bundled.py`.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from models.training.bundled import initializers, measure_norms, unfold
from models.training.plates.network import ADDED, Reader

Pair = tuple[nn.Conv2d, nn.BatchNorm2d]


def exported_reader(onnx_file: Path, crops: Iterable[torch.Tensor] = ()) -> Reader:
    """In evaluation mode. `crops` are batches (n, 3, 48, 168) 0..255 that the batch norms are measured on.

    Raises ValueError where the file is of another architecture.
    """
    network, folded = Reader().eval(), initializers(onnx_file)
    own = {name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}
    nameless = [tensor for name, tensor in folded.items() if "." not in name]
    pairs = [pair for _, pair in normed(network)]
    first = [pair for name, pair in normed(network) if not name.startswith(ADDED)]
    pairs = first if len(nameless) == 2 * len(first) else pairs
    if len(nameless) != 2 * len(pairs):
        raise ValueError(f"{onnx_file}: {len(nameless)} tensors without a name, accepted: {2 * len(pairs)}")
    with torch.no_grad():
        for row, (conv, norm) in enumerate(pairs):
            unfold(conv, norm, nameless[2 * row], nameless[2 * row + 1])
        for name, conv in own.items():
            if conv.bias is not None:
                conv.weight.copy_(folded[f"{name}.weight"])
                conv.bias.copy_(folded[f"{name}.bias"])
        measure_norms(network, pairs, crops)
    return network


def mean(first: Path, second: Path, share: float = 0.5) -> Reader:
    """Of two exported readers' weights; the second has `share`. Blocks that `first` has not are those of `second`, and
    say as much less."""
    network = exported_reader(second)
    own, other = network.state_dict(), exported_reader(first).state_dict()
    for name, weight in own.items():
        block = next((block for block in ADDED if name.startswith(block)), None)
        lacking = block is not None and not other[f"{block}body.1.1.weight"].any()
        if weight.dtype.is_floating_point and not (lacking and ".body.1.1." not in f".{name}"):
            weight.lerp_(other[name], 1 - share)
    return network


def normed(network: nn.Module) -> Iterator[tuple[str, Pair]]:
    """Name of every convolution that a batch norm follows, and both, as they are run."""
    modules = [one for one in network.named_modules() if isinstance(one[1], nn.Conv2d | nn.BatchNorm2d)]
    for (name, conv), (_, norm) in pairwise(modules):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            yield name, (conv, norm)
