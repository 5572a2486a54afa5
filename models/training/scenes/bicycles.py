# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Bicycles, which must not be taken for e-bikes: thin tyres, thin tubes, small saddles."""

from typing import Final

import numpy as np

from . import looks
from .cycle_parts import basket, fender, handlebar, spoked_wheel, steered
from .kit import Floats, Look, Part, Thing, box, join, lathe, loft, ring, tube
from .looks import BLACK, CHROME, GREY, RUBBER, STEEL, VINYL

BICYCLE: Final = 2
Rng = np.random.Generator


def bicycle(rng: Rng) -> Thing:
    """A plain bicycle: diamond, step-through or folding frame, thin tyres, small saddle."""
    colour = looks.paint(rng)
    folding = rng.random() < 0.25
    radius = rng.uniform(0.2, 0.26) if folding else rng.uniform(0.31, 0.35)
    base = rng.uniform(0.98, 1.08)
    rear, front = -base / 2, base / 2
    bottom = np.array([-0.08, 0, 0.28])
    saddle = np.array([-0.24, 0, rng.uniform(0.82, 0.96)])
    head = np.array([front - 0.17, 0, rng.uniform(0.86, 0.96)])
    lower = head - [-0.04, 0, 0.2]
    step = rng.random() < 0.5 or folding
    top = (
        [head - [0, 0, 0.06], saddle * 0.85] if not step else [lower + [0, 0, 0.08], bottom + (saddle - bottom) * 0.35]
    )
    tubes = [tube(top, 0.015), tube([lower, bottom], 0.019), tube([bottom, saddle], 0.015), tube([head, lower], 0.019)]
    for s in (-0.06, 0.06):
        axle = np.array([rear, s, radius])
        tubes += [tube([bottom, axle], 0.009, 6), tube([bottom + (saddle - bottom) * 0.7, axle], 0.008, 6)]
    parts = spoked_wheel(rear, radius, rng.uniform(0.014, 0.026), STEEL)
    parts.append(Part(join(tubes), colour))
    parts.append(
        Part(
            loft(
                [saddle + [0.15, 0, 0.03], saddle + [0.03, 0, 0.035], saddle + [-0.11, 0, 0.04]],
                [0.02, 0.05, 0.085],
                0.025,
                2.4,
            ),
            VINYL,
        )
    )
    parts.append(
        Part(lathe([(0.001, -0.005), (0.09, -0.004), (0.09, 0.004), (0.001, 0.005)], bottom + [0, -0.07, 0]), CHROME)
    )
    for s in (-1, 1):
        parts.append(Part(tube([bottom + [0, s * 0.08, 0], bottom + [s * 0.12, s * 0.09, -0.11]], 0.009, 6), CHROME))
        parts.append(Part(box(bottom + [s * 0.12, s * 0.14, -0.11], [0.08, 0.09, 0.02]), BLACK))
    front_parts = _bicycle_front(rng, front, radius, head, lower, colour)
    parts += steered(front_parts, float(rng.uniform(-30, 30)), head, np.array([front, 0, radius]))
    if rng.random() < 0.4:
        rack = [
            tube([[rear + 0.25, s, 2 * radius + 0.05], [rear - 0.18, s, 2 * radius + 0.05]], 0.006, 5)
            for s in (-0.06, 0.06)
        ]
        rack += [tube([[rear - 0.1, s, 2 * radius + 0.05], [rear, s, radius]], 0.005, 5) for s in (-0.06, 0.06)]
        parts.append(Part(join(rack), BLACK))
    if rng.random() < 0.5:
        parts += [
            Part(fender(x, radius, 0.026, 10, 170), colour if rng.random() < 0.5 else CHROME) for x in (rear, front)
        ]
    grips = tuple(np.array([head[0] - 0.1, s * 0.27, head[2] + 0.14]) for s in (-1, 1))
    return Thing("bicycle", BICYCLE, tuple(parts), grips)


def _bicycle_front(rng: Rng, front: float, radius: float, head: Floats, lower: Floats, colour: Look) -> list[Part]:
    parts = spoked_wheel(front, radius, 0.018, STEEL)
    parts += [Part(tube([[front, s, radius], [lower[0], s, lower[2]]], 0.01, 6), colour) for s in (-0.05, 0.05)]
    parts.append(Part(tube([head, head + [-0.02, 0, 0.09]], 0.013), CHROME))
    parts += handlebar(head[0] - 0.01, head[2] + 0.09, rng.uniform(0.25, 0.31), rng.choice([0.0, 0.06]), CHROME)
    if rng.random() < 0.4:
        parts += basket(np.array([head[0] + 0.2, 0, head[2] - 0.08]), np.array([0.22, 0.3, 0.22]), GREY)
    return parts


def child_bicycle(rng: Rng) -> Thing:
    """A bicycle at child scale, often with stabilisers."""
    bike = bicycle(rng)
    factor = float(rng.uniform(0.48, 0.68))
    small = bike.scaled(factor)
    if rng.random() < 0.6:
        x = -0.5 * factor
        side = [Part(ring((x, s, 0.06), 0.045, 0.014), RUBBER) for s in (-0.16, 0.16)]
        side += [Part(tube([[x, s, 0.06], [x, s * 0.3, 0.16]], 0.008, 5), STEEL) for s in (-0.16, 0.16)]
        small = Thing(small.kind, small.label, (*small.parts, *side), small.grips)
    return small
