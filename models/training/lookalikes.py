"""Renders only stills with a pram or a wheelchair and without an e-bike: what the detector mistook at first.

A still's cast depends on seed and number alone, so it is known before anything is rendered. Runs where bpy is.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from models.training.labels import E_BIKE, LABELS
from models.training.scenes import cabin, layout, stills

PRAM, WHEELCHAIR = LABELS.index("pram"), LABELS.index("wheelchair")


def chosen(seed: int) -> Iterator[int]:
    """Numbers of the stills with a pram, and of every third with a wheelchair, none with an e-bike; endless."""
    number = 0
    while True:
        rng = stills.generator(seed, number)
        labels = {thing.label for thing in layout.stage(rng, cabin.cabin(rng)).things}
        if E_BIKE not in labels and (PRAM in labels or (WHEELCHAIR in labels and number % 3 == 0)):
            yield number
        number += 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.lookalikes", description=__doc__)
    parser.add_argument("out", type=Path, help="the folder of the stills, CACHE/scenes")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--count", type=int, default=90)
    options = parser.parse_args()

    from models.training.scenes.blender import Studio  # noqa: PLC0415  # Blender takes a second to load

    studio = Studio(1)
    for done, number in zip(range(1, options.count + 1), chosen(options.seed), strict=False):
        if not (options.out / "images" / f"{stills.name_of(options.seed, number)}.jpg").exists():
            stills.render_one(studio, options.out, options.seed, number)
        print(f"\r{done} of {options.count}", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
