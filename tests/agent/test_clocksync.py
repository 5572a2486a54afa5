import pytest

from edgeguard.agent.clocksync import Adjtimex, Timex, read_clock
from edgeguard.contract import Clock

OK, ERROR = 0, 5
PLL, UNSYNC, NANO = 0x0001, 0x0040, 0x2000


def kernel(answer: int, status: int = 0, offset: int = 0) -> Adjtimex:
    def adjtimex(timex: Timex) -> int:
        assert timex.modes == 0, "reads only"
        timex.status, timex.offset = status, offset
        return answer

    return adjtimex


@pytest.mark.parametrize(
    ("adjtimex", "clock"),
    [
        (kernel(ERROR, UNSYNC), Clock(synced=False)),
        (kernel(ERROR), Clock(synced=False)),
        (kernel(OK, UNSYNC), Clock(synced=False)),
        (kernel(OK), Clock(synced=True)),
        (kernel(OK, PLL, -1500), Clock(synced=True, offset_ms=-1.5)),
        (kernel(OK, PLL | NANO, 2_500_000), Clock(synced=True, offset_ms=2.5)),
        (kernel(-1), None),
    ],
    ids=["never set", "error", "unsynchronised", "chrony", "us", "ns", "forbidden"],
)
def test_what_the_kernel_says(adjtimex: Adjtimex, clock: Clock | None) -> None:
    assert read_clock(adjtimex) == clock


@pytest.mark.parametrize("error", [OSError(38, "Function not implemented"), AttributeError("adjtimex")])
def test_a_system_without_the_call_is_unknown(error: Exception) -> None:
    def missing(_timex: Timex) -> int:
        raise error

    assert read_clock(missing) is None


def test_this_machine_answers_or_is_unknown() -> None:
    clock = read_clock()
    assert clock is None or isinstance(clock.synced, bool)
