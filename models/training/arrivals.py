"""Renders stills out of visits to a lift, one from each: the very moments that a rule of confirmation lives on.

Every second visit brings something that is no e-bike, each kind of it in turn. Runs where bpy is. Pictures are named
s{seed}_{number} like other stills and lie beside them. Visits from `--first-visit` on are shown, none that is measured.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.training.scenes import layout, options, stills, visits
from models.training.scenes.motion import ramp

FIRST_VISIT = 10_000
BEGINS_S = 0.9


def directed(rng: np.random.Generator, number: int, first_visit: int) -> stills.Shot:
    """A picture of one visit, at any time from when the doors begin to show what stands behind them."""
    told = visits.visit(first_visit + number // 2, other=bool(number % 2))
    time_s = float(rng.uniform(BEGINS_S, told.script.length_s))
    stage = layout.Stage(tuple(told.script.cast(time_s)), ramp(time_s, told.script.doors))
    return stills.Shot(told.script.room, stage, told.script.view, told.sensor)


def main(words: Sequence[str] | None = None) -> int:
    parser = options.of_stills("models.training.arrivals", __doc__, 1300, 2400)
    parser.add_argument(
        "--first-visit", type=options.whole(0), default=FIRST_VISIT, metavar="N", help="default: %(default)s"
    )
    ask = parser.parse_args(words)
    return options.render_stills(ask, partial(directed, first_visit=ask.first_visit))


if __name__ == "__main__":
    raise SystemExit(main())
