"""Renders only stills with a pram or a wheelchair and without an e-bike: what the detector mistook at first.

A still's cast depends on seed and number alone, so it is known before anything is rendered. Runs where bpy is.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from models.training.labels import E_BIKE, LABELS
from models.training.scenes import cabin, layout, options, stills
from models.training.scenes.outcome import ended

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


def main(words: Sequence[str] | None = None) -> int:
    ask = options.of_stills("models.training.lookalikes", __doc__, 3, 90).parse_args(words)
    numbers = islice(chosen(ask.seed), ask.shard.number - 1, ask.count, ask.shard.total)
    return ended(lambda: stills.render_all(ask.out, ask.seed, numbers))


if __name__ == "__main__":
    raise SystemExit(main())
