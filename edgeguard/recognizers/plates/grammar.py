"""What can stand on a plate: regions as data, and the likeliest plate that a reading can be."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edgeguard.errors import ConfigError
from edgeguard.recognizers.plates.beam import texts_of
from edgeguard.recognizers.plates.reading import Candidates, Columns, PlateReading
from edgeguard.yamlfile import Strict, load

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

# A colour is surely read from here on; below, it says little about the kind.
SURE_OF_COLOUR = 0.9
# Chance of a colour that is not the kind's own: night, dirt, a lamp.
ODD_COLOUR = 0.05
# Log probability of a whole text below which columns together say nothing.
LEAST_LIKELY = -4.0
# A character that the reader did not even name as a candidate.
UNNAMED = 0.01


Places = tuple[frozenset[str], ...]
"""The characters accepted at each place of a kind."""


class KindEntry(Strict):
    """One kind of plate; `never`: colours that refute it once they are surely read."""

    name: Word
    pattern: Annotated[str, Field(min_length=1)]
    colours: Annotated[tuple[Word, ...], Field(min_length=1)]
    never: tuple[Word, ...] = ()


class Region(Strict):
    """A region pack: adding a country is adding such a file. `alike`: groups of characters mistaken for one another."""

    name: Word
    alphabets: dict[Word, Annotated[str, Field(min_length=1)]]
    kinds: Annotated[tuple[KindEntry, ...], Field(min_length=1)]
    alike: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _patterns_are_known(self) -> Self:
        for kind in self.kinds:
            list(_places(kind, self.alphabets))
        return self


def _places(kind: KindEntry, alphabets: dict[str, str]) -> Iterator[frozenset[str]]:
    """The characters accepted at each place."""
    for token in kind.pattern.split():
        name, _, times = token.partition("*")
        accepted = alphabets.get(name, name)
        if name not in alphabets and len(name) != 1:
            known = ", ".join(alphabets)
            raise ValueError(f"kind {kind.name}: pattern has {token!r}, accepted: one character, or of {known}")
        if times and not times.isdecimal():
            raise ValueError(f"kind {kind.name}: pattern has {token!r}, accepted: {name}*N with a whole number")
        yield from [frozenset(accepted)] * int(times or 1)


@dataclass(frozen=True, slots=True)
class Plate:
    """What one look read: `text` fits `kind`; `candidates` of each place are of the kind's alphabet there.

    `confidence`: probability of each character as it was read; `likelihood`: log of all of them, and of the colour.
    """

    text: str
    kind: str
    colour: str
    colour_fits: bool
    confidence: tuple[float, ...]
    candidates: tuple[Candidates, ...]
    likelihood: float


class Grammar:
    """The kinds of a region, ready to be asked."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._kinds = [(kind, tuple(_places(kind, region.alphabets))) for kind in region.kinds]
        groups = [frozenset(group) for group in region.alike]
        self._alike = {c: frozenset().union(*(g for g in groups if c in g)) - {c} for g in groups for c in g}

    def kinds_of(self, text: str) -> tuple[str, ...]:
        """Names of the kinds that the text can be, whatever its colour; none: it is no plate of this region."""
        return tuple(kind.name for kind, places in self._kinds if _fits(text, places))

    def parse(self, reading: PlateReading) -> Plate | None:
        """The likeliest plate, by all columns together where the reader tells them.

        Else, and where that finds nothing likely enough, characters that cannot stand where they were read give way to
        the next candidate. None where the reading fits no kind: too short, too long, or against its colour.
        """
        if reading.columns is not None and (plate := self._together(reading, reading.columns)) is not None:
            return plate
        plates = [plate for kind, places in self._kinds if (plate := self._as(kind, places, reading)) is not None]
        return max(plates, key=lambda plate: plate.likelihood, default=None)

    def alike(self, a: str, b: str) -> bool:
        """Whether the two characters are known to be mistaken for one another."""
        return b in self._alike.get(a, frozenset())

    def _together(self, reading: PlateReading, columns: Columns) -> Plate | None:
        """The likeliest text that all columns together admit, and the chances of what else may stand at its places."""
        begun = _Begun(self._kinds)
        texts = texts_of(columns, begun.is_open)
        ranked = [
            (texts[text] + chance, text, row)
            for text in texts
            for row in begun.whole(text)
            if (chance := _chance(self._kinds[row][0], reading)) is not None
        ]
        likelihood, text, row = max(ranked, default=(0.0, "", 0))
        if not text or texts[text] < LEAST_LIKELY:
            return None
        candidates = _marginals(text, {other: texts[other] for _, other, kind in ranked if kind == row})
        kind, confidence = self._kinds[row][0], tuple(place[0][1] for place in candidates)
        fits = reading.colour in kind.colours
        return Plate(text, kind.name, reading.colour, fits, confidence, candidates, likelihood)

    def _as(self, kind: KindEntry, places: Places, reading: PlateReading) -> Plate | None:
        if len(places) != len(reading.text):
            return None
        if (chance := _chance(kind, reading)) is None:
            return None
        candidates = tuple(map(self._accepted, reading.candidates, places))
        if not all(candidates):
            return None
        confidence = tuple(place[0][1] for place in candidates)
        likelihood = sum(math.log(max(value, 1e-9)) for value in confidence) + chance
        text, fits = "".join(place[0][0] for place in candidates), reading.colour in kind.colours
        return Plate(text, kind.name, reading.colour, fits, confidence, candidates, likelihood)

    def _accepted(self, candidates: Candidates, accepted: frozenset[str]) -> Candidates:
        """Those that may stand there; where none may, what is mistaken for the first, with little faith."""
        kept = tuple(one for one in candidates if one[0] in accepted)
        if kept or not candidates:
            return kept
        return tuple((c, UNNAMED) for c in sorted(self._alike.get(candidates[0][0], frozenset()) & accepted))


