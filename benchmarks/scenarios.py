# ruff: noqa: INP001  # a script, not a package
"""What the rules cost a look: all over tracks and zones together, next to the lift's alone on the same looks in turns.

python benchmarks/scenarios.py [--objects 10] [--looks 400] [--rounds 15] [--json]

Ten objects that walk, stand and drive: people, cars, a dog, bags, e-bikes. Every rule has a zone of its own, and the
episodes that come of it are open. Each look is paired: the lift's rule, then all rules, on the very same tracks.
"""

import argparse
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import thread_time_ns

import numpy as np

from edgeguard.contract import UlidMaker
from edgeguard.pipeline import ChainConfig
from edgeguard.scenarios import SCENARIOS, GateRuleConfig, ScenarioConfig, Thresholds, build
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detections, Observation, Scenario
from edgeguard.yamlfile import check

LABELS = ("person", "e-bike", "bicycle", "wheelchair", "pram", "dog", "car", "bag")
# One of each ten; with more they come again.
CAST = ("person", "person", "person", "person", "person", "car", "car", "dog", "bag", "e-bike")
FPS = 8
WIDTH, HEIGHT = 1280, 720
START = datetime(2026, 1, 31, 8, tzinfo=UTC)
ZONE = [[0.1, 0.2], [0.9, 0.2], [1, 1], [0, 1]]
LINE = [[0.5, 0.2], [0.5, 1]]
# What the defaults do not show: lines to cross, and counts that ten objects reach.
SETTINGS: dict[str, dict[str, object]] = {
    "lift_ebike": {"cabin": ZONE},
    "lift_crowd": {"zone": ZONE, "most": 2},
    "conduct_intrusion": {"zone": ZONE, "line": LINE, "direction": "any", "wall_top": [[0.1, 0.3], [0.9, 0.3]]},
    "conduct_crowd": {"zone": ZONE, "levels": [{"enter": n, "leave": n - 1} for n in (2, 3, 4)]},
    "lift_door_blocked": {"zone": ZONE, "dwell_s": 5},
    "lift_person_down": {"zone": ZONE, "posture": "box"},
    "conduct_child_ledge": {"zone": ZONE, "ledge": [[0.1, 0.7], [0.9, 0.7]], "adult_height": 0.5},
    "vehicle_wrong_way": {"zone": ZONE, "direction": [[0.2, 0.5], [0.8, 0.5]], "travel_sizes": 0.5},
    "object_taken": {"zone": ZONE, "labels": ["bag", "e-bike"], "settle_s": 10},
    "access_tailgate": {"zone": [[0.5, 0.2], [0.9, 0.2], [1, 1], [0.5, 1]], "line": LINE},
}


def configs_of(kinds: Sequence[str]) -> tuple[ScenarioConfig, ...]:
    rows = [{"kind": kind, **SETTINGS.get(kind, {"zone": ZONE})} for kind in kinds]
    return check({"scenarios": rows}, ChainConfig, "benchmark").scenarios


# Those that go by boxes alone: what falls, bodies and gates are measured with what they are told by.
BY_BOXES = tuple(
    one.kind
    for one in configs_of([kind for kind, rule in SCENARIOS.items() if not issubclass(rule.Config, GateRuleConfig)])
    if one.by_boxes
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--objects", type=int, default=10)
    parser.add_argument("--looks", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.objects, options.looks, options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    for kind, each_ms in result["each_ms"].items():
        print(f"{kind:20} {each_ms:.4f} ms")
    print(f"all {result['all_ms']:.3f} ms, the lift's alone {result['lift_ms']:.3f} ms a look of {options.objects}")


def measure(objects: int, looks: int, rounds: int) -> dict[str, object]:
    """Median ms of processor time a look, of the best round of each: a busy neighbour meets all in turns."""
    seen = observations(objects, looks)
    groups = {"lift": ["lift_ebike"], "all": list(BY_BOXES), **{kind: [kind] for kind in BY_BOXES}}
    best = dict.fromkeys(groups, float("inf"))
    for _ in range(rounds):
        rules = {name: rules_of(kinds) for name, kinds in groups.items()}
        spent: dict[str, list[int]] = {name: [] for name in groups}
        for now in seen:
            for name, scenarios in rules.items():
                spent[name].append(nanoseconds(scenarios, now))
        best = {name: min(best[name], float(np.median(taken)) / 1e6) for name, taken in spent.items()}
    return {
        "objects": objects,
        "all_ms": round(best["all"], 4),
        "lift_ms": round(best["lift"], 4),
        "each_ms": {kind: round(best[kind], 4) for kind in BY_BOXES},
    }


def rules_of(kinds: Sequence[str]) -> list[Scenario]:
    """Fresh ones, without a past."""
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    return build(configs_of(kinds), "bench", LABELS, thresholds, UlidMaker(secrets.randbits).new)


def nanoseconds(scenarios: Sequence[Scenario], now: Observation) -> int:
    began = thread_time_ns()
    for scenario in scenarios:
        scenario.update(now)
    return thread_time_ns() - began


def observations(objects: int, looks: int) -> list[Observation]:
    """The same looks for all: half of the cast stands, half walks to and fro across the line."""
    tracker = GreedyTracker(LABELS)
    chance = np.random.default_rng(7)
    names = [CAST[number % len(CAST)] for number in range(objects)]
    labels = np.array([LABELS.index(name) for name in names], np.int16)
    places = chance.uniform((80, 250), (1000, 450), (objects, 2))
    found = []
    for look in range(looks):
        at_s = look / FPS
        swing = 300 * np.sin(at_s / 3 + np.arange(objects)) * (np.arange(objects) % 2)
        corner = places + np.stack([swing, np.zeros(objects)], 1) + chance.normal(0, 1.5, (objects, 2))
        xyxy = np.concatenate([corner, corner + np.array((90, 220))], 1).astype(np.float32)
        boxes = Detections(xyxy, np.full(objects, 0.8, np.float32), labels)
        tracks = tracker.update(boxes, at_s)
        found.append(Observation(at_s, START + timedelta(seconds=at_s), WIDTH, HEIGHT, tracks))
    return found


if __name__ == "__main__":
    main()
