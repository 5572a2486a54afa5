"""The queue on a virtual clock, without threads; then the same with threads, without sleeping."""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread

import pytest

from edgeguard.detectors import Scheduler
from edgeguard.detectors.scheduler import HEAD_START_S, Turn, TurnQueue
from edgeguard.errors import ModelError

LIVENESS_S = 20.0


def order(*asked: tuple[str, float, bool], now_s: float = 10.0) -> list[str]:
    """Who comes in which order, when all (camera, captured_s, urgent) wait for one session that is busy."""
    queue = TurnQueue(1)
    turn: Turn | None = queue.ask("first", now_s, now_s, urgent=False)
    for camera, captured_s, urgent in asked:
        queue.ask(camera, captured_s, now_s, urgent=urgent)
    served = []
    while (turn := queue.finish(turn, now_s) if turn else None) is not None:
        served.append(turn.camera_id)
    return served


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ([], []),
        ([("a", 9.9, False)], ["a"]),
        ([("young", 9.9, False), ("old", 9.7, False), ("mid", 9.8, False)], ["old", "mid", "young"]),
        ([("first", 9.8, False), ("second", 9.8, False)], ["first", "second"]),
        ([("quiet", 9.7, False), ("episode", 10.0, True)], ["episode", "quiet"]),
        ([("young", 9.9, True), ("old", 9.8, True)], ["old", "young"]),
        # A clock that lags, or runs ahead, gains and loses no more than the head start.
        ([("lags", 0.0, False), ("episode", 9.9, True)], ["episode", "lags"]),
        ([("ahead", 99.0, False), ("now", 10.0, False)], ["ahead", "now"]),
    ],
)
def test_the_oldest_frame_first_and_open_episodes_before(
    asked: list[tuple[str, float, bool]], served: list[str]
) -> None:
    assert order(*asked) == served


def test_an_open_episode_does_not_starve_the_others() -> None:
    queue = TurnQueue(1)
    busy = queue.ask("busy", 0.0, 0.0, urgent=True)
    quiet = queue.ask("quiet", 0.0, 0.0, urgent=False)
    rounds = 0
    for now_s in (step * 0.05 for step in count(1)):
        waiting = queue.ask("busy", now_s, now_s, urgent=True)
        if queue.finish(busy, now_s) is quiet:
            break
        busy, rounds = waiting, rounds + 1
    assert now_s <= HEAD_START_S + 0.1
    assert rounds > 1


@pytest.mark.parametrize("sessions", [1, 2, 5])
def test_no_session_is_idle_while_somebody_waits(sessions: int) -> None:
    queue = TurnQueue(sessions)
    turns = [queue.ask(f"c{n}", 0.0, float(n), urgent=False) for n in range(sessions + 3)]
    assert [turn.session for turn in turns] == [*range(sessions), None, None, None]
    assert len(queue) == 3
    assert queue.finish(turns[0], 9.0) is turns[sessions]
    assert turns[sessions].session == 0
    assert queue.since_s[0] == 9.0
    assert len(queue) == 2


def test_what_is_not_held_cannot_be_given_back() -> None:
    queue = TurnQueue(1)
    first = queue.ask("a", 0.0, 0.0, urgent=False)
    waits = queue.ask("b", 0.0, 0.0, urgent=False)
    with pytest.raises(ValueError, match="b has no session to give back"):
        queue.finish(waits, 0.0)
    queue.finish(first, 0.0)
    with pytest.raises(ValueError, match="a has no session to give back"):
        queue.finish(first, 0.0)


@pytest.mark.parametrize("sessions", [0, -1])
def test_no_sessions_are_refused(sessions: int) -> None:
    with pytest.raises(ValueError, match=f"sessions is {sessions}, accepted: 1 or more"):
        TurnQueue(sessions)


@dataclass
class Lift:
    """A camera as the queue sees it: a frame every `every_s`, one at a time waits, the newest wins."""

    name: str
    every_s: float
    urgent: bool = False
    waits_s: list[float] = field(default_factory=list)


def simulate(lifts: list[Lift], sessions: int, look_s: float, until_s: float) -> None:
    """Play cameras against the queue on a virtual clock; fills each lift's waits."""
    queue, numbers = TurnQueue(sessions), count()
    agenda: list[tuple[float, int, Lift, Turn | None]] = []
    asked: dict[int, tuple[float, Lift]] = {}
    for number, lift in enumerate(lifts):
        heapq.heappush(agenda, (number * lift.every_s / len(lifts), next(numbers), lift, None))

    def start(turn: Turn, now_s: float) -> None:
        since_s, lift = asked.pop(id(turn))
        lift.waits_s.append(now_s - since_s)
        heapq.heappush(agenda, (now_s + look_s, next(numbers), lift, turn))

    while agenda and agenda[0][0] < until_s:
        now_s, _, lift, done = heapq.heappop(agenda)
        if done is None:
            turn = queue.ask(lift.name, now_s, now_s, urgent=lift.urgent)
            asked[id(turn)] = now_s, lift
            if turn.session is not None:
                start(turn, now_s)
            continue
        following = queue.finish(done, now_s)
        if following is not None:
            start(following, now_s)
        since_s = now_s - lift.waits_s[-1] - look_s
        heapq.heappush(agenda, (max(now_s, since_s + lift.every_s), next(numbers), lift, None))


