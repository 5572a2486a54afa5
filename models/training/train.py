"""The training loop: paced by the clock, resumable, the same on one busy core, a whole machine or an accelerator.

A run lasts a given number of minutes of training, whatever the machine does meanwhile: the learning rate follows the
share of that time, and a checkpoint holds all it takes to go on.
"""

import copy
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.training.accelerator import device
from models.training.bundled import bundled_network, measure
from models.training.feed import Batch, Feed
from models.training.network import Loss, start_network
from models.training.teacher import Gains, Teacher, denied_by

MEASURED_BATCHES = 12
"""Of 8 pictures each: what the batch norms of a bundled network are measured on."""

BACKBONE_LAYERS = 10
"""Of the 23 layers of YOLOv8: all up to the pyramid that mixes scales."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run is told: where its data and checkpoints lie, how long it trains, from which weights it starts.

    `start` is a checkpoint or a bundled ONNX file; without it the COCO weights are the beginning. `bfloat16` pays where
    the processor has instructions for it (AVX-512 BF16, AMX): elsewhere it is several times slower. `teacher`: another
    network's weights and those that it began as, which tell its size.
    """

    data: Path
    folder: Path
    minutes: float
    coco_weights: Path
    start: Path | None = None
    threads: int = 2
    bfloat16: bool = False
    teacher: tuple[Path, Path] | None = None
    save_every_s: float = 300.0


def is_bundled(start: Path | None) -> bool:
    return start is not None and start.suffix == ".onnx"


def weights_of(start: Path | None, coco_weights: Path) -> nn.Module:
    """The network with the weights of a checkpoint, of a bundled file, or of COCO."""
    if start is None:
        return start_network(coco_weights)
    if is_bundled(start):
        return bundled_network(start, coco_weights)
    return averaged_network(start, coco_weights)


def planes(batch: Batch, where: torch.device) -> torch.Tensor:
    """The batch's pictures (n, 3, h, w) as float32 0..1, in the layout that is fastest; bytes travel, not floats."""
    return torch.from_numpy(batch.pictures).to(where).contiguous(memory_format=torch.channels_last).float() / 255


def as_float32(value: Any) -> Any:  # noqa: ANN401  # a tensor or the list of feature maps
    """What the network gave, as the loss is to be reckoned."""
    return [tensor.float() for tensor in value] if isinstance(value, list) else value.float()


class Average:
    """The exponential moving average of a network's weights: what is validated and exported."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval()
        self._decay, self._updates = decay, 0

    def restore(self, weights: dict[str, Any], updates: int) -> None:
        """As it was after so many updates: an average that were young again would forget what it was within a few."""
        self.network.load_state_dict(weights)
        self._updates = updates

    def update(self, network: nn.Module) -> None:
        self._updates += 1
        decay = self._decay * (1 - math.exp(-self._updates / 200))  # young averages follow faster
        with torch.no_grad():
            for own, other in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
                if own.dtype.is_floating_point:
                    own.lerp_(other, 1 - decay)


def learning_rate(share: float, step: int, settings: dict[str, float]) -> float:
    """Cosine from `lr` to `last_lr` over the run's share 0..1, after a linear warm-up."""
    cosine = (1 + math.cos(math.pi * min(share, 1.0))) / 2
    rate = settings["last_lr"] + (settings["lr"] - settings["last_lr"]) * cosine
    return rate * min(1.0, (step + 1) / settings["warmup_steps"])


def parameter_groups(network: nn.Module, settings: dict[str, float]) -> list[dict[str, Any]]:
    """Weights decay, norms and biases do not; the backbone learns more slowly than what stands on it."""
    groups = []
    for backbone in (True, False):
        own = [
            parameter
            for name, parameter in network.named_parameters()
            if parameter.requires_grad and (int(name.split(".")[1]) < BACKBONE_LAYERS) == backbone
        ]
        pace = settings["backbone_pace"] if backbone else 1.0
        decayed, free = [p for p in own if p.ndim > 1], [p for p in own if p.ndim <= 1]
        groups += [
            {"params": decayed, "weight_decay": settings["weight_decay"], "pace": pace},
            {"params": free, "weight_decay": 0.0, "pace": pace},
        ]
    return groups


def freeze(network: nn.Sequential, layers: int) -> None:
    """The first layers keep their weights and norms: edges and textures are the same everywhere, and it is faster."""
    for layer in network[:layers]:
        layer.eval()
        for parameter in layer.parameters():
            parameter.requires_grad_(False)


