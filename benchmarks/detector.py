# ruff: noqa: INP001  # a script, not a package
"""What the detector costs beyond the bare network: `detect` over `session.run`, taken in pairs in the same run.

    python benchmarks/detector.py [--model NAME] [--models-dir DIR] [--frame 640x360] [--json]

Each pair runs the bare network, `detect` and the bare network again; the ratio is taken pair by pair, so that a busy
neighbour that comes and goes weighs on both sides. The steps before and after the network are timed alone as well.
"""

import argparse
import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from av import VideoFrame
from rich.console import Console
from rich.progress import track

from edgeguard.detectors import DEFAULT_MODEL, ExecutionConfig, ModelSpec, OnnxDetector, find_model, models_dir
from edgeguard.detectors.heads import make_head
from edgeguard.detectors.letterbox import Preprocessor
from edgeguard.detectors.session import Network
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Picture

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Milliseconds: the bare network, `detect`, and its steps before and after the network."""

    bare: float
    detect: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Result:
    """Medians; `ratio` is detect over the bare run of the same pair."""

    model: str
    execution: str
    frame: str
    pairs: int
    bare_ms: float
    detect_ms: float
    before_ms: float
    after_ms: float
    ratio: float
    ratio_p90: float


def main() -> None:
    args = _arguments()
    width, height = (int(side) for side in args.frame.split("x"))
    spec = find_model(args.model, models_dir(args.models_dir))
    execution = ExecutionConfig(provider=args.provider, precision=args.precision)
    pairs = _measure(spec, execution, _camera_picture(width, height), args.pairs)
    bare, detect = [pair.bare for pair in pairs], [pair.detect for pair in pairs]
    ratios = [pair.detect / pair.bare for pair in pairs]
    result = Result(
        model=spec.name,
        execution=f"{args.provider} {args.precision}",
        frame=args.frame,
        pairs=args.pairs,
        bare_ms=_median(bare),
        detect_ms=_median(detect),
        before_ms=_median([pair.before for pair in pairs]),
        after_ms=_median([pair.after for pair in pairs]),
        ratio=_median(ratios),
        ratio_p90=round(statistics.quantiles(ratios, n=10)[-1], 3),
    )
    if args.json:
        print(json.dumps(asdict(result)))
        return
    print(f"{result.model} ({result.execution}), frames {result.frame}, {result.pairs} pairs, medians:")
    print(f"  bare {result.bare_ms} ms, detect {result.detect_ms} ms: ratio {result.ratio} (p90 {result.ratio_p90})")
    print(f"  before the network {result.before_ms} ms, after it {result.after_ms} ms")


def _measure(spec: ModelSpec, execution: ExecutionConfig, picture: Picture, pairs: int) -> list[Pair]:
    detector = OnnxDetector(spec, execution)
    network = Network(spec, execution)
    preprocessor = Preprocessor(spec.input, centred=spec.head != "yolox")
    letterbox = preprocessor.load(picture)
    output = network.run(preprocessor.tensor)
    head = make_head(spec.head, spec.input.size, len(spec.labels))
    floor = float(spec.lows().min())

    def pair() -> Pair:
        first = _ms(lambda: network.run(preprocessor.tensor))
        detect = _ms(lambda: detector.detect(picture))
        second = _ms(lambda: network.run(preprocessor.tensor))
        before = _ms(lambda: preprocessor.load(picture))
        after = _ms(lambda: letterbox.to_frame(head.decode(output[0], floor).xyxy))
        return Pair((first + second) / 2, detect, before, after)

    for _ in range(WARM_UP):
        pair()
    return [pair() for _ in track(range(pairs), "pairs", console=Console(stderr=True), transient=True)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="detect over the bare network")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--provider", choices=["cpu", "openvino"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--frame", default="640x360", help="size of the camera's frames (640x360)")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser.parse_args()


def _camera_picture(width: int, height: int) -> Picture:
    """A frame as a decoder gives it (planar YUV), smooth shapes with some noise."""
    y, x = np.mgrid[:height, :width]
    shade = 120 + 60 * np.sin(x / 37) + 40 * np.cos(y / 23) + np.random.default_rng(0).normal(0, 4, (height, width))
    grey = VideoFrame.from_ndarray(shade.clip(0, 255).astype(np.uint8), "gray")
    return DecodedPicture(grey.reformat(format="yuv420p"), Scaler())


def _ms(work: Callable[[], object]) -> float:
    start_s = perf_counter()
    work()
    return (perf_counter() - start_s) * 1000


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


if __name__ == "__main__":
    main()
