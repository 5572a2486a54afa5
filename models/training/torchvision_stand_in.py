"""Stands in for torchvision where there is no wheel of it for the CPU build of torch.

ultralytics asks for its version at import and, when it validates, for `ops.nms`; nothing else of it is used here.
"""

import importlib.machinery
import importlib.metadata
import importlib.util
import sys
import types

import torch

VERSION = "0.28.0"


def nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Indices (k,) of the boxes (n, 4) kept by greedy suppression, best first."""
    order, kept = scores.argsort(descending=True), []
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    while order.numel():
        best, rest = order[0], order[1:]
        kept.append(best)
        corner = torch.minimum(boxes[best, 2:], boxes[rest, 2:]) - torch.maximum(boxes[best, :2], boxes[rest, :2])
        shared = corner.clamp(min=0).prod(1)
        order = rest[shared / (areas[best] + areas[rest] - shared) <= iou_threshold]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.long)


def install() -> None:
    """Before the first import of ultralytics; does nothing where torchvision is there."""
    if importlib.util.find_spec("torchvision") is not None:
        return
    package, ops = types.ModuleType("torchvision"), types.ModuleType("torchvision.ops")
    for module in (package, ops):
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None)
        sys.modules[module.__name__] = module
    package.__dict__.update(__version__=VERSION, ops=ops)
    ops.__dict__.update(nms=nms)
    asked = importlib.metadata.version

    def version(distribution_name: str) -> str:
        return VERSION if distribution_name == "torchvision" else asked(distribution_name)

    importlib.metadata.version = version
