"""Parabolas among specks: a thing that falls where a hundred other specks are in every frame."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.motion.arcs import MOST_FRAMES, SPAN_S, Arcs
from edgeguard.motion.flights import Flights
from edgeguard.motion.specks import Place, Specks

WIDTH, HEIGHT, FPS = 960, 540, 25
Points = NDArray[np.float64]


def fall(seconds: float = 1.0, fps: float = FPS, gain: float = 300.0) -> Points:
    """(n, 3) of seconds, x, y: 30 cells a second sideways, and down."""
    t = np.arange(0, seconds, 1 / fps)
    return np.column_stack([t, 400 + 30 * t, 100 + gain * t * t / 2])


def among(points: Points, others: int, hidden: float = 0.0, noise: float = 0.4) -> list[Specks]:
    """Each frame's specks: the thing, unless something hides it, and others anywhere."""
    chance = np.random.default_rng(3)
    frames = []
    for at_s, *xy in points:
        specks = chance.uniform((0, 0), (WIDTH, HEIGHT), (others, 2))
        if chance.random() >= hidden:
            specks = np.concatenate([specks, [xy + chance.normal(0, noise, 2)]])
        frames.append(Specks(at_s, specks.astype(np.float32), np.full(len(specks), 3, np.float32)))
    return frames


def found(frames: list[Specks]) -> list[list[Place]]:
    arcs = Arcs(WIDTH, HEIGHT)
    return [arc for number, specks in enumerate(frames) for arc in arcs.update(number, specks)]


def on_it(arc: list[Place], points: Points) -> float:
    """Share of its specks that are the thing's."""
    at_s, x, y = points.T
    return float(
        np.mean([np.hypot(p.x - np.interp(p.at_s, at_s, x), p.y - np.interp(p.at_s, at_s, y)) < 2 for p in arc])
    )


@pytest.mark.parametrize(
    ("others", "hidden", "fps"),
    [(0, 0, 25), (20, 0.2, 25), (150, 0, 25), (80, 0.2, 25), (40, 0, 12.5), (20, 0.1, 60), (20, 0, 120)],
)
def test_what_falls_is_found_among_others(others: int, hidden: float, fps: float) -> None:
    points = fall(fps=fps)
    best = max(found(among(points, others, hidden)), key=len)
    assert len(best) >= 0.6 * (1 - hidden) * min(SPAN_S * fps, MOST_FRAMES)
    assert on_it(best, points) >= 0.9
    assert all(a.frame < b.frame and a.at_s < b.at_s for a, b in pairwise(best))


def test_a_long_fall_is_found_again_and_again_from_where_it_is() -> None:
    arcs = found(among(fall(1.6), 30))
    assert len(arcs) >= 5
    assert arcs[0][0].at_s < 0.1
    assert arcs[-1][-1].at_s > 1.4


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(fall(gain=0) + np.column_stack([np.zeros(25), np.zeros(25), 150 * fall()[:, 0]]), id="rain"),
        pytest.param(fall() * (1, 1, -1) + (0, 0, 400), id="upwards"),
        pytest.param(fall(gain=6), id="too slow"),
        pytest.param(fall() + np.column_stack([np.zeros(25), 900 * fall()[:, 0], np.zeros(25)]), id="flies past"),
        pytest.param(fall(0.2), id="too short"),
    ],
)
def test_what_does_not_fall_is_not(points: Points) -> None:
    assert found(among(points, 0, noise=0)) == []


def test_frames_without_specks_and_none_at_all() -> None:
    assert found([Specks.none(n / FPS) for n in range(50)]) == []
    assert found([]) == []


def test_specks_at_the_edges_and_a_clock_that_is_set_back() -> None:
    corners = np.array([[0, 0], [WIDTH - 1, 0], [0, HEIGHT - 1], [WIDTH - 1, HEIGHT - 1]], np.float32)
    times = [*np.arange(0, 2, 0.04), *np.arange(0.5, 2, 0.04)]
    assert found([Specks(at_s, corners, np.full(4, 30, np.float32)) for at_s in times]) == []


def test_among_specks_that_lead_astray_it_is_followed_from_its_start() -> None:
    """Through a tree of a hundred leaves that flicker, not seen in a third of its frames."""
    chance = np.random.default_rng(5)
    flights, told = Flights(WIDTH, HEIGHT), []
    for number in range(160):
        at_s = number / FPS
        leaves = chance.uniform((300, 60), (500, 540), (100, 2))
        t = at_s - 4
        if 0 <= t < 1.6 and chance.random() > 0.33:
            leaves = np.concatenate([leaves, [[400 + 10 * t, 100 + 140 * t * t]]])
        told += flights.update(Specks(at_s, leaves.astype(np.float32), np.full(len(leaves), 3, np.float32)))
    told += flights.finish()
    ways = [(np.array(trail.at_s) - 4, np.array(trail.xy)) for trail in told]
    share = [np.mean(np.hypot(xy[:, 0] - 400 - 10 * t, xy[:, 1] - 100 - 140 * t * t) < 3) for t, xy in ways]
    best = max(range(len(told)), key=lambda n: share[n] * len(told[n].at_s))
    assert share[best] >= 0.8
    assert ways[best][0][0] < 0.5
    assert told[best].down > 0.7 * 140 * 1.6**2
