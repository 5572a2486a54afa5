"""The reader's training: one thread, resumable, and paced by its own processor time.

Minutes are those that it had a core: on a machine that others use too, an hour of the clock may be anything.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import nn

from models.training.plates import pool
from models.training.plates.moved import Moves
from models.training.plates.network import Loss, Reader, parameters
from models.training.plates.pool import Crops
from models.training.plates.real import Real
from models.training.plates.resume import exported_reader
from models.training.train import Average, learning_rate, restored, save_run, take_step

HERE = Path(__file__).parent
SAVE_EVERY_S = 120.0
MEASURED_BATCHES = 8
"""What the batch norms of an exported network are measured on."""


def read_recipe() -> dict[str, Any]:
    recipe: dict[str, Any] = yaml.safe_load((HERE / "recipe.yaml").read_text())
    return recipe


class Feed:
    """Batches of rendered crops of the pool and of real ones, the rare provinces and colours of these more often."""

    def __init__(self, folder: Path, real: Sequence[Real], recipe: dict[str, Any], seed: int) -> None:
        self._folder, self._recipe, self._rng = folder, recipe, np.random.default_rng(seed)
        self._plates = [one for one in real if one.text]
        self._empty = [one for one in real if not one.text]
        self._odds = odds(self._plates)
        self._moves = Moves(**recipe["moved"])
        self._resident: list[Crops] = []
        self._batches = 0

    def batch(self) -> Crops:
        if self._batches % self._recipe["change_every"] == 0:
            self._change()
        self._batches += 1
        of_real = round(self._recipe["batch"] * self._recipe["real_share"])
        of_empty = round(of_real * self._recipe["empty_share"])
        chosen = [self._empty[row] for row in self._rng.integers(len(self._empty), size=of_empty)]
        places = self._rng.choice(len(self._plates), size=of_real - of_empty, p=self._odds)
        return joined(
            [
                self._rendered(self._recipe["batch"] - of_real),
                self._varied(chosen + [self._plates[row] for row in places]),
            ]
        )

    def _rendered(self, count: int) -> Crops:
        picks = self._rng.integers(len(self._resident), size=count)
        rows = [
            self._rng.integers(len(chunk), size=int((picks == row).sum())) for row, chunk in enumerate(self._resident)
        ]
        chosen = joined([chunk[places] for chunk, places in zip(self._resident, rows, strict=True)])
        pairs = zip(chosen.images, chosen.kinds.tolist(), strict=True)
        return replace(chosen, images=np.stack([self._moves.of(self._rng, image, kind) for image, kind in pairs]))

    def batches(self, count: int) -> Iterator[torch.Tensor]:
        """Pictures alone, as the network takes them."""
        for _ in range(count):
            yield tensor(self.batch().images)

    def _varied(self, real: Sequence[Real]) -> Crops:
        images = np.stack([one.varied(self._rng) for one in real])
        colours = np.array([one.colour_row for one in real])
        texts, sources = np.array([one.text for one in real]), np.array([one.source for one in real])
        return Crops(images, texts, colours, sources, pool.unmeasured(len(real)))

    def _change(self) -> None:
        """Another file of the pool instead of the oldest; new ones may arrive while training runs."""
        paths = sorted(self._folder.glob("0*.npz"))
        if not paths:
            raise FileNotFoundError(f"{self._folder}: no pool, accepted: what the command `pool` renders")
        wanted = self._recipe["resident_chunks"]
        self._resident = self._resident[-wanted + 1 :]
        while len(self._resident) < min(wanted, len(paths)):
            chunk = pool.read(paths[self._rng.integers(len(paths))])
            self._resident.append(pool.readable(chunk, self._recipe["legible_from"]))


def odds(plates: Sequence[Real]) -> NDArray[np.float64]:
    """(n,): by the root of how often a province and a colour are met."""
    counts = Counter((one.text[0], one.colour) for one in plates)
    weights = np.array([counts[one.text[0], one.colour] ** -0.5 for one in plates])
    return weights / weights.sum()


def joined(parts: Sequence[Crops]) -> Crops:
    return Crops(*(np.concatenate([getattr(part, field) for part in parts]) for field in pool.FIELDS))


def tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    """(n, h, w, 3) uint8 -> (n, 3, h, w) float32, in the layout that is fastest on CPUs."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, slots=True)
class Run:
    """Where pool and checkpoints lie, how long the training is; `bfloat16` pays with AVX-512 BF16 or AMX only.

    `start`: an exported file that is gone on from, by the recipe's `go_on`.
    """

    pool: Path
    folder: Path
    minutes: float
    bfloat16: bool = False
    start: Path | None = None


