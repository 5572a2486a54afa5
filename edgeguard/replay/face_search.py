"""Who of a gallery is it, and is it anybody? A CSV `image,person`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeguard.recognizers import Look, ThresholdRule
from edgeguard.replay.csvrows import Row
from edgeguard.replay.face_looks import Looks
from edgeguard.replay.rates import Rate

COLUMNS = ("image", "person")
# Rates of the impostor table, and how many impostors must lie above a similarity before it stands in it: of fewer the
# next set of people would give another number.
RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
FEWEST_ABOVE = 10

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Impostors:
    """`pairs` of different people, and (false match rate, similarity) from the highest rate to the lowest."""

    pairs: int
    table: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """People with two pictures or more are enrolled with their first, `gallery_size` at a time; the others are probes.

    `rank1`: the nearest is the person. `fnir`: a person enrolled is not found, or below the threshold. `fpir`: somebody
    not enrolled is taken for anybody. Both are None where the rule knows no threshold for a gallery.
    """

    people: int
    gallery_size: int
    galleries: int
    threshold: float | None
    rank1: Rate
    fnir: Rate | None
    fpir: Rate | None
    impostors: Impostors


@dataclass(frozen=True, slots=True, eq=False)
class _Probes:
    """Similarity to the nearest of the gallery, and whether that is the person; of strangers it never is."""

    similarity: NDArray[np.float32]
    right: NDArray[np.bool_]


def people_of(path: Path, rows: Sequence[Row]) -> dict[str, list[Path]]:
    """Pictures of each person, in the order of the file; a picture given twice counts once."""
    people: dict[str, dict[Path, None]] = defaultdict(dict)
    for row in rows:
        people[row.cells["person"]][path.parent / row.cells["image"]] = None
    return {person: list(files) for person, files in people.items()}


def score_search(people: Mapping[str, Sequence[Path]], looks: Looks, rule: ThresholdRule) -> SearchResult:
    """Search everybody in galleries as large as the rule allows."""
    vectors = {person: _vectors(files, looks) for person, files in people.items()}
    vectors = {person: rows for person, rows in vectors.items() if len(rows)}
    several = [person for person, rows in vectors.items() if len(rows) > 1]
    size = min(len(several), rule.largest or rule.max_gallery)
    galleries = [several[at : at + size] for at in range(0, len(several) - size + 1, size)] if size else []
    mated = [_mated([vectors[person] for person in gallery]) for gallery in galleries]
    strangers = [_strangers(vectors, gallery) for gallery in galleries]
    threshold = rule.identify(size) if size and rule.impostors else None
    right = [probes.right for probes in mated]
    known = threshold is not None
    return SearchResult(
        len(vectors),
        size,
        len(galleries),
        threshold,
        Rate.of(sum(int(each.sum()) for each in right), sum(map(len, right))),
        _missed(mated, threshold or 0.0) if known else None,
        _passed(strangers, threshold or 0.0) if known else None,
        impostors_of(list(vectors.values())),
    )


def impostors_of(people: Sequence[Vectors]) -> Impostors:
    """How alike different people are: every picture of one against every picture of all others."""
    if len(people) < 2:
        return Impostors(0, ())
    matrix = np.concatenate(people)
    owner = np.repeat(np.arange(len(people)), [len(rows) for rows in people])
    # The highest similarities alone make the table: what is surely below them is let go now and then.
    pairs, most = 0, round(max(RATES) * len(matrix) ** 2 / 2) + len(matrix)
    kept: list[NDArray[np.float32]] = []
    for row in range(len(matrix) - 1):
        others = matrix[row + 1 :][owner[row + 1 :] != owner[row]]
        pairs += len(others)
        kept.append(others @ matrix[row])
        if sum(map(len, kept)) > 4 * most:
            kept = [_highest(np.concatenate(kept), most)]
    ranked = np.sort(np.concatenate(kept))[::-1]
    places = {rate: round(rate * pairs) for rate in RATES}
    table = [(rate, float(ranked[at - 1])) for rate, at in places.items() if FEWEST_ABOVE <= at <= len(ranked)]
    return Impostors(pairs, tuple(table))


def _highest(values: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    return np.partition(values, len(values) - most)[-most:]


def _vectors(files: Sequence[Path], looks: Looks) -> Vectors:
    rows = [look.template.vector for path in files if isinstance(look := looks[path], Look)]
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def _mated(people: Sequence[Vectors]) -> _Probes:
    gallery = np.stack([rows[0] for rows in people])
    probes = np.concatenate([rows[1:] for rows in people])
    owner = np.repeat(np.arange(len(people)), [len(rows) - 1 for rows in people])
    similar = probes @ gallery.T
    return _Probes(similar.max(axis=1), similar.argmax(axis=1) == owner)


def _strangers(vectors: Mapping[str, Vectors], enrolled: Sequence[str]) -> _Probes:
    inside = set(enrolled)
    outside = [rows for person, rows in vectors.items() if person not in inside]
    if not outside:
        return _Probes(np.zeros(0, np.float32), np.zeros(0, np.bool_))
    gallery = np.stack([vectors[person][0] for person in enrolled])
    nearest = (np.concatenate(outside) @ gallery.T).max(axis=1)
    return _Probes(nearest, np.zeros(len(nearest), np.bool_))


def _missed(mated: Sequence[_Probes], threshold: float) -> Rate:
    found = sum(int((probes.right & (probes.similarity >= threshold)).sum()) for probes in mated)
    n = sum(len(probes.right) for probes in mated)
    return Rate.of(n - found, n)


def _passed(strangers: Sequence[_Probes], threshold: float) -> Rate:
    passed = sum(int((probes.similarity >= threshold).sum()) for probes in strangers)
    return Rate.of(passed, sum(len(probes.similarity) for probes in strangers))
