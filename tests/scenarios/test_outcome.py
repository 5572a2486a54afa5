"""What a visit comes to, as two rows: what the camera sees and where the door stands, ten letters a second.

E an e-bike  . nothing  - a tick  x covered; o open  c closed  ? unknown
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edgeguard.scenarios import LiftEbike, LiftEbikeConfig, Thresholds
from edgeguard.types import Detections, DoorState, Observation, OpenEpisode, Outcome, Phase, Report, Signal, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
HZ = 10
BIKE = Tracks(
    Detections(np.array([[200, 150, 400, 400]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int16)),
    np.ones(1, np.int64),
    np.zeros(1, np.float32),
)
SEEN = {"E": BIKE, ".": Tracks.empty(), "x": Tracks.empty(), "-": None}
DOORS = {"o": DoorState.OPEN, "c": DoorState.CLOSED, "?": DoorState.UNKNOWN}
COMPLIED, TRAVELLED, UNKNOWN = Outcome.COMPLIED, Outcome.TRAVELLED, Outcome.UNKNOWN
Part = tuple[str, str, float]
GONE: Part = (".", "o", 16)


def rule(resume: tuple[OpenEpisode, ...] = ()) -> LiftEbike:
    thresholds = {"e-bike": Thresholds(0.2, 0.5)}
    return LiftEbike(LiftEbikeConfig(), "lift-1", ("e-bike",), thresholds, lambda _: "id", resume)


def play(parts: list[Part], lift: LiftEbike, ending: str | None = None, at_s: float = 0.0) -> list[Report]:
    """Each part: what is seen, where the door stands, for how many seconds."""
    said: list[Signal] = []
    index = round(at_s * HZ)
    for seen, door, seconds in parts:
        for number in range(round(seconds * HZ)):
            now_s = index / HZ
            at = START + timedelta(seconds=now_s)
            blind_s = (number + 1) / HZ if seen == "x" else 0.0
            said += lift.update(Observation(now_s, at, 640, 480, SEEN[seen], blind_s, None, DOORS[door])).signals
            index += 1
    if ending is not None:
        now_s = index / HZ
        said += lift.update(Observation(now_s, START + timedelta(seconds=now_s), 640, 480, ending=ending)).signals
    return [signal for signal in said if isinstance(signal, Report)]


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ([("E", "o", 8), GONE], COMPLIED),
        ([("E", "o", 8), (".", "o", 1), (".", "c", 15)], COMPLIED),
        # The door closes with the last sighting still on its way.
        ([("E", "o", 8), ("E", "c", 0.3), (".", "c", 15)], COMPLIED),
        ([("E", "o", 8), ("E", "c", 2), (".", "o", 16)], TRAVELLED),
        # It reopens for somebody and it is taken out after all: it has not gone anywhere, but the door had closed.
        ([("E", "o", 4), ("E", "c", 2), ("E", "o", 4), GONE], TRAVELLED),
        ([(".", "c", 2), ("E", "c", 5), GONE], TRAVELLED),
        ([("E", "?", 8), (".", "?", 16)], UNKNOWN),
        ([("E", "?", 8), GONE], UNKNOWN),
        ([("E", "o", 4), ("E", "?", 5), ("E", "o", 2), GONE], UNKNOWN),
        ([("E", "o", 4), ("E", "?", 5), ("E", "c", 2), GONE], TRAVELLED),
        # Hidden by who pushes it out, for less than a lift needs to go anywhere.
        ([("E", "o", 4), ("E", "?", 2), GONE], COMPLIED),
        ([("E", "o", 4), ("E", "?", 2), (".", "?", 16)], COMPLIED),
        ([("E", "o", 4), ("E", "?", 4), (".", "o", 16)], UNKNOWN),
        ([(".", "o", 4), (".", "?", 2), ("E", "?", 0.8), ("E", "o", 4), GONE], COMPLIED),
        ([("E", "o", 4), ("x", "o", 70)], UNKNOWN),
        ([("E", "o", 4), ("-", "c", 5), (".", "c", 16)], COMPLIED),
        ([("E", "o", 4), (".", "o", 6), ("E", "o", 2), GONE], COMPLIED),
    ],
)
def test_outcome(parts: list[Part], outcome: Outcome) -> None:
    *_, last = play([(".", parts[0][1], 1), *parts], rule())
    assert (last.phase, last.outcome) == (Phase.END, outcome)


def test_that_it_travels_is_told_once_at_once_and_again_with_every_later_step() -> None:
    reports = play([("E", "o", 8), ("E", "c", 40), GONE], rule())
    told = [(report.decision, report.outcome) for report in reports]
    assert told == [
        ("confirmed", None),
        ("travelled", TRAVELLED),
        ("present", TRAVELLED),
        ("cleared", TRAVELLED),
        (None, TRAVELLED),
    ]
    # Closed at 8.0 s and a second later sure.
    assert 8.9 <= reports[1].monotonic_s <= 9.1


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [([("E", "o", 3)], UNKNOWN), ([("E", "o", 3), (".", "o", 6)], COMPLIED), ([("E", "c", 3)], TRAVELLED)],
)
def test_a_recording_that_ends_before(parts: list[Part], outcome: Outcome) -> None:
    *_, last = play(parts, rule(), "end_of_recording")
    assert (last.end_reason, last.outcome) == ("end_of_recording", outcome)


@pytest.mark.parametrize(
    ("travelled", "parts", "outcome"),
    [
        # Nobody watched the door while the box was away.
        (False, [GONE], UNKNOWN),
        (False, [("E", "o", 3), GONE], UNKNOWN),
        (False, [("E", "c", 3), GONE], TRAVELLED),
        (True, [("E", "o", 3), GONE], TRAVELLED),
        (True, [GONE], TRAVELLED),
    ],
)
def test_after_a_restart_what_can_still_be_known(travelled: bool, parts: list[Part], outcome: Outcome) -> None:
    left = OpenEpisode("id", "LIFT.EBIKE.ENTER", "lift-1", "lift_ebike", START, None, travelled)
    reports = play(parts, rule((left,)), at_s=20)
    assert (reports[-1].phase, reports[-1].outcome) == (Phase.END, outcome)
    assert [report.decision for report in reports].count("travelled") == (outcome is TRAVELLED and not travelled)


def test_the_next_visit_begins_anew() -> None:
    reports = play([("E", "o", 3), ("E", "c", 3), (".", "o", 16), ("E", "o", 3), (".", "o", 16)], rule())
    assert [report.outcome for report in reports if report.phase is Phase.END] == [TRAVELLED, COMPLIED]
