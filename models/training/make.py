"""From data to a detector by one command: prepares, trains by the recipe's curriculum, exports, judges.

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.evaluate import OnnxDetector, Verdict, held_out, summary, table_lines, verdicts
from models.training.feed import read_recipe, reweighed, sources_there, without
from models.training.labels import COCO_WEIGHTS
from models.training.prepare import missing, prepare

JUDGED_AT = 0.3
BLENDER_NEEDS = "bpy, numpy, cv2, yaml, pydantic, av"
SETTINGS = "made.json"
"""In a run's folder: what it was trained by."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a curriculum: a run of its own, which goes on from the one before."""

    name: str
    minutes: float
    recipe: dict[str, Any]


def stages(recipe: dict[str, Any], minutes: float) -> Iterator[Stage]:
    """The recipe's curriculum for `minutes` of training in all. Raises ValueError unless its shares add up to 1."""
    parts = recipe["curriculum"]
    if abs(sum(part["share"] for part in parts) - 1) > 1e-6:
        raise ValueError(f"met curriculum shares {[part['share'] for part in parts]}, accepted: 1 together")
    for part in parts:
        own = reweighed(recipe, part.get("times", {}))
        yield Stage(part["name"], minutes * part["share"], own | {"optimizer": own["optimizer"] | {"lr": part["lr"]}})


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
    return verdicts(data, held_out(data), OnnxDetector.load(onnx))


@dataclass(frozen=True, slots=True)
class Order:
    """What `make` was asked for; `shared` holds the data and the start weights."""

    onnx: Path
    shared: Path
    cache: Path
    name: str
    minutes: float
    size: str
    threads: int
    bfloat16: bool
    left_out: tuple[str, ...]
    blender: str | None

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"met --minutes {self.minutes:g}, accepted: more than 0")
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
    start: Path | None = None
    for stage in stages(recipe, order.minutes):
        if not sources_there(order.cache / "train", stage.recipe):
            told(f"no stage {stage.name}: none of its pictures is there")
            continue
        start = _train(order, stage, start)
        network, file = _network(order, start), start.with_name("last.onnx")
        _export(network, file)
        judged = _judged(file, order.cache / "train")
        print(json.dumps({"stage": stage.name, "minutes": round(stage.minutes, 1), **summary(judged)}), flush=True)
    if start is None:
        raise ValueError(f"met {order.cache / 'train'}, accepted: prepared pictures of some source that may be used")
    return _finish(order, start, recipe["began_as"])


def _prepare(order: Order) -> None:
    steps, without_renders = missing(order.cache)
    for step, folder in without_renders.items():
        told(f"no {step}: nothing rendered in {folder} (--blender renders it)")
    for step in steps:
        told(f"prepare: {step}")
        prepare(order.shared, order.cache, (step,))


def _train(order: Order, stage: Stage, start: Path | None) -> Path:
    from models.training.train import Run, Trainer  # noqa: PLC0415  # torch is slow to import

    told(f"train: {stage.name}, {stage.minutes:.1f} minutes")
    folder = order.cache / "runs" / f"{order.name}-{stage.name}"
    begin(folder, settings(order, stage, start))
    run = Run(
        order.cache / "train", folder, stage.minutes, order.coco_weights, start, order.threads, bfloat16=order.bfloat16
    )
    return Trainer(run, stage.recipe).train()


def settings(order: Order, stage: Stage, start: Path | None) -> dict[str, Any]:
    """What a stage's weights depend on, with what those depend on that it starts from."""
    recipe = hashlib.sha256(json.dumps(stage.recipe, sort_keys=True).encode()).hexdigest()
    before = None if start is None else json.loads(start.with_name(SETTINGS).read_text())
    return {"size": order.size, "minutes": stage.minutes, "recipe": recipe, "after": before}


def begin(folder: Path, now: dict[str, Any]) -> None:
    """Raises ValueError where the folder's run was trained by other settings: it would go on from what it was not."""
    file = folder / SETTINGS
    if file.exists() and json.loads(file.read_text()) != now:
        raise ValueError(f"met {folder}, a run of other settings, accepted: another --name, or that folder removed")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(now))


def _network(order: Order, start: Path | None) -> Any:  # noqa: ANN401  # ultralytics' DetectionModel
    from models.training.train import weights_of  # noqa: PLC0415

    return weights_of(start, order.coco_weights)


def _export(network: Any, path: Path) -> None:  # noqa: ANN401
    from models.training.network import export_onnx  # noqa: PLC0415

    export_onnx(network, path, int(read_recipe()["input_px"]))


def _finish(order: Order, start: Path, began_as: float) -> Path:
    """The last stage's weights and a share of those that it began as, and what that is worth by source."""
    from models.training.network import mixed  # noqa: PLC0415

    told(f"export: {order.onnx}")
    networks = [_network(order, start), _network(order, None)]
    _export(mixed(networks, [1 - began_as, began_as]), order.onnx)
    judged = _judged(order.onnx, order.cache / "train")
    print(json.dumps({"stage": "mixed with COCO", "file": str(order.onnx), **summary(judged)}), flush=True)
    print("\n".join(table_lines(judged, JUDGED_AT)))
    return order.onnx
