"""The door's state estimated from the picture of a camera that sees it.

The closed door is what stands still longest; its cells are learnt and then followed slowly. Every picture's cells are
compared with it, in the light that the rest of the picture says there is: a lamp that goes out moves no door. Open is
what differs in every quarter of the doorway, so somebody in front of it is not enough; what is seen there is learnt
too. Everything in between is held for a moment, then UNKNOWN. What this is worth is told in docs/doors.md.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.doors.cells import Cells, Doorway
from edgeguard.polygons import Polygon
from edgeguard.types import DoorState, Picture
from edgeguard.yamlfile import Strict

# A door needs a second and more: looking at it more often than this only costs.
INTERVAL_S = 0.09
# Two means are the same surface within so many levels and this share of their brightness. Closely: nothing came before
# it, no shadow fell on it. Roughly: with shadows and reflections of those who stand by.
CLOSELY, ROUGHLY = (5.0, 0.04), (8.0, 0.1)
# Below this brightness nothing can be told apart.
DARK = 16.0
# Closed without having been open yet: so many cells look like the closed door; it stays closed while so many do.
CLOSED_ENTER, CLOSED_STAY = 0.75, 0.5
# Newly open: so few cells look closed, closely and roughly, and in each quarter of the doorway so many do not.
OPEN_MOST_CLOSELY, OPEN_MOST_ROUGHLY, OPEN_LEAST_APART = 0.4, 0.65, 0.5
# Cells in which closed and open look different vote for the nearer one, where there are enough of them. Those that look
# like neither are covered by somebody and abstain; the winner needs so many of all, and so many times the loser's.
TELLING_LEAST, VOTES_ENTER, VOTES_STAY, VOTES_MARGIN = 0.15, 0.3, 0.2, 3.0
# So long a look must last before it is believed. Closing is believed later: people leave a doorway half free.
OPEN_AFTER_S, CLOSED_AFTER_S = 0.3, 0.5
# A state holds so long through pictures that say nothing. Closed holds shortly: a door that is not seen to be closed
# must not be said to be, for an e-bike that comes in meanwhile would travel.
HOLD_OPEN_S, HOLD_CLOSED_S = 2.0, 0.4
# Opening takes no longer than this, from the last picture of a closed door to one that differs everywhere.
OPENING_S = 3.0
# A change of the light by this much within a moment makes changes in the doorway doubtful for that moment.
LIGHT_STEP, SHAKEN_S = 0.12, 1.0
# How often and how fast the appearances follow, per second.
FOLLOW_EVERY_S = 0.5
CLOSED_FOLLOW_PER_S, OPEN_STEP_PER_S = 0.05, 4.0


class PictureConfig(Strict):
    """A doorway in the picture; `region` is drawn around what the closed leaves cover.

    What stands still for `learn_s` is the closed door. Not seen closed for `relearn_s`, it is learnt anew.
    """

    kind: Literal["picture"]
    region: Polygon
    learn_s: float = Field(default=20, ge=2, le=600)
    relearn_s: float = Field(default=180, ge=30, le=3600)


@dataclass(slots=True)
class _Learnt:
    """What the doorway looks like, in the light in which it was last seen closed.

    `open` is of the latest opening, because every floor has a landing of its own; None: not seen yet. `telling`: the
    cells in which the two differ.
    """

    closed: Cells
    open: Cells | None = None
    telling: NDArray[np.bool_] | None = None
    followed_s: float = -math.inf

    def opened(self, cells: Cells) -> None:
        self.open = cells
        self.compare()

    def compare(self) -> None:
        if self.open is not None:
            self.telling = ~_alike(self.open, self.closed, 1.0, CLOSELY)


@dataclass(slots=True)
class _Candidate:
    """What may be the closed door: as it was first seen, since when."""

    cells: Cells
    since_s: float


@dataclass(slots=True)
class _Belief:
    """A state that is believed, and another one that asks to be."""

    state: DoorState = DoorState.UNKNOWN
    sure_s: float = -math.inf
    asking: DoorState = DoorState.UNKNOWN
    asking_s: float = field(default=0.0)

    def take(self, seen: DoorState, now_s: float) -> None:
        """`seen` UNKNOWN: this picture says nothing."""
        if seen is DoorState.UNKNOWN:
            self.asking = seen
            self.expire(now_s)
            return
        if seen is self.state:
            self.sure_s, self.asking = now_s, seen
            return
        if seen is not self.asking:
            self.asking, self.asking_s = seen, now_s
        after_s = OPEN_AFTER_S if seen is DoorState.OPEN else CLOSED_AFTER_S
        if now_s - self.asking_s >= after_s:
            self.state, self.sure_s = seen, now_s
        else:
            self.expire(now_s)

    def expire(self, now_s: float) -> None:
        """Give up a state that nothing has confirmed for too long."""
        if now_s - self.sure_s > (HOLD_OPEN_S if self.state is DoorState.OPEN else HOLD_CLOSED_S):
            self.state = DoorState.UNKNOWN


class PictureDoor:
    """One camera's doorway; `state` is given every frame, in order, and remembers."""

    def __init__(self, config: PictureConfig) -> None:
        self._config = config
        self._shape: tuple[int, ...] = ()
        self._last_s = -math.inf
        self._forget()

    def state(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:
        """Take a frame's picture, or None on a tick: without pictures a state is soon no longer known."""
        if picture is not None and ((picture.height, picture.width) != self._shape or monotonic_s < self._last_s):
            self._begin(picture.luma, monotonic_s)
        elif picture is not None and monotonic_s - self._last_s >= INTERVAL_S:
            self._look(picture.luma, monotonic_s)
            self._last_s = monotonic_s
        self._belief.expire(monotonic_s)
        return self._belief.state

    def _forget(self) -> None:
        self._learnt: _Learnt | None = None
        self._candidate: _Candidate | None = None
        self._belief = _Belief()
        self._was_closed = False
        self._light = 1.0
        self._shaken_s = self._closed_s = self._clear_s = -math.inf

    def _begin(self, luma: NDArray[np.uint8], now_s: float) -> None:
        """The first frame, another resolution, a clock set back."""
        self._shape = luma.shape
        self._doorway = Doorway(self._config.region, luma.shape)
        self._around = self._doorway.surroundings(luma)
        self._forget()
        self._last_s = now_s

    def _look(self, luma: NDArray[np.uint8], now_s: float) -> None:
        cells = self._doorway.cells(luma)
        self._follow_light(luma, now_s)
        if self._learnt is None:
            self._learn(cells, now_s)
            return
        seen = self._seen(cells, self._learnt, now_s)
        if seen is DoorState.OPEN and self._belief.state is not DoorState.OPEN and self._doubtful(now_s):
            # The light changed and the doorway with it, not in proportion: infrared, a lamp that is seen in the door.
            self._forget()
            return
        before = self._belief.state
        self._belief.take(seen, now_s)
        if self._belief.state is DoorState.OPEN and before is not DoorState.OPEN and self._was_closed:
            self._learnt.opened(cells / self._light)
        self._follow(cells, self._learnt, seen, now_s)
        if seen is DoorState.CLOSED:
            self._closed_s = now_s
        elif now_s - self._closed_s > self._config.relearn_s:
            self._forget()
        if self._belief.state is not DoorState.UNKNOWN:
            self._was_closed = self._belief.state is DoorState.CLOSED

    def _follow_light(self, luma: NDArray[np.uint8], now_s: float) -> None:
        """The median cell outside the doorway tells the light: few cells change because somebody moves."""
        around = self._doorway.surroundings(luma)
        ratios = (around + 1.0) / (self._around + 1.0)
        half = len(ratios) // 2
        ratio = float(np.partition(ratios, half)[half])
        self._around = around
        self._light = min(max(self._light * ratio, 0.01), 100.0)
        if abs(math.log(ratio)) > LIGHT_STEP:
            self._shaken_s = now_s

    def _doubtful(self, now_s: float) -> bool:
        return now_s - self._shaken_s < SHAKEN_S

    def _learn(self, cells: Cells, now_s: float) -> None:
        candidate = self._candidate
        if candidate is None or _alike(cells, candidate.cells, self._light, CLOSELY).mean() < 0.95:
            self._candidate, self._light = _Candidate(cells, now_s), 1.0
        elif now_s - candidate.since_s >= self._config.learn_s:
            self._learnt, self._candidate, self._light = _Learnt(cells), None, 1.0
            self._closed_s = now_s
            self._belief = _Belief(DoorState.CLOSED, now_s)
            self._was_closed = True

    def _seen(self, cells: Cells, learnt: _Learnt, now_s: float) -> DoorState:
        """What this picture alone says; a state that is held already needs less."""
        if max(float(cells.mean()), float(learnt.closed.mean()) * self._light) < DARK:
            return DoorState.UNKNOWN
        close = _alike(cells, learnt.closed, self._light, CLOSELY)
        alike = np.count_nonzero(close) / len(close)
        if alike >= CLOSED_STAY:
            self._clear_s = now_s
        if alike >= CLOSED_ENTER:
            return DoorState.CLOSED
        voted = self._vote(cells, learnt)
        if voted is not DoorState.UNKNOWN:
            return voted
        if alike >= CLOSED_STAY and self._belief.state is DoorState.CLOSED:
            return DoorState.CLOSED
        return DoorState.OPEN if self._opens(cells, learnt, close, now_s) else DoorState.UNKNOWN

    def _opens(self, cells: Cells, learnt: _Learnt, close: NDArray[np.bool_], now_s: float) -> bool:
        """Whether a door that was plainly closed a moment ago looks different everywhere."""
        # Who was let in may stand before a door that has closed again: only votes tell that from an open one.
        if now_s - self._clear_s > OPENING_S or np.count_nonzero(close) > OPEN_MOST_CLOSELY * len(close):
            return False
        apart = 1 - self._doorway.quarters @ close.astype(np.float32)
        if float(apart.min()) < OPEN_LEAST_APART:
            return False
        roughly = np.count_nonzero(_alike(cells, learnt.closed, self._light, ROUGHLY))
        return bool(roughly <= OPEN_MOST_ROUGHLY * len(close))

    def _vote(self, cells: Cells, learnt: _Learnt) -> DoorState:
        telling = learnt.telling
        if learnt.open is None or telling is None:
            return DoorState.UNKNOWN
        count = np.count_nonzero(telling)
        if count < TELLING_LEAST * len(telling):
            return DoorState.UNKNOWN
        light = np.float32(self._light)
        nearer = np.abs(cells - learnt.closed * light) < np.abs(cells - learnt.open * light)
        like_closed = _alike(cells, learnt.closed, self._light, ROUGHLY) & telling & nearer
        like_open = _alike(cells, learnt.open, self._light, ROUGHLY) & telling & ~nearer
        for_closed, for_open = np.count_nonzero(like_closed) / count, np.count_nonzero(like_open) / count
        if for_closed >= VOTES_ENTER and for_closed >= VOTES_MARGIN * for_open:
            return DoorState.CLOSED
        least = VOTES_STAY if self._belief.state is DoorState.OPEN else VOTES_ENTER
        if for_open >= least and for_open >= VOTES_MARGIN * for_closed:
            return DoorState.OPEN
        return DoorState.UNKNOWN

    def _follow(self, cells: Cells, learnt: _Learnt, seen: DoorState, now_s: float) -> None:
        """Both appearances follow the picture, each while it is seen."""
        elapsed_s = min(now_s - learnt.followed_s, 2 * FOLLOW_EVERY_S)
        if seen is not self._belief.state or seen is DoorState.UNKNOWN or elapsed_s < FOLLOW_EVERY_S:
            return
        learnt.followed_s = now_s
        if seen is DoorState.CLOSED:
            self._follow_closed(cells, learnt, elapsed_s)
        elif learnt.open is not None:
            # Equal steps up and down lead to the median: the landing, not those who pass.
            step = OPEN_STEP_PER_S * elapsed_s
            learnt.open += np.clip(cells / self._light - learnt.open, -step, step)
        learnt.compare()

    def _follow_closed(self, cells: Cells, learnt: _Learnt, elapsed_s: float) -> None:
        # From here on the light is told against this moment.
        learnt.closed *= self._light
        if learnt.open is not None:
            learnt.open *= self._light
        self._light = 1.0
        like = _alike(cells, learnt.closed, 1.0, ROUGHLY)
        learnt.closed += np.where(like, (cells - learnt.closed) * (CLOSED_FOLLOW_PER_S * elapsed_s), 0)


def _alike(cells: Cells, others: Cells, light: float, within: tuple[float, float]) -> NDArray[np.bool_]:
    """Which cells show the same surface as `others` do in that light, within levels and share."""
    levels, share = within
    expected = others * np.float32(light)
    tolerance = expected * np.float32(share) + np.float32(levels)
    return np.asarray(np.abs(cells - expected) <= tolerance)
