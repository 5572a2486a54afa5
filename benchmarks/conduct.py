# ruff: noqa: INP001  # a script, not a package
"""Films of rendered yards through the whole chain: is each thing that happens told, nothing else, and how late?

python -m models.training.scenes yards --count 4     renders them (in the scenes' own environment)
python -m models.training.scenes yards --first 100 --count 4    those at night
python benchmarks/conduct.py [--night] [--yards DIR] [--model NAME] [--models-dir DIR] [--true-boxes] [--json]
python benchmarks/conduct.py --clips PATH ... [--lasting 600]       what every rule tells in films of something else

Each yard has a site file with a rule for each zone and a truth file: an event counts that begins while it is so, or a
second before or after. `--true-boxes`: the rules are told the scene's own boxes, so what is missed then is theirs.
Yards that are trained on are left out.
Of other films every rule is told by its defaults, over the whole picture, a lift's rules too: which of them may be
called false is for whoever knows what the films show. `--lasting` plays each to and fro for so many seconds, five
pictures a second, for most rules wait for longer than a clip lasts; a rule for which none is long enough is said to be
one that could not fire. Each picture is looked at by the detector once.
Beside it stands in how many looks the detector finds what the scene shows (IoU 0.4, a score that is believed).
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from bodies import most
from films import Remembered, films_of, lasting, seldom
from visits import default_folder

from edgeguard.agent.site import load_site
from edgeguard.boxes import iou
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline, open_model
from edgeguard.replay.clip import open_clip
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.score import false_alarms, latency_ms, match
from edgeguard.replay.truth import read_truth
from edgeguard.types import Detections, Detector, Frame, Picture
from edgeguard.yamlfile import check
from models.training.stats import told as told_share
from models.training.yards import is_night, is_trained

SAME = 0.4
Row = tuple[str, float, float, float, float]
HALVES = [[0, 0.5], [1, 0.5]]
# Codes and settings of each, with a line near the middle where one is asked for.
EVERY_RULE = (
    (("CONDUCT.INTRUSION", "CONDUCT.CLIMB"), {"kind": "conduct_intrusion", "wall_top": HALVES}),
    (("CONDUCT.LOITER",), {"kind": "conduct_loiter"}),
    (("CONDUCT.CROWD.L1", "CONDUCT.CROWD.L2", "CONDUCT.CROWD.L3"), {"kind": "conduct_crowd"}),
    (("CONDUCT.DOG.ALONE",), {"kind": "conduct_dog"}),
    (("CONDUCT.CHILD.LEDGE",), {"kind": "conduct_child_ledge", "ledge": HALVES, "adult_height": 0.5}),
    (("VEHICLE.PARK.FIRELANE",), {"kind": "vehicle_parked"}),
    (("VEHICLE.EBIKE.PARKED",), {"kind": "vehicle_parked", "what": "ebike", "name": "ebikes"}),
    (("VEHICLE.WRONGWAY",), {"kind": "vehicle_wrong_way", "direction": [[0.1, 0.5], [0.9, 0.5]]}),
    ((), {"kind": "vehicle_wrong_way", "name": "back", "direction": [[0.9, 0.5], [0.1, 0.5]]}),
    (("LIFT.DOOR.BLOCKED",), {"kind": "lift_door_blocked"}),
    (("LIFT.CROWD.OVER",), {"kind": "lift_crowd"}),
    (("ACCESS.TAILGATE",), {"kind": "access_tailgate", "line": [[0, 0.6], [1, 0.6]]}),
    (("CONDUCT.LITTER",), {"kind": "object_left"}),
    (("CONDUCT.OBJECT.TAKEN",), {"kind": "object_taken"}),
)
PICTURES_HZ = 5.0


@dataclass(slots=True)
class Told:
    """Of all films: told and asked by code, seconds after the start, false alarms; found and shown by label."""

    asked: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    late_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    false: list[tuple[str, str, float]] = field(default_factory=list)
    missed: list[tuple[str, str, float]] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Compared:
    """A detector whose boxes are compared with the scene's own, or which gives those; `index` is the frame's."""

    def __init__(self, model: Model, boxes: Sequence[Sequence[Row]], told: Told, *, true_boxes: bool) -> None:
        self._model, self._boxes, self._told, self._true_boxes = model, boxes, told, true_boxes
        self.index = 0

    def detect(self, picture: Picture) -> Detections:
        rows = self._boxes[self.index]
        if self._true_boxes:
            return self._true(rows)
        found = self._model.detector.detect(picture)
        for label, *box in rows:
            self._told.shown[label] += 1
            self._told.found[label] += self._sees(found, label, box)
        return found

    def _true(self, rows: Sequence[Row]) -> Detections:
        labels = np.array([self._model.labels.index(label) for label, *_ in rows], np.int16)
        boxes = np.array([box for _, *box in rows], np.float32).reshape(-1, 4)
        return Detections(boxes, np.full(len(rows), 0.9, np.float32), labels)

    def _sees(self, found: Detections, label: str, box: list[float]) -> bool:
        high = self._model.thresholds[label].c_hi
        mine = (found.label == self._model.labels.index(label)) & (found.score >= high)
        return any(iou(other, box) >= SAME for other in found.xyxy[mine].tolist())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yards", type=Path, default=default_folder().with_name("yards"))
    parser.add_argument("--night", action="store_true", help="the yards at night")
    parser.add_argument("--clips", type=Path, nargs="*", default=[], help="films, or folders of them")
    parser.add_argument("--lasting", type=float, default=0.0, help="seconds, to and fro; left out: once")
    parser.add_argument("--model", default=ChainConfig().model)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--true-boxes", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    model = open_model(ChainConfig(model=options.model), options.models_dir)
    if options.clips:
        print("\n".join(nuisance(options.clips, model, options.lasting)))
        return
    yards = [file.parent for file in sorted(options.yards.glob("*/boxes.json"))]
    folders = [yard for yard in yards if is_night(yard) is options.night and not is_trained(yard)]
    if not folders:
        raise SystemExit(f"no such yards in {options.yards}; accepted: what `models.training.scenes yards` renders")
    told = Told()
    for folder in folders:
        watch(folder, model, told, true_boxes=options.true_boxes)
    result = summary(told, len(folders))
    print(json.dumps(result) if options.json else "\n".join(f"{name:<28} {value}" for name, value in result.items()))


def watch(folder: Path, model: Model, told: Told, *, true_boxes: bool) -> None:
    """One film and its truth."""
    camera = load_site(folder / "site.yaml").cameras[0]
    chain = ChainConfig.model_validate({name: getattr(camera, name) for name in ChainConfig.model_fields})
    rows = json.loads((folder / "boxes.json").read_text("ascii"))
    boxes = Compared(model, rows, told, true_boxes=true_boxes)
    log, truth = EventLog(Scene()), read_truth(folder / "truth.yaml")
    told.seconds += played(folder / "clip.mp4", chain, model, boxes, log)
    matching = match(log.episodes, truth)
    told.asked.update(entry.code for entry in truth)
    told.missed += [(folder.name, entry.code, entry.start_s) for entry in matching.missed]
    told.false += [(folder.name, one.code, one.new_s) for one in false_alarms(matching, truth)]
    for episode, entry in matching.found:
        if entry is not None:
            told.hits[entry.code] += 1
            told.late_s[entry.code].append(latency_ms(episode, entry) / 1000)


def played(path: Path, chain: ChainConfig, model: Model, detector: Detector, log: EventLog) -> float:
    """Returns how long it was."""
    pipeline = build_pipeline(chain, path.stem, replace(model, detector=detector), event_ids())
    last_s = 0.0

    def numbered() -> Iterator[Frame]:
        nonlocal last_s
        for frame in open_clip(path, path.stem):
            last_s = frame.monotonic_s
            if isinstance(detector, Compared):
                detector.index = frame.index
            yield frame

    play(numbered(), pipeline, log)
    return last_s


def summary(told: Told, films: int) -> dict[str, str]:
    hours = told.seconds / 3600
    rows = {"films": f"{films}, {told.seconds / 60:.1f} min"}
    for code in sorted(told.asked):
        late = sorted(told.late_s[code])
        after = f", median {late[len(late) // 2]:+.1f} s, at most {late[-1]:+.1f}" if late else ""
        rows[code] = told_share(told.hits[code], told.asked[code]) + after
    rows["all"] = told_share(told.hits.total(), told.asked.total())
    rows["false alarms"] = f"{len(told.false)}, at most {most(len(told.false)) / hours:.0f} an hour (95 %, Poisson)"
    for label in sorted(told.shown):
        rows[f"looks with a {label} found"] = told_share(told.found[label], told.shown[label])
    for name, listed in (("false", told.false), ("missed", told.missed)):
        rows[name] = ", ".join(f"{code} {folder} {at_s:.1f}" for folder, code, at_s in listed) or "none"
    return rows


def nuisance(paths: Sequence[Path], model: Model, lasting_s: float) -> Iterator[str]:
    """A line a code: what is told, and the bound for an hour of new film: what is played again is not new."""
    chain = check({"scenarios": [settings for _, settings in EVERY_RULE]}, ChainConfig, "benchmark")
    alarms: dict[str, Counter[str]] = defaultdict(Counter)
    lengths = []
    for film in films_of(paths):
        frames = list(seldom(open_clip(film, film.stem), PICTURES_HZ))
        shown, log = list(lasting(frames, lasting_s)), EventLog(Scene())
        pipeline = build_pipeline(chain, film.stem, replace(model, detector=Remembered(model.detector)), event_ids())
        play(shown, pipeline, log)
        lengths.append((frames[-1].monotonic_s, shown[-1].monotonic_s))
        for episode in log.episodes:
            alarms[episode.code][film.stem] += 1
    new_s, shown_s = (sum(part) for part in zip(*lengths, strict=True)) if lengths else (0.0, 0.0)
    yield f"{len(lengths)} films, {new_s / 60:.1f} minutes, played for {shown_s / 60:.1f}"
    for (codes, _), rule in zip(EVERY_RULE, chain.scenarios, strict=True):
        settings = rule.model_dump()
        waits_s = settings["dwell_s"] + settings.get("settle_s", 0.0)
        hours = sum(new for new, shown in lengths if shown > waits_s) / 3600
        yield from (f"{code:<24} waits for {waits_s:g} s: {bounded(alarms[code], hours)}" for code in codes)


def bounded(alarms: Counter[str], hours: float) -> str:
    """`alarms` by film; `hours` in which there could have been any."""
    if not hours:
        return "could not fire"
    told = alarms.total()
    return f"{told} told, at most {most(told) / hours:.0f} an hour (95 %, Poisson) {dict(alarms) or ''}"


if __name__ == "__main__":
    main()
