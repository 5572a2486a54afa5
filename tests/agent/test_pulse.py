import threading

from edgeguard.agent.pulse import FRESH_S, Pulse
from edgeguard.agent.status import Status
from tests.agent.test_status import status
from tests.support.mosquitto import wait_for


class Surveyor:
    """Makes views, one at a time with `permits`."""

    def __init__(self) -> None:
        self.made = 0
        self.permits = threading.Event()
        self.permits.set()

    def __call__(self) -> Status:
        self.permits.wait()
        self.made += 1
        return status(uptime_s=self.made)


def nobody(_status: Status) -> None:
    """Nobody is told."""


def test_who_asks_gets_a_fresh_view() -> None:
    surveyor = Surveyor()
    with Pulse(surveyor, nobody) as pulse:
        told, age_s = pulse.status(20)
        assert told is not None
        wait_for(lambda: (view := pulse.status(20))[0] is not None and view[0].uptime_s > told.uptime_s, "a newer one")
    assert age_s < 20


def test_who_asks_all_the_time_gets_no_more_of_the_box() -> None:
    surveyor = Surveyor()
    with Pulse(surveyor, nobody) as pulse:
        pulse.status(20)
        before = surveyor.made
        for _ in range(1000):
            pulse.status(20)
    assert surveyor.made - before <= 2 + 20 / FRESH_S


def test_a_box_that_hangs_holds_up_nobody_who_asks() -> None:
    surveyor = Surveyor()
    with Pulse(surveyor, nobody) as pulse:
        first, _ = pulse.status(20)
        surveyor.permits.clear()
        wait_for(lambda: pulse.status(0.0)[1] > 1.5, "an old view")
        told, age_s = pulse.status(0.05)
        surveyor.permits.set()
    assert first is not None
    assert told is not None
    assert age_s > 1.5


def test_before_the_first_view_there_is_none() -> None:
    assert Pulse(Surveyor(), nobody).status(0.0)[0] is None


def test_the_platform_is_told_as_often_as_it_should() -> None:
    told: list[Status] = []
    with Pulse(Surveyor(), told.append, publish_every_s=0.0) as pulse:
        wait_for(lambda: pulse.status(20) and len(told) >= 2, "two messages")
    with Pulse(Surveyor(), told.append) as pulse:
        before = len(told)
        pulse.status(20)
    assert len(told) == before
