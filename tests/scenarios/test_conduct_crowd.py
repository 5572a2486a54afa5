"""Counts, levels and hysteresis; a digit or letter of the tables is how many people are seen, two looks a second."""

import pytest
from pydantic import ValidationError

from edgeguard.scenarios.conduct_crowd import ConductCrowdConfig, CrowdLevel
from edgeguard.types import Phase, Severity
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

LEVELS = (
    CrowdLevel(enter=3, leave=2, actions=("send a guard",)),
    CrowdLevel(enter=6, leave=5, actions=("open gate 2", "call the control room")),
    CrowdLevel(enter=9, leave=7, severity=Severity.WARNING),
)
CONFIG = ConductCrowdConfig(dwell_s=4, clear_s=3, levels=LEVELS)
L1, L2, L3 = (f"CONDUCT.CROWD.L{level}" for level in (1, 2, 3))


def people(count: int) -> list[Row]:
    return [("person", (20 + 60 * n, 150, 60 + 60 * n, 300), n) for n in range(count)]


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, L1, people(3))


def play(*parts: tuple[int, float]) -> Camera:
    """Each part: how many people, for how many seconds."""
    camera = Camera(CONFIG)
    for count, seconds in parts:
        camera.play(people(count), seconds)
    return camera


def changes(camera: Camera) -> list[str]:
    """+1: level 1 begins; -1: it is over."""
    signs = {Phase.NEW: "+", Phase.END: "-"}
    return [signs[report.phase] + report.code[-1] for report in camera.reports() if report.phase in signs]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([], []),
        ([(2, 60)], []),
        ([(3, 8)], ["+1"]),
        ([(3, 8), (0, 6)], ["+1", "-1"]),
        ([(3, 8), (6, 8), (9, 8)], ["+1", "+2", "+3"]),
        ([(3, 8), (6, 8), (9, 8), (6, 8), (3, 8), (0, 8)], ["+1", "+2", "+3", "-3", "-2", "-1"]),
        # At once: every level's own plan is told, the mild ones first.
        ([(9, 8)], ["+1", "+2", "+3"]),
        ([(9, 8), (0, 8)], ["+1", "+2", "+3", "-1", "-2", "-3"]),
        # Between leave and enter a level neither begins nor ends.
        ([(2, 30), (3, 8), (2, 30)], ["+1"]),
        ([(5, 8), (6, 8), (5, 30), (4, 8)], ["+1", "+2", "-2"]),
        # A busload that passes.
        ([(9, 3), (1, 20)], []),
        # Somebody goes out of the picture for a moment.
        ([(3, 8), (1, 2), (3, 8)], ["+1"]),
    ],
)
def test_one_event_per_change_of_level(parts: list[tuple[int, float]], told: list[str]) -> None:
    assert changes(play(*parts)) == told


def test_a_missed_person_now_and_then_does_not_hide_the_crowd() -> None:
    def scene(at_s: float) -> list[Row]:
        """One of six is missed in every third look, each time another one."""
        look = round(at_s * 8)
        return [row for row in people(6) if look % 3 or row[2] != look % 6]

    camera = Camera(CONFIG).play(scene, 10)
    assert changes(camera) == ["+1", "+2"]
    assert camera.told(Phase.NEW)[1][0] <= 5


def test_an_event_tells_how_many_where_and_what_to_do() -> None:
    (new,) = [report for report in play((3, 6), (6, 6)).reports() if report.code == L2]
    assert (new.code, new.severity) == (L2, Severity.WARNING)
    assert new.plan == ("open gate 2", "call the control room")
    assert new.sighting is not None
    assert new.sighting.count == 6
    # Around them all.
    assert new.sighting.box == pytest.approx((20 / 640, 150 / 480, 360 / 640, 300 / 480))


def test_a_level_may_have_its_own_severity() -> None:
    severities = [report.severity for report in play((9, 6)).reports()]
    assert severities == [Severity.INFO, Severity.WARNING, Severity.WARNING]


def test_updates_count_anew() -> None:
    camera = Camera(CONFIG.model_copy(update={"update_every_s": 5.0})).play(people(3), 6).play(people(5), 10)
    counts = [report.sighting.count for report in camera.reports() if report.sighting]
    assert (counts[0], counts[-1]) == (3, 5)


def test_a_changed_count_is_told_within_seconds_and_is_no_new_event() -> None:
    camera = Camera(CONFIG).play(people(3), 6).play(people(5), 10)
    told = [
        (report.monotonic_s, report.decision, report.sighting.count) for report in camera.reports() if report.sighting
    ]
    assert [(decision, count) for _, decision, count in told] == [("confirmed", 3), ("present", 5)]
    assert told[1][0] - told[0][0] <= 5.2
    assert changes(camera) == ["+1"]


def test_a_count_that_flickers_does_not_flood() -> None:
    camera = Camera(CONFIG).play(people(5), 6)
    for second in range(60):
        camera.play(people(4 + second % 2), 1)
    assert len(camera.reports()) <= 1 + 66 / 5


def test_of_many_people_one_more_is_no_news() -> None:
    many = CONFIG.model_copy(update={"levels": LEVELS[:1], "zone": ((0, 0), (1, 0), (1, 1), (0, 1))})
    close: list[Row] = [("person", (10 + 20 * n, 150, 25 + 20 * n, 300), n) for n in range(30)]
    camera = Camera(many).play(close[:25], 6).play(close[:26], 20).play(close[:28], 8)
    assert [report.sighting.count for report in camera.reports() if report.sighting] == [25, 28]


def test_every_level_goes_on_after_a_restart() -> None:
    before = play((3, 6), (6, 6))
    after = before.restart(CONFIG).play(people(6), 8)
    assert after.story() == ["seen_again", "seen_again"]
    after.play(people(3), 8).play([], 8)
    assert changes(after) == ["-2", "-1"]


def test_a_level_that_the_site_gave_up_is_ended_once() -> None:
    before = play((9, 8))
    lower = CONFIG.model_copy(update={"levels": LEVELS[:1]})
    after = before.restart(lower).play(people(9), 8)
    assert sorted(after.story()) == ["restart", "restart", "seen_again"]


@pytest.mark.parametrize("fps", [1, 2, 5, 8, 25])
def test_levels_come_at_the_same_time_at_any_frame_rate(fps: float) -> None:
    camera = Camera(CONFIG).play(people(3), 10, fps).play(people(6), 10, fps)
    (first_s, first), (second_s, second) = camera.told(Phase.NEW)
    assert (first, second) == (L1, L2)
    assert 4 - 1e-6 <= first_s <= 5
    assert 14 - 1e-6 <= second_s <= 15.6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"levels": []}, "at least 1 item"),
        ({"levels": [{"enter": 5, "leave": 6}]}, "leave at or below enter, met enter 5, leave 6"),
        ({"levels": [{"enter": 5, "leave": 4}, {"enter": 5, "leave": 4}]}, "levels that rise, met enter 5, leave 4"),
        ({"levels": [{"enter": 5, "leave": 4}, {"enter": 9, "leave": 3}]}, "then enter 9, leave 3"),
        ({"levels": [{"enter": n, "leave": n} for n in range(2, 6)]}, "at most 3 items"),
        ({"levels": [{"enter": 5, "leave": 4, "actions": [""]}]}, "at least 1 character"),
        ({"levels": [{"enter": 0, "leave": 0}]}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_plan_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ConductCrowdConfig.model_validate(wrong)
