"""ULIDs: 48 bits of milliseconds and 80 bits of chance in 26 letters that sort by time.

The format is the one of https://github.com/ulid/spec. Time and chance are given by the caller, so a replay with a
seeded generator gives the same ids every time.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

from edgeguard.contract.base import utc_ms
from edgeguard.errors import ContractError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_TIME_BITS = 48
_LETTERS = 26


class UlidMaker:
    """Makes ids that sort in the order made inside a millisecond; safe to share between threads.

    `random_bits(n)` gives n bits of chance: `secrets.randbits` on a box, `random.Random(seed).getrandbits` in a replay.
    """

    def __init__(self, random_bits: Callable[[int], int]) -> None:
        self._random_bits = random_bits
        self._lock = Lock()
        self._last = (-1, 0)

    def new(self, at: datetime) -> str:
        """Return the next id for an aware moment; raise ContractError outside the years a ULID can tell."""
        time_ms = round(utc_ms(at).timestamp() * 1000)
        if not 0 <= time_ms < 1 << _TIME_BITS:
            raise ContractError(f"ULID: moment {at.isoformat()}, accepted: 1970 to 10889")
        with self._lock:
            last_ms, last_random = self._last
            # Half of the range is kept free above the first value: counting up cannot run over.
            random = last_random + 1 if time_ms == last_ms else self._random_bits(_RANDOM_BITS - 1)
            self._last = (time_ms, random)
        return _encode(time_ms << _RANDOM_BITS | random)


def moment_of(ulid: str) -> datetime:
    """The millisecond a ULID was made for, aware UTC; raise ContractError when it is none."""
    if len(ulid) != _LETTERS or any(letter not in _ALPHABET for letter in ulid) or ulid[0] > "7":
        raise ContractError(f"ULID: met {ulid!r}, accepted: 26 letters of {_ALPHABET}, the first at most 7")
    value = 0
    for letter in ulid:
        value = value << 5 | _ALPHABET.index(letter)
    return datetime.fromtimestamp((value >> _RANDOM_BITS) / 1000, UTC)


def _encode(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(5 * (_LETTERS - 1), -1, -5))
