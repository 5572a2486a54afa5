"""Whether a flight is a fall: of a thing, of a light thing, or none."""

import math
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from edgeguard.scenarios.ballistics import Course, Fit, course, free_fall, sinking
from edgeguard.scenarios.facade import GRAVITY_M_S2, Facade
from edgeguard.types import Flight

Kind = Literal["thing", "light_thing"]
THING: Final = "thing"
LIGHT: Final = "light_thing"

# What a stone gains where nobody told the size, in heights of the picture per second squared: 250 m and 2 m in it.
SLOWEST_GAIN, FASTEST_GAIN = 0.035, 4.5
# Where it was told: seen from below what is far above is small, and what comes forward from the wall is large.
GAIN_FROM, GAIN_TO = 0.35, 2.2
# The gain must stand out from its own error, and the speed must have grown: a fall begins at rest, rain, snow and birds
# come with a speed. Only what falls into the picture from above it has one too; then it must gain plainly.
GAIN_SIGMAS = 12.0
SPEED_RATIO = 2.7
TOP_EDGE, TOP_RATIO, TOP_GAIN = 0.05, 1.7, 0.2
# Nor has what was hidden at first, by a tree or by its own size. Plainly a parabola, and nearly straight down: birds
# that glide down faster and faster come from the side and do not keep to one.
PLAIN_SIGMAS, PLAIN_OFF, PLAIN_DRIFT = 20.0, 0.35, 0.35
# What was not seen to begin is told by its gain alone, which must stand out the more: falls first seen late had 31 and
# more, birds that dive 23.
LATE_SIGMAS = 30.0
# In snow and rain, where it falls a short way, straight down as well: falls in them had up to 0.12, two flakes 0.28.
SHEER_DRIFT = 0.2
# And of what gains so surely there is no doubt, be it first seen late or for a short way.
SURE_SIGMAS, SURE_RATIO = 40.0, 1.5
# Nor where it was thrown along the wall, and comes down aslant: then it gains nothing sideways, as what steers does. As
# a share of what it gains downwards, error and all.
STRAIGHT_VEER = 0.1
# What is thrown at the camera grows and is no parabola in the picture. It may be off by so much where it is so many
# times as fast in the end, no less surely.
FORWARD_OFF, FORWARD_RATIO = 1.5, 4.0
# Gravity has one direction: what gains speed sideways too steers. As a share of what it gains downwards; a camera that
# hangs askew by 15 degrees shows 0.27, a wide lens adds some. What comes at the camera gains more and more, both ways:
# by as much more sideways as it gains more downwards in its second half. But it spreads from one point of the picture
# then, and does not turn back: what goes sideways by less than so much of what it gains there turned. Falls that came
# at the camera had 1.2 and more, an insect 0.26.
MOST_VEER, TURNS = 0.35, 0.75
# Nor does it brake, as birds do before they perch. What it gains in its second half, as a share of its mean gain: air
# and perspective take some of a stone's, and all of a bag's.
LEAST_LATE, LIGHT_LATE = 0.5, -0.25
# That with its error for it, for few points tell little of a half; but a thing is not told whose second half most
# likely brakes. Falls had 0.54 and more, a pigeon off a ledge 0.27.
LIKELY_LATE = 0.4
# What comes down aslant was thrown hard, or flies: air takes little of a thing's gain, and it comes at the camera, but
# a bird brakes. Falls that went farther sideways than this, for each pixel down, had 0.90 and more, error and all.
ASLANT, ASLANT_LATE = 0.3, 0.85
# And its gain must stand out by more: falls as aslant had 22.6 and more, in drawn pictures 41, birds that glide in over
# the picture's edge and insects 17 to 22.
ASLANT_SIGMAS = 22.0
# Each doubt of one error is for a fall, and where points are few a bird has the benefit of all of them. So these are
# counted together too, as they most likely are: how far it goes sideways for each pixel down, what it steers beyond
# what nearness adds, and what it brakes, as shares of its mean gain, in products of two. What is thrown along the wall
# does neither, air slows a cigarette end that comes nearly straight down, a bird does two at once. Falls had up to
# 0.223, and 0.158 where they do not gain beyond doubt; half of the birds and insects taken for falls had more.
MOST_FLOWN, DOUBTFUL_FLOWN = 0.23, 0.17
# Nor does it gain most in its middle: air takes from the gain at the end, nearness adds to it there, and neither takes
# from both ends. What drops off a perch, or flies up from it in an arch, and alights on another gains little, most, and
# little. The middle less both ends, as a share of the mean gain: falls aslant had up to 0.13, error off, birds and
# insects taken for falls 0.48 and more. What comes straight down is no bird but where it brakes, too, and seems to gain
# less at its ends where it is large and seen in part; what gains more in its second half than in all comes at the
# camera. Straight down falls had up to 0.72, with a second half of 0.62 and more, a pigeon 0.51 with 0.47.
MOST_ARCH, ARCH_DRIFT = 0.35, 0.2
# But so much more in its middle than at its ends, error off, where it does not gain beyond doubt, is two flakes that
# are taken for one another: they had 2 and more, falls up to 0.4.
FLAKES_ARCH = 1.0
# Nor does it undulate: wings beat. Falls had up to 1.1, as bags that tumble have, birds followed for two beats and more
# from 2.4 on. Pixels of a 540-line picture.
MOST_WAVE = 1.5
# Nor is it jerked about: an insect changes its course with every frame. Sideways, where nothing bends a fall. Falls had
# up to 0.95, insects taken for falls 1.4 and more. Pixels of a 540-line picture.
MOST_ROUGH = 1.2
# Where it gains beyond doubt and comes straight down it is noise, of which few points have more: a shoe at ten frames a
# second had 1.4.
SURE_ROUGH = 2.0
# And sideways it keeps to a parabola, as nothing pulls it there; what goes on as specks of noise jumps about it. The
# points that fit: falls had up to 1.0, in rain 1.7; birds and insects that had lost themselves 2.4 aslant, 3.2 and more
# straight down. Pixels of a 540-line picture.
MOST_SWAY, ASLANT_SWAY = 3.0, 2.0
# What comes down askew, so far sideways for each pixel down, must be seen from rest.
ASKEW = 0.5
# A ball tossed in the yard falls freely too, but from no higher than two metres above a hand; what it gains tells how
# large a metre is. Seen from the lower half of the picture on a thing must fall farther.
LOW, LEAST_M = 0.5, 2.0
# Where it is seen to rise so far before, it is met above the hand already and falls to the ground: it must fall more,
# wherever that is: what goes up and down again at a height are insects, and pigeons from perch to perch.
LEAST_RISE_M, ROSE_M = 0.3, 2.5
# What was in a hand before it fell was no farther away than that: an arm that is swung.
REACH_M = 1.5
# How well it must fit: pixels of a 540-line picture, and a share of how far it fell.
OFF_LINES, OFF_SHARE = 1.6, 0.012
LINES = 540
# What is missed in more than a quarter of the frames may be several birds of a flock: it must fit twice as well.
OFTEN_SHOWN, SELDOM_OFF = 0.75, 0.5
# What goes farther sideways than down, for each pixel down, flies.
MOST_DRIFT = 1.05
# Frames that must show it, and points that must fit.
LEAST_SHOWN, LEAST_KEPT = 0.6, 0.75
# Of what lines up by chance with such odds fewer frames are enough.
SURE_SHOWN, SURE_CHANCE = 0.5, -30.0
LEAST_S, LONGEST_S = 0.45, 12.0
LEAST_POINTS = 5
# What sinks counts from so far on, as a share of the picture's height.
SUNK = 0.06
# So near to its lowest point, as a share of the picture's height, it has landed.
LANDED = 0.01
# What goes on as so many specks of so much of its size, in so few of its frames, was out of sight from there on, as a
# bird that has alighted: they are noise.
LOST_SIZE, LOST_SHOWN, LOST_POINTS = 0.5, 0.5, 3
# But what fell so far before, as a share of the picture's height, went behind something.
LOST_FALL = 0.25
# Odds that random specks line up like this, over all that start in a year.
LEAST_CHANCE = -9.0
# And where it does not gain beyond doubt, or comes down aslant, as insects do: among a hundred specks and more some
# line up even so. Falls aslant had 10^-16.7 and less, an insect beside a tree, gain of 42 standard errors, 10^-13.7.
DOUBTFUL_CHANCE = -16.0
# Unless it gains so much more surely still, and is seen in most of its frames: at ten a second they are few.
SURER_SIGMAS, SURER_CHANCE = 60.0, -15.0
# A light thing starts at rest too, and then sinks at one speed. It is light: a bag sinks at 3 m/s, and no stone takes
# longer than so many seconds to be as fast, here 8 m/s. Birds gain speed for longer before they brake.
LIGHT_RATIO, LIGHT_GAIN_FROM = 3.0, 0.2
SINKING_S = 0.8
# What gains beyond doubt and goes sideways by no more than so much of what it falls is no bird: clothes get as fast as
# 14 m/s.
SINKING_DRIFT, SHEER_SINKING_S = 0.1, 1.5
# And it gains at first, so no more in its middle than at its ends, wherever it goes. What lets go and sinks has -0.6
# and less, most likely, pigeons taken for it, straight down from perch to perch, 0.3 and more.
LIGHT_ARCH = 0.0
LIGHT_POINTS = 12