class Trainer:
    """One run; `train` goes on from the folder's checkpoint where there is one."""

    def __init__(self, run: Run, real: Sequence[Real], recipe: dict[str, Any]) -> None:
        self._pace = recipe["go_on" if run.start else "optimizer"]
        recipe = {**recipe, **self._pace}
        self._run, self._recipe, self._real = run, recipe, real
        torch.set_num_threads(1)
        torch.manual_seed(recipe["seed"])
        self._network = self._weights().to(memory_format=torch.channels_last).train()
        self._average, self._loss = Average(self._network, recipe["ema"]), Loss(recipe["colour_weight"])
        weights = self._network.parameters()
        self._optimizer = torch.optim.AdamW(weights, lr=self._pace["lr"], weight_decay=self._pace["weight_decay"])
        self._step, self._trained_s = 0, 0.0

    def _weights(self) -> Reader:
        if self._run.start is None:
            return Reader()
        feed = Feed(self._run.pool, self._real, self._recipe, self._recipe["seed"])
        return exported_reader(self._run.start, feed.batches(MEASURED_BATCHES))

    @property
    def _checkpoint(self) -> Path:
        return self._run.folder / "last.pt"

    def train(self) -> Path:
        """The checkpoint of the finished run."""
        self._run.folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._restore()
        feed = Feed(self._run.pool, self._real, self._recipe, self._recipe["seed"] + self._step)
        print(f"{parameters(self._network)} parameters, {len(self._real)} real crops", flush=True)
        saved_s, losses = self._trained_s, []
        while self._trained_s < 60 * self._run.minutes:
            began = time.process_time()
            losses.append(self._one_step(feed))
            self._trained_s += time.process_time() - began
            if self._step % 50 == 0:
                self._tell(sum(losses) / len(losses))
                losses.clear()
            if self._trained_s - saved_s > SAVE_EVERY_S:
                self._save()
                saved_s = self._trained_s
        self._save()
        return self._checkpoint

    def _one_step(self, feed: Feed) -> float:
        share = self._trained_s / (60 * self._run.minutes)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(share, self._step, self._pace)
        batch = feed.batch()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._run.bfloat16):
            outputs = self._network(tensor(batch.images))
        loss = self._loss(outputs.float(), batch.texts.tolist(), torch.from_numpy(batch.colours))
        take_step(self._network, self._average, self._optimizer, loss, 5.0)
        self._step += 1
        return float(loss.item())

    def _tell(self, loss: float) -> None:
        minutes, crops = self._trained_s / 60, self._step * self._recipe["batch"]
        print(f"{minutes:6.1f} of {self._run.minutes:g} min  {crops:7d} crops  loss {loss:7.4f}", flush=True)
        with (self._run.folder / "progress.jsonl").open("a") as log:
            log.write(json.dumps({"minutes": round(minutes, 2), "crops": crops, "loss": round(loss, 4)}) + "\n")

    def _save(self) -> None:
        progress = {"step": self._step, "trained_s": self._trained_s}
        save_run(self._checkpoint, self._network, self._average, self._optimizer, progress)

    def _restore(self) -> None:
        state = restored(self._checkpoint, self._network, self._average, self._optimizer)
        self._step, self._trained_s = state["step"], state["trained_s"]


def trained(folder: Path) -> nn.Module:
    """The network of a run's checkpoint, as it is exported."""
    network = Reader()
    network.load_state_dict(torch.load(folder / "last.pt", weights_only=True)["average"])
    return network.eval()
