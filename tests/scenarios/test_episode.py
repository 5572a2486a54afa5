"""Whatever happens: one NEW, one END, and no phrase faster than its pace."""

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from random import Random

import pytest

from edgeguard.scenarios.episode import EpisodeMachine, Kind, State, Timing, Wording
from edgeguard.scenarios.suspicion import Candidate, Conviction, Suspicion
from edgeguard.types import Hush, Observation, OpenEpisode, Phase, Report, Say, Severity, Signal, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
KIND = Kind(
    "LIFT.EBIKE.ENTER",
    "lift_ebike",
    "lift-1",
    "cabin",
    Severity.WARNING,
    Wording("leave", "again", "more"),
    by_door=True,
)
CONVICTION = Conviction(n_min=2, strong_min=1, ratio=0.5, window_s=1.0, c_hi=0.5)
TIMING = Timing(
    c_lo=0.2,
    c_hi=0.5,
    repeat_s=12,
    escalate_s=60,
    update_every_s=30,
    clear_s=5,
    idle_s=10,
    blind_close_s=60,
)


class Life:
    """A random life of a camera: bikes come and go, streams stall, the box restarts."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.ids = count(1)
        self.at_s = 0.0
        self.blind_s = 0.0
        self.log: list[tuple[float, Signal]] = []
        self.open: dict[str, OpenEpisode] = {}
        self.boots = [0.0]
        self.machine = self.boot()

    def boot(self) -> EpisodeMachine:
        resume = next(iter(self.open.values()), None)
        return EpisodeMachine(KIND, TIMING, Suspicion(CONVICTION), lambda _: f"id{next(self.ids)}", resume)

    def live(self, chapters: int) -> None:
        for _ in range(chapters):
            self.chapter(self.chance.choice(["bike", "bike", "weak", "empty", "empty", "stall", "covered", "restart"]))
        self.step(None, looked=False, ending="stop")

    def chapter(self, what: str) -> None:
        if what == "restart":
            self.at_s += self.chance.uniform(0.5, 20)
            self.boots.append(self.at_s)
            self.machine = self.boot()
            return
        interval_s = self.chance.choice([0.04, 0.125, 0.2, 0.5, 1.0])
        end_s = self.at_s + self.chance.choice([0.3, 2, 6, 18, 70])
        while self.at_s < end_s:
            self.at_s += interval_s
            self.blind_s = self.blind_s + interval_s if what == "covered" else 0.0
            self.step(self.sight(what), looked=what != "stall" and self.chance.random() < 0.97)

    def sight(self, what: str) -> float | None:
        if what == "bike" and self.chance.random() < 0.8:
            return self.chance.uniform(0.4, 1)
        return self.chance.uniform(0.2, 0.5) if what == "weak" else None

    def step(self, score: float | None, *, looked: bool, ending: str | None = None) -> None:
        at = START + timedelta(seconds=self.at_s)
        now = Observation(self.at_s, at, 640, 480, Tracks.empty() if looked else None, self.blind_s, ending)
        found = Candidate("e-bike", 1, (0, 0, 1, 1), score) if looked and score is not None else None
        for signal in self.machine.step(now, found):
            self.log.append((self.at_s, signal))
            if isinstance(signal, Report):
                self.journal(signal)
        assert self.machine.attentive is (self.machine.state is not State.IDLE)

    def journal(self, report: Report) -> None:
        """What a journal keeps: open since NEW, last seen as last reported."""
        if report.phase is Phase.END:
            del self.open[report.event_id]
            return
        before = self.open.get(report.event_id)
        opened_at = before.opened_at if before else report.at
        self.open[report.event_id] = OpenEpisode(
            report.event_id, report.code, "lift-1", report.rule, opened_at, report.sighting
        )

    def reports(self) -> list[Report]:
        return [signal for _, signal in self.log if isinstance(signal, Report)]


@pytest.fixture(scope="module", params=range(25))
def life(request: pytest.FixtureRequest) -> Life:
    life = Life(request.param)
    life.live(40)
    return life


def test_exactly_one_new_first_and_one_end_last(life: Life) -> None:
    by_episode: dict[str, list[Report]] = {}
    for report in life.reports():
        by_episode.setdefault(report.event_id, []).append(report)
    assert by_episode
    for steps in by_episode.values():
        phases = [step.phase for step in steps]
        assert (phases[0], phases[-1]) == (Phase.NEW, Phase.END)
        assert set(phases[1:-1]) <= {Phase.UPDATE}
        assert (steps[-1].end_reason is not None, steps[-1].outcome is not None) == (True, True)
        assert all(later.dwell_s >= earlier.dwell_s for earlier, later in pairwise(steps))
    assert not life.open


def test_episodes_do_not_overlap(life: Life) -> None:
    told = [report.event_id for report in life.reports()]
    assert sorted(set(told), key=told.index) == [one for one, _ in _runs(told)]


def _runs(names: list[str]) -> list[tuple[str, int]]:
    runs: list[tuple[str, int]] = []
    for name in names:
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + 1)
        else:
            runs.append((name, 1))
    return runs


def test_phrases_of_an_episode_keep_their_pace_between_restarts(life: Life) -> None:
    said: dict[str | None, list[float]] = {}
    for at_s, signal in life.log:
        if isinstance(signal, Say):
            said.setdefault(signal.event_id, []).append(at_s)
    for times in said.values():
        for earlier, later in pairwise(times):
            restarted = any(earlier < boot_s <= later for boot_s in life.boots)
            assert restarted or later - earlier >= TIMING.repeat_s


def test_nothing_is_said_between_a_hush_and_the_next_sight(life: Life) -> None:
    quiet: set[str | None] = set()
    for _, signal in life.log:
        if isinstance(signal, Hush):
            quiet.add(signal.event_id)
        elif isinstance(signal, Report) and signal.decision == "seen_again":
            quiet.discard(signal.event_id)
        elif isinstance(signal, Say):
            assert signal.event_id not in quiet


def test_routine_updates_are_rare(life: Life) -> None:
    for earlier, later in pairwise(life.reports()):
        if later.decision == "present" and later.event_id == earlier.event_id:
            assert later.monotonic_s - earlier.monotonic_s >= TIMING.update_every_s


def test_a_clock_set_back_does_not_break_a_resumed_episode() -> None:
    future = OpenEpisode("old", KIND.code, "lift-1", KIND.rule, START + timedelta(hours=1))
    machine = EpisodeMachine(KIND, TIMING, Suspicion(CONVICTION), str, future)
    found = Candidate("e-bike", 1, (0, 0, 1, 1), 0.9)
    signals = list(machine.step(Observation(5, START, 640, 480, Tracks.empty()), found))
    assert [signal.decision for signal in signals if isinstance(signal, Report)] == ["seen_again"]
