"""From data to a detector by one command: prepares, trains by the recipe's curriculum, exports, judges.

Before the last stage it looks for what the network still fails on, which is then drawn more often. The threshold it
tells is asked for by rooms that are neither trained on nor measured in.

What is there is not made again, so that a run that was stopped goes on where it was; a run of other settings needs
another name. Rendered pictures need an interpreter with bpy; without one what has been rendered is used, and a stage
that finds nothing to draw from is left out.
"""

import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.training.evaluate import (
    OnnxDetector,
    Verdict,
    asked_for,
    hard_ones,
    held_out,
    judge,
    summary,
    table_lines,
    verdicts,
)
from models.training.feed import HARD, expected, listed, read_recipe, reweighed, sources_there, without
from models.training.labels import COCO_WEIGHTS
from models.training.prepare import missing, prepare
from models.training.sources import TRAIN
from models.training.stands import stands

JUDGED_AT = 0.3
"""Where no threshold is asked for."""

CHOICE, MOST = "rooms-choice", 0.002
"""Rooms below the cache that ask for a threshold: at most this share of their pictures without an e-bike may alarm."""

BLENDER_NEEDS = "bpy, numpy, cv2, yaml, av"
SETTINGS = "made.json"
"""In a run's folder: what it was trained by."""

LEAVES = """How surely an e-bike is found in a lift that training never saw, one real lift after the other left out:
`python -m models.training.unseen_lifts train --minutes 20 --each 5`, then
`python -m models.training.unseen_lifts table`"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a curriculum: a run of its own, which goes on from the one before.

    `mined`: of each source at most so many pictures are looked at for what the one before fails on.
    """

    name: str
    minutes: float
    recipe: dict[str, Any]
    mined: int


def stages(recipe: dict[str, Any], minutes: float) -> Iterator[Stage]:
    """The recipe's curriculum for `minutes` of training in all. Raises ValueError unless its shares add up to 1."""
    parts = recipe["curriculum"]
    if abs(sum(part["share"] for part in parts) - 1) > 1e-6:
        raise ValueError(f"met curriculum shares {[part['share'] for part in parts]}, accepted: 1 together")
    for part in parts:
        own = reweighed(recipe, part.get("times", {}))
        own |= {"optimizer": own["optimizer"] | {"lr": part["lr"]}}
        yield Stage(part["name"], minutes * part["share"], own, part.get("mined", 0))


def render(blender: str, cache: Path, lines: list[str]) -> None:
    """Runs the recipe's renderings in an interpreter with bpy. Raises ValueError where it has none, or where one fails.

    A rendering that is there whole takes as long as it takes to see that.
    """
    if subprocess.run([blender, "-c", f"import {BLENDER_NEEDS}"], capture_output=True, check=False).returncode:  # noqa: S603
        raise ValueError(f"met --blender {blender}, accepted: a Python with bpy; it imports {BLENDER_NEEDS}")
    for line in lines:
        told(f"render: {line}")
        words = [word.replace("CACHE", str(cache)) for word in shlex.split(line)]
        if status := subprocess.run([blender, "-m", *words], check=False).returncode:  # noqa: S603  # the recipe's own
            raise ValueError(f"{line}: ended with status {status}, above is why")


def told(what: str) -> None:
    print(f"== {what}", file=sys.stderr, flush=True)


def _judged(onnx: Path, data: Path) -> list[Verdict]:
    return verdicts(data, expected(held_out(data), "pictures kept out", data), OnnxDetector.load(onnx))


@dataclass(frozen=True, slots=True)
class Order:
    """What `make` was asked for; `shared` holds data and COCO's weights, `start` is a bundled file to go on from."""

    onnx: Path
    shared: Path
    cache: Path
    name: str
    minutes: float
    start: Path | None
    size: str
    threads: int
    bfloat16: bool
    left_out: tuple[str, ...]
    blender: str | None

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"met --minutes {self.minutes:g}, accepted: more than 0")
        if self.start is not None and not (self.start.is_file() and self.start.suffix == ".onnx"):
            raise ValueError(f"met --start {self.start}, accepted: a bundled .onnx file that is there")
        if not self.onnx.parent.is_dir():
            raise ValueError(f"met {self.onnx}, accepted: a file in a folder that is there")

    @property
    def coco_weights(self) -> Path:
        return self.shared / "models" / COCO_WEIGHTS[self.size]


def make(order: Order) -> Path:
    """The detector's file. One line of JSON a stage tells what it is worth on pictures kept out of training."""
    recipe = without(read_recipe(), order.left_out)
    if order.blender:
        render(order.blender, order.cache, recipe["rendered"])
    _prepare(order)
    start = order.start
    for stage in stages(recipe, order.minutes):
        if not sources_there(order.cache / "train", stage.recipe):
            told(f"no stage {stage.name}: none of its pictures is there")
            continue
        start = _train(order, _mined(order, stage, start), start)
        network, file = _network(order, start), start.with_name("last.onnx")
        _export(network, file)
        judged = _judged(file, order.cache / "train")
        print(json.dumps({"stage": stage.name, "minutes": round(stage.minutes, 1), **summary(judged)}), flush=True)
    if start is None or start == order.start:
        raise ValueError(f"met {order.cache / 'train'}, accepted: prepared pictures of some source that may be used")
    return _finish(order, start, recipe["began_as"])