def judge(flight: Flight, facade: Facade) -> tuple[Kind, Fit | None, float]:
    """What it is, its fit, and how sure that is, 0..1; no fit for what did not come down at all.

    Where the whole flight is none it may be one from its highest point on: before that it was in a hand, and so near to
    it. Not what is a toss, or a bird's, from its start to its end.
    """
    landed = _until_landed(flight)
    flight = _until_lost(landed)
    if len(flight) < len(landed) and fell_px(flight) < LOST_FALL * flight.height_px:
        return THING, free_fall(landed.at_s, landed.xy.astype(np.float64)), 0.0
    label, fit, score = _judge(flight, facade)
    highest = int(flight.xy[:, 1].argmin())
    if score > 0 or not highest or (fit is not None and _fits(flight, fit) and _another_way(flight, fit)):
        return label, fit, score
    again = _judge(_part(flight, slice(highest, None)), facade)
    dropped = again[1] is not None and again[2] > 0 and _in_a_hand(flight, highest, again[1])
    return again if dropped else (label, fit, score)


def _judge(flight: Flight, facade: Facade) -> tuple[Kind, Fit | None, float]:
    if len(flight) < LEAST_POINTS or flight.chance > LEAST_CHANCE / 2:
        return THING, None, 0.0
    at_s, xy = flight.at_s, flight.xy.astype(np.float64)
    fit = free_fall(at_s, xy)
    if not _whole(flight, fit) or _tossed(flight, fit):
        return THING, fit, 0.0
    way = course(at_s, xy, fit.strays)
    if _arches(fit, way):
        return THING, fit, 0.0
    score = _freely(flight, fit, way, facade)
    if score > 0 or len(flight) < LIGHT_POINTS:
        return THING, fit, score
    light = sinking(at_s, xy)
    return LIGHT, light, _lightly(flight, light, way, facade)


