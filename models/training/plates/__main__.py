"""The steps of the plate reader's recipe: `python -m models.training.plates STEP`."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from models.training.plates import hard, pool, real, yardsticks
from models.training.plates.gates import crop_at_gate
from models.training.sources import shared_root

REPOSITORY = Path(__file__).resolve().parents[3]
BUNDLED = REPOSITORY / "models" / "plate-reader.onnx"


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="models.training.plates", description=__doc__)
    main.add_argument("--shared", type=Path, default=shared_root(), help="$EDGEGUARD_SHARED or ../shared")
    cache = Path(os.environ.get("EDGEGUARD_CACHE", Path.home() / ".cache" / "edgeguard" / "plates"))
    main.add_argument("--cache", type=Path, default=cache, help="pools and checkpoints (EDGEGUARD_CACHE)")
    steps = main.add_subparsers(dest="step", required=True)

    step = steps.add_parser("pool", help="render crops, a file per seed")
    step.add_argument("--first", type=int, default=1)
    step.add_argument("--files", type=int, default=30)

    step = steps.add_parser("gates", help="render crops with the light and the camera of the finder's training")
    step.add_argument("--first", type=int, default=201)
    step.add_argument("--files", type=int, default=12)

    step = steps.add_parser("hard", help="render crops of which a reader is not sure, a file per seed")
    step.add_argument("--reader", type=Path, default=BUNDLED)
    step.add_argument("--first", type=int, default=301)
    step.add_argument("--files", type=int, default=10)

    step = steps.add_parser("sheet", help="a picture full of crops, to be looked at")
    step.add_argument("picture", type=Path)
    step.add_argument("--real", choices=("ccpd", "pseudo", "no_plate", "scenes"), help="instead of rendered ones")
    step.add_argument("--seed", type=int, default=0)

    step = steps.add_parser("train", help="train a run, or go on with it")
    step.add_argument("name")
    step.add_argument("--minutes", type=float, required=True, help="of a core, however long that takes")
    step.add_argument("--bfloat16", action="store_true", help="pays with AVX-512 BF16 or AMX only")
    step.add_argument("--start", type=Path, help="go on from this exported file, models/plate-reader.onnx say")
    step.add_argument("--without-restricted", action="store_true", help="no teacher, no non-commercial photographs")

    step = steps.add_parser("export", help="write a run's network")
    step.add_argument("name")
    step.add_argument("onnx", type=Path)

    step = steps.add_parser(
        "mean", help="write the mean of two exported readers, of which the second may have more blocks"
    )
    step.add_argument("first", type=Path)
    step.add_argument("second", type=Path)
    step.add_argument("onnx", type=Path)
    step.add_argument("--share", type=float, default=0.5, help="of the second (default: %(default)s)")
    return main


def run_pool(options: argparse.Namespace) -> None:
    seeds = range(options.first, options.first + options.files)
    pool.fill(options.cache / "pool", options.shared / "data" / "plate_templates", seeds)


def run_gates(options: argparse.Namespace) -> None:
    render = partial(pool.rendered, look=crop_at_gate)
    seeds = range(options.first, options.first + options.files)
    pool.fill(options.cache / "pool", options.shared / "data" / "plate_templates", seeds, render=render)


def run_hard(options: argparse.Namespace) -> None:
    read = yardsticks.ours(options.reader).sure_text

    def render(artist: pool.Artist, seed: int, count: int) -> pool.Crops:
        return hard.doubted(artist, read, seed, count)

    seeds = range(options.first, options.first + options.files)
    pool.fill(options.cache / "pool", options.shared / "data" / "plate_templates", seeds, render=render)


def run_sheet(options: argparse.Namespace) -> None:
    rng, count, columns = np.random.default_rng(options.seed), 96, 8
    if options.real:
        found = [one for one in real.everything(options.shared / "data") if one.source == options.real]
        images = [found[row].varied(rng) for row in rng.choice(len(found), size=count)]
    else:
        artist = pool.Artist(options.shared / "data" / "plate_templates")
        images = list(pool.rendered(artist, options.seed, count).images)
    rows = [np.hstack(images[row : row + columns]) for row in range(0, count, columns)]
    cv2.imwrite(str(options.picture), np.vstack(rows))


def run_train(options: argparse.Namespace) -> None:
    from models.training.plates.train import Run, Trainer, read_recipe  # noqa: PLC0415  # torch is slow to import

    cv2.setNumThreads(1)
    found = real.everything(options.shared / "data")
    if options.without_restricted:
        allowed = [one for one in found if one.source not in real.RESTRICTED or one.held_out]
        training = real.for_training(allowed, lambda _: "")
    else:
        teacher = real.Remembered(yardsticks.teacher(options.shared / "models").text, options.cache / "teacher.json")
        training = real.for_training(found, teacher)
        teacher.keep()
    cache = options.cache
    run = Run(cache / "pool", cache / "runs" / options.name, options.minutes, options.bfloat16, options.start)
    print(Trainer(run, training, read_recipe()).train())


def run_export(options: argparse.Namespace) -> None:
    from models.training.plates.network import export  # noqa: PLC0415
    from models.training.plates.train import trained  # noqa: PLC0415

    export(trained(options.cache / "runs" / options.name), options.onnx)
    print(options.onnx)


def run_mean(options: argparse.Namespace) -> None:
    from models.training.plates.network import export  # noqa: PLC0415
    from models.training.plates.resume import mean  # noqa: PLC0415

    export(mean(options.first, options.second, options.share), options.onnx)
    print(options.onnx)


STEPS = {
    "pool": run_pool,
    "gates": run_gates,
    "hard": run_hard,
    "sheet": run_sheet,
    "train": run_train,
    "export": run_export,
    "mean": run_mean,
}


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    STEPS[options.step](options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
