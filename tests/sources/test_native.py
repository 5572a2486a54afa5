import pytest

from edgeguard.errors import SourceError
from edgeguard.sources.base import Clock, Vitals
from edgeguard.sources.native import NativeCalls


def test_between_calls_there_is_nothing_to_tell() -> None:
    assert NativeCalls("cam", Clock()).vitals(0.4) == Vitals(lag_s=0.4)


@pytest.mark.parametrize(("lasts_s", "overdue_s"), [(0.0, 0.0), (2.0, 0.0), (7.5, 2.5)])
def test_a_call_is_seen_from_outside_while_it_lasts(lasts_s: float, overdue_s: float) -> None:
    now_s = 100.0
    calls = NativeCalls("cam", Clock(lambda: now_s))

    def step() -> Vitals:
        nonlocal now_s
        now_s += lasts_s
        return calls.vitals()

    assert calls.run(step, allowed_s=5.0) == Vitals(lasts_s, overdue_s)
    assert calls.vitals() == Vitals()


def test_a_call_that_fails_is_over() -> None:
    def step() -> None:
        raise OSError(5, "Input/output error")

    calls = NativeCalls("cam", Clock())
    with pytest.raises(SourceError, match="cam: input/output error"):
        calls.run(step, allowed_s=1.0)
    assert calls.vitals() == Vitals()