class _Begun:
    """Which of the kinds (rows of `kinds`) a text that grows character by character may still become."""

    def __init__(self, kinds: Sequence[tuple[KindEntry, Places]]) -> None:
        self._places = [places for _, places in kinds]
        self._open: dict[str, list[int]] = {"": [*range(len(kinds))]}

    def is_open(self, text: str) -> bool:
        """Of a text whose beginning was asked for before."""
        if text not in self._open:
            at = len(text) - 1
            before = self._open[text[:at]]
            self._open[text] = [
                row for row in before if at < len(self._places[row]) and text[at] in self._places[row][at]
            ]
        return bool(self._open[text])

    def whole(self, text: str) -> list[int]:
        return [row for row in self._open[text] if len(self._places[row]) == len(text)]


def _chance(kind: KindEntry, reading: PlateReading) -> float | None:
    """Log probability of the colour that was read, on a plate of this kind; None where it refutes the kind."""
    sure = reading.colour_confidence
    if reading.colour in kind.never and sure >= SURE_OF_COLOUR:
        return None
    return math.log(sure if reading.colour in kind.colours else max(1 - sure, ODD_COLOUR))


def _marginals(text: str, texts: dict[str, float]) -> tuple[Candidates, ...]:
    """Of each place what stands there by `texts` (log probabilities), the character of `text` first.

    The product of the first ones comes near to the probability of `text`: what no text has is lost by all places alike.
    """
    chances = {other: math.exp(log) for other, log in texts.items()}
    whole = sum(chances.values())
    known = min(whole, 1.0) ** (1 / len(text)) / whole
    places = []
    for place, first in enumerate(text):
        sums: dict[str, float] = {}
        for other, chance in chances.items():
            sums[other[place]] = sums.get(other[place], 0.0) + chance * known
        places.append(tuple(sorted(sums.items(), key=lambda one: (one[0] != first, -one[1]))))
    return tuple(places)


def _fits(text: str, places: Places) -> bool:
    return len(text) == len(places) and all(c in place for c, place in zip(text, places, strict=True))


def regions() -> tuple[str, ...]:
    """Names of the regions there are."""
    folder = files("edgeguard.recognizers.plates").joinpath("regions")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def grammar_of(name: str = "cn") -> Grammar:
    """The grammar of a region of the package. Raises ConfigError."""
    if name not in regions():
        raise ConfigError(f"plate region is {name!r}, accepted: {', '.join(regions())}")
    return read_region(Path(str(files("edgeguard.recognizers.plates").joinpath("regions", f"{name}.yaml"))))


def read_region(path: Path) -> Grammar:
    """A pack from a file. Raises ConfigError with file, line, the value met and what is accepted."""
    return Grammar(load(path, Region))
