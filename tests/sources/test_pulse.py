import pytest

from edgeguard.errors import Fault
from edgeguard.sources.pulse import Pulse


def fed(*stretches: tuple[float, float], lag_s: float = 0.0, damaged_every: int = 0) -> Pulse:
    """Stretches of (seconds, frames a second)."""
    pulse, now_s, count = Pulse(slow_ratio=0.5, least_fps=2.0), 0.0, 0
    for seconds, fps in stretches:
        for _ in range(int(seconds * fps)):
            count += 1
            pulse.frame(now_s, lag_s, int(bool(damaged_every) and count % damaged_every == 0))
            now_s += 1 / fps
    return pulse


@pytest.mark.parametrize(
    ("stretches", "fault"),
    [
        ((), None),
        (((10, 15),), None),
        (((10, 15), (10, 8)), None),
        (((10, 15), (10, 5)), Fault.SLOW),
        (((10, 15), (10, 5), (10, 15)), None),
        (((20, 1),), Fault.SLOW),
        (((10, 25), (1500, 10)), None),  # set to 10 by somebody: that is usual now
        (((300, 15), (300, 12), (300, 9), (300, 6), (300, 1.5)), Fault.SLOW),
    ],
    ids=["nothing", "steady", "a little slower", "slow", "back", "few", "set anew", "by and by"],
)
def test_rate(stretches: tuple[tuple[float, float], ...], fault: Fault | None) -> None:
    trouble = fed(*stretches).trouble
    assert (trouble and trouble.fault) == fault


def test_says_what_is_and_what_was_usual() -> None:
    trouble = fed((10, 15), (10, 5)).trouble
    assert trouble is not None
    assert trouble.reason == "5.0 pictures a second, usually 14.9"


def test_late_and_damaged_go_before_slow() -> None:
    late, damaged = fed((10, 15), lag_s=1.5).trouble, fed((10, 15), damaged_every=5).trouble
    assert late is not None
    assert damaged is not None
    assert (late.fault, late.reason) == (Fault.LATE, "pictures come 1.5 s late")
    assert (damaged.fault, damaged.reason) == (Fault.DAMAGED, "9 of 55 pictures damaged")


def test_another_connection_begins_another_span() -> None:
    pulse = fed((10, 15))
    pulse.restart()
    assert not pulse.frame(100.0, 0.0, 0)
    assert not pulse.frame(100.1, 0.0, 0)
    assert pulse.trouble is None