def _another_way(flight: Flight, fit: Fit) -> bool:
    """Whether it is no fall's, but one as a whole."""
    return _tossed(flight, fit) or _arches(fit, course(flight.at_s, flight.xy.astype(np.float64)))


def _in_a_hand(flight: Flight, highest: int, fit: Fit) -> bool:
    """Whether it was no farther away before its highest point than a hand moves; metres by what it gains from there."""
    before = flight.xy[: highest + 1] - flight.xy[highest]
    return float(np.hypot(*before.T).max()) <= REACH_M * fit.gain_px_s2 / GRAVITY_M_S2


def _until_landed(flight: Flight) -> Flight:
    """Without what it does on the ground: it bounces, and rolls."""
    down = flight.xy[:, 1] >= flight.xy[:, 1].max() - LANDED * flight.height_px
    return _part(flight, slice(0, int(down.argmax()) + 1))


def _part(flight: Flight, rows: slice) -> Flight:
    at_s = flight.at_s[rows]
    frames = round(flight.frames * len(at_s) / len(flight))
    return replace(flight, at_s=at_s, xy=flight.xy[rows], size_px=flight.size_px[rows], frames=frames)


def _whole(flight: Flight, fit: Fit) -> bool:
    """What is asked of any flight, whatever it is."""
    return (
        LEAST_S <= fit.lasted_s <= LONGEST_S
        and len(flight) >= _least_shown(flight) * flight.frames
        and flight.chance <= _least_chance(flight, fit)
        and fit.sway_px <= _most_sway(flight, fit)
        and _sideways(fit) <= MOST_DRIFT
    )


def _until_lost(flight: Flight) -> Flight:
    """Without what it goes on as, where that is few specks far smaller than its own."""
    frame_s = (flight.at_s[-1] - flight.at_s[0]) / max(flight.frames - 1, 1)
    for first in range(LEAST_POINTS, len(flight) - LOST_POINTS + 1):
        frames = (flight.at_s[-1] - flight.at_s[first - 1]) / frame_s
        seldom = len(flight) - first < LOST_SHOWN * frames
        if seldom and np.median(flight.size_px[first:]) <= LOST_SIZE * np.median(flight.size_px[:first]):
            return _part(flight, slice(0, first))
    return flight


def _least_chance(flight: Flight, fit: Fit) -> float:
    if sure(fit) and not _aslant(fit):
        return LEAST_CHANCE
    surer = _sigmas(fit) >= SURER_SIGMAS and len(flight) >= OFTEN_SHOWN * flight.frames
    return SURER_CHANCE if surer else DOUBTFUL_CHANCE


