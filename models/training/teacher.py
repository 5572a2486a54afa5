"""A larger network that a smaller one learns from: what it says of the same pictures counts beside their labels.

Labels say what is there; a teacher also says how sure one may be, everywhere, and of classes that nobody labelled
(Hinton et al. 2015, https://arxiv.org/abs/1503.02531).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Outputs = dict[str, Any]
"""`scores` (n, labels, cells) logits and `boxes` (n, 4 * bins, cells) logits of the distance to each side."""


@dataclass(frozen=True, slots=True)
class Gains:
    """What a teacher's word weighs: of scores, and of the distances to the sides of boxes."""

    scores: float
    sides: float


class Teacher:
    """A network in evaluation mode and the loss of a pupil that says something else."""

    def __init__(self, network: Any, gains: Gains) -> None:  # noqa: ANN401  # ultralytics' DetectionModel
        self._network: nn.Module = network.eval().fuse(verbose=False).to(memory_format=torch.channels_last)
        self._gains = gains

    @torch.no_grad()
    def says(self, pictures: torch.Tensor, *, bfloat16: bool) -> Outputs:
        """Of pictures (n, 3, h, w) 0..1."""
        with torch.autocast(pictures.device.type, torch.bfloat16, enabled=bfloat16):
            told = self._network(pictures)[1]
        return {name: told[name].float() for name in ("scores", "boxes")}

    def loss(self, pupil: Outputs, told: Outputs, denied: torch.Tensor) -> torch.Tensor:
        """The sum over the batch, as that of the labels is; `denied`: see `denied_by`."""
        sure = told["scores"].sigmoid() * ~denied[..., None]
        of_scores = functional.binary_cross_entropy_with_logits(pupil["scores"], sure, reduction="sum")
        parts = self._gains.scores * of_scores / sure.sum().clamp(min=1)
        parts = parts + self._gains.sides * far_apart(pupil["boxes"], told["boxes"], sure.amax(dim=1))
        return parts * len(sure)


def denied_by(boxes: torch.Tensor, judged: torch.Tensor) -> torch.Tensor:
    """(n, labels) bool: classes that are not there by the labels; what is not labelled is for the teacher to say.

    boxes (k, 6): picture, label, cx, cy, w, h; judged (n, labels) 0 or 1.
    """
    absent = judged.bool()
    absent[boxes[:, 0].long(), boxes[:, 1].long()] = False
    return absent


def far_apart(pupil: torch.Tensor, told: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """How far the distances (n, 4 * bins, cells) lie from those told (Kullback-Leibler, nats), the mean of all cells
    by `weights` (n, cells)."""
    n, channels, cells = pupil.shape
    own, other = (x.view(n, 4, channels // 4, cells).log_softmax(dim=2) for x in (pupil, told))
    apart = (other.exp() * (other - own)).sum(dim=2).mean(dim=1)
    return (apart * weights).sum() / weights.sum().clamp(min=1)