def test_forty_cameras_on_two_sessions_are_all_served_in_time() -> None:
    lifts = [Lift(f"lift-{n}", 0.2 if n < 8 else 5.0, urgent=n < 2) for n in range(40)]
    simulate(lifts, sessions=2, look_s=0.03, until_s=60.0)
    assert all(len(lift.waits_s) >= 60 / lift.every_s - 1 for lift in lifts)
    # 46 looks a second of 30 ms are 70 % of two sessions.
    assert max(wait_s for lift in lifts for wait_s in lift.waits_s) < 0.5
    assert max(lifts[0].waits_s + lifts[1].waits_s) < 0.2


def test_more_than_can_be_done_is_shared_evenly() -> None:
    lifts = [Lift(f"lift-{n}", 0.1) for n in range(40)]
    simulate(lifts, sessions=2, look_s=0.03, until_s=60.0)
    looks = [len(lift.waits_s) for lift in lifts]
    assert max(looks) - min(looks) <= 1


def test_a_camera_without_pause_takes_no_more_than_its_turn() -> None:
    greedy, others = Lift("greedy", 0.0), [Lift(f"lift-{n}", 0.2) for n in range(4)]
    simulate([greedy, *others], sessions=1, look_s=0.03, until_s=30.0)
    assert all(max(lift.waits_s) <= 0.2 for lift in others)
    assert all(len(lift.waits_s) >= 30 / 0.25 for lift in others)


def test_urgent_cameras_that_fill_the_sessions_leave_the_others_their_share() -> None:
    urgent = [Lift(f"urgent-{n}", 0.0, urgent=True) for n in range(4)]
    quiet = [Lift(f"quiet-{n}", 1.0) for n in range(4)]
    simulate([*urgent, *quiet], sessions=2, look_s=0.03, until_s=30.0)
    assert all(max(lift.waits_s) <= HEAD_START_S + 0.2 for lift in quiet)
    assert all(len(lift.waits_s) >= 15 for lift in quiet)


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def holder() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_busy_tells_how_long_each_session_is_at_it(holder: ExitStack) -> None:
    clock = Ticking()
    scheduler = Scheduler(2, clock)
    assert scheduler.busy_s == (0.0, 0.0)
    holder.enter_context(scheduler.turn("a", 100.0, urgent=False))
    clock.now_s = 104.0
    assert scheduler.busy_s == (4.0, 0.0)
    with scheduler.turn("b", 104.0, urgent=False):
        clock.now_s = 105.0
        assert scheduler.busy_s == (5.0, 1.0)
    assert scheduler.busy_s == (5.0, 0.0)


def test_an_error_gives_the_session_back() -> None:
    scheduler = Scheduler(1, lambda: 0.0)
    for _ in range(3):
        with pytest.raises(ModelError), scheduler.turn("a", 0.0, urgent=False):
            raise ModelError("the network failed")
    assert scheduler.busy_s == (0.0,)
    assert scheduler.waiting == 0


def test_a_session_that_hangs_leaves_the_others_at_work(holder: ExitStack) -> None:
    scheduler = Scheduler(2, lambda: 0.0)
    holder.enter_context(scheduler.turn("hangs", 0.0, urgent=False))
    for _ in range(100):
        with scheduler.turn("works", 0.0, urgent=False):
            pass


def test_many_threads_never_hold_more_than_there_are_sessions() -> None:
    scheduler = Scheduler(3)
    holding, seen, looks = list[str](), list[int](), defaultdict[str, int](int)
    begin = Event()

    def camera(name: str) -> None:
        begin.wait()
        for _ in range(200):
            with scheduler.turn(name, 0.0, urgent=False):
                holding.append(name)
                seen.append(len(holding))
                holding.remove(name)
            looks[name] += 1

    threads = [Thread(target=camera, args=(f"lift-{n}",), daemon=True) for n in range(40)]
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join(LIVENESS_S)
    assert set(looks.values()) == {200}
    assert max(seen) <= 3
    assert scheduler.waiting == 0
    assert scheduler.busy_s == (0.0, 0.0, 0.0)