def _least_shown(flight: Flight) -> float:
    return SURE_SHOWN if flight.chance <= SURE_CHANCE else LEAST_SHOWN


def _most_sway(flight: Flight, fit: Fit) -> float:
    return (ASLANT_SWAY if _aslant(fit) else MOST_SWAY) * max(flight.height_px / LINES, 1.0)


def _off(flight: Flight, fit: Fit) -> float:
    """How far off the fit is: 1 is the most that is allowed."""
    return fit.error_px / (OFF_LINES * max(flight.height_px / LINES, 1.0) + OFF_SHARE * fell_px(flight))


def fell_px(flight: Flight) -> float:
    """From its highest point to its last."""
    return float(flight.xy[-1, 1] - flight.xy[:, 1].min())


def _sideways(fit: Fit) -> float:
    """How far it goes sideways for each pixel down, as far as it is its own."""
    return abs(fit.drift_px) / max(fit.fell_px, 1e-6)


def speed_ratio(fit: Fit) -> float:
    """How many times as fast it is at its end; what was seen rising stood still in between."""
    return fit.last_px_s / fit.first_px_s if fit.first_px_s > 0 else math.inf


def plain(flight: Flight, fit: Fit) -> bool:
    """Whether nothing but a fall is like this: a parabola, nearly straight down."""
    return _straight(fit, _sigmas(fit)) and _off(flight, fit) <= PLAIN_OFF


def sheer(flight: Flight, fit: Fit) -> bool:
    """Whether it is so beyond doubt straight down; flakes that are taken for one another are blown aside."""
    return _plainly(flight, fit) and _sideways(fit) <= SHEER_DRIFT


def _plainly(flight: Flight, fit: Fit) -> bool:
    return plain(flight, fit) and _sigmas(fit) >= LATE_SIGMAS


def _straight(fit: Fit, sigmas: float) -> bool:
    """Nearly straight down, and faster and faster without doubt."""
    return _sideways(fit) <= PLAIN_DRIFT and sigmas >= PLAIN_SIGMAS


def sure(fit: Fit) -> bool:
    """Whether it gains speed beyond doubt: two flakes that are taken for one another do not keep to one parabola."""
    return _sigmas(fit) >= SURE_SIGMAS


def sinks_steadily(flight: Flight, fit: Fit) -> bool:
    """Whether it is no fall but goes down on a straight way, as drops and flakes do."""
    far = fell_px(flight) > SUNK * flight.height_px
    return far and fit.last_px_s > 0 and _fits(flight, fit)


def _fits(flight: Flight, fit: Fit) -> bool:
    return fit.kept >= LEAST_KEPT and _off(flight, fit) <= 1


def _sigmas(fit: Fit) -> float:
    return fit.gain_px_s2 / max(fit.gain_error_px_s2, 1e-6)


def _gains(flight: Flight, fit: Fit, facade: Facade, least: float) -> bool:
    """Whether it gains speed as things do; `least`: of gravity, where the size was told."""
    told, gain = facade.gravity_heights_s2, fit.gain_px_s2 / flight.height_px
    return SLOWEST_GAIN <= gain <= FASTEST_GAIN if told is None else least * told <= gain <= GAIN_TO * told


def _holds(flight: Flight, fit: Fit, way: Course, least_late: float) -> bool:
    """Whether it neither steers, brakes nor flaps, as birds do, nor is jerked; doubt of one error is for it."""
    nearer = 0.0 if _turns(fit, way) else max(way.late - way.late_error - 1.0, 0.0)
    most_veer = MOST_VEER + nearer
    if way.veer - way.veer_error > most_veer or way.late + way.late_error < least_late:
        return False
    line_px = max(flight.height_px / LINES, 1.0)
    return way.wave_px <= MOST_WAVE * line_px and way.rough_px <= _most_rough(fit) * line_px


def _most_rough(fit: Fit) -> float:
    return SURE_ROUGH if sure(fit) and not _aslant(fit) else MOST_ROUGH


def _turns(fit: Fit, way: Course) -> bool:
    """Whether it goes sideways and back, by what it gains."""
    return abs(fit.drift_px) < TURNS * way.veer * fit.gain_px_s2 * fit.lasted_s**2 / 2


def _least_late(fit: Fit) -> float:
    return ASLANT_LATE if _aslant(fit) else LEAST_LATE


def _aslant(fit: Fit) -> bool:
    return _sideways(fit) > ASLANT


