"""What can stand on a plate: regions as data, and the likeliest plate that a reading can be."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edgeguard.errors import ConfigError
from edgeguard.recognizers.plates.reading import Candidates, PlateReading
from edgeguard.yamlfile import Strict, load

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

# A colour is surely read from here on; below, it says little about the kind.
SURE_OF_COLOUR = 0.9
# Chance of a colour that is not the kind's own: night, dirt, a lamp.
ODD_COLOUR = 0.05
# A character that the reader did not even name as a candidate.
UNNAMED = 0.01


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
        """The likeliest plate; characters that cannot stand where they were read give way to the next candidate.

        None where the reading fits no kind: too short, too long, or against its colour.
        """
        plates = [plate for kind, places in self._kinds if (plate := self._as(kind, places, reading)) is not None]
        return max(plates, key=lambda plate: plate.likelihood, default=None)

    def alike(self, a: str, b: str) -> bool:
        """Whether the two characters are known to be mistaken for one another."""
        return b in self._alike.get(a, frozenset())

    def _as(self, kind: KindEntry, places: tuple[frozenset[str], ...], reading: PlateReading) -> Plate | None:
        if len(places) != len(reading.text):
            return None
        fits = reading.colour in kind.colours
        if reading.colour in kind.never and reading.colour_confidence >= SURE_OF_COLOUR:
            return None
        candidates = tuple(map(self._accepted, reading.candidates, places))
        if not all(candidates):
            return None
        confidence = tuple(place[0][1] for place in candidates)
        colour = math.log(reading.colour_confidence if fits else max(1 - reading.colour_confidence, ODD_COLOUR))
        likelihood = sum(math.log(max(value, 1e-9)) for value in confidence) + colour
        text = "".join(place[0][0] for place in candidates)
        return Plate(text, kind.name, reading.colour, fits, confidence, candidates, likelihood)

    def _accepted(self, candidates: Candidates, accepted: frozenset[str]) -> Candidates:
        """Those that may stand there; where none may, what is mistaken for the first, with little faith."""
        kept = tuple(one for one in candidates if one[0] in accepted)
        if kept or not candidates:
            return kept
        return tuple((c, UNNAMED) for c in sorted(self._alike.get(candidates[0][0], frozenset()) & accepted))


def _fits(text: str, places: tuple[frozenset[str], ...]) -> bool:
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