def _prepare(order: Order) -> None:
    steps, without_renders = missing(order.cache)
    tell_of(without_renders)
    for step in steps:
        told(f"prepare: {step}")
        prepare(order.shared, order.cache, (step,))


def tell_of(unrendered: dict[str, Path]) -> None:
    """Steps that are not done, and where nothing has been rendered."""
    for step, folder in unrendered.items():
        told(f"no {step}: nothing rendered in {folder} (`make --blender` renders it)")


def _folder(order: Order, stage: Stage) -> Path:
    return order.cache / "runs" / f"{order.name}-{stage.name}"


def _mined(order: Order, stage: Stage, start: Path | None) -> Stage:
    """The stage, drawing more often what the network that it goes on from fails on."""
    if not stage.mined or start is None:
        return stage
    file, data = _folder(order, stage) / HARD, order.cache / "train"
    if not file.exists():
        drawn = sources_there(data, stage.recipe)
        rows = some([row for row in listed(data, TRAIN) if row["source"] in drawn], stage.mined, stage.recipe["seed"])
        told(f"mine: {len(rows)} pictures")
        weights = hard_ones(verdicts(data, rows, OnnxDetector.load(start.with_suffix(".onnx"))))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(weights))
    return replace(stage, recipe=stage.recipe | {"hard": json.loads(file.read_text())})


def some(rows: list[dict[str, str]], each: int, seed: int) -> list[dict[str, str]]:
    """At most `each` of every source, drawn by chance."""
    rng, by_source = np.random.default_rng(seed), dict[str, list[dict[str, str]]]()
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    return [own[int(k)] for own in by_source.values() for k in rng.permutation(len(own))[:each]]


def _train(order: Order, stage: Stage, start: Path | None) -> Path:
    from models.training.train import Run, Trainer  # noqa: PLC0415  # torch is slow to import

    told(f"train: {stage.name}, {stage.minutes:.1f} minutes")
    folder = _folder(order, stage)
    begin(folder, settings(order, stage, start))
    run = Run(
        order.cache / "train", folder, stage.minutes, order.coco_weights, start, order.threads, bfloat16=order.bfloat16
    )
    return Trainer(run, stage.recipe).train()


def settings(order: Order, stage: Stage, start: Path | None) -> dict[str, Any]:
    """What a stage's weights depend on, with what those depend on that it starts from."""
    recipe = hashlib.sha256(json.dumps(stage.recipe, sort_keys=True).encode()).hexdigest()
    before: Any = None
    if start is not None:
        bundled = start == order.start
        before = sha256_of(start) if bundled else json.loads(start.with_name(SETTINGS).read_text())
    return {"size": order.size, "minutes": stage.minutes, "recipe": recipe, "after": before}


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def begin(folder: Path, now: dict[str, Any]) -> None:
    """Raises ValueError where the folder's run was trained by other settings: it would go on from what it was not."""
    file = folder / SETTINGS
    met = json.loads(file.read_text()) if file.exists() else None
    if met != now and (met or any(folder.glob("*.pt"))):
        raise ValueError(f"met {folder}, a run of other settings, accepted: another name, or that folder removed")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(now))


def _network(order: Order, start: Path | None) -> Any:  # noqa: ANN401  # ultralytics' DetectionModel
    from models.training.train import weights_of  # noqa: PLC0415

    return weights_of(start, order.coco_weights)


def _export(network: Any, path: Path) -> None:  # noqa: ANN401
    from models.training.network import export_onnx  # noqa: PLC0415

    export_onnx(network, path, int(read_recipe()["input_px"]), half=True)


def _finish(order: Order, start: Path, began_as: float) -> Path:
    """The last stage's weights and a share of those that all began as, and what that is worth by source."""
    from models.training.network import mixed  # noqa: PLC0415

    told(f"export: {order.onnx}")
    networks = [_network(order, start), _network(order, order.start)]
    _export(mixed(networks, [1 - began_as, began_as]), order.onnx)
    judged, threshold = _judged(order.onnx, order.cache / "train"), _threshold(order)
    facts = {"stage": "mixed with what it began as", "file": str(order.onnx), "threshold": threshold}
    print(json.dumps(facts | summary(judged)), flush=True)
    print("\n".join(table_lines(judged, JUDGED_AT if threshold is None else threshold)))
    told(LEAVES)
    return order.onnx


def _threshold(order: Order) -> float | None:
    """The one that rooms ask for; None where there are none."""
    rooms = order.cache / CHOICE
    if not any(rooms.glob("*/room.json")):
        told(f"no threshold: no rooms in {rooms} to choose it on (`make --blender` renders them)")
        return None
    detector = OnnxDetector.load(order.onnx)
    return asked_for([judge(stand.item, "", detector(stand.item.picture)) for stand in stands(rooms)], MOST)
