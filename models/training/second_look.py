"""Trains the second look: which of a few kinds a crop shows. Starts from the backbone of the bundled detector.

python -m models.training.second_look crops                       CACHE/crops/NAME.jsonl of each CACHE/train/NAME.jsonl
python -m models.training.second_look train NAME --minutes 15     CACHE/runs/NAME/second.pt
python -m models.training.second_look export NAME models/second-look.onnx

Runs in the training environment; paced by the clock like the detector's training, and goes on where it was stopped.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.training.crops import collect, collect_clips, free, save, saved, teaching
from models.training.evaluate import OnnxDetector
from models.training.feed import expected, listed, read_recipe
from models.training.labels import COCO_WEIGHTS
from models.training.make import begin, sha256_of
from models.training.prepare import cache_root
from models.training.sources import HELD_OUT, TRAIN, SharedData, shared_root

SEED, LR = 20, 6e-4


def counted(rows: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The same, and how far it is."""
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            print(f"{number} of {len(rows)} pictures", flush=True)
        yield row


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m models.training.second_look",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["crops", "train", "export"])
    parser.add_argument("name", nargs="?", default="second")
    parser.add_argument("onnx", nargs="?", type=Path, default=Path("models/second-look.onnx"))
    parser.add_argument("--detector", type=Path, default=Path("models/lift-n.onnx"))
    parser.add_argument(
        "--also", type=Path, nargs="+", default=[], metavar="ONNX", help="crops: further detectors that propose"
    )
    parser.add_argument("--of", nargs="+", default=[], metavar="NAME", help="crops: of CACHE/train/NAME.jsonl only")
    parser.add_argument("--shared", type=Path, default=shared_root(), help="$EDGEGUARD_SHARED or ../shared")
    parser.add_argument("--cache", type=Path, default=cache_root(), help="$EDGEGUARD_CACHE or ~/.cache/edgeguard")
    parser.add_argument("--start", type=Path, help="a bundled second look to go on from (default: the detector)")
    parser.add_argument("--lr", type=float, default=LR, help="default: %(default)s")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=SEED, help="of what is drawn (default: %(default)s)")
    parser.add_argument(
        "--mix", nargs="+", default=[], metavar="NAME", help="export: the mean with these runs, which began as one"
    )
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument(
        "--free",
        action="store_true",
        help="train: nothing from sources that recipe.yaml calls restricted (--detector and --start: free ones)",
    )
    options = parser.parse_args(words)
    try:
        {"crops": run_crops, "train": run_train, "export": run_export}[options.command](options)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))


def run_crops(options: argparse.Namespace) -> None:
    """Raises ValueError where nothing is prepared, or not what is asked for."""
    root, crops = options.cache / "train", options.cache / "crops"
    there = sorted(file.stem for file in root.glob("*.jsonl"))
    if unknown := set(options.of) - set(there):
        raise ValueError(f"--of: met {', '.join(sorted(unknown))}, accepted: {', '.join(there)}")
    expected(listed(root, TRAIN), "pictures to train on", root)
    detectors = [OnnxDetector.load(file) for file in (options.detector, *options.also)]
    crops.mkdir(parents=True, exist_ok=True)
    for index in options.of or there:
        print(index, flush=True)
        rows = [row for part in (TRAIN, HELD_OUT) for row in listed(root, part, index)]
        save(collect(root, counted(rows), detectors, SEED), crops / f"{index}.jsonl")
    if not options.of:
        clips = SharedData(options.shared / "data").clips()
        save(collect_clips(clips, root / "frames", detectors, SEED), crops / "frames.jsonl")


def settings(options: argparse.Namespace) -> dict[str, object]:
    """What a run's weights depend on, beside its crops."""
    told = {name: getattr(options, name) for name in ("minutes", "lr", "seed", "free")}
    files = {"detector": options.detector, "start": options.start}
    return told | {name: file and sha256_of(file) for name, file in files.items()}


def run_train(options: argparse.Namespace) -> None:
    """Raises ValueError where there are no crops, or a run of that name has other settings."""
    root, folder = options.cache / "train", options.cache / "runs" / options.name
    crops = [crop for file in sorted((options.cache / "crops").glob("*.jsonl")) for crop in saved(file)]
    mine = teaching(free(crops, read_recipe()["restricted"]) if options.free else crops, root)
    begin(folder, settings(options))
    from models.training.classifier import Pool, Run, Trainer  # noqa: PLC0415  # torch is slow to import

    run = Run(
        folder,
        options.minutes,
        options.lr,
        options.seed,
        options.detector,
        coco_weights(options),
        options.start,
        options.bfloat16,
    )
    print(Trainer(run, Pool(mine, root, options.seed)).train())


def run_export(options: argparse.Namespace) -> None:
    """Raises ValueError where a run has not been trained."""
    from models.training.classifier import CHECKPOINT, export, trained  # noqa: PLC0415

    runs = [options.cache / "runs" / name / CHECKPOINT for name in (options.name, *options.mix)]
    export(trained(runs, options.detector, coco_weights(options)), options.onnx)


def coco_weights(options: argparse.Namespace) -> Path:
    weights: Path = options.shared / "models" / COCO_WEIGHTS["n"]
    return weights


if __name__ == "__main__":
    main()
