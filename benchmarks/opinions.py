# ruff: noqa: INP001  # a script, not a package
"""What a second opinion costs: a detector without it, paired with the one that asks on the same pictures.

    python benchmarks/opinions.py [RECORDING] [--models NAME ...] [--looks-down] [--rounds N]

Prints one JSON object: for pictures in which the first model has an e-bike's box, weak ones too, and for the rest, how
many there are, each model's CPU milliseconds (median over pictures and rounds), and its ratio to the first one's.
"""

import argparse
import json
import statistics
import time
from collections import defaultdict
from itertools import compress
from operator import not_
from pathlib import Path

import cv2

from edgeguard.detectors import find_model, looking_down, models_dir, open_detector
from edgeguard.recordings import recording
from edgeguard.sources import FileConfig, FileSource
from edgeguard.types import Detector, Picture

E_BIKE = "e-bike"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", nargs="?", type=Path, default=recording("lift_ebike"))
    parser.add_argument("--models", nargs="+", default=["lift-n-alone", "lift-n", "lift-s"], metavar="NAME")
    parser.add_argument("--looks-down", action="store_true", help="each also as a camera that looks straight down")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    specs = [find_model(name, models_dir()) for name in options.models]
    detectors = {spec.name: open_detector(spec) for spec in specs}
    if options.looks_down:
        detectors |= {f"{name}, looks down": looking_down(detector) for name, detector in detectors.items()}
    label = specs[0].labels.index(E_BIKE)
    pictures = [frame.picture for frame in FileSource(FileConfig(path=options.recording), "bench").frames()]
    found = [bool((detectors[specs[0].name].detect(picture).label == label).any()) for picture in pictures]
    result = {
        "with an e-bike": compared(detectors, list(compress(pictures, found)), options.rounds),
        "without": compared(detectors, list(compress(pictures, map(not_, found))), options.rounds),
    }
    print(json.dumps(result | {"rounds": options.rounds, "recording": options.recording.name}))


def compared(detectors: dict[str, Detector], pictures: list[Picture], rounds: int) -> dict[str, object]:
    """In turns, so that what else the machine does meets all alike."""
    if not pictures:
        return {"pictures": 0}
    spent_ms: dict[str, list[float]] = defaultdict(list)
    for picture in pictures * rounds:
        for name, detector in detectors.items():
            began_s = time.process_time()
            detector.detect(picture)
            spent_ms[name].append(1000 * (time.process_time() - began_s))
    medians = {name: statistics.median(times) for name, times in spent_ms.items()}
    base = next(iter(medians.values()))
    told = {name: {"ms": round(ms, 2), "ratio": round(ms / base, 2)} for name, ms in medians.items()}
    return {"pictures": len(pictures), **told}


if __name__ == "__main__":
    main()
