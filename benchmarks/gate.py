# ruff: noqa: INP001  # a script, not a package
"""What the motion gate costs, next to MOG2 on the same frames in the same run: compare the ratio, not the times.

python benchmarks/gate.py [--width 640] [--height 360] [--frames 200] [--rounds 5] [--json]
"""

import argparse
import json
from collections.abc import Callable
from itertools import islice
from time import perf_counter

import cv2
import numpy as np

from edgeguard.motion import MotionGate
from edgeguard.sources import SyntheticConfig, SyntheticSource
from edgeguard.types import Picture

Step = Callable[[Picture, float], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    result = measure(options.width, options.height, options.frames, options.rounds)
    if options.json:
        print(json.dumps(result))
    else:
        print(f"gate {result['gate_ms']:.3f} ms, MOG2 {result['mog2_ms']:.2f} ms a frame: 1 : {result['ratio']:.0f}")


def measure(width: int, height: int, frames: int, rounds: int) -> dict[str, float]:
    """Median ms a frame of the best round of each, taken in turns so that a busy neighbour meets both."""
    config = SyntheticConfig(width_px=width, height_px=height, pace="max", noise_luma=4)
    pictures = [frame.picture for frame in islice(SyntheticSource(config, "bench").frames(), frames)]
    gate, mog2 = MotionGate(), cv2.createBackgroundSubtractorMOG2()
    gate_ms, mog2_ms = [], []
    for number in range(rounds):
        start_s = number * frames / 10.0
        gate_ms.append(median_ms(pictures, start_s, lambda picture, time_s: gate.update(picture, time_s, held=False)))
        mog2_ms.append(median_ms(pictures, start_s, lambda picture, _: mog2.apply(picture.luma)))
    best_gate, best_mog2 = min(gate_ms), min(mog2_ms)
    return {
        "width_px": width,
        "height_px": height,
        "gate_ms": round(best_gate, 4),
        "mog2_ms": round(best_mog2, 3),
        "ratio": round(best_mog2 / best_gate, 1),
    }


def median_ms(pictures: list[Picture], start_s: float, step: Step) -> float:
    """Median over the frames. Each is touched first, as the decoder would have done just before."""
    spent = []
    for index, picture in enumerate(pictures):
        picture.luma.max()
        began = perf_counter()
        step(picture, start_s + index / 10)
        spent.append(perf_counter() - began)
    return float(np.median(spent)) * 1000


if __name__ == "__main__":
    main()
