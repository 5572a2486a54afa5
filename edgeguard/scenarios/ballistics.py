"""How a small thing came down: as a stone does, as a bag does, or as neither does.

A stone: y = y0 + v t + a t^2 / 2 with one a over the whole flight. A bag or a sheet of paper lets go, gains speed for a
moment and then sinks at its terminal speed: a parabola that goes on as its tangent (Newton drag, in two pieces).
Both fits are least squares; points that are off by more than the rest (another speck taken for it, the bounce at the
end) are left out, a few at most.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# So many points may be left out, as a share, and none that is nearer than so many pixels or so many times the rest.
LEFT_OUT = 0.25
NEAR_PX, NEAR_FACTOR = 2.0, 3.0
# At its end so many specks may be taken for it that are none. More in a row are its own, and two that are farther and
# farther ahead: what comes at the camera gains more and more, and leaves the parabola.
MOST_STRAYS = 2
# No place in a picture is told better.
LEAST_NOISE_PX = 0.3
# Air and perspective bend a way no more than polynomials of these degrees do; a wing beat comes again and again.
SMOOTH_DOWN, SMOOTH_SIDE = 5, 4
# How a gain changes, and changes back, takes a term more than its points tell: of fewer nothing is said.
LEAST_ARCH = 7
# Of so many points it shows whether what is off goes on from one to the next, as a way does, or jumps, as noise does.
ENOUGH = 20
# Of so many one may be another thing's: that one is no jerk.
SOME = 12
# Added to normal equations, as a share of each term's own.
RIDGE = 1e-12
# Where the parabola of a light thing may end, as shares of the flight.
KNEES = np.linspace(0.15, 0.7, 12)


@dataclass(frozen=True, slots=True)
class Fit:
    """A flight's motion: seconds from its first point, pixels, down is more.

    `gain_px_s2` with its standard error; `first_px_s`, `last_px_s` vertical speeds at its ends; `knee_s` since when it
    sank steadily, None for a free fall. `error_px`: root mean square of what is left, over both axes. `drift_px`:
    sideways from end to end; `sway_px`: off a parabola sideways. `strays`: how many specks at its end were taken for it
    that are none; `fell_px`: from its highest point to its end without them. `kept`: share of the points that fit.
    """

    start_px: float
    first_px_s: float
    last_px_s: float
    gain_px_s2: float
    gain_error_px_s2: float
    drift_px: float
    sway_px: float
    error_px: float
    lasted_s: float
    fell_px: float
    kept: float
    knee_s: float | None = None
    strays: int = 0

    @property
    def apex_s(self) -> float:
        """When it stood still: before its first point for what was seen falling already."""
        return -self.first_px_s / self.gain_px_s2 if self.gain_px_s2 > 0 else 0.0

    @property
    def apex_px(self) -> float:
        """Where it stood still."""
        return self.start_px + self.first_px_s * self.apex_s / 2


@dataclass(frozen=True, slots=True)
class Course:
    """How a flight keeps to a fall's course, by all its points; gains as shares of its own mean gain downwards.

    `veer`: what it gains sideways; `late`: what it gains downwards in its second half; `arch`: what it gains
    downwards in its middle more than at its ends; each with its standard error.
    `wave_px`: root mean square of how it goes up and down beside a smooth way, less noise, which is the same sideways;
    `rough_px`: how far it is jerked off a smooth way sideways; of few points noise is in it.
    """

    veer: float
    veer_error: float
    late: float
    late_error: float
    arch: float
    arch_error: float
    wave_px: float
    rough_px: float


def course(at_s: Floats, xy: Floats, strays: int = 0) -> Course:
    """Of at least 4 points: at_s (n,), xy (n, 2) pixels; `strays`: how many at its end are none of it."""
    t = at_s - at_s[0]
    down, side = _gain(t, xy[:, 1]), _gain(t, xy[:, 0])
    half = min(len(t) // 2, len(t) - 4)
    late = _gain(t[half:], xy[half:, 1], down[2])
    mean = max(down[0], 1e-6)
    # It tells most of its ends: a stray there is how it brakes.
    own_end = len(t) - strays
    arch = _arch(t[:own_end], xy[:own_end, 1])
    beside = _left(t, xy[:, 0], SMOOTH_SIDE)
    own = _own(beside)
    return Course(
        veer=abs(side[0]) / mean,
        veer_error=side[1] / mean,
        late=late[0] / mean,
        late_error=late[1] / mean,
        arch=arch[0] / mean,
        arch_error=arch[1] / mean,
        wave_px=_wave_px(_left(t, xy[:, 1], SMOOTH_DOWN), beside),
        rough_px=_rough_px(_left(t[own], xy[own, 0], SMOOTH_SIDE)),
    )


def _gain(t: Floats, values: Floats, noise_px: float | None = None) -> tuple[float, float, float]:
    """Gain in speed, its standard error, and the noise that this is told from, if none is given."""
    on = t - t.mean()
    terms = np.stack([np.ones_like(on), on, on * on / 2], 1)
    found, inverse = _solve(terms, values)
    if noise_px is None:
        noise_px = math.sqrt(float(np.square(values - terms @ found).sum()) / max(len(t) - 3, 1))
    return float(found[2]), math.sqrt(inverse[2, 2]) * max(noise_px, LEAST_NOISE_PX), noise_px


def _arch(t: Floats, values: Floats) -> tuple[float, float]:
    """Gain in the middle less the mean of those at both ends, and its standard error."""
    if len(t) < LEAST_ARCH:
        return 0.0, math.inf
    half_s = float(t[-1] - t[0]) / 2
    on = (t - t[0]) / half_s - 1
    # Second derivatives are 0, 0, 1, on and on^2: the last is what the ends have more than the middle.
    terms = np.stack([np.ones_like(on), on, on**2 / 2, on**3 / 6, on**4 / 12], 1)
    found, inverse = _solve(terms, values)
    noise_px = math.sqrt(float(np.square(values - terms @ found).sum()) / (len(t) - terms.shape[1]))
    return -float(found[4]) / half_s**2, math.sqrt(inverse[4, 4]) * max(noise_px, LEAST_NOISE_PX) / half_s**2


def _wave_px(down: Floats, side: Floats) -> float:
    # Noise also jumps from one point to the next; a wave does not, unless frames are few.
    noise = min(float(np.square(side).mean()), float(np.square(np.diff(down)).mean() / 2))
    return math.sqrt(max(float(np.square(down).mean()) - noise, 0.0))


def _own(beside: Floats) -> NDArray[np.bool_]:
    """Which points are its own: of some, all but the one that is farthest off."""
    own = np.ones(len(beside), np.bool_)
    own[np.abs(beside).argmax()] = len(beside) < SOME
    return own


def _rough_px(side: Floats) -> float:
    spare = max(len(side) - SMOOTH_SIDE - 1, 1)
    noise = float(np.square(np.diff(side)).mean() / 2) if len(side) >= ENOUGH else 0.0
    return math.sqrt(max(float(np.square(side).sum()) / spare - noise, 0.0))


def _left(t: Floats, values: Floats, degree: int) -> Floats:
    """What is left beside the best polynomial."""
    terms = np.vander(t / max(t[-1], 1e-6), degree + 1)
    found, _ = _solve(terms, values)
    return np.asarray(values - terms @ found, np.float64)


def free_fall(at_s: Floats, xy: Floats) -> Fit:
    """Fit a parabola to at least 4 points: at_s (n,), xy (n, 2) pixels."""
    t = at_s - at_s[0]
    return _fit(t, xy, np.stack([np.ones_like(t), t, t * t / 2], 1), None)


def sinking(at_s: Floats, xy: Floats) -> Fit:
    """Fit a parabola that goes on as its tangent, the knee where it fits best."""
    t = at_s - at_s[0]
    # By all points: with some left out the moment in which it let go would be the first to go.
    knee_s = min((float(knee) for knee in KNEES * t[-1]), key=lambda knee_s: _misses(xy[:, 1], _bent(t, knee_s)))
    return _fit(t, xy, _bent(t, knee_s), knee_s)


def _bent(t: Floats, knee_s: float) -> Floats:
    early = np.minimum(t, knee_s)
    return np.stack([np.ones_like(t), t, early * early / 2 + knee_s * (t - early)], 1)


def _misses(values: Floats, terms: Floats) -> float:
    found, _ = _solve(terms, values)
    return float(np.square(values - terms @ found).sum())


def _fit(t: Floats, xy: Floats, terms: Floats, knee_s: float | None) -> Fit:
    kept = np.ones(len(t), np.bool_)
    least = max(4, int(np.ceil(len(t) * (1 - LEFT_OUT))))
    across = np.stack([np.ones_like(t), t, t * t], 1)
    while True:
        down, covariance = _solve(terms[kept], xy[kept, 1])
        side, _ = _solve(across[kept], xy[kept, 0])
        off_y, off_x = xy[:, 1] - terms @ down, xy[:, 0] - across @ side
        # A point at an end bends the parabola to itself: what counts is how far it is off that of the others.
        alone = np.where(kept, 1 - np.einsum("ij,jk,ik->i", terms, covariance, terms), 1)
        off = np.hypot(off_x, off_y) / np.maximum(alone, 0.05)
        usual = float(np.median(off[kept]))
        worst = int(np.where(kept, off, -1).argmax())
        if kept.sum() <= least or off[worst] <= max(NEAR_PX, NEAR_FACTOR * usual):
            break
        kept[worst] = False
    spare = max(int(kept.sum()) - 3, 1)
    variance = float(np.square(off_y[kept]).sum()) / spare
    strays = _strays(kept, off_y)
    own = xy[: len(xy) - strays, 1]
    lasted_s = float(t[-1])
    gained_s = lasted_s if knee_s is None else knee_s
    return Fit(
        start_px=float(down[0]),
        first_px_s=float(down[1]),
        last_px_s=float(down[1] + down[2] * gained_s),
        gain_px_s2=float(down[2]),
        gain_error_px_s2=float(np.sqrt(max(covariance[2, 2] * variance, 0.0))),
        drift_px=float(side[1] * lasted_s + side[2] * lasted_s * lasted_s),
        sway_px=float(np.sqrt(np.square(off_x[kept]).mean())),
        error_px=float(np.sqrt((np.square(off_x[kept]) + np.square(off_y[kept])).mean())),
        lasted_s=lasted_s,
        fell_px=float(own[-1] - own.min()),
        kept=float(kept.mean()),
        knee_s=knee_s,
        strays=strays,
    )


def _strays(kept: NDArray[np.bool_], ahead_px: Floats) -> int:
    many = int(kept[::-1].argmax())
    nearer = many > 1 and bool((np.diff(ahead_px[-many - 1 :]) > 0).all())
    return many if many <= MOST_STRAYS and not nearer else 0


def _solve(terms: Floats, values: Floats) -> tuple[Floats, Floats]:
    normal = terms.T @ terms
    # Where all points before a knee are left out its gain is told by none: anything, and its error is as large.
    inverse = np.linalg.inv(normal + np.diag(RIDGE * normal.diagonal())).astype(np.float64)
    return inverse @ (terms.T @ values), inverse