class Trainer:
    """One run; `train` goes on from the folder's checkpoint where there is one."""

    def __init__(self, run: Run, recipe: dict[str, Any]) -> None:
        self._run, self._recipe = run, recipe
        torch.set_num_threads(run.threads)
        torch.manual_seed(recipe["seed"])
        self._device = device()
        network = weights_of(run.start, run.coco_weights).to(self._device)
        self._network = network.to(memory_format=torch.channels_last).train()
        freeze(self._network.model, recipe["frozen_layers"])
        self._average = Average(self._network, recipe["ema"])
        self._loss = Loss(self._network, recipe["loss"])
        self._teacher = (
            Teacher(weights_of(*run.teacher).to(self._device), Gains(**recipe["teacher"])) if run.teacher else None
        )
        groups = parameter_groups(self._network, recipe["optimizer"])
        self._optimizer = torch.optim.AdamW(groups, lr=recipe["optimizer"]["lr"])
        self._step, self._pictures, self._trained_s = 0, 0, 0.0

    @property
    def _checkpoint(self) -> Path:
        return self._run.folder / "last.pt"

    def train(self) -> Path:
        """The checkpoint of the finished run."""
        self._run.folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._restore()
        feed = Feed(self._run.data, self._recipe, self._recipe["seed"] + self._step)
        print(f"training on {self._device} with", json.dumps(feed.counts()), flush=True)
        if self._step == 0 and is_bundled(self._run.start):
            self._measure(feed)
        saved_s, losses = self._trained_s, []
        while self._trained_s < 60 * self._run.minutes:
            began = time.monotonic()
            losses.append(self._one_step(feed))
            self._trained_s += time.monotonic() - began
            if self._step % 50 == 0:
                self._tell(sum(losses) / len(losses))
                losses.clear()
            if self._trained_s - saved_s > self._run.save_every_s:
                self._save()
                saved_s = self._trained_s
                feed.refresh()
        self._save()
        return self._checkpoint

    def _one_step(self, feed: Feed) -> float:
        share = self._trained_s / (60 * self._run.minutes)
        for group in self._optimizer.param_groups:
            group["lr"] = group["pace"] * learning_rate(share, self._step, self._recipe["optimizer"])
        batch = self._batch(feed, share)
        loss = self._wrong(batch)
        take_step(self._network, self._average, self._optimizer, loss, 10.0)
        self._step += 1
        self._pictures += len(batch.pictures)
        mean: float = loss.item() / len(batch.pictures)
        return mean

    def _wrong(self, batch: Batch) -> torch.Tensor:
        """The sum of the losses of a batch: by its labels and, where there is one, by the teacher."""
        pictures = planes(batch, self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._run.bfloat16):
            outputs = self._network(pictures)
        outputs = {name: as_float32(value) for name, value in outputs.items()}
        boxes, judged = (torch.from_numpy(rows).to(self._device) for rows in (batch.boxes, batch.judged))
        loss = self._loss(outputs, boxes, judged)
        if self._teacher:
            told = self._teacher.says(pictures, bfloat16=self._run.bfloat16)
            loss = loss + self._teacher.loss(outputs, told, denied_by(boxes, judged))
        return loss

    def _batch(self, feed: Feed, share: float) -> Batch:
        """Every other one of wide pictures, as the box sees them, from the recipe's share of the run on."""
        wide = share >= self._recipe["wide_from"] and self._step % 2 == 1
        return feed.batch(self._recipe["batch"], share < self._recipe["stack_until"], wide)

    def _measure(self, feed: Feed) -> None:
        """Gives the batch norms of a bundled network their statistics."""
        with torch.no_grad():
            drawn = (feed.batch(8, stacked=False) for _ in range(MEASURED_BATCHES))
            measure(self._network.eval(), (planes(batch, self._device) for batch in drawn))
        freeze(self._network.train().model, self._recipe["frozen_layers"])
        self._average = Average(self._network, self._recipe["ema"])

    def _tell(self, loss: float) -> None:
        minutes, rate = self._trained_s / 60, self._optimizer.param_groups[-1]["lr"]
        seen = self._pictures
        line = f"{minutes:6.1f} of {self._run.minutes:g} min  {seen:7d} pictures  loss {loss:6.2f}  lr {rate:.5f}"
        print(line, flush=True)
        with (self._run.folder / "progress.jsonl").open("a") as log:
            log.write(json.dumps({"minutes": round(minutes, 2), "pictures": seen, "loss": round(loss, 3)}) + "\n")

    def _save(self) -> None:
        progress = {"step": self._step, "pictures": self._pictures, "trained_s": self._trained_s}
        save_run(self._checkpoint, self._network, self._average, self._optimizer, progress)

    def _restore(self) -> None:
        state = restored(self._checkpoint, self._network, self._average, self._optimizer)
        self._step, self._pictures, self._trained_s = state["step"], state["pictures"], state["trained_s"]


def take_step(
    network: nn.Module, average: "Average", optimizer: torch.optim.Optimizer, loss: torch.Tensor, most: float
) -> None:
    """Down the gradient, whose norm is at most `most`."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), most)
    optimizer.step()
    average.update(network)


def save_run(
    path: Path, network: nn.Module, average: "Average", optimizer: torch.optim.Optimizer, progress: dict[str, float]
) -> None:
    """`progress`: its step, seconds, and what else `restored` is to give back."""
    parts = {"average": average.network, "network": network, "optimizer": optimizer}
    fresh = path.with_suffix(".new")
    torch.save({name: part.state_dict() for name, part in parts.items()} | progress, fresh)
    fresh.replace(path)  # a run killed here keeps the older one


def restored(path: Path, network: nn.Module, average: "Average", optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """What `save_run` wrote; network, average and optimizer are as they were, where they were."""
    state: dict[str, Any] = torch.load(path, map_location=next(network.parameters()).device, weights_only=True)
    network.load_state_dict(state["network"])
    average.restore(state["average"], state["step"])
    optimizer.load_state_dict(state["optimizer"])
    return state


def averaged_network(checkpoint: Path, coco_weights: Path) -> nn.Module:
    """The network of a checkpoint as it is validated and exported. Raises ValueError for one of another size."""
    network = start_network(coco_weights)
    average = torch.load(checkpoint, map_location="cpu", weights_only=True)["average"]
    if any(average[name].shape != mine.shape for name, mine in network.state_dict().items()):
        raise ValueError(
            f"{checkpoint}: met weights of another size than {coco_weights.name}, accepted: the other --size"
        )
    network.load_state_dict(average)
    return network.eval()
