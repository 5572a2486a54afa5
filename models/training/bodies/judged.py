"""What kept-out people of the stills are worth as the cards tell it: by box, by whole picture, turned or not.

    python -m models.training.bodies.judged posture-0.csv posture-1.csv posture-2.csv posture-3.csv

The rows are those that `posture train --fold` and `joints` print: image, label, score of the detector or "labelled",
probability of lying.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.replay.rates import area_under_curve, threshold_at
from models.training.bodies.people import LYING, UPRIGHT_NAME
from models.training.stats import told

FALSE_SHARE = 0.05
# A whole picture is judged by the surest of the boxes from so much on: all of them, and those that conduct_fall takes.
FLOORS = (0.1, 0.25)
LABELLED = "labelled"


@dataclass(frozen=True, slots=True)
class Judged:
    """A box of a view, which its training did not see; `score` None: a labelled one."""

    image: str
    label: int
    score: float | None
    lying: float

    @classmethod
    def parsed(cls, row: str) -> Self:
        """Raises ValueError for what is no such row."""
        try:
            image, label, score, lying = row.strip().split(",")
            return cls(image, int(label), None if score == LABELLED else float(score), float(lying))
        except ValueError as error:
            accepted = f"image,label,score or {LABELLED},probability of lying"
            raise ValueError(f"met {row.strip()!r}, accepted: {accepted}") from error

    def row(self) -> str:
        score = LABELLED if self.score is None else f"{self.score:.3f}"
        return f"{self.image},{self.label},{score},{self.lying:.4f}"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="+", help="files of such rows, together every fold")
    options = parser.parse_args(words)
    try:
        rows = [Judged.parsed(line) for path in options.rows for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print("\n".join(lines(rows)))


def lines(rows: Sequence[Judged]) -> Iterator[str]:
    """Of the pictures as a camera sees them, and as they came."""
    seen = as_cameras_see([row.image for row in rows])
    came = np.array([not row.image.startswith(UPRIGHT_NAME) for row in rows], np.bool_)
    for name, chosen in (("as a camera sees them", seen), ("as they came", came)):
        mine = [row for row, wanted in zip(rows, chosen, strict=True) if wanted]
        labelled = [row for row in mine if row.score is None]
        lies = np.array([row.label == LYING for row in labelled])
        yield f"{name}, labelled boxes: {curve(np.array([row.lying for row in labelled]), lies)}"
        for floor in FLOORS:
            yield f"{name}, whole pictures, boxes from {floor} on: {curve(*whole(mine, floor))}"


def as_cameras_see(images: Sequence[str]) -> NDArray[np.bool_]:
    """(n,): not of a picture that somebody has turned and that is there upright, too."""
    turned = {image.removeprefix(UPRIGHT_NAME) for image in images if image.startswith(UPRIGHT_NAME)}
    return np.array([image not in turned for image in images], np.bool_)


def whole(rows: Sequence[Judged], floor: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of each picture the surest of its detected boxes, 0 without one, and whether somebody in it lies."""
    pictures = sorted({row.image for row in rows})
    surest, lies = dict.fromkeys(pictures, 0.0), dict.fromkeys(pictures, False)
    for row in rows:
        if row.score is None:
            lies[row.image] |= row.label == LYING
        elif row.score >= floor:
            surest[row.image] = max(surest[row.image], row.lying)
    return np.array(list(surest.values())), np.array(list(lies.values()))


def curve(lying: NDArray[np.float64], lies: NDArray[np.bool_]) -> str:
    """Area under it and what is found where FALSE_SHARE of the others are taken for it."""
    down, others = lying[lies], lying[~lies]
    if not len(down) or not len(others):
        return f"{len(down)} who lie, {len(others)} others: nothing to tell apart"
    area, threshold = area_under_curve(down, others), threshold_at(FALSE_SHARE, others)
    found, taken = int((down >= threshold).sum()), int((others >= threshold).sum())
    low, high = area.interval
    return (
        f"AUC {area.value:.3f} ({low:.3f}-{high:.3f}), found {told(found, len(down))}, "
        f"others taken for it {told(taken, len(others))}, from {threshold:.2f} on"
    )


if __name__ == "__main__":
    main()
