"""What stands on a plate, kind by kind (GA 36-2018): colour, size, rows and a text by the grammar."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PROVINCES = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新"
MARKS = "学警挂领使港澳应急"
DIGITS = "0123456789"
SERIAL_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No I, no O: O is the second character of some authorities only."""

AUTHORITIES = SERIAL_LETTERS + "O"
ENERGY_LETTERS = "DABCEFGHJK"
POLICE_BRANCHES = "XHBTSJD"

COLOURS = ("blue", "green", "yellow", "white", "black")
ALPHABET = PROVINCES + MARKS + DIGITS + AUTHORITIES
"""What a reader can say; 75 characters, index 0 of the network is none of them."""

Text = Callable[[np.random.Generator, str], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """`size` (width, height) in millimetres; `text` writes one for a province."""

    colour: str
    text: Text
    size: tuple[int, int] = (440, 140)
    rows: int = 1


def pick(rng: np.random.Generator, letters: str) -> str:
    return letters[rng.integers(len(letters))]


def digits(rng: np.random.Generator, count: int) -> str:
    return "".join(pick(rng, DIGITS) for _ in range(count))


def authority(rng: np.random.Generator) -> str:
    """The letter of the city: O is rare, A the commonest."""
    return "O" if rng.random() < 0.02 else pick(rng, "AAAA" + SERIAL_LETTERS)


def serial(rng: np.random.Generator, count: int) -> str:
    """Digits with up to two letters anywhere, or letters as they come: every letter is met in every place."""
    if rng.random() < 0.25:
        return "".join(pick(rng, DIGITS + SERIAL_LETTERS) for _ in range(count))
    characters = list(digits(rng, count))
    for place in rng.choice(count, size=rng.integers(0, 3), replace=False):
        characters[place] = pick(rng, SERIAL_LETTERS)
    return "".join(characters)


def ordinary(rng: np.random.Generator, province: str) -> str:
    return province + authority(rng) + serial(rng, 5)


def ending_in(mark: str) -> Text:
    return lambda rng, province: province + authority(rng) + serial(rng, 4) + mark


def green_small(rng: np.random.Generator, province: str) -> str:
    """Energy letter first; the place after it may be a letter too."""
    second = pick(rng, SERIAL_LETTERS) if rng.random() < 0.3 else pick(rng, DIGITS)
    return province + authority(rng) + pick(rng, "DDDFFF" + ENERGY_LETTERS) + second + digits(rng, 4)


def green_large(rng: np.random.Generator, province: str) -> str:
    return province + authority(rng) + digits(rng, 5) + pick(rng, "DDFF" + ENERGY_LETTERS)


def beyond_the_border(mark: str) -> Text:
    return lambda rng, _: "粤Z" + serial(rng, 4) + mark


def armed_police(rng: np.random.Generator, province: str) -> str:
    last = pick(rng, POLICE_BRANCHES) if rng.random() < 0.7 else pick(rng, DIGITS)
    return "WJ" + province + digits(rng, 4) + last


KINDS: dict[str, Kind] = {
    "blue": Kind("blue", ordinary),
    "green_small": Kind("green", green_small, (480, 140)),
    "green_large": Kind("green", green_large, (480, 140)),
    "yellow": Kind("yellow", ordinary),
    "yellow_two_row": Kind("yellow", ordinary, (440, 220), 2),
    "police": Kind("white", ending_in("警")),
    "trainer": Kind("yellow", ending_in("学")),
    "trailer": Kind("yellow", ending_in("挂"), (440, 220), 2),
    "consulate": Kind("black", lambda rng, province: province + digits(rng, 5) + "领"),
    "embassy": Kind("black", lambda rng, _: digits(rng, 6) + "使"),
    "hong_kong": Kind("black", beyond_the_border("港")),
    "macau": Kind("black", beyond_the_border("澳")),
    "armed_police": Kind("white", armed_police),
    "emergency": Kind("white", lambda rng, province: province + pick(rng, "XS") + digits(rng, 4) + "应急"),
}

SHARES = {
    "blue": 0.22,
    "green_small": 0.17,
    "green_large": 0.09,
    "yellow": 0.08,
    "yellow_two_row": 0.11,
    "police": 0.045,
    "trainer": 0.045,
    "trailer": 0.075,
    "consulate": 0.025,
    "embassy": 0.025,
    "hong_kong": 0.025,
    "macau": 0.025,
    "armed_police": 0.04,
    "emergency": 0.025,
}
"""How often a kind is drawn: the rare ones far more often than a gate sees them."""


def any_kind(rng: np.random.Generator) -> str:
    return str(rng.choice([*SHARES], p=[*SHARES.values()]))
