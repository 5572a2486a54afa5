"""What each cell of the network should say of a sample, and how far it is from that."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.training.plate_detector.compose import LEAST_PX, Sample
from models.training.plate_detector.network import STRIDES, decoded

Mask = NDArray[np.bool_]
WIDTHS_PX = ((0.0, 100.0), (56.0, 1e9))
"""Of the plates that each stride answers for; those between are everybody's."""

CENTRAL = 0.25
"""Cells within this share of the plate's half width and half height answer for it ..."""

NEAREST = 0.6
"""... and those within so many strides of its middle."""

GAMMA, ALPHA = 2.0, 0.4
CORNERS, ROWS = 2.5, 0.3
"""What the parts of the loss weigh, score 1."""


@dataclass(slots=True)
class Target:
    """Of all cells of one sample, finest stride first: score 0..1, judged or not, plate's row or -1; plates' own."""

    score: NDArray[np.float32]
    judged: Mask
    plate: NDArray[np.int64]
    corners: NDArray[np.float32]
    rows: NDArray[np.float32]
    sure: NDArray[np.float32]


def middles(stride: int, side_px: int) -> NDArray[np.float32]:
    """(cells, 2), row by row."""
    along = (np.arange(side_px // stride, dtype=np.float32) + 0.5) * stride
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


def target_of(sample: Sample, side_px: int) -> Target:
    cells = [middles(stride, side_px) for stride in STRIDES]
    count = sum(map(len, cells))
    target = Target(
        np.zeros(count, np.float32),
        np.ones(count, np.bool_),
        np.full(count, -1, np.int64),
        np.zeros((max(len(sample.plates), 1), 8), np.float32),
        np.zeros(max(len(sample.plates), 1), np.float32),
        np.ones(max(len(sample.plates), 1), np.float32),
    )
    everywhere = np.concatenate(cells)
    for box in sample.unclear:
        target.judged &= ~((everywhere >= box[:2]) & (everywhere <= box[2:])).all(1)
    for number, (corners, rows, sure) in enumerate(sample.plates):
        target.corners[number], target.rows[number], target.sure[number] = corners.ravel(), rows - 1, sure
        start = 0
        for stride, own, (least, most) in zip(STRIDES, cells, WIDTHS_PX, strict=True):
            part = slice(start, start + len(own))
            start += len(own)
            width = float(np.linalg.norm(corners[1] - corners[0]))
            central, inside = _where(own, corners, stride)
            if width < LEAST_PX or not _in_sight(corners, side_px):
                target.judged[part] &= ~inside
            elif least <= width <= most:
                target.judged[part] &= ~(inside & ~central)
                target.judged[part] |= central
                target.score[part][central] = 1
                target.plate[part][central] = number
    return target


def _where(cells: NDArray[np.float32], corners: NDArray[np.float32], stride: int) -> tuple[Mask, Mask]:
    """Which cells are near the middle, which within the plate and a half stride around."""
    middle = corners.mean(0)
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 4
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 4
    shares = []
    for axis in (along, down):
        length = max(float(np.linalg.norm(axis)), 1e-3)
        shares.append((np.abs((cells - middle) @ axis) / length, length))
    central = np.logical_and.reduce([far <= max(CENTRAL * size, NEAREST * stride) for far, size in shares])
    inside = np.logical_and.reduce([far <= size + stride / 2 for far, size in shares])
    return central, inside


def _in_sight(corners: NDArray[np.float32], side_px: int) -> bool:
    """Nearly the whole of it."""
    slack = 0.04 * np.ptp(corners[:, 0])
    return bool((corners >= -slack).all() and (corners <= side_px + slack).all())


def loss_of(maps: tuple[torch.Tensor, ...], targets: list[Target]) -> tuple[torch.Tensor, dict[str, float]]:
    """The mean over the batch, and its parts for the log."""
    logits = torch.cat([raw.float().flatten(2) for raw in maps], dim=2)
    places = torch.cat([decoded(raw.float(), stride) for raw, stride in zip(maps, STRIDES, strict=True)], dim=2)[:, 2:]
    score = torch.from_numpy(np.stack([target.score for target in targets]))
    judged = torch.from_numpy(np.stack([target.judged for target in targets]))
    entropy = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], score, reduction="none")
    chance = logits[:, 0].sigmoid()
    focal = torch.where(score > 0, ALPHA * (1 - chance) ** GAMMA, (1 - ALPHA) * chance**GAMMA) * entropy
    found = (score > 0).sum().clamp(min=1)
    score_loss = (focal * judged).sum() / found * 2
    picture, cell = torch.nonzero(score > 0, as_tuple=True)
    if not len(picture):
        return score_loss, {"score": score_loss.item()}
    wanted = torch.from_numpy(
        np.stack([targets[p].corners[targets[p].plate[c]] for p, c in zip(picture, cell, strict=True)])
    )
    sure = torch.from_numpy(
        np.array([targets[p].sure[targets[p].plate[c]] for p, c in zip(picture, cell, strict=True)])
    )
    rows = torch.from_numpy(
        np.array([targets[p].rows[targets[p].plate[c]] for p, c in zip(picture, cell, strict=True)])
    )
    points = wanted.view(-1, 4, 2)
    height = (points[:, 3] - points[:, 0] + points[:, 2] - points[:, 1]).norm(dim=1).div(2).clamp(min=4)
    off = (places[picture, :, cell] - wanted) / height[:, None]
    far = nn.functional.smooth_l1_loss(off, torch.zeros_like(off), beta=0.1, reduction="none").mean(1)
    corner_loss = (far * sure).sum() / sure.sum().clamp(min=1) * CORNERS
    rows_loss = nn.functional.binary_cross_entropy_with_logits(logits[picture, 1, cell], rows) * ROWS
    parts = {"score": score_loss.item(), "corners": corner_loss.item(), "rows": rows_loss.item()}
    return score_loss + corner_loss + rows_loss, parts
