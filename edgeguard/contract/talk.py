"""A piece of live speech on `talk/{command id}`: eight bytes of head, then sound. QoS 0, late pieces are not heard."""

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import ContractError

# Little-endian: version, flags (bit 0: last), sample rate in Hz, number counted from 0.
_HEAD = struct.Struct("<BBHI")
VERSION = 1
LAST = 1
RATES_HZ = (8000, 16_000, 24_000, 48_000)
MAX_CHUNK_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TalkChunk:
    """`pcm` (n,) int16 mono; `last`: the button was let go. Raises ContractError for a rate or length not accepted."""

    number: int
    rate_hz: int
    pcm: NDArray[np.int16]
    last: bool = False

    def __post_init__(self) -> None:
        if self.rate_hz not in RATES_HZ:
            raise ContractError(f"talk: met {self.rate_hz} Hz, accepted: {', '.join(map(str, RATES_HZ))}")
        if len(self.pcm) > MAX_CHUNK_S * self.rate_hz:
            raise ContractError(f"talk: met {len(self.pcm) / self.rate_hz:.2f} s, accepted: at most {MAX_CHUNK_S} s")

    def to_bytes(self) -> bytes:
        head = _HEAD.pack(VERSION, LAST if self.last else 0, self.rate_hz, self.number)
        return head + self.pcm.astype("<i2").tobytes()

    @classmethod
    def from_bytes(cls, payload: bytes) -> Self:
        """Read one chunk; raise ContractError for what is none."""
        if len(payload) < _HEAD.size or len(payload) % 2:
            raise ContractError(f"talk: met {len(payload)} bytes, accepted: {_HEAD.size} and an even number of samples")
        version, flags, rate_hz, number = _HEAD.unpack_from(payload)
        if version != VERSION:
            raise ContractError(f"talk: met version {version}, accepted: {VERSION}")
        pcm = np.frombuffer(payload, "<i2", offset=_HEAD.size).astype(np.int16)
        return cls(number, rate_hz, pcm, bool(flags & LAST))
