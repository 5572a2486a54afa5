"""Many looks at one plate -> one text: every character is voted on, each look counts as much as it saw."""

import math
from collections import Counter
from dataclasses import dataclass

from edgeguard.recognizers.plates.grammar import Plate

# Looks that read the same text, before it is anything.
AGREEING = 2
# How far the first candidate must be ahead where it is least so: looks that hesitate may all err the same way. Two
# that take 5 for S are ahead of a third by less.
CLEAR = 0.4
# Probability of a text from which on a look counts among those that agree on it; below, it is heard only.
COUNTED_FROM = 0.2
# Candidates told of each place.
TOLD = 3
# A look never weighs nothing, and none so much that two others could not outvote it.
LEAST_WEIGHT, MOST_WEIGHT = 0.05, 1.0


@dataclass(frozen=True, slots=True)
class Vote:
    """What the looks at one track say together.

    `votes` of `reads` read this very text without great doubt. `candidates`: (character, share of the weight 0..1) of
    each place, the likeliest first; the first are `text`. `margin`: how far the first is before the second where it is
    least so, 0..1. `agreed`: enough looks read this text, no other has as many, and the margin is clear.
    """

    text: str
    kind: str
    colour: str
    votes: int
    reads: int
    candidates: tuple[tuple[tuple[str, float], ...], ...]
    margin: float
    agreed: bool

    @property
    def others(self) -> tuple[str, ...]:
        """The text with its most doubtful character as the next candidate has it; none where nothing else was heard."""
        at = min(range(len(self.text)), key=lambda place: _margin(self.candidates[place]))
        return tuple(self.text[:at] + other + self.text[at + 1 :] for other, _ in self.candidates[at][1:2])


class TrackVote:
    """Takes the looks of one track; a look that fits no grammar is counted and not heard. Needs no clock."""

    def __init__(self, agreeing: int = AGREEING) -> None:
        if agreeing < 1:
            raise ValueError(f"agreeing is {agreeing}, accepted: 1 or more")
        self._agreeing = agreeing
        self._heard: list[tuple[Plate, float]] = []
        self._reads = 0

    def add(self, plate: Plate | None) -> None:
        """A look; None where it could not be read."""
        self._reads += 1
        if plate is not None:
            self._heard.append((plate, _weight(plate)))

    def result(self) -> Vote | None:
        """Up to now; None as long as no look could be read."""
        if not self._heard:
            return None
        alike = self._of_the_weightiest_kind()
        shares = _shares(alike)
        text = "".join(place[0][0] for place in shares)
        texts = Counter(plate.text for plate, _ in alike)
        votes = sum(plate.text == text and math.prod(plate.confidence) >= COUNTED_FROM for plate, _ in alike)
        others = max((count for other, count in texts.items() if other != text), default=0)
        margin = min(_margin(place) for place in shares)
        return Vote(
            text,
            alike[0][0].kind,
            _weightiest({plate.colour: 0.0 for plate, _ in alike}, [(plate.colour, weight) for plate, weight in alike]),
            votes,
            self._reads,
            tuple(place[:TOLD] for place in shares),
            margin,
            votes >= self._agreeing and votes > others and margin >= CLEAR,
        )

    def _of_the_weightiest_kind(self) -> list[tuple[Plate, float]]:
        """Texts of two kinds cannot be voted on place by place."""
        kinds = [(plate.kind, weight) for plate, weight in self._heard]
        best = _weightiest({kind: 0.0 for kind, _ in kinds}, kinds)
        return [(plate, weight) for plate, weight in self._heard if plate.kind == best]


def _weight(plate: Plate) -> float:
    """The geometric mean of its characters' probabilities, to the fourth power: a doubtful look counts far less."""
    logs = [math.log(max(value, 1e-9)) for value in plate.confidence]
    mean = math.exp(sum(logs) / len(logs))
    return min(max(mean**4, LEAST_WEIGHT), MOST_WEIGHT)


def _weightiest(sums: dict[str, float], parts: list[tuple[str, float]]) -> str:
    for name, weight in parts:
        sums[name] += weight
    return max(sums, key=lambda name: sums[name])


def _shares(heard: list[tuple[Plate, float]]) -> list[tuple[tuple[str, float], ...]]:
    """Of each place the characters and their shares, the likeliest first."""
    total = sum(weight for _, weight in heard)
    shares = []
    for place in range(len(heard[0][0].text)):
        sums: dict[str, float] = {}
        for plate, weight in heard:
            for character, probability in plate.candidates[place]:
                sums[character] = sums.get(character, 0.0) + weight * probability / total
        shares.append(tuple(sorted(sums.items(), key=lambda one: -one[1])))
    return shares


def _margin(place: tuple[tuple[str, float], ...]) -> float:
    return place[0][1] - (place[1][1] if len(place) > 1 else 0.0)
