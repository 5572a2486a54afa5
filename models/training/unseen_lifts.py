"""Leaves out one real lift after the other: how surely is an e-bike found in a lift that training never saw?

python -m models.training.unseen_lifts train --minutes 20 --each 5     CACHE/runs/unseen-*/last.pt
python -m models.training.unseen_lifts table                           what each finds in the lift that it never saw

A first run, from COCO, sees no real lift at all, nor anything pasted into one; for each lift of `split.yaml` another
goes on from it with all other lifts. So it judges the recipe at the length of these runs, not the bundled weights,
which have seen most of these lifts.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.training.evaluate import OnnxDetector, table, verdicts, whole
from models.training.feed import read_recipe, without
from models.training.prepare import cache_root
from models.training.sources import read_split, shared_root

FIRST = "unseen-none"
LIFTS = ["lift_ebike", "emptied"]
"""Sources that show real lifts with an e-bike, or out of which it was taken."""

PASTED = ["composite", "cycles/real"]
"""What has been pasted into real lifts: of these nobody knows into which."""

PHOTOGRAPHS = "photographs"
"""The lifts of `lift_ebike/etoiles`: some twenty of them, left out together."""


def lifts() -> dict[str, list[str]]:
    """Beginnings of the names of each lift's pictures."""
    tiles = {
        view: [f"{kind}lift_ebike-tiles-lily_{name}" for kind in ("", "emptied-") for name in names] + [f"plate-{view}"]
        for view, names in read_split()["views"].items()
    }
    return tiles | {PHOTOGRAPHS: [f"{kind}lift_ebike-etoiles" for kind in ("", "emptied-")]}


def train_all(options: argparse.Namespace) -> None:
    from models.training.train import Run, Trainer  # noqa: PLC0415  # torch is slow to import

    runs, coco = options.cache / "runs", options.shared / "models" / "yolov8n.pt"

    def run(name: str, minutes: float, start: Path | None, recipe: dict[str, Any]) -> Path:
        told = Run(options.cache / "train", runs / name, minutes, coco, start, threads=1, bfloat16=options.bfloat16)
        recipe["optimizer"]["lr"] = options.lr
        return Trainer(told, recipe).train()

    first = run(FIRST, options.minutes, None, without(read_recipe(), [*LIFTS, *PASTED]))
    for lift, names in lifts().items():
        run(f"unseen-{lift}", options.each, first, without(read_recipe(), PASTED) | {"left_out": names})


def detector_of(options: argparse.Namespace, run: str) -> OnnxDetector:
    folder = options.cache / "runs" / run
    if not (folder / "last.pt").is_file():
        raise ValueError(
            f"met no {folder / 'last.pt'}, accepted: what `python -m models.training.unseen_lifts train` trains"
        )
    from models.training.network import export_onnx  # noqa: PLC0415
    from models.training.train import weights_of  # noqa: PLC0415

    weights = weights_of(folder / "last.pt", options.shared / "models" / "yolov8n.pt")
    export_onnx(weights, folder / "last.onnx", 320)
    return OnnxDetector.load(folder / "last.onnx")


def tell(options: argparse.Namespace) -> None:
    root = options.cache / "train"
    every, first = whole(root, LIFTS), detector_of(options, FIRST)
    for lift, names in lifts().items():
        rows = [row for row in every if Path(row["image"]).name.startswith(tuple(names))]
        for known, detector in (("saw no lift", first), ("saw the others", detector_of(options, f"unseen-{lift}"))):
            for source, recall, alarms in table(verdicts(root, rows, detector), options.threshold):
                print(f"{lift:<16}{known:<16}{source:<28}{recall:<36}{alarms}", flush=True)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m models.training.unseen_lifts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["train", "table"])
    parser.add_argument("--shared", type=Path, default=shared_root(), help="$EDGEGUARD_SHARED or ../shared")
    parser.add_argument("--cache", type=Path, default=cache_root(), help="$EDGEGUARD_CACHE or ~/.cache/edgeguard")
    parser.add_argument("--minutes", type=float, default=20, help="of the first run (default: %(default)s)")
    parser.add_argument("--each", type=float, default=5, help="of each that goes on from it (default: %(default)s)")
    parser.add_argument(
        "--lr", type=float, default=0.0004, help="where the learning rate begins (default: %(default)s)"
    )
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--threshold", type=float, default=0.3)
    options = parser.parse_args(words)
    try:
        {"train": train_all, "table": tell}[options.command](options)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
