# ruff: noqa: INP001  # a script, not a package
"""What being asked costs a box: the counting on every look, the view once a second, a scrape.

python benchmarks/operating.py [--cameras 40] [--rounds 200] [--json]

The counting is paired with the same calls uncounted, in turns, in the same run.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from edgeguard.agent.box import Box
from edgeguard.agent.metrics import Metrics
from edgeguard.agent.site import SiteConfig
from edgeguard.agent.survey import Survey
from edgeguard.detectors import ScriptedDetector
from edgeguard.sources import SyntheticConfig, SyntheticSource
from edgeguard.types import Detections

CALLS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cameras", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = counting(options.rounds) | viewing(options.cameras, options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    print(f"counting: {result['counting_us']:.1f} us a look")
    print(f"view of {options.cameras} cameras: {result['view_ms']:.2f} ms, once a second")
    print(f"a scrape of it: {result['page_ms']:.2f} ms, {result['page_bytes'] / 1024:.0f} KiB")


def counting(rounds: int) -> dict[str, float]:
    """Microseconds that the two histograms of a look add to it."""
    metrics = Metrics()
    detector = ScriptedDetector.constant(("e-bike",), Detections.empty())
    timed = metrics.timed(detector, "lift-n")
    picture = next(SyntheticSource(SyntheticConfig(pace="max"), "a").frames()).picture

    def counted() -> None:
        timed.detect(picture)
        metrics.decided("a", 40.0)

    pairs = [(_took_s(counted), _took_s(lambda: detector.detect(picture))) for _ in range(rounds)]
    return {"counting_us": 1e6 * statistics.median(with_it - without for with_it, without in pairs) / CALLS}


def viewing(cameras: int, rounds: int) -> dict[str, float]:
    """Milliseconds of a view and of a scrape."""
    with tempfile.TemporaryDirectory() as folder, Box(_site(Path(folder), cameras)) as box:
        survey = Survey(box.services, box.lanes, lambda: box.file)
        views = [_took_s(survey, 1) for _ in range(rounds)]
        status = survey()
        pages = [_took_s(lambda: box.services.metrics.page(status), 1) for _ in range(rounds)]
        size = len(box.services.metrics.page(status))
    return {
        "view_ms": 1e3 * statistics.median(views),
        "page_ms": 1e3 * statistics.median(pages),
        "page_bytes": size,
    }


def _site(folder: Path, cameras: int) -> SiteConfig:
    source = {"kind": "synthetic", "fps": 5, "width_px": 64, "height_px": 48}
    rows = [{"id": f"lift-{n}", "source": source} for n in range(cameras)]
    settings = {"site": "s", "box": "b", "data_dir": folder, "cameras": rows, "voice": {"output": {"kind": "none"}}}
    return SiteConfig.model_validate(settings)


def _took_s(step: Callable[[], object], calls: int = CALLS) -> float:
    started_s = perf_counter()
    for _ in range(calls):
        step()
    return perf_counter() - started_s


if __name__ == "__main__":
    main()
