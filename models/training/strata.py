"""What a detector is worth on rendered stills, by camera mount, by how much can be seen, by what else is there."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.training.evaluate import Verdict
from models.training.labels import E_BIKE, LABELS
from models.training.sources import read_split, where_cameras_hang
from models.training.stats import told

BANDS = ((0.15, 0.3), (0.3, 0.5), (0.5, 1.01))
"""Visible shares; less than the first is not labelled."""

Counts = dict[str, list[bool]]


def facts_of(scenes: Path, image: str) -> dict[str, Any]:
    """The JSON of the still that became `image`."""
    name = Path(image).stem.removeprefix("scene-")
    facts: dict[str, Any] = json.loads((scenes / "meta" / f"{name}.json").read_text(encoding="utf-8"))
    return facts


def strata(judged: Iterable[Verdict], scenes: Path, threshold: float) -> tuple[Counts, Counts]:
    """Per stratum whether each e-bike was found, and whether each picture without one alarmed."""
    found: Counts = defaultdict(list)
    alarmed: Counts = defaultdict(list)
    for verdict in judged:
        facts = facts_of(scenes, verdict.image)
        mount, labelled = facts["mount"]["kind"], [thing for thing in facts["objects"] if thing["labelled"]]
        bikes = [thing for thing in labelled if thing["label"] == E_BIKE]
        for bike, hit in zip(bikes, verdict.hits, strict=True):
            for stratum in (mount, _band(bike["visible"]), facts["sensor"]["mode"]):
                found[stratum].append(hit >= threshold)
        if not any(thing["label"] == E_BIKE for thing in facts["objects"]):
            for stratum in (mount, facts["sensor"]["mode"], *_things(labelled)):
                alarmed[stratum].append(verdict.worst_false >= threshold)
    return found, alarmed


def by_view(judged: Iterable[Verdict], threshold: float) -> tuple[Counts, Counts]:
    """As `strata`, of the real lifts that are kept out: by where their camera hangs."""
    found: Counts = defaultdict(list)
    alarmed: Counts = defaultdict(list)
    hangs = where_cameras_hang(read_split())
    for verdict in judged:
        if view := hangs.get(Path(verdict.image).stem):
            found[view] += [hit >= threshold for hit in verdict.hits]
            alarmed[view].append(verdict.worst_false >= threshold)
    return found, alarmed


def _band(visible: float) -> str:
    return next(f"{low:g} to {min(high, 1):g} visible" for low, high in BANDS if low <= visible < high)


def _things(labelled: list[dict[str, Any]]) -> set[str]:
    """Labels of what is there; "person" alone where nobody has brought anything."""
    there = {LABELS[thing["label"]] for thing in labelled}
    return there - {"person"} or there


def counted(found: Counts, alarmed: Counts) -> Iterator[tuple[str, str, str]]:
    """(stratum, e-bikes found, pictures with a false alarm), each with n and interval."""
    for stratum in sorted({*found, *alarmed}):
        hits, alarms = found.get(stratum, []), alarmed.get(stratum, [])
        yield stratum, told(sum(hits), len(hits)), told(sum(alarms), len(alarms))


def lines(found: Counts, alarmed: Counts) -> Iterator[str]:
    for stratum, hits, alarms in counted(found, alarmed):
        yield f"{stratum:<22}{hits:<30}{alarms}"
