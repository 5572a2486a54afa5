# ruff: noqa: INP001  # a script, not a package
"""What a face costs on one core, and a search in a gallery of 10,000.

python benchmarks/faces.py [--templates 10000] [--rounds 200] [--in DIR --picture FILE.jpg] [--json]

The search needs no model: templates are random directions, and what it costs does not depend on what they are. With
--in and --picture each stage of the installed face models is timed on that picture, in this thread's processor time.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

import cv2
import numpy as np

from edgeguard.catalogue import finder_of, liveness_of, template_of
from edgeguard.recognizers import (
    FaceReader,
    Gallery,
    Liveness,
    Look,
    Template,
    TemplateMaker,
    ThresholdRule,
    YunetFinder,
    read_photo,
)

DIMENSIONS = 128
# Made up, and fine enough for any gallery there is: only the search is of interest here.
RULE = ThresholdRule.model_validate(
    {
        "verify": 0.3,
        "measured_on": "nothing",
        "impostors": [{"fmr": 1e-1, "similarity": 0.2}, {"fmr": 1e-7, "similarity": 0.6}],
        "max_gallery": 10_000,
    }
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--templates", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--in", dest="folder", type=Path, help="folder of installed face models")
    parser.add_argument("--picture", type=Path, help="with one face")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    result = search(options.templates, options.rounds)
    if options.folder is not None and options.picture is not None:
        result |= stages(options.folder, options.picture, options.rounds)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value:g}")


def search(templates: int, rounds: int) -> dict[str, float]:
    """One probe against so many templates."""
    rng = np.random.default_rng(1)
    people = [random_template(rng) for _ in range(templates)]
    gallery = Gallery(RULE, [str(number) for number in range(templates)], people)
    probes = [random_template(rng) for _ in range(rounds)]
    wall_ms = timed([lambda probe=probe: gallery.search(probe) for probe in probes], perf_counter)  # type: ignore[misc]
    return {
        "templates": templates,
        "search_ms": round(float(np.median(wall_ms)), 3),
        "search_p95_ms": round(float(np.percentile(wall_ms, 95)), 3),
    }


def stages(folder: Path, picture: Path, rounds: int) -> dict[str, float]:
    """Median milliseconds of this thread's processor time, stage by stage."""
    bgr = read_photo(picture)
    finder, maker = YunetFinder(finder_of(folder)), TemplateMaker(template_of(folder))
    reader, liveness = FaceReader(finder, maker), Liveness(liveness_of(folder))
    look = reader.read(bgr)
    if not isinstance(look, Look):
        raise SystemExit(f"{picture}: {look}, accepted: a picture with one face")
    aligned = np.zeros((112, 112, 3), np.uint8)
    steps: dict[str, Callable[[], object]] = {
        "find_ms": lambda: finder.find(bgr),
        "template_ms": lambda: maker.make_of_aligned(aligned + np.uint8(100)),
        "read_ms": lambda: reader.read(bgr),
        "liveness_ms": lambda: liveness.probability(bgr, look.box),
    }
    took = {name: float(np.median(timed([step] * rounds, thread_time))) for name, step in steps.items()}
    return {"width_px": bgr.shape[1], "height_px": bgr.shape[0], **{name: round(ms, 2) for name, ms in took.items()}}


def timed(steps: list[Callable[[], object]], clock: Callable[[], float]) -> list[float]:
    """Milliseconds of each; the first ones warm up."""
    for step in steps[:5]:
        step()
    spent = []
    for step in steps:
        began = clock()
        step()
        spent.append((clock() - began) * 1000)
    return spent


def random_template(rng: np.random.Generator) -> Template:
    vector = rng.normal(size=DIMENSIONS).astype(np.float32)
    return Template(vector / np.float32(np.linalg.norm(vector)), "bench")


if __name__ == "__main__":
    main()