def _arches(fit: Fit, way: Course) -> bool:
    """Whether it surely gains most in its middle, as what flies from one place to another; doubt is for it."""
    flown = _sideways(fit) > ARCH_DRIFT or way.late < LEAST_LATE
    nearer, arch = way.late - way.late_error > 1, way.arch - way.arch_error
    return (flown and not nearer and arch > MOST_ARCH) or (not sure(fit) and arch > FLAKES_ARCH)


def _flies(fit: Fit, way: Course) -> bool:
    """Whether two of these most likely come together: it goes sideways, steers, brakes."""
    aside = _sideways(fit)
    steers, brakes = max(way.veer - max(way.late - 1.0, 0.0), 0.0), max(1.0 - way.late, 0.0)
    flown = aside * steers + aside * brakes + steers * brakes
    return flown > (MOST_FLOWN if sure(fit) else DOUBTFUL_FLOWN)


def _askew(fit: Fit) -> bool:
    return _sideways(fit) > ASKEW


def _tossed(flight: Flight, fit: Fit) -> bool:
    """Whether it fell no farther than a ball that is tossed in the yard: gravity is the same everywhere.

    From where it was first seen: what rises has left a hand or a perch, and at its end a leg below is taken for it.
    """
    first, last, highest = (float(y) for y in (flight.xy[0, 1], flight.xy[-1, 1], flight.xy[:, 1].min()))
    metre_px = fit.gain_px_s2 / GRAVITY_M_S2
    fell = min(fit.fell_px, last - first)
    if first - highest > LEAST_RISE_M * metre_px:
        return fell < ROSE_M * metre_px
    return highest > LOW * flight.height_px and fell < LEAST_M * metre_px


def _freely(flight: Flight, fit: Fit, way: Course, facade: Facade) -> float:
    """Score of a free fall."""
    off, sigmas = _off(flight, fit), _sigmas(fit)
    if (
        not _gains(flight, fit, facade, GAIN_FROM)
        or off > _most_off(flight, fit)
        or sigmas < GAIN_SIGMAS
        or fit.kept < LEAST_KEPT
    ):
        return 0.0
    if not _holds(flight, fit, way, _least_late(fit)) or _flies(fit, way):
        return 0.0
    if _aslant(fit) and sigmas < ASLANT_SIGMAS:
        return 0.0
    if way.late < LIKELY_LATE or speed_ratio(fit) < _least_ratio(flight, fit, way):
        return 0.0
    certain = min(sigmas / (2 * GAIN_SIGMAS), 1.0)
    return float(min(0.5 + 0.25 * (1 - off) + 0.25 * certain, 1.0))


def _most_off(flight: Flight, fit: Fit) -> float:
    if len(flight) < OFTEN_SHOWN * flight.frames:
        return SELDOM_OFF
    forward = speed_ratio(fit) >= FORWARD_RATIO and _straight(fit, _sigmas(fit))
    return FORWARD_OFF if forward else 1.0


def _least_ratio(flight: Flight, fit: Fit, way: Course) -> float:
    from_above = flight.xy[0, 1] < TOP_EDGE * flight.height_px and fit.gain_px_s2 >= TOP_GAIN * flight.height_px
    if sure(fit) and (plain(flight, fit) or _along_the_wall(flight, fit, way)):
        return SURE_RATIO
    return TOP_RATIO if _plainly(flight, fit) or (from_above and not _askew(fit)) else SPEED_RATIO


def _along_the_wall(flight: Flight, fit: Fit, way: Course) -> bool:
    """Whether it goes sideways at one speed, and falls."""
    pulled_down = way.veer + way.veer_error <= STRAIGHT_VEER
    return pulled_down and not _askew(fit) and _off(flight, fit) <= PLAIN_OFF


def _sinking_s(fit: Fit) -> float:
    return SHEER_SINKING_S if sure(fit) and _sideways(fit) <= SINKING_DRIFT else SINKING_S


def _lightly(flight: Flight, fit: Fit, way: Course, facade: Facade) -> float:
    """Score of a thing that sinks."""
    off, most_off = _off(flight, fit), min(_most_off(flight, fit), 1.0)
    if not _gains(flight, fit, facade, LIGHT_GAIN_FROM) or off > most_off or not _holds(flight, fit, way, LIGHT_LATE):
        return 0.0
    # At one speed and from the side: a bird that glides.
    if _sideways(fit) > PLAIN_DRIFT or way.arch > LIGHT_ARCH:
        return 0.0
    if speed_ratio(fit) < LIGHT_RATIO or _sigmas(fit) < GAIN_SIGMAS or fit.last_px_s > _sinking_s(fit) * fit.gain_px_s2:
        return 0.0
    return float(0.5 + 0.3 * (1 - off)) if fit.kept >= LEAST_KEPT else 0.0
