"""Live speech in bytes and back; what is no speech is refused."""

import numpy as np
import pytest

from edgeguard.contract import TalkChunk
from edgeguard.errors import ContractError


@pytest.mark.parametrize("samples", [0, 1, 320, 8000])
@pytest.mark.parametrize("last", [False, True])
def test_a_chunk_comes_back_as_it_went(samples: int, last: bool) -> None:
    pcm = np.arange(samples, dtype=np.int16) - 100
    met = TalkChunk.from_bytes(TalkChunk(7, 16_000, pcm, last).to_bytes())
    assert (met.number, met.rate_hz, met.last) == (7, 16_000, last)
    np.testing.assert_array_equal(met.pcm, pcm)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "0 bytes"),
        (b"1234567", "7 bytes"),
        (b"\x01\x00\x80\x3e\x00\x00\x00\x00\x00", "9 bytes"),
        (b"\x02\x00\x80\x3e\x00\x00\x00\x00", "version 2"),
        (b"\x01\x00\x01\x00\x00\x00\x00\x00", "1 Hz"),
        (b"\x01\x00\x80\x3e\x00\x00\x00\x00" + bytes(2 * 8001), "0.50 s"),
    ],
)
def test_what_is_no_chunk_is_refused(payload: bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        TalkChunk.from_bytes(payload)
