"""Characters that a reader is in doubt about: when is a plate read well enough to open?"""

from collections.abc import Iterator, Sequence

# Told apart by a stroke on a plate of 440 x 140 mm seen from some metres.
_ALIKE = ("0DQ", "8B", "2Z", "5S", "1L", "6G", "7T", "UV")
CONFUSABLE = {letter: group.replace(letter, "") for group in _ALIKE for letter in group}
# The doubtful character was read with less than the one, every other with at least the other.
DOUBTFUL_BELOW, SURE_FROM = 0.8, 0.9
# A character that is read with less may as well be another one: two wrong ones were read with 0.42 and 0.52.
LIKELY_FROM = 0.6


def likely(char_conf: Sequence[float]) -> bool:
    """Whether every character is clearly likelier than what else it may be; True where the reader did not tell."""
    return min(char_conf, default=1.0) >= LIKELY_FROM


def near(text: str, char_conf: Sequence[float]) -> Iterator[str]:
    """Plates that differ from `text` in its only doubtful character, by one of those it is taken for.

    Nothing where the reader did not tell how sure it was, or was in doubt about more than one.
    """
    if len(char_conf) != len(text):
        return
    doubtful = [place for place, sure in enumerate(char_conf) if sure < SURE_FROM]
    if len(doubtful) != 1 or char_conf[doubtful[0]] >= DOUBTFUL_BELOW:
        return
    place = doubtful[0]
    for letter in CONFUSABLE.get(text[place], ""):
        yield text[:place] + letter + text[place + 1 :]
