"""A network that goes on from a bundled ONNX file: checkpoints are a cache that can be lost, the bundled file is not.

The file holds every convolution with its batch norm folded in. The norms get statistics anew: whatever they are, a norm
with gain sqrt(variance + eps) and shift bias + mean undoes itself, so that the outputs stay what they were; measured
on training pictures they also are what a training batch will show.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.training.network import start_network

Block = Any
"""ultralytics' Conv: `conv`, `bn` and an activation."""


def bundled_network(onnx_file: Path, coco_weights: Path, pictures: Iterable[torch.Tensor] = ()) -> nn.Module:
    """The eight-class network with the weights of `onnx_file`, in evaluation mode.

    `pictures` are batches (n, 3, h, w) 0..1 that the batch norms are measured on; without them the network may be
    evaluated, not trained. Raises ValueError where the file is of another architecture.
    """
    network = start_network(coco_weights).eval()
    folded = initializers(onnx_file)
    with torch.no_grad():
        for name, block in _blocks(network):
            unfold(block.conv, block.bn, _pick(folded, f"{name}.conv.weight"), _pick(folded, f"{name}.conv.bias"))
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:  # the head's last ones have no norm
                module.weight.copy_(_pick(folded, f"{name}.weight"))
                module.bias.copy_(_pick(folded, f"{name}.bias"))
        measure(network, pictures)
    return network


def take_in_order(network: nn.Module, onnx_file: Path, picture: torch.Tensor) -> None:
    """The convolutions of `onnx_file`, whose names an export has lost, given to the blocks in the order they run in.

    `picture` (1, 3, h, w) is what the order is found with. Raises ValueError where the file is of another architecture.
    """
    import onnx  # noqa: PLC0415  # not needed to train from a checkpoint

    blocks = {block.conv: block for _, block in _blocks(network)}
    ran = [blocks[conv] for conv in as_run(network, picture) if conv in blocks]
    folded = initializers(onnx_file)
    convolutions = [node.input[1:3] for node in onnx.load(str(onnx_file)).graph.node if node.op_type == "Conv"]
    shapes = [tuple(folded[weight].shape) for weight, _ in convolutions]
    wanted = [tuple(block.conv.weight.shape) for block in ran]
    if shapes != wanted:
        raise ValueError(f"expected convolutions {wanted}, found {shapes}")
    with torch.no_grad():
        for block, (weight, bias) in zip(ran, convolutions, strict=True):
            unfold(block.conv, block.bn, folded[weight], folded[bias])
        for name, module in network.named_modules():
            if isinstance(module, nn.Linear):
                module.weight.copy_(_ending(folded, f"{name}.weight"))
                module.bias.copy_(_ending(folded, f"{name}.bias"))


def as_run(network: nn.Module, picture: torch.Tensor) -> list[nn.Conv2d]:
    """Its convolutions in the order in which `picture` (1, 3, h, w) meets them."""
    ran: list[nn.Conv2d] = []
    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    hooks = [conv.register_forward_hook(lambda conv, *_: ran.append(conv)) for conv in convs]
    with torch.no_grad():
        network(picture)
    for hook in hooks:
        hook.remove()
    return ran


def _ending(folded: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    """The one whose name ends so: an export puts its own module's name before it."""
    found = [tensor for key, tensor in folded.items() if key.endswith(name)]
    if len(found) != 1:
        raise ValueError(f"expected one weight called {name}, found {len(found)}")
    return found[0]


def _blocks(network: nn.Module) -> Iterator[tuple[str, Block]]:
    """Name and module of every convolution that is followed by a batch norm."""
    for name, module in network.named_modules():
        if hasattr(module, "conv") and hasattr(module, "bn"):
            yield name, module


def initializers(onnx_file: Path) -> dict[str, torch.Tensor]:
    import onnx  # noqa: PLC0415  # not needed to train from a checkpoint
    from onnx import numpy_helper  # noqa: PLC0415

    graph = onnx.load(str(onnx_file)).graph
    return {entry.name: _single(torch.from_numpy(numpy_helper.to_array(entry).copy())) for entry in graph.initializer}


def _single(weight: torch.Tensor) -> torch.Tensor:
    return weight.float() if weight.dtype == torch.float16 else weight


def _pick(folded: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    if name not in folded:
        raise ValueError(f"expected the weights of a YOLOv8n with names kept, found no {name}")
    return folded[name]


def unfold(conv: nn.Conv2d, norm: nn.BatchNorm2d, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """The folded weights, and a batch norm that only adds the bias. Raises ValueError for another convolution's."""
    if conv.weight.shape != weight.shape:
        raise ValueError(f"weights are of shape {list(weight.shape)}, accepted: {list(conv.weight.shape)}")
    conv.weight.copy_(weight)
    _set_norm(norm, torch.zeros_like(bias), torch.full_like(bias, 1 - norm.eps), bias)


def _set_norm(norm: nn.BatchNorm2d, mean: torch.Tensor, variance: torch.Tensor, bias: torch.Tensor) -> None:
    """Statistics (c,) and the gain and shift under which the norm gives its input plus `bias` (c,)."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(bias + mean)


def measure(network: nn.Module, pictures: Iterable[torch.Tensor]) -> None:
    """Sets the statistics of every batch norm to those of `pictures`; outputs in evaluation mode stay the same."""
    measure_norms(network, [(block.conv, block.bn) for _, block in _blocks(network)], pictures)


def measure_norms(
    network: nn.Module, pairs: Sequence[tuple[nn.Conv2d, nn.BatchNorm2d]], pictures: Iterable[torch.Tensor]
) -> None:
    """The same of a network whose convolutions and norms are told."""
    seen: dict[nn.Module, list[torch.Tensor]] = {}

    def note(conv: nn.Module, _: object, output: torch.Tensor) -> None:
        values = output.cpu().double().transpose(0, 1).flatten(1)  # not every accelerator has doubles
        moments = torch.stack([values.mean(dim=1), values.square().mean(dim=1)])
        seen.setdefault(conv, []).append(moments)

    hooks = [conv.register_forward_hook(note) for conv, _ in pairs]
    for batch in pictures:
        network(batch)
    for hook in hooks:
        hook.remove()
    for conv, norm in pairs:
        if conv in seen:  # batches are of one size, so their means may be averaged
            mean, square = torch.stack(seen[conv]).mean(dim=0)
            _set_norm(norm, mean.float(), (square - mean.square()).clamp(min=1e-6).float(), _added(norm))


def _added(norm: nn.BatchNorm2d) -> torch.Tensor:
    """What a norm of gain sqrt(variance + eps) adds to its input, (c,)."""
    assert norm.running_mean is not None
    return norm.bias - norm.running_mean
