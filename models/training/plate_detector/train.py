"""The training loop: paced by the time it had its core, resumable, the same on a busy machine as on a quiet one."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from models.training.plate_detector.compose import Composer, Sample
from models.training.plate_detector.network import PlateNetwork
from models.training.plate_detector.resume import exported_finder
from models.training.plate_detector.targets import loss_of, target_of
from models.training.train import Average, learning_rate, restored, save_run, take_step

HERE = Path(__file__).parent
TOLD_EVERY = 50
MEASURED_BATCHES = 8
"""What the batch norms of an exported network are measured on."""


def read_recipe() -> dict[str, Any]:
    recipe: dict[str, Any] = yaml.safe_load((HERE / "recipe.yaml").read_text())
    return recipe


@dataclass(frozen=True, slots=True)
class Run:
    """What one run is told; `minutes` of processor time. `start`: the exported file that a new run begins with.

    `free`: without restricted sources. `bfloat16` pays where the processor has instructions for it (AVX-512 BF16, AMX).
    """

    data: Path
    shared: Path
    folder: Path
    minutes: float
    start: Path | None = None
    threads: int = 1
    bfloat16: bool = False
    free: bool = False
    save_every_s: float = 60.0

    @property
    def coco_weights(self) -> Path:
        return self.shared / "models" / "yolov8n.pt"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "last.pt"


class Trainer:
    """One run; `train` goes on from the folder's checkpoint where there is one."""

    def __init__(self, run: Run, recipe: dict[str, Any]) -> None:
        self._run, self._recipe = run, recipe
        torch.set_num_threads(run.threads)
        torch.manual_seed(recipe["seed"])
        network = PlateNetwork(run.coco_weights) if run.start is None else self._exported(run.start)
        self._network = network.to(memory_format=torch.channels_last).train()
        self._average = Average(self._network, recipe["ema"])
        self._optimizer = torch.optim.AdamW(_groups(self._network, recipe["optimizer"]))
        self._step, self._trained_s = 0, 0.0

    def train(self) -> Path:
        """The checkpoint of the finished run."""
        self._run.folder.mkdir(parents=True, exist_ok=True)
        if self._run.checkpoint.exists():
            self._restore()
        composer = self._composer(self._recipe["seed"] + self._step)
        saved_s, told = self._trained_s, []
        while self._trained_s < 60 * self._run.minutes:
            began = time.process_time()
            told.append(self._one_step(composer))
            self._trained_s += time.process_time() - began
            if self._step % TOLD_EVERY == 0:
                self._tell(told)
                told.clear()
            if self._trained_s - saved_s > self._run.save_every_s:
                self._save()
                saved_s = self._trained_s
        self._save()
        return self._run.checkpoint

    def _exported(self, start: Path) -> PlateNetwork:
        composer, batch = self._composer(self._recipe["seed"]), self._recipe["batch"]
        batches = (_tensor([composer.sample() for _ in range(batch)]) for _ in range(MEASURED_BATCHES))
        return exported_finder(start, self._run.coco_weights, batches)

    def _composer(self, seed: int) -> Composer:
        return Composer(self._run.data, self._run.shared / "data", seed, self._recipe["side_px"], free=self._run.free)

    def _one_step(self, composer: Composer) -> dict[str, float]:
        share = self._trained_s / (60 * self._run.minutes)
        for group in self._optimizer.param_groups:
            group["lr"] = group["pace"] * learning_rate(share, self._step, self._recipe["optimizer"])
        samples = [composer.sample() for _ in range(self._recipe["batch"])]
        targets = [target_of(sample, self._recipe["side_px"]) for sample in samples]
        with torch.autocast("cpu", torch.bfloat16, enabled=self._run.bfloat16):
            maps = self._network(_tensor(samples))
        loss, parts = loss_of(maps, targets)
        take_step(self._network, self._average, self._optimizer, loss, 5.0)
        self._step += 1
        return parts

    def _tell(self, told: list[dict[str, float]]) -> None:
        means = {name: round(float(np.mean([one.get(name, 0.0) for one in told])), 4) for name in told[-1]}
        seen = self._step * self._recipe["batch"]
        line = json.dumps({"minutes": round(self._trained_s / 60, 2), "pictures": seen, **means})
        print(line, flush=True)
        with (self._run.folder / "progress.jsonl").open("a") as log:
            log.write(line + "\n")

    def _save(self) -> None:
        progress = {"step": self._step, "trained_s": self._trained_s}
        save_run(self._run.checkpoint, self._network, self._average, self._optimizer, progress)

    def _restore(self) -> None:
        state = restored(self._run.checkpoint, self._network, self._average, self._optimizer)
        self._step, self._trained_s = state["step"], state["trained_s"]


def _tensor(samples: Sequence[Sample]) -> torch.Tensor:
    """(n, 3, h, w) RGB 0..1."""
    pixels = np.stack([sample.picture[:, :, ::-1] for sample in samples])
    tensor = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return tensor.contiguous(memory_format=torch.channels_last)


def _groups(network: PlateNetwork, settings: dict[str, float]) -> list[dict[str, Any]]:
    """Weights decay, norms and biases do not; what comes from COCO learns more slowly than what is new."""
    groups = []
    for started in (True, False):
        own = [
            parameter
            for name, parameter in network.named_parameters()
            if parameter.requires_grad and name.startswith(("fine.", "coarse.0.", "coarse.1.")) == started
        ]
        pace = settings["backbone_pace"] if started else 1.0
        for decays in (True, False):
            chosen = [parameter for parameter in own if (parameter.ndim > 1) == decays]
            decay = settings["weight_decay"] if decays else 0.0
            groups.append({"params": chosen, "lr": settings["lr"], "weight_decay": decay, "pace": pace})
    return groups


def averaged_network(checkpoint: Path, coco_weights: Path) -> PlateNetwork:
    """The network of a checkpoint as it is exported."""
    network = PlateNetwork(coco_weights)
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    return network.eval()
