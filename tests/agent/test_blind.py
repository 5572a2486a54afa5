from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from edgeguard.agent.blind import CODE, HOLD_FIRST_S, RULE, UPDATE_EVERY_S, BlindWatch, Sight
from edgeguard.types import OpenEpisode, Phase, Report, Severity

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STEP_S = 0.5


class Camera:
    """Steps a watch at 2 Hz through stretches of sight and blindness."""

    def __init__(self, *resume: OpenEpisode) -> None:
        ids = count(1)
        self.watch = BlindWatch("lift-a", 5.0, lambda _: f"episode-{next(ids)}", resume)
        self.now_s = 100.0
        self.reports: list[Report] = []

    def run(self, seconds: float, *, blind: bool, over: bool = False) -> "Camera":
        began_s = self.now_s
        for step in range(1, round(seconds / STEP_S) + 1):
            self.now_s = began_s + step * STEP_S
            blind_for_s = self.now_s - began_s if blind else 0.0
            at = START + timedelta(seconds=self.now_s - 100.0)
            self.reports += self.watch.step(self.now_s, at, Sight(blind_for_s, "stalled" if blind else "", over))
        return self

    def blind(self, seconds: float) -> "Camera":
        return self.run(seconds, blind=True)

    def sees(self, seconds: float) -> "Camera":
        return self.run(seconds, blind=False)

    @property
    def phases(self) -> list[Phase]:
        return [report.phase for report in self.reports]


def test_a_camera_that_sees_has_nothing_to_tell() -> None:
    assert Camera().sees(60).reports == []


@pytest.mark.parametrize(("seconds", "phases"), [(4.5, []), (5.5, [Phase.NEW])])
def test_told_after_five_seconds(seconds: float, phases: list[Phase]) -> None:
    assert Camera().blind(seconds).phases == phases


def test_one_new_and_one_end_with_the_time_it_was_blind() -> None:
    camera = Camera().sees(10).blind(20).sees(60)
    assert camera.phases == [Phase.NEW, Phase.END]
    new, end = camera.reports
    assert (new.code, new.rule, new.severity, new.decision) == (CODE, RULE, Severity.WARNING, "stalled")
    assert end.end_reason == "seeing"
    assert end.dwell_s == pytest.approx(20, abs=2 * STEP_S)
    assert new.event_id == end.event_id


def test_a_long_blindness_is_repeated_seldom() -> None:
    assert Camera().blind(2.5 * UPDATE_EVERY_S).phases == [Phase.NEW, Phase.UPDATE, Phase.UPDATE]


def test_a_camera_that_comes_and_goes_stays_in_one_episode() -> None:
    camera = Camera()
    for _ in range(100):
        camera.blind(6).sees(3)
    assert camera.phases == [Phase.NEW, Phase.UPDATE]
    assert camera.sees(60).reports[-1].dwell_s == pytest.approx(600, rel=0.2)


def test_one_that_comes_and_goes_slowly_is_told_less_and_less_often() -> None:
    camera = Camera()
    for _ in range(240):
        camera.blind(6).sees(HOLD_FIRST_S + 2)
    assert camera.phases.count(Phase.NEW) <= 2


def test_after_a_calm_time_it_is_told_as_at_first() -> None:
    camera = Camera().blind(6).sees(20).blind(6).sees(60).sees(3600).blind(6).sees(HOLD_FIRST_S + 1)
    assert camera.phases == [Phase.NEW, Phase.END] * 3


def test_the_end_of_a_recording_ends_it() -> None:
    camera = Camera().blind(6).run(1, blind=False, over=True)
    assert [report.end_reason for report in camera.reports] == [None, "end_of_recording"]


@pytest.mark.parametrize("blind_s", [0, 30])
def test_goes_on_after_a_restart(blind_s: float) -> None:
    """Whether it sees again at once or not."""
    opened = OpenEpisode("older", CODE, "lift-a", RULE, START - timedelta(seconds=100))
    others = [OpenEpisode("x", CODE, "lift-b", RULE, START), OpenEpisode("y", "Z", "lift-a", "lift_ebike", START)]
    camera = Camera(*others, opened).blind(blind_s).sees(20)
    assert [(report.event_id, report.phase) for report in camera.reports] == [("older", Phase.END)]
    assert camera.reports[0].dwell_s == pytest.approx(105 + blind_s, abs=1)
