"""The line of one talk, on the machine's own clock."""

import time

import numpy as np
import pytest

from edgeguard.actuators.outputs import Cue
from edgeguard.actuators.talk import OPENING, SILENT_S, TalkLine
from edgeguard.contract import TalkChunk

SAID = Cue("live_talk", "", "e1")


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 24_000, 48_000])
def test_every_rate_comes_out_at_the_loudspeakers(rate_hz: int) -> None:
    line = TalkLine("guard", 10, "e1")
    tone = (8000 * np.sin(np.arange(rate_hz // 2) * 2 * np.pi * 440 / rate_hz)).astype(np.int16)
    for number, part in enumerate(np.split(tone, 10)):
        assert line.put(TalkChunk(number, rate_hz, part, last=number == 9)) is None
    blocks = list(line.blocks(24_000))
    assert {cue for cue, _ in blocks} == {SAID}
    pcm = np.concatenate([pcm for _, pcm in blocks])
    assert len(pcm) == pytest.approx(12_000, abs=100)
    assert line.heard_s == pytest.approx(0.5, abs=0.005)
    assert np.count_nonzero(np.diff(np.signbit(pcm))) == pytest.approx(440, abs=4)
    assert np.abs(pcm).max() == pytest.approx(8000, rel=0.03)


def test_nothing_comes() -> None:
    line = TalkLine("guard", 10, "e1")
    start_s = time.monotonic()
    heard_s = 0.0
    for cue, pcm in line.blocks(24_000):
        assert cue is OPENING
        assert not pcm.any()
        heard_s += len(pcm) / 24_000
    # Silence is fed no faster than it is heard.
    assert heard_s <= time.monotonic() - start_s + 0.1
    assert heard_s >= 0.5 * SILENT_S
    assert (line.ended_by, line.heard_s, line.first_put_s) == ("no sound came for 2 s", 0, None)


def test_ends_after_its_time() -> None:
    line = TalkLine("guard", 0.3, "e1")
    for number in range(5):
        line.put(TalkChunk(number, 8000, np.ones(800, np.int16)))
    cues = []
    for cue, _ in line.blocks(24_000):
        cues.append(cue)
        time.sleep(0.02)
    assert line.ended_by == "its 0.3 s were over"
    assert set(cues) == {SAID}
    assert line.heard_s < 0.5
