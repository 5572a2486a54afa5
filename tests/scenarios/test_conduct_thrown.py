"""Things thrown from height: tables of flights, and one drawn clip from file to event."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray
from pydantic import ValidationError

from edgeguard.cli import main
from edgeguard.pipeline.snapshot import AMBER
from edgeguard.scenarios import build
from edgeguard.scenarios.conduct_thrown import ConductThrownConfig
from edgeguard.schedule import Schedule, Window
from edgeguard.types import Flight, Observation, OpenEpisode, Phase, Report
from tests.support.falls import FPS, HEIGHT, WIDTH, drop, flight
from tests.support.zone_rule import START

CONFIG = ConductThrownConfig()
Floats = NDArray[np.floating]
NIGHT = Schedule(windows=(Window(start=time(22), end=time(6)),))
# As rain is: at one speed from the start.
DROPLET = flight(gain=0, first=0.8, from_y=0.02)


class Watched:
    """A rule that is shown when flights end; what it says."""

    def __init__(self, config: ConductThrownConfig = CONFIG, resume: Sequence[OpenEpisode] = ()) -> None:
        ids = count(1)
        (self.rule,) = build((config,), "facade", (), {}, lambda _: f"id{next(ids)}", resume)
        self.reports: list[Report] = []
        self.at_s = 0.0

    def play(self, seconds: float, *flights: Flight) -> "Watched":
        """Frames for so long, five a second; each flight is told with the first one after its end."""
        until_s, waiting = self.at_s + seconds, list(flights)
        while self.at_s < until_s:
            over = [one for one in waiting if one.at_s[-1] <= self.at_s]
            waiting = [one for one in waiting if one.at_s[-1] > self.at_s]
            self.tell(tuple(over))
            self.at_s += 0.2
        return self

    def tell(self, flights: tuple[Flight, ...] | None, ending: str | None = None, blind_s: float = 0.0) -> None:
        at = START + timedelta(seconds=self.at_s)
        now = Observation(self.at_s, at, WIDTH, HEIGHT, None, blind_s, ending, flights=flights)
        verdict = self.rule.update(now)
        assert not verdict.attentive
        self.reports += [signal for signal in verdict.signals if isinstance(signal, Report)]

    def told(self, phase: Phase = Phase.NEW) -> list[Report]:
        return [report for report in self.reports if report.phase is phase]


def landing(fall: Flight) -> Flight:
    """The same, and how it bounces for a second where it fell."""
    t = np.arange(1, 26) / FPS
    bounce = np.stack([50 * t, -60 * np.abs(np.sin(6 * t))], 1).astype(np.float32)
    return joined(fall, fall.at_s[-1] + t, fall.xy[-1] + bounce)


def held(fall: Flight, far: float = 1.0) -> Flight:
    """The same, after it was waved about in a hand for a second and a half; `far`: so many times as far."""
    t = np.arange(-38, 0) / FPS
    waved = far * np.stack([12 * np.sin(7 * t), 6 * np.cos(9 * t) + 7], 1).astype(np.float32)
    return joined(fall, fall.at_s[0] + t, fall.xy[0] + waved, before=True)


def joined(fall: Flight, at_s: Floats, xy: Floats, *, before: bool = False) -> Flight:
    order = slice(None, None, -1 if before else 1)
    n = len(fall) + len(at_s)
    return replace(
        fall,
        at_s=np.concatenate([fall.at_s, at_s][order]),
        xy=np.concatenate([fall.xy, xy][order]).astype(np.float32),
        size_px=np.full(n, 4, np.float32),
        frames=n,
    )


def perching() -> Flight:
    """Down by half of the picture in 2.4 s, fastest in the middle."""
    bird = flight(gain=0.0, first=0.2)
    share = np.arange(61) / 60
    y = 0.2 + 0.5 * share * share * (3 - 2 * share)
    xy = np.stack([WIDTH * (0.5 + 0.02 * share), HEIGHT * y], 1).astype(np.float32)
    return replace(bird, at_s=10 + 2.4 * share, xy=xy, size_px=np.full(61, 4, np.float32), frames=61)


def arching(*, brakes: bool = True, fell: float = 0.3) -> Flight:
    """Up from a roof and down on another, aslant, in 2.4 s; without `brakes` as what is thrown upwards goes."""
    share = np.arange(61) / 60
    way = share * share * (3 - 2 * share) if brakes else share
    up = 0.25 * np.sin(np.pi * share) if brakes else 1.2 * share * (1 - share)
    xy = np.stack([WIDTH * (0.3 + 0.1 * way), HEIGHT * (0.4 + fell * way - up)], 1)
    xy += np.random.default_rng(1).normal(0, 0.4, xy.shape)
    return replace(flight(), at_s=10 + 2.4 * share, xy=xy.astype(np.float32), size_px=np.full(61, 4.0), frames=61)


def off_a_ledge(*, down: float, up: float, side: float = 0.0, takes_s: float = 2.4, seen: float = 0.9) -> Flight:
    """A bird to a lower ledge in an arch: heights; a share of its way, at 12.5 frames a second."""
    t = np.arange(0, takes_s * seen, 0.08)
    share = t / takes_s
    way, arc = share * share * (3 - 2 * share), np.sin(np.pi * share)
    xy = np.stack([0.7 * HEIGHT + HEIGHT * (0.05 * way + side * arc), HEIGHT * (0.2 + down * way - up * arc)], 1)
    xy += np.random.default_rng(1).normal(0, 0.5, xy.shape)
    return replace(flight(), at_s=10 + t, xy=xy.astype(np.float32), size_px=np.full(len(t), 6.0), frames=len(t))


def tossed() -> Flight:
    """Up by 1.7 m and down again, at 12.5 frames a second."""
    return flight(first=-0.28, gain=0.47, from_y=0.9, to_y=0.901, fps=12.5, drift=-0.08, noise=0.3)


def strayed(fall: Flight, to: Sequence[tuple[float, float]]) -> Flight:
    """The same, going on with specks that are none of it, each so far off its last place."""
    steps = np.array(to) * (WIDTH, HEIGHT)
    return joined(fall, fall.at_s[-1] + np.arange(1, len(to) + 1) / 12.5, fall.xy[-1] + steps.astype(np.float32))


def lost(fall: Flight, at_y: float, every: int, size_px: float) -> Flight:
    """The same, from a height on in one of so many frames only, by specks of that size."""
    gone = fall.xy[:, 1] >= at_y * HEIGHT
    kept = ~gone | (np.arange(len(fall)) % every == 0)
    sizes = np.where(gone, size_px, fall.size_px)
    return replace(fall, at_s=fall.at_s[kept], xy=fall.xy[kept], size_px=sizes[kept].astype(np.float32))


def jerked(fall: Flight, at: int, by_px: float) -> Flight:
    """The same, with one point in its course taken from something else beside it."""
    xy = fall.xy.copy()
    xy[at, 0] += by_px
    return replace(fall, xy=xy)


def at_the_camera(veer: float, nearer: float, first_px_s: float = 60) -> Flight:
    """Thrown up and forwards, aslant, `first_px_s` sideways: as it comes nearer it gains more and more, both ways."""
    t = np.arange(0, 1, 0.04)
    gained = 180 * t * t * (1 + nearer * t * t)
    way = np.stack([480 + first_px_s * t + veer * gained, 200 - 60 * t + gained], 1)
    way += np.random.default_rng(1).normal(0, 0.3, way.shape)
    return replace(flight(), at_s=10 + t, xy=way.astype(np.float32), size_px=np.full(len(t), 8, np.float32), frames=25)


def insect(seconds: float, seed: int) -> Flight:
    """Faster and faster down as a whole, its speed another one in each of 12.5 frames a second."""
    t = np.arange(0, seconds, 0.08)
    jerks = np.random.default_rng(seed).normal(0, 3, (len(t), 2))
    way = np.stack([480 + 0 * t, 110 + 60 * t + 130 * t * t], 1) + jerks.cumsum(0).cumsum(0)
    size_px = np.full(len(t), 20, np.float32)
    return replace(flight(), at_s=10 + t, xy=way.astype(np.float32), size_px=size_px, frames=len(t))


def taken_for_one_another() -> Flight:
    """Two flakes, one slow and one fast, followed as one."""
    t = np.arange(56) / FPS
    down = 40 * t + 60 * np.maximum(t - 1.2, 0) ** 1.2
    xy = np.stack([np.full(56, 300.0), 200 + down], 1) + np.random.default_rng(1).normal(0, 1.2, (56, 2))
    return replace(flight(), at_s=10 + t, xy=xy.astype(np.float32), size_px=np.full(56, 5.0), frames=56)


def glimpsed() -> Flight:
    """Of a bird that comes down aslant ever less fast: not how it brakes in the end."""
    t = np.arange(0, 1.2, 1 / 15)
    y = HEIGHT * (0.2 + 0.3 * t**2 - 0.075 * t**3)
    xy = np.stack([300 + 100 * t, y], 1) + np.random.default_rng(1).normal(0, 0.3, (len(t), 2))
    return replace(flight(), at_s=10 + t, xy=xy.astype(np.float32), size_px=np.full(len(t), 8.0), frames=len(t))


FALLS = {
    "a stone": flight(),
    "at ten frames a second": flight(fps=10),
    "at sixty": flight(fps=60),
    "far away": flight(gain=0.12),
    "near": flight(gain=2.0),
    "thrown upwards first": flight(first=-0.3, from_y=0.4),
    "thrown upwards at a height, and out of sight a floor below": flight(first=-0.2, gain=0.5, from_y=0.2, to_y=0.4),
    "thrown upwards and along the wall": arching(brakes=False),
    "thrown forwards": flight(drift=0.25),
    "seen in two frames of three": flight(shown=0.67),
    "seen in little more than half of its frames, beyond doubt": flight(shown=0.56, noise=0.2, chance=-31),
    "first seen late, plainly a parabola": flight(first=0.5, gain=0.8, from_y=0.4),
    "from above the picture": flight(first=0.4, from_y=0.01),
    "blurred": flight(noise=1.5),
    "blurred in every frame": flight(noise=3),
    "that bounces where it lands": landing(flight()),
    "that was held in a hand": held(flight(first=0.0)),
    "before a camera that hangs askew": flight(veer=0.25),
    "a bag that tumbles": flight(beat=1.8),
    "at the camera, from the lower half": strayed(
        flight(first=-0.1, from_y=0.52, to_y=0.75, fps=20), [(0, 0.03 * n + 0.003 * n * n) for n in range(1, 6)]
    ),
    "at the camera, aslant": at_the_camera(veer=0.42, nearer=0.15),
    "with a drop taken for it once": jerked(flight(fps=12.5, to_y=0.7), 9, 7),
    "first seen late, beyond doubt": flight(first=0.55, gain=0.42, from_y=0.1, to_y=0.8, noise=0.2),
    "first seen late, thrown along the wall": flight(
        first=0.55, gain=0.42, from_y=0.1, to_y=0.8, noise=0.2, drift=0.175
    ),
    "whose last point is another's": strayed(flight(), [(0.0, 0.06)]),
    "not quite straight down, whose last point is a leaf behind it": strayed(
        flight(drift=0.055, to_y=0.8, noise=0.2), [(0.0, 0.045)]
    ),
    "at the camera, from the middle, twice ahead of its parabola": strayed(
        flight(first=0.0, gain=1.3, from_y=0.505, to_y=0.75, fps=15, noise=0.2), [(0.0, 0.075), (0.0, 0.165)]
    ),
    "of so few points that chance is in doubt, not what it gains": flight(fps=10, noise=0.2, chance=-11),
    "of few points, aslant, in every frame": flight(fps=10, noise=0.2, chance=-15.5, drift=0.25),
    "jerked, beyond doubt, straight down": flight(noise=1.6, fps=12.5),
    "seen in little more than half of its frames": flight(shown=0.56, noise=0.9, chance=-31),
    "hidden for a part of its way": lost(flight(), 0.6, every=4, size_px=4),
    "behind a tree in the end, where leaves are taken for it": lost(flight(), 0.6, every=4, size_px=2),
    "seen in part in the end": lost(flight(), 0.6, every=1, size_px=2),
    "from a low window": flight(from_y=0.75, to_y=0.97, gain=0.4),
    "a cigarette end that air slows down, not quite straight": flight(
        gain=0.5, first=0.0, steady_from_s=1.3, to_y=0.75, drift=0.04, veer=-0.06
    ),
    "along the wall before a camera that hangs askew": flight(drift=0.1, veer=0.25, noise=0.2),
    "aslant from above the picture, at few frames": flight(
        first=0.26, from_y=0.02, gain=0.4, to_y=0.6, fps=12.5, drift=0.085
    ),
}
NO_FALLS = {
    "rain": DROPLET,
    "snow": flight(gain=0, first=0.2),
    "a leaf": flight(gain=0, first=0.1, sway=0.05),
    "a bird that glides down": flight(gain=0.1, first=0.3, drift=0.2),
    "a bird that dives, first seen late": flight(
        first=0.35, gain=0.4, from_y=0.2, to_y=0.8, fps=10, drift=0.05, noise=1.2
    ),
    "a bird that dives aslant": flight(first=0.5, gain=0.8, from_y=0.4, drift=0.3),
    "a bird that brakes": flight(gain=-0.1, first=0.5),
    "what drifts farther than it falls": flight(drift=0.45, from_y=0.5, to_y=0.75),
    "a bird that comes down faster and faster, askew": flight(drift=0.3),
    "a bird first seen late that steers as it dives aslant": flight(
        first=0.55, gain=0.42, from_y=0.1, to_y=0.8, noise=0.2, drift=0.15, veer=0.2
    ),
    "a bird that steers as it dives": flight(veer=0.5, x=0.3),
    "a bird that steers as much as what comes at the camera": at_the_camera(veer=0.42, nearer=0),
    "a bird that beats its wings as it dives": flight(drift=0.2, beat=4),
    "a bird from above, askew": flight(first=0.4, from_y=0.01, drift=0.23),
    "a bird that drops off a roof and brakes before it perches": perching(),
    "a bird off a ledge, straight down, that gains no more in the end": flight(
        gain=0.24, first=0.065, from_y=0.14, to_y=0.44, steady_from_s=0.8, fps=12.5, drift=-0.007, noise=1.2
    ),
    "a bird that gains speed for a second and glides on": flight(gain=0.3, first=0.02, steady_from_s=1.0, to_y=0.8),
    "a bird from one roof to another, in an arch": arching(fell=0.05),
    "a bird that flies up from a roof and comes down below": arching(fell=0.1),
    "a bird that comes down aslant, ever less fast": glimpsed(),
    "a bird that comes down aslant, steers a little and brakes a little": off_a_ledge(
        down=0.6, up=0.2, side=0.12, takes_s=3.0, seen=0.6
    ),
    "a bird that steers and brakes, nearly straight down, in ten frames": off_a_ledge(
        down=0.8, up=0.2, side=0.12, takes_s=1.6, seen=0.65
    ),
    "a bird that glides in over the picture's edge, aslant": flight(
        first=0.26, from_y=0.02, gain=0.4, to_y=0.5, fps=12.5, drift=0.1, noise=1.6
    ),
    "a bird straight down, fastest in between": off_a_ledge(down=0.4, up=0.15, takes_s=2.0),
    "a bird straight down, fastest in between, that brakes": off_a_ledge(down=0.5, up=0.15, takes_s=2.4, seen=0.8),
    "what flew about before, farther than a hand moves": held(flight(first=0.0), far=10),
    "birds of a flock taken for one another": flight(shown=0.67, noise=3),
    "a ball tossed in the yard": flight(from_y=0.78, to_y=0.92, gain=0.75),
    "a ball tossed in the yard, and legs taken for it": strayed(tossed(), [(0.01, 0.05), (0.02, 0.11)]),
    "a ball tossed in the yard, and a foot taken for it": strayed(tossed(), [(-0.02, 0.06)]),
    "an insect that goes up and down again at a height": flight(
        first=-0.4, gain=1.3, from_y=0.2, to_y=0.25, drift=0.1, noise=0.2
    ),
    "a ball tossed in the yard and dropped": flight(
        first=-0.26, gain=0.41, from_y=0.9, to_y=0.96, fps=12.5, drift=0.04
    ),
    "an insect beside the lens": insect(1.3, seed=9),
    "an insect that is long in sight": insect(1.9, seed=3),
    "what sways": flight(sway=0.03),
    "a step down": flight(to_y=0.2),
    "seen now and then": flight(shown=0.4),
    "seen in little more than half of its frames": flight(shown=0.56, to_y=0.4, noise=1.2, chance=-31),
    "seen in little more than half of its frames, among many specks": flight(shown=0.56, noise=0.2, chance=-20),
    "specks in the rain that line up": flight(chance=-3),
    "specks among many that nearly line up": flight(fps=10, to_y=0.5, noise=1.2, chance=-11),
    "an insect, aslant, in few frames beside a tree": flight(fps=10, drift=0.2, noise=0.2, chance=-13.7),
    "two flakes": taken_for_one_another(),
    "what jumps to and fro beside its way": flight(drift=0.25, noise=3),
    "a step down, and a speck far below": strayed(flight(to_y=0.25, noise=0.2), [(0.0, 0.1)]),
    "a bird that has alighted, and few specks far smaller": lost(flight(), 0.3, every=4, size_px=2),
    "an insect that steers to one side and back": at_the_camera(veer=0.42, nearer=0.15, first_px_s=-40),
    "faster than anything falls": flight(gain=6.0, from_y=0.1),
}


@pytest.mark.parametrize("name", FALLS)
def test_falls_are_told(name: str) -> None:
    watched = Watched().play(30, FALLS[name])
    (new,), (end,) = watched.told(), watched.told(Phase.END)
    assert (new.code, new.severity, new.zones) == ("CONDUCT.THROWN", "critical", ("facade",))
    assert end.end_reason == "left"
    assert new.sighting is not None
    assert new.sighting.label == "thing"


@pytest.mark.parametrize("name", NO_FALLS)
def test_what_only_looks_like_it_is_not(name: str) -> None:
    assert Watched().play(30, NO_FALLS[name]).reports == []


BAG = flight(gain=0.5, first=0.02, steady_from_s=0.6, fps=25, to_y=0.95)


def test_a_light_thing_is_told_as_such() -> None:
    (new,) = Watched().play(30, BAG).told()
    assert new.sighting is not None
    assert new.sighting.label == "light_thing"
    assert Watched(ConductThrownConfig(labels=("thing",))).play(30, BAG).reports == []


@pytest.mark.parametrize(("drift", "times"), [(0.01, 1), (0.15, 0)])
def test_clothes_sink_faster_than_a_bag_and_straight_down(drift: float, times: int) -> None:
    clothes = flight(gain=0.25, first=0.0, steady_from_s=1.2, to_y=0.85, drift=drift, noise=0.3)
    assert len(Watched().play(30, clothes).told()) == times


@pytest.mark.parametrize("bird", [{"drift": 0.25}, {"veer": 0.5}])
def test_what_sinks_askew_is_a_bird_that_glides(bird: dict[str, float]) -> None:
    gliding = flight(gain=0.5, first=0.02, steady_from_s=0.6, fps=25, to_y=0.95, **bird)
    assert Watched().play(30, gliding).reports == []


def test_in_rain_light_things_are_weather_and_stones_are_stones() -> None:
    rain = [replace(DROPLET, at_s=DROPLET.at_s - 10 + n) for n in range(9)]
    assert Watched().play(30, *rain, BAG).reports == []
    assert len(Watched().play(30, *rain, FALLS["a stone"]).told()) == 1
    assert len(Watched().play(60, *rain, replace(BAG, at_s=BAG.at_s + 30)).told()) == 1


def test_in_rain_a_short_fall_must_be_beyond_doubt() -> None:
    rain = [replace(DROPLET, at_s=DROPLET.at_s - 10 + n) for n in range(9)]
    short = {noise: flight(to_y=0.34, gain=1.0, first=0.0, noise=noise) for noise in (0.2, 1.2)}
    assert len(Watched().play(30, *rain, short[0.2]).told()) == 1
    assert len(Watched().play(30, short[1.2]).told()) == 1
    assert Watched().play(30, *rain, short[1.2]).reports == []


@pytest.mark.parametrize(("drift", "times"), [(0.01, 1), (0.05, 0)])
def test_in_snow_a_short_fall_that_gains_less_must_be_straight_down(drift: float, times: int) -> None:
    snow = [replace(DROPLET, at_s=DROPLET.at_s - 10 + n) for n in range(9)]
    short = flight(to_y=0.3, gain=1.0, first=0.0, noise=0.8, drift=drift)
    assert len(Watched().play(30, *snow, short).told()) == times
    assert len(Watched().play(30, short).told()) == 1


def test_after_an_hour_of_rain_a_stone_is_still_a_stone() -> None:
    columns = [0.44 + 0.01 * n for n in range(12)]
    rain = [flight(gain=0, first=0.8, from_y=0.1 + 0.001 * n, x=x, begin_s=n % 9) for n, x in enumerate(columns * 10)]
    assert len(Watched().play(30, *rain, FALLS["a stone"]).told()) == 1


def test_where_it_always_stirs_is_a_tree() -> None:
    swaying = [replace(one, at_s=one.at_s - 10 + n) for n, one in enumerate([flight(sway=0.03, from_y=0.16)] * 4)]
    assert Watched().play(30, *swaying, FALLS["a stone"]).reports == []
    elsewhere = flight(x=0.2)
    assert len(Watched().play(30, *swaying, elsewhere).told()) == 1


def test_several_things_are_one_episode() -> None:
    second = replace(FALLS["a stone"], at_s=FALLS["a stone"].at_s + 3)
    third = replace(FALLS["a stone"], at_s=FALLS["a stone"].at_s + 20)
    watched = Watched().play(60, FALLS["a stone"], second, third)
    assert len(watched.told()) == len(watched.told(Phase.END)) == 2


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"zone": [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}, 0),
        ({"zone": [[0.3, 0], [0.7, 0], [0.7, 1], [0.3, 1]]}, 1),
        ({"holes": [[[0.4, 0], [0.7, 0], [0.7, 0.8], [0.4, 0.8]]]}, 0),
        ({"above_y": 0.1}, 0),
        ({"above_y": 0.3}, 1),
        ({"min_fall": 0.9}, 0),
        ({"min_score": 0.99}, 0),
        ({"armed": NIGHT}, 0),
        # What a stone gains is known where the size is: here 0.5 heights a second squared are 20 m in the picture.
        ({"facade": {"height_m": 20}}, 1),
        ({"facade": {"height_m": 3}}, 0),
        ({"facade": {"height_m": 90}}, 0),
        ({"facade": {"floors": 7}}, 1),
    ],
)
def test_settings(settings: dict[str, object], told: int) -> None:
    config = ConductThrownConfig.model_validate(settings)
    assert len(Watched(config).play(30, FALLS["a stone"]).told()) == told


def test_where_it_was_and_when() -> None:
    fall = FALLS["a stone"]
    (new,) = Watched(ConductThrownConfig.model_validate({"facade": {"floors": 6}})).play(30, fall).told()
    seen = new.sighting
    assert seen is not None
    assert len(seen.path) == seen.frames_seen == len(fall)
    assert seen.path[0] == pytest.approx((0.5, 0.15), abs=0.01)
    assert seen.box == pytest.approx((0.5, 0.15, 0.54, 0.88), abs=0.02)
    assert seen.first_seen == START + timedelta(seconds=10)
    # Six floors over the whole picture: the sixth is the uppermost 1/6 of it.
    assert seen.floors is not None
    assert (seen.floors.low, seen.floors.likely) == (6, 6)


def test_a_recording_that_ends_with_the_fall_has_it() -> None:
    watched = Watched()
    watched.tell((), None)
    watched.at_s = 12
    watched.tell((FALLS["a stone"],), "end_of_recording")
    assert [report.phase for report in watched.reports] == [Phase.NEW, Phase.END]
    assert watched.reports[-1].end_reason == "end_of_recording"


def test_a_restart_and_a_blind_camera_end_it_once() -> None:
    (new,) = Watched().play(13, FALLS["a stone"]).told()
    left_open = OpenEpisode(new.event_id, new.code, "facade", new.rule, new.at, new.sighting, zones=new.zones)
    resumed = Watched(resume=[left_open]).play(20)
    assert [report.end_reason for report in resumed.reports] == ["restart"]
    covered = Watched().play(13, FALLS["a stone"])
    for second in range(90):
        covered.at_s += 1
        covered.tell(None, blind_s=second + 1)
    assert covered.told(Phase.END)[-1].end_reason == "blind"


def test_wrong_settings_are_told() -> None:
    with pytest.raises(ValidationError, match=r"top_y above ground_y, so smaller, met top_y 0\.9, ground_y 0\.2"):
        ConductThrownConfig.model_validate({"facade": {"top_y": 0.9, "ground_y": 0.2}})
    with pytest.raises(ValidationError, match="from the ground upwards, met"):
        ConductThrownConfig.model_validate({"facade": {"floor_lines_y": [0.2, 0.4]}})
    with pytest.raises(ValidationError, match="Input should be 'thing' or 'light_thing'"):
        ConductThrownConfig.model_validate({"labels": ["bottle"]})


def written(path: Path, seconds: float, gain: float) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=round(FPS))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for _, luma in drop(seconds, gain=gain):
            plain = np.full((180, 640), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.vstack([luma, plain]), "yuv420p")))
        container.mux(stream.encode(None))
    return path


def test_a_clip_is_told_with_its_track(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = written(tmp_path / "fall.mp4", 4.4, 0.6)
    words = ["--scenario", "conduct_thrown", "--json", "--report", str(tmp_path / "report")]
    assert main(["replay", str(clip), *words]) == 0
    (episode,) = json.loads(capsys.readouterr().out.splitlines()[-1])["episodes"]
    assert episode["code"] == "CONDUCT.THROWN"
    # It falls for 1.6 s from 2 s on; a fifth of a second later it is known to be over.
    assert 3.0 < episode["new_s"] < 4.2
    shots = [cv2.imread(str(path)) for path in sorted((tmp_path / "report").glob("**/*.jpg"))]
    amber = [(np.abs(shot.astype(int) - AMBER).max(2) < 60).any(1) for shot in shots if shot is not None]
    # The rings reach over half of the picture's height.
    assert max(np.ptp(np.flatnonzero(rows)) for rows in amber if rows.any()) > 180


def test_a_clip_where_nothing_falls_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = written(tmp_path / "none.mp4", 2.0, 0.0)
    assert main(["replay", str(clip), "--scenario", "conduct_thrown", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["episodes"] == []
