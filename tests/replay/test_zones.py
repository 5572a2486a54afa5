"""A drawn minute in which each of the rules about lanes, doorways, windows and lying people has its moment."""

from collections.abc import Iterator

import numpy as np
import pytest

from edgeguard.detectors import ScriptedDetector
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.score import score
from edgeguard.replay.truth import TruthEntry
from edgeguard.scenarios import Thresholds
from edgeguard.types import Detections
from tests.support.scripted import frames, steady, time_of

LABELS = ("person", "car", "bicycle")
Row = tuple[str, float, float, float, float]

# The picture is 64 x 48: a lane below, a doorway, a cabin's floor and a window above it from left to right.
LANE = [[0, 0.8], [1, 0.8], [1, 1], [0, 1]]
DOORWAY = [[0, 0], [0.25, 0], [0.25, 0.7], [0, 0.7]]
CABIN = [[0.3, 0], [0.6, 0], [0.6, 0.7], [0.3, 0.7]]
WINDOW = [[0.65, 0], [1, 0], [1, 0.7], [0.65, 0.7]]
SITE = ChainConfig.model_validate(
    {
        # The drawn picture changes its level by one in a quarter of a second; what moves in a real one changes more.
        "motion": {"min_delta_luma": 0.5},
        "scenarios": [
            {"kind": "vehicle_wrong_way", "zone": LANE, "direction": [[0.1, 0.9], [0.9, 0.9]], "clear_s": 2},
            {"kind": "lift_door_blocked", "zone": DOORWAY, "labels": ["person"], "dwell_s": 10},
            {"kind": "lift_person_down", "zone": CABIN, "dwell_s": 8, "posture": "box"},
            {
                "kind": "conduct_child_ledge",
                "zone": WINDOW,
                "ledge": [[0.65, 0.4], [1, 0.4]],
                "adult_height": 0.6,
            },
            {"kind": "object_taken", "zone": LANE, "settle_s": 20, "dwell_s": 5},
        ],
    }
)
HAPPENED = (
    TruthEntry(code="VEHICLE.WRONGWAY", start_s=3.5, end_s=5.5),
    TruthEntry(code="LIFT.DOOR.BLOCKED", start_s=28, end_s=29),
    TruthEntry(code="LIFT.PERSON.DOWN", start_s=44, end_s=45),
    TruthEntry(code="CONDUCT.OBJECT.TAKEN", start_s=45, end_s=46.5),
    TruthEntry(code="CONDUCT.CHILD.LEDGE", start_s=53, end_s=54),
)


def scene(at_s: float) -> Iterator[Row]:
    if 2 <= at_s < 8:
        left = 52 - 8 * (at_s - 2)
        yield "car", left, 38, left + 10, 48
    if 12 <= at_s < 18:
        left = 4 + 8 * (at_s - 12)
        yield "car", left, 38, left + 10, 48
    if at_s < 40:
        yield "bicycle", 50, 39, 60, 47
    if 18 <= at_s < 34:
        yield "person", 4, 8, 10, 30
    if 31 <= at_s < 36:
        yield "person", 25, 8, 32, 30
    if 36 <= at_s < 50:
        yield "person", 20, 22, 36, 32
    # An adult comes to the window, a child stands before it, and then upon it.
    if 20 <= at_s < 26:
        yield "person", 48, 2, 56, 31
    if 26 <= at_s < 30 or 48 <= at_s < 52:
        yield "person", 48, 16, 54, 32
    if 52 <= at_s < 57:
        yield "person", 48, 4, 54, 20


def seen(rows: list[Row]) -> Detections:
    n = len(rows)
    boxes = np.array([row[1:] for row in rows], np.float32).reshape(n, 4)
    labels = [LABELS.index(row[0]) for row in rows]
    return Detections(boxes, np.full(n, 0.9, np.float32), np.array(labels, np.int16))


@pytest.mark.parametrize("fps", [4, 8])
def test_a_drawn_minute_is_told_exactly(fps: int) -> None:
    table = {quarter / 4: seen(list(scene(quarter / 4))) for quarter in range(250)}
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    model = Model(ScriptedDetector(LABELS, table, time_of), LABELS, thresholds, "scripted")
    log = EventLog(Scene())
    assert play(frames(steady(62, fps)), build_pipeline(SITE, "yard", model, event_ids()), log) is None
    told = [(episode.code, episode.new_s) for episode in log.episodes]
    result = score(log.episodes, HAPPENED)
    assert (result.matched, result.missed, result.false_alarms) == (len(HAPPENED), 0, 0), told
