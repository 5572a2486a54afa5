"""On a clock that the test moves: what comes when, and what a loudspeaker is given."""

from collections.abc import Sequence

import numpy as np
import pytest

from edgeguard.actuators.jitter import HOLD_S, JitterBuffer
from edgeguard.contract import TalkChunk

PIECE_S = BLOCK_S = 0.04
SILENCE = -1

Arrivals = Sequence[tuple[float, TalkChunk]]


def piece(number: int, *, last: bool = False, level: int | None = None) -> TalkChunk:
    """Every piece has a level of its own, so that the order in which they are heard can be read off."""
    return TalkChunk(number, 8000, np.full(320, number if level is None else level, np.int16), last)


def stream(count: int, start_s: float = 0.5, late_s: float = 0.0) -> list[tuple[float, TalkChunk]]:
    """Pieces at their pace, the last one marked; every third is late."""
    pieces = [piece(number, last=number == count - 1) for number in range(count)]
    return in_time(
        [(start_s + chunk.number * PIECE_S + (late_s if chunk.number % 3 == 1 else 0), chunk) for chunk in pieces]
    )


def in_time(arrivals: Arrivals) -> list[tuple[float, TalkChunk]]:
    return sorted(arrivals, key=lambda arrival: arrival[0])


class Lift:
    """A loudspeaker that needs a block whenever it has 40 ms left."""

    def __init__(self, arrivals: Arrivals, end_s: float = 3.0) -> None:
        self.dropped: list[str] = []
        self.heard: list[int] = []  # level of each block from the first piece on
        self.first_s = 0.0
        buffer, coming, fed_until_s = JitterBuffer(), list(arrivals), 0.0
        for now_s in np.arange(0.0, end_s, 0.005):
            while coming and coming[0][0] <= now_s:
                self.dropped += filter(None, [buffer.put(coming.pop(0)[1], now_s)])
            while not buffer.finished and (chunk := buffer.take(now_s)) is not None:
                self.first_s = self.first_s or now_s
                self.heard.append(int(chunk.pcm[0]))
                fed_until_s += PIECE_S
            if fed_until_s - now_s <= 0.04 and not buffer.finished:
                buffer.fed_silence(BLOCK_S)
                fed_until_s += BLOCK_S
                self.heard += [SILENCE] if self.heard else []
        self.finished = buffer.finished


def test_nothing() -> None:
    lift = Lift([])
    assert (lift.heard, lift.dropped, lift.finished) == ([], [], False)


@pytest.mark.parametrize("late_s", [0.0, 0.03, HOLD_S - 0.01])
def test_jitter_below_the_hold_is_not_heard(late_s: float) -> None:
    lift = Lift(stream(25, late_s=late_s))
    assert lift.heard == list(range(25))
    assert lift.first_s - 0.5 == pytest.approx(HOLD_S, abs=0.006)
    assert lift.finished


def test_a_lost_piece_is_as_long_as_it_was() -> None:
    lift = Lift([arrival for arrival in stream(25) if arrival[1].number not in {10, 11}])
    assert lift.heard == [*range(10), SILENCE, SILENCE, *range(12, 25)]


def test_a_hole_in_the_numbers_is_not_waited_out() -> None:
    lift = Lift([(at_s, piece(chunk.number + (700 if chunk.number >= 10 else 0))) for at_s, chunk in stream(20)], 2.0)
    assert lift.heard[:10] == list(range(10))
    assert lift.heard[10:23] == [SILENCE] * 13
    assert lift.heard[23:33] == list(range(710, 720))


def test_a_network_that_hung_is_bridged_and_every_word_is_heard() -> None:
    lift = Lift([(max(at_s, 1.5) if chunk.number >= 10 else at_s, chunk) for at_s, chunk in stream(25)])
    assert [level for level in lift.heard if level != SILENCE] == list(range(25))
    assert lift.heard[9] == 9
    assert lift.heard[-15:] == list(range(10, 25))
    assert lift.dropped == []


def test_what_was_lost_while_the_network_hung_costs_no_more_silence() -> None:
    hung = [(at_s, chunk) for at_s, chunk in stream(25) if not 10 <= chunk.number < 15]
    lift = Lift(hung)
    assert 5 <= lift.heard.count(SILENCE) <= 8
    assert lift.finished


def test_late_duplicate_and_astray_pieces_are_dropped() -> None:
    extra = [(0.52, piece(0, level=9)), (0.98, piece(1, level=9)), (1.0, piece(9000))]
    lift = Lift(in_time([*stream(25), *extra]))
    assert lift.dropped == ["duplicate", "late", "astray"]
    assert lift.heard == list(range(25))


def test_pieces_out_of_order_are_put_right() -> None:
    arrivals = stream(25)
    arrivals[7], arrivals[8] = (arrivals[7][0], arrivals[8][1]), (arrivals[8][0], arrivals[7][1])
    assert Lift(arrivals).heard == list(range(25))


def test_what_waits_too_long_is_dropped_the_oldest_first() -> None:
    buffer = JitterBuffer()
    eighth = np.zeros(1000, np.int16)
    dropped = [buffer.put(TalkChunk(number, 8000, eighth), 0.0) for number in range(13)]
    assert dropped == [None] * 8 + ["backlog"] * 5
    first = buffer.take(0.0)
    assert first is not None
    assert first.number == 5
