"""What every rule over a zone must do, as a class of tests: each rule's own file inherits it and names its case.

class TestCommon(ZoneRuleTests):
    case = Case(ConductLoiterConfig(dwell_s=20), "CONDUCT.LOITER", [("person", (200, 150, 300, 400), 1)])
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import ClassVar, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from edgeguard.bodies import ScriptedBodies
from edgeguard.errors import ConfigError
from edgeguard.scenarios import SCENARIOS, Thresholds, build
from edgeguard.scenarios.rule import Spoken, ZoneConfig
from edgeguard.schedule import Schedule, Window
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import (
    BodyReader,
    Detections,
    DoorState,
    Hush,
    Observation,
    OpenEpisode,
    Phase,
    Report,
    Say,
    Severity,
    Signal,
    Tracks,
)

LABELS = ("person", "e-bike", "bicycle", "dog", "car", "bag")
THRESHOLDS = {label: Thresholds(0.25, 0.4) for label in LABELS}
START = datetime(2026, 1, 31, 8, tzinfo=UTC)
WIDTH, HEIGHT = 640, 480
NO_PICTURE = picture_from_array(np.zeros((HEIGHT, WIDTH), np.uint8), "gray")
DOCS = Path(__file__).parents[2] / "docs" / "scenarios"

# Label, box in pixels, track id, and a score where it is not the usual one.
Row = tuple[str, tuple[float, float, float, float], int] | tuple[str, tuple[float, float, float, float], int, float]
SCORE = 0.9
Scene = Sequence[Row] | Callable[[float], Sequence[Row]]


def tracks(rows: Sequence[Row]) -> Tracks:
    n = len(rows)
    boxes = Detections(
        np.array([row[1] for row in rows], np.float32).reshape(n, 4),
        np.array([row[3] if len(row) > 3 else SCORE for row in rows], np.float32),
        np.array([LABELS.index(row[0]) for row in rows], np.int16),
    )
    return Tracks(boxes, np.array([row[2] for row in rows], np.int64), np.zeros(n, np.float32))


class Camera:
    """A rule and what it has said so far, as (second, signal)."""

    def __init__(
        self,
        config: ZoneConfig,
        resume: Sequence[OpenEpisode] = (),
        at_s: float = 0.0,
        door: DoorState = DoorState.UNKNOWN,
    ) -> None:
        ids = count(1)
        new_id = lambda _: f"id{at_s:g}-{next(ids)}"  # noqa: E731
        self.resumed = resume
        self.rules = build((config,), "cam-1", LABELS, THRESHOLDS, new_id, resume)
        # Whoever is seen is what the rule is about, unless a test says otherwise.
        self.bodies: BodyReader | None = ScriptedBodies(lambda _: 0.9, fight=0.9) if config.asks else None
        self.at_s = at_s
        self.door = door
        self.log: list[tuple[float, Signal]] = []
        self.attentive = False

    def play(self, scene: Scene, seconds: float, fps: float = 8) -> "Camera":
        """Look at a scene for so long; one that moves is told the seconds since it began."""
        for number in range(round(seconds * fps)):
            rows = scene(number / fps) if callable(scene) else scene
            self.tell(tracks(rows))
            self.at_s += 1 / fps
        return self

    def tick(self, seconds: float, hz: float = 4) -> "Camera":
        """Nobody looks."""
        for _ in range(round(seconds * hz)):
            self.tell(None)
            self.at_s += 1 / hz
        return self

    def cover(self, seconds: float, scene: Sequence[Row] = (), fps: float = 8) -> "Camera":
        """The camera says that it gives nothing usable, whatever is seen on it."""
        for number in range(round(seconds * fps)):
            self.tell(tracks(scene), blind_s=(number + 1) / fps)
            self.at_s += 1 / fps
        return self

    def end(self, reason: str = "end_of_recording") -> "Camera":
        self.tell(None, ending=reason)
        return self

    def tell(self, seen: Tracks | None, blind_s: float = 0.0, ending: str | None = None) -> None:
        at = START + timedelta(seconds=self.at_s)
        bodies = None if self.bodies is None or seen is None else self.bodies.read(NO_PICTURE, seen, self.at_s)
        now = Observation(self.at_s, at, WIDTH, HEIGHT, seen, blind_s, ending, self.door, bodies=bodies)
        verdicts = [rule.update(now) for rule in self.rules]
        self.attentive = any(verdict.attentive for verdict in verdicts)
        self.log += [(self.at_s, signal) for verdict in verdicts for signal in verdict.signals]

    def reports(self) -> list[Report]:
        return [signal for _, signal in self.log if isinstance(signal, Report)]

    def story(self) -> list[str]:
        return [report.end_reason or report.decision or "" for report in self.reports()]

    def told(self, phase: Phase) -> list[tuple[float, str]]:
        """Seconds and codes of the steps of a phase."""
        return [(s.monotonic_s, s.code) for s in self.reports() if s.phase is phase]

    def said(self) -> list[str]:
        return [signal.phrase for _, signal in self.log if isinstance(signal, Say)]

    def left_open(self) -> tuple[OpenEpisode, ...]:
        """What a journal would give back."""
        open_ = {episode.event_id: episode for episode in self.resumed}
        for report in self.reports():
            if report.phase is Phase.END:
                del open_[report.event_id]
                continue
            began = open_[report.event_id].opened_at if report.event_id in open_ else report.at
            open_[report.event_id] = OpenEpisode(
                report.event_id, report.code, "cam-1", report.rule, began, report.sighting, zones=report.zones
            )
        return tuple(open_.values())

    def restart(self, config: ZoneConfig, after_s: float = 3.0) -> "Camera":
        return Camera(config, self.left_open(), self.at_s + after_s)


@dataclass(frozen=True)
class Case:
    """A scene that raises exactly one episode of `code`; the settings have a dwell that a test can wait for."""

    config: ZoneConfig
    code: str
    scene: Sequence[Row]


RIGHT_EDGE = ((0.98, 0.0), (1.0, 0.0), (1.0, 0.02), (0.98, 0.02))


class ZoneRuleTests:
    case: ClassVar[Case]

    def camera(self, **changes: object) -> Camera:
        return Camera(self.changed(**changes))

    def changed(self, **changes: object) -> ZoneConfig:
        return self.case.config.model_copy(update=changes)

    @property
    def dwell_s(self) -> float:
        return self.case.config.dwell_s

    @property
    def clear_s(self) -> float:
        return self.case.config.clear_s

    def flickering(self, chance: Random, share: float) -> Callable[[float], Sequence[Row]]:
        """The scene, seen in a share of the looks."""
        return lambda _: self.case.scene if chance.random() < share else []

    def opened(self, **changes: object) -> Camera:
        """With its episode open."""
        camera = self.camera(**changes).play(self.case.scene, self.dwell_s + 2)
        assert [code for _, code in camera.told(Phase.NEW)] == [self.case.code]
        return camera

    def test_nothing_comes_of_nothing(self) -> None:
        camera = self.camera().play([], 30).tick(30).cover(30).play([], 5).end()
        assert camera.log == []
        assert not camera.attentive

    @pytest.mark.parametrize("fps", [1, 2, 5, 8, 25])
    def test_new_after_dwell_and_end_after_clear_at_any_frame_rate(self, fps: int) -> None:
        until_s = self.dwell_s + 5
        camera = self.camera().play(self.case.scene, until_s, fps).play([], 2 * self.clear_s + 5, fps)
        ((new_s, code),) = camera.told(Phase.NEW)
        assert code == self.case.code
        # One look is none, the last may come a little late, and a count is steadied over a second.
        assert self.dwell_s - 1e-6 <= new_s <= max(self.dwell_s, 1 / fps) + 2 / fps + 0.6
        ((end_s, _),) = camera.told(Phase.END)
        assert self.clear_s - 1 / fps - 1e-6 <= end_s - until_s <= self.clear_s + 1 / fps + 1.6
        assert camera.story() == ["confirmed", "left"]
        assert not camera.attentive

    def test_too_short_is_nothing(self) -> None:
        if self.dwell_s > 2:
            assert self.camera().play(self.case.scene, self.dwell_s - 1).play([], 30).log == []

    def test_single_looks_are_nothing(self) -> None:
        camera = self.camera()
        for _ in range(5):
            camera.play(self.case.scene, 0.125).play([], 2 * self.clear_s + 2)
        assert camera.log == []

    def test_a_short_gap_is_bridged(self) -> None:
        half_s = self.dwell_s / 2
        gap_s = min(0.5 * self.clear_s, 0.6 * half_s)
        camera = self.camera().play(self.case.scene, half_s).play([], gap_s).play(self.case.scene, self.dwell_s)
        ((new_s, _),) = camera.told(Phase.NEW)
        assert new_s <= self.dwell_s + 1.0

    def test_a_gap_in_an_episode_does_not_end_it(self) -> None:
        camera = self.opened().play([], 0.8 * self.clear_s).play(self.case.scene, 10)
        assert camera.story() == ["confirmed"]

    def test_what_nobody_saw_does_not_count(self) -> None:
        camera = self.camera().play(self.case.scene, self.dwell_s / 2).tick(300)
        assert camera.log == []
        back_s = camera.at_s
        camera.play(self.case.scene, self.dwell_s + 5)
        ((new_s, _),) = camera.told(Phase.NEW)
        assert new_s - back_s >= self.dwell_s / 2 - 7

    def test_a_covered_camera_raises_nothing_and_ends_nothing(self) -> None:
        assert self.camera().cover(self.dwell_s + 20, self.case.scene).log == []
        seconds = min(self.case.config.blind_close_s / 2, 60)
        camera = self.opened().cover(seconds)
        assert set(camera.story()[1:]) == {"blind"}
        camera.play(self.case.scene, 5)
        assert Phase.END not in [report.phase for report in camera.reports()]

    def test_blind_for_long_closes_as_blind(self) -> None:
        camera = self.opened().cover(self.case.config.blind_close_s + 1)
        assert (camera.reports()[-1].phase, camera.story()[-1]) == (Phase.END, "blind")

    def test_a_dead_stream_that_nobody_reports_is_blind_too(self) -> None:
        assert self.opened().tick(8).story() == ["confirmed", "blind"]

    def test_the_schedule_decides_what_may_begin_not_what_ends(self) -> None:
        def window(start_s: float, end_s: float) -> Schedule:
            start, end = (START + timedelta(seconds=at_s) for at_s in (start_s, end_s))
            return Schedule(windows=(Window(start=start.time(), end=end.time()),))

        later = self.camera(armed=window(600, 900)).play(self.case.scene, self.dwell_s + 30, fps=2)
        assert later.log == []
        past = self.opened(armed=window(0, self.dwell_s + 1)).play(self.case.scene, 30)
        assert past.story() == ["confirmed"]
        past.play([], 2 * self.clear_s + 5)
        assert past.story() == ["confirmed", "left"]
        armed = self.camera(armed=window(10, 3600)).play(self.case.scene, self.dwell_s + 15)
        ((new_s, _),) = armed.told(Phase.NEW)
        assert new_s >= 10

    def test_a_restart_goes_on_with_the_episode(self) -> None:
        before = self.opened()
        after = before.restart(self.case.config).play(self.case.scene, self.dwell_s + 10)
        assert after.story() == ["seen_again"]
        after.play([], 2 * self.clear_s + 5)
        assert after.story() == ["seen_again", "left"]
        assert {report.event_id for report in before.reports() + after.reports()} == {before.reports()[0].event_id}

    def test_a_restart_after_it_has_gone(self) -> None:
        after = self.opened().restart(self.case.config).play([], 2 * self.clear_s + 5)
        assert after.story() == ["restart"]
        assert not after.attentive

    def test_a_restart_before_anything_was_told(self) -> None:
        before = self.camera().play(self.case.scene, self.dwell_s / 2)
        after = before.restart(self.case.config).play(self.case.scene, self.dwell_s + 5)
        assert before.story() + after.story() == ["confirmed"]

    def test_a_restart_before_a_blind_camera_closes_as_blind(self) -> None:
        after = self.opened().restart(self.case.config).cover(self.case.config.blind_close_s + 1)
        assert after.story()[-1] == "blind"

    def test_an_episode_of_another_zone_is_not_this_rules(self) -> None:
        before = self.opened(name="other")
        after = Camera(self.case.config, before.left_open(), before.at_s + 3).play(self.case.scene, self.dwell_s + 5)
        assert sorted(after.story()) == ["confirmed", "restart"]

    def test_a_code_that_is_no_longer_watched_is_ended_once(self) -> None:
        zones = (self.case.config.zone_name,)
        left = OpenEpisode("old", "SENSOR.GAS", "cam-1", self.case.config.kind, START, zones=zones)
        assert Camera(self.case.config, (left,)).play([], 5).story() == ["restart"]

    def test_an_ending_closes_what_is_open(self) -> None:
        assert self.opened().end().story() == ["confirmed", "end_of_recording"]
        assert self.camera().play(self.case.scene, self.dwell_s / 2).end().log == []

    def test_outside_the_zone_is_nothing(self) -> None:
        assert self.camera(zone=RIGHT_EDGE).play(self.case.scene, self.dwell_s + 5).log == []

    def test_a_weak_box_is_nothing_unless_the_site_says_so(self) -> None:
        weak: list[Row] = [(row[0], row[1], row[2], 0.3) for row in self.case.scene]
        assert self.camera().play(weak, self.dwell_s + 5).log == []
        assert self.camera(min_score=0.28).play(weak, self.dwell_s + 5).story() == ["confirmed"]

    def test_it_tells_what_it_saw(self) -> None:
        (new,) = self.opened().reports()
        assert (new.phase, new.rule, new.camera_id) == (Phase.NEW, self.case.config.kind, "cam-1")
        assert new.zones == (self.case.config.name,)
        assert new.sighting is not None
        assert new.sighting.label in self.case.config.labels
        assert new.outcome is None
        # As long as it has been there, whoever has taken the time.
        assert new.dwell_s == pytest.approx(self.dwell_s, abs=1.1)
        assert new.sighting.last_seen - new.sighting.first_seen == timedelta(seconds=new.dwell_s)
        assert self.opened(severity=Severity.CRITICAL).reports()[0].severity is Severity.CRITICAL

    def test_it_is_silent_unless_told_to_speak(self) -> None:
        assert self.opened().said() == []
        spoken = self.opened(phrases=Spoken(first="staff_coming", again="test"), repeat_s=5.0)
        spoken.play(self.case.scene, 11).play([], 2 * self.clear_s + 5)
        assert spoken.said()[:3] == ["staff_coming", "test", "test"]
        assert [signal for _, signal in spoken.log if isinstance(signal, Hush)] == [Hush(spoken.reports()[0].event_id)]
        assert isinstance(spoken.log[0][1], Say), "the voice first"

    def test_a_model_that_cannot_see_it_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=f"{self.case.config.kind}: met a model with the labels unicorn"):
            build((self.case.config,), "cam-1", ("unicorn",), {}, str)

    def test_its_defaults_are_a_setting_of_the_registry(self) -> None:
        assert SCENARIOS[self.case.config.kind].Config is type(self.case.config)

    def test_its_own_settings_are_on_its_page_and_the_common_ones_on_theirs(self) -> None:
        own, common = type(self.case.config), ZoneConfig
        page = (DOCS / f"{self.case.config.kind}.md").read_text("utf-8")
        told = {name for name in _settings(own) if f"`{name}`" in page}
        assert _settings(own) - _settings(common) | set(own.__annotations__) - {"kind"} <= told
        shared = (DOCS / "zones.md").read_text("utf-8")
        assert [name for name in sorted(_settings(common)) if f"`{name}`" not in shared] == []

    @pytest.mark.parametrize("seed", range(6))
    def test_whatever_happens_one_new_and_one_end(self, seed: int) -> None:
        chance = Random(seed)
        camera = self.camera().play(self.case.scene, self.dwell_s + 3)
        lives = [camera]
        for _ in range(25):
            what = chance.choice(["there", "there", "gone", "flicker", "tick", "covered", "restart"])
            seconds, fps = chance.choice([0.5, 3, self.clear_s, self.dwell_s + 3]), chance.choice([1, 4, 10])
            if what == "restart":
                camera = camera.restart(self.case.config)
                lives.append(camera)
            elif what == "tick":
                camera.tick(seconds)
            elif what == "covered":
                camera.cover(seconds, fps=fps)
            else:
                camera.play(self.flickering(chance, {"there": 0.9, "gone": 0.0, "flicker": 0.3}[what]), seconds, fps)
        camera.end()
        assert not camera.left_open()
        told = [report for life in lives for report in life.reports()]
        for steps in _by_episode(told):
            phases = [step.phase for step in steps]
            assert (phases[0], phases[-1]) == (Phase.NEW, Phase.END)
            assert set(phases[1:-1]) <= {Phase.UPDATE}


def _by_episode(told: Sequence[Report]) -> Iterator[list[Report]]:
    for event_id in dict.fromkeys(report.event_id for report in told):
        yield [report for report in told if report.event_id == event_id]


def _settings(model: type[BaseModel]) -> set[str]:
    """Names of the keys, those of models in it too."""
    found = set(model.model_fields) - {"kind"}
    for field in model.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found |= _settings(inner)
    return found
