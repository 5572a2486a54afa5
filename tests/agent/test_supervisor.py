from collections.abc import Iterator, Sequence
from threading import Event, Thread

import pytest

from edgeguard.agent.supervisor import ENOUGH, HELD_S, MAX_ABANDONED, PATIENCE_S, STEADY_S, Beat, Part, Supervisor
from edgeguard.errors import BoxError

TICK_S = 0.2


class Machine:
    """One part under a supervisor, on a clock of the test's; `heals`: a replacement puts it right."""

    def __init__(self, *, heals: bool = True, shared: bool = False, hangs: Event | None = None) -> None:
        self.now_s = 0.0
        self.beat = Beat()
        self.heals = heals
        self.refuses = False
        self.replaced_at: list[float] = []
        self.left: list[tuple[str, str]] = []
        self.others = [Part("other", Beat, lambda: pytest.fail("replaced a part that was well"))]
        self._hangs = hangs
        self.part = Part("camera a", lambda: self.beat, None if shared else self._replace)
        self.supervisor = Supervisor(
            lambda: [self.part, *self.others], lambda *said: self.left.append(said), lambda: self.now_s
        )

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            self.supervisor.step()

    def _replace(self) -> Sequence[Thread]:
        if self.refuses:
            raise BoxError("it holds a lock")
        self.replaced_at.append(self.now_s)
        if self.heals:
            self.beat = Beat()
        if self._hangs is None:
            return []
        thread = Thread(target=self._hangs.wait, daemon=True)
        thread.start()
        return [thread]


@pytest.fixture
def hangs() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


DEAD, STUCK = Beat(alive=False), Beat(busy_s=PATIENCE_S + 0.1, doing="looks")


def test_nothing_to_look_after() -> None:
    supervisor = Supervisor(list, lambda *_: pytest.fail("left"))
    supervisor.step()
    assert (supervisor.replaced, supervisor.abandoned, supervisor.troubles) == ({}, 0, {})


def test_what_is_well_is_left_alone() -> None:
    machine = Machine()
    machine.beat = Beat(busy_s=PATIENCE_S)
    machine.run(60)
    assert machine.replaced_at == []
    assert machine.left == []


@pytest.mark.parametrize("ill", [DEAD, STUCK], ids=["dead", "stuck"])
def test_what_is_ill_is_replaced_alone_and_at_once(ill: Beat) -> None:
    machine = Machine()
    machine.run(1)
    machine.beat = ill
    machine.run(60)
    assert machine.replaced_at == [pytest.approx(1 + TICK_S)]
    assert machine.supervisor.replaced == {"camera a": 1}
    assert machine.supervisor.troubles == {}


def test_where_it_does_not_help_less_and_less_often_then_the_process_is_left() -> None:
    machine = Machine(heals=False)
    machine.beat = DEAD
    machine.run(600)
    pauses = [later - earlier for earlier, later in zip(machine.replaced_at, machine.replaced_at[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert len(machine.replaced_at) < 8
    assert machine.supervisor.troubles == {"camera a": "died"}
    assert machine.left[0] == ("camera a", f"died; replaced {ENOUGH} times, which did not help")


def test_after_a_steady_time_it_is_as_good_as_new() -> None:
    machine = Machine()
    for _ in range(2 * ENOUGH):
        machine.beat = DEAD
        machine.run(STEADY_S + 20)
    assert len(machine.replaced_at) == 2 * ENOUGH
    assert machine.left == []


def test_what_all_share_cannot_be_replaced_and_nobody_is_replaced_for_it() -> None:
    machine = Machine(shared=True)
    machine.others = [Part("camera b", lambda: STUCK, lambda: pytest.fail("replaced for what all share"))]
    machine.beat = STUCK
    machine.run(TICK_S)
    assert machine.left == [("camera a", "stuck for 2.6 s (looks)")]


def test_too_many_threads_left_behind(hangs: Event) -> None:
    machine = Machine(hangs=hangs)
    for _ in range(MAX_ABANDONED):
        machine.beat = STUCK
        machine.run(STEADY_S + 20)
    assert machine.supervisor.abandoned == machine.supervisor.abandoned_total == MAX_ABANDONED
    assert machine.left == []
    machine.beat = STUCK
    machine.run(TICK_S)
    assert machine.left == [("threads", f"{MAX_ABANDONED + 1} of them hang, accepted: {MAX_ABANDONED}")]


def test_a_thread_that_comes_back_is_counted_no_more(hangs: Event) -> None:
    machine = Machine(hangs=hangs)
    machine.beat = STUCK
    machine.run(1)
    assert machine.supervisor.abandoned == 1
    hangs.set()
    while machine.supervisor.abandoned:
        machine.run(1)
    assert machine.supervisor.abandoned_total == 1


def test_what_cannot_be_replaced_now_is_tried_again() -> None:
    machine = Machine()
    machine.beat, machine.refuses = STUCK, True
    machine.run(2)
    machine.refuses = False
    machine.run(30)
    assert machine.supervisor.replaced == {"camera a": 1}


def test_nobody_is_judged_right_after_the_machine_was_held() -> None:
    machine = Machine()
    machine.run(1)
    machine.now_s += 100
    machine.beat = Beat(busy_s=100)
    machine.run(HELD_S)
    assert machine.replaced_at == []
    machine.run(1)
    assert len(machine.replaced_at) == 1
