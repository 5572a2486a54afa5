# ruff: noqa: INP001  # a script, not a package
"""Every bundled detector beside public ones, on pictures kept out of training: e-bikes found, false alarms.

Rendered stills are also told by camera mount, by light, by how much is visible, by what is there instead; rooms, which
are never trained on, by mount and by what is brought.

python -m models.training.scenes rooms                                lifts and visitors (in the environment with bpy)
python -m models.training prepare                                     the pictures (in the training environment)
python -m models.training.yardsticks SHARED/models CACHE/yardsticks   the public ones (the same)
python benchmarks/detectors.py [--models-dir DIR] [--threshold X] [--rooms FOLDER] [--json]

All go through the box's own detector: letterbox, ONNX Runtime, one thread. For the COCO ones bicycle or motorcycle
counts as e-bike, at a threshold of 0.3; ours at their own. Each cell is k/n = share (95 % Wilson interval).
Of what must not be forgotten, two-wheelers and people, AP50 is told; an e-bike and a bicycle are one there. yolov8n is
shown at its own size and at ours, since what 320 pixels do not show is not forgotten.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.detectors import ModelSpec, looking_down, models_dir, open_detector, read_manifest
from edgeguard.replay.evaluate import AP_IOU, assign, average_precision
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detector
from models.training.evaluate import LEAST_SCORE, Found, Image, held_out, suppressed, table, verdicts
from models.training.feed import load
from models.training.labels import LABELS
from models.training.prepare import cache_root
from models.training.stands import Stand, judged_by, stands
from models.training.strata import by_view, counted, strata

E_BIKE = "e-bike"
UPRIGHT = "tell no camera that it looks straight down: what `looks_down` is worth"
# Labels that count as one, and the sources that have all of them labelled.
NOT_FORGOTTEN = {
    "two-wheelers": ((E_BIKE, "bicycle"), ("street_two_wheelers",)),
    "people": (("person",), ("street_two_wheelers", "lift_people")),
}


@dataclass(frozen=True, slots=True)
class Entrant:
    """A detector and its operating threshold for e-bikes."""

    spec: ModelSpec
    threshold: float

    @property
    def name(self) -> str:
        return self.spec.name

    def rows(self, labels: Sequence[str]) -> list[int]:
        return [self.spec.labels.index(label) for label in labels]


class Judged:
    """The box's detector as the evaluation of the training asks for it; remembers what it costs.

    `tell_down`: cameras that look straight down are told so, as a site does.
    """

    def __init__(self, entrant: Entrant, *, tell_down: bool = True) -> None:
        self._detector = open_detector(entrant.spec, score_floor=LEAST_SCORE)
        self._down = looking_down(self._detector) if tell_down else self._detector
        self._rows = entrant.rows([E_BIKE])
        self.spent_ms: list[float] = []

    def __call__(self, picture: Image) -> Found:
        return self.of(picture, self._rows)

    def at(self, stand: Stand) -> Found:
        """What it finds of e-bikes at a stand."""
        return self.of(stand.item.picture, self._rows, self._down if stand.from_above else self._detector)

    def of(self, picture: Image, rows: Sequence[int], detector: Detector | None = None) -> Found:
        """What it finds of these labels, taken as one; `detector`: in place of its own."""
        seen = picture_from_array(picture, "bgr24")
        began_s = perf_counter()
        found = (detector or self._detector).detect(seen)
        self.spent_ms.append(1000 * (perf_counter() - began_s))
        mine = found[np.isin(found.label, rows)]
        return suppressed(np.hstack([mine.xyxy, mine.score[:, None]]).astype(np.float32))


def not_forgotten(
    entrant: Entrant, detector: Judged, root: Path, rows: Sequence[dict[str, str]]
) -> Iterator[tuple[str, str]]:
    """What, and its AP50 with how many are labelled."""
    for what, (labels, sources) in NOT_FORGOTTEN.items():
        own = [LABELS.index(label) for label in labels]
        curve: list[tuple[float, bool]] = []
        n = 0
        for row in (row for row in rows if row["source"] in sources):
            item = load(root, row)
            labelled = item.rows[np.isin(item.rows[:, 0], own), 1:]
            found = detector.of(item.picture, entrant.rows(labels))
            curve += zip(found[:, 4].tolist(), assign(found[:, :4], labelled, AP_IOU) >= 0, strict=True)
            n += len(labelled)
        yield what, f"{average_precision(curve, n) or 0:.3f}, n {n}"


def entrants(folder: Path, threshold: float | None = None) -> list[Entrant]:
    """Those of a manifest that know an e-bike, at `threshold` or their own."""
    specs = [spec for spec in read_manifest(folder) if E_BIKE in spec.labels]
    return [Entrant(spec, spec.threshold(E_BIKE).high if threshold is None else threshold) for spec in specs]


def named(there: Sequence[Entrant], names: Sequence[str], parser: argparse.ArgumentParser) -> list[Entrant]:
    """Those of these names, all without any. Ends the command where one is not there."""
    known = [entrant.name for entrant in there]
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"--only: met {', '.join(unknown)}, accepted: {', '.join(known)}")
    return [entrant for entrant in there if not names or entrant.name in names]


def measured(
    entrant: Entrant, rows: Sequence[dict[str, str]], rooms: list[Stand], options: argparse.Namespace
) -> Iterator[dict[str, object]]:
    """A row for each kind of picture."""
    cache, detector = cache_root(), Judged(entrant, tell_down=not options.upright)
    root = cache / "train"
    judged = verdicts(root, track(rows, entrant.name, disable=options.json), detector)
    ms = round(float(np.median(detector.spent_ms)), 1)
    stills = [verdict for verdict in judged if verdict.source == "scenes"]
    by_stratum = counted(*strata(stills, cache / "scenes", entrant.threshold))
    by_camera = counted(*by_view(judged, entrant.threshold))
    by_room = counted(*judged_by(detector.at, rooms, entrant.threshold))
    cells = [*table(judged, entrant.threshold), *((f"scenes, {name}", *told) for name, *told in by_stratum)]
    cells += [(f"lifts, {name}", *told) for name, *told in by_camera]
    cells += [(f"rooms, {name}", *told) for name, *told in by_room]
    cells += [(f"AP50, {what}", told, "") for what, told in not_forgotten(entrant, detector, root, rows)]
    for source, found, alarms in cells:
        yield {"model": entrant.name, "ms": ms, "source": source, "found": found, "false alarms": alarms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="of the detectors, these")
    parser.add_argument("--threshold", type=float, help="of ours, instead of the manifest's")
    parser.add_argument("--rooms", type=Path, help="rendered rooms (default: CACHE/rooms)")
    parser.add_argument("--upright", action="store_true", help=UPRIGHT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cache = cache_root()
    rows = held_out(cache / "train")
    try:
        rooms = list(stands(options.rooms or cache / "rooms"))
    except ValueError as error:
        parser.error(f"--rooms: {error}")
    public = cache / "yardsticks"
    there = entrants(models_dir(options.models_dir), options.threshold) + (entrants(public) if public.is_dir() else [])
    chosen = named(there, options.only, parser)
    results = [row for one in chosen for row in measured(one, rows, rooms, options)]
    if options.json:
        print(json.dumps(results))
        return
    width = max(len(str(row["source"])) for row in results) + 2
    for row in sorted(results, key=lambda row: str(row["source"])):  # one after the other, for each kind of picture
        print(f"{row['source']:<{width}}{row['model']:<12}{row['ms']:>7} ms  {row['found']:<34}{row['false alarms']}")


if __name__ == "__main__":
    main()
