"""A camera that gives no picture, or none of use, as an episode: DEVICE.CAMERA.BLIND. A pure state machine.

One NEW after `after_s` without a picture, seldom an UPDATE, one END when the camera has been seeing again for a while.
A camera that comes and goes stays in one episode: the while doubles with every return that did not last.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edgeguard.contract import find
from edgeguard.types import OpenEpisode, Phase, Report

CODE = "DEVICE.CAMERA.BLIND"
RULE = "camera_blind"
UPDATE_EVERY_S = 600.0
# Seeing for so long ends the episode: at first, and at most.
HOLD_FIRST_S = 10.0
HOLD_LONGEST_S = 600.0
# Blind again within so long of the last end: it comes and goes.
CALM_S = 900.0


@dataclass(frozen=True, slots=True)
class Sight:
    """How a camera is: `blind_for_s` is 0 while it sees, `why` one word; `over`: there is nothing more to come."""

    blind_for_s: float = 0.0
    why: str = ""
    over: bool = False


@dataclass(slots=True)
class _Episode:
    event_id: str
    blind_s: float  # of the stretches that are over
    reported_s: float
    sees_since_s: float | None = None


class BlindWatch:
    """One camera's. `resume` is what the journal holds open of it, of any rule.

    `code` and `rule`: of another reason than no picture for which it does not see.
    """

    def __init__(
        self,
        camera_id: str,
        after_s: float,
        new_event_id: Callable[[datetime], str],
        resume: tuple[OpenEpisode, ...] = (),
        code: str = CODE,
        rule: str = RULE,
    ) -> None:
        self._code, self._rule = code, rule
        self._camera_id = camera_id
        self._after_s = after_s
        self._new_event_id = new_event_id
        self._severity = find(code).severity
        self._resume = next((found for found in resume if (found.camera_id, found.rule) == (camera_id, rule)), None)
        self._episode: _Episode | None = None
        self._blind_since_s: float | None = None
        self._hold_s = HOLD_FIRST_S
        self._ended_s = float("-inf")

    def step(self, now_s: float, at: datetime, sight: Sight) -> tuple[Report, ...]:
        """Call at 2 Hz or faster."""
        if self._resume is not None:
            opened_s = now_s - max((at - self._resume.opened_at).total_seconds(), 0.0)
            self._episode = _Episode(self._resume.event_id, 0.0, now_s)
            self._blind_since_s = opened_s - self._after_s
            self._resume = None
        return tuple(self._blind(now_s, at, sight) if sight.blind_for_s else self._seeing(now_s, at, sight))

    def _blind(self, now_s: float, at: datetime, sight: Sight) -> Iterator[Report]:
        if self._blind_since_s is None:
            self._blind_since_s = now_s - sight.blind_for_s
        episode = self._episode
        if episode is None:
            if now_s - self._blind_since_s >= self._after_s:
                yield self._open(now_s, at, sight.why)
            return
        episode.sees_since_s = None
        if now_s - episode.reported_s >= UPDATE_EVERY_S:
            episode.reported_s = now_s
            yield self._report(now_s, at, Phase.UPDATE, decision=sight.why)

    def _open(self, now_s: float, at: datetime, why: str) -> Report:
        again = now_s - self._ended_s < CALM_S
        self._hold_s = min(2 * self._hold_s, HOLD_LONGEST_S) if again else HOLD_FIRST_S
        self._episode = _Episode(self._new_event_id(at), 0.0, now_s)
        return self._report(now_s, at, Phase.NEW, decision=why)

    def _seeing(self, now_s: float, at: datetime, sight: Sight) -> Iterator[Report]:
        stretch_s = 0.0 if self._blind_since_s is None else now_s - self._blind_since_s
        self._blind_since_s = None
        episode = self._episode
        if episode is None:
            return
        episode.blind_s += stretch_s
        if episode.sees_since_s is None:
            episode.sees_since_s = now_s
        if sight.over or now_s - episode.sees_since_s >= self._hold_s:
            self._ended_s = now_s
            yield self._report(now_s, at, Phase.END, end_reason="end_of_recording" if sight.over else "seeing")
            self._episode = None

    def _report(
        self, now_s: float, at: datetime, phase: Phase, decision: str | None = None, end_reason: str | None = None
    ) -> Report:
        """`dwell_s` is how long it was blind, without the moments in which it saw."""
        episode, since_s = self._episode, self._blind_since_s
        if episode is None:
            raise RuntimeError("no episode to report of")
        stretch_s = 0.0 if since_s is None else now_s - since_s
        return Report(
            event_id=episode.event_id,
            code=self._code,
            phase=phase,
            severity=self._severity,
            camera_id=self._camera_id,
            rule=self._rule,
            at=at,
            monotonic_s=now_s,
            dwell_s=round(episode.blind_s + stretch_s, 3),
            decision=decision,
            end_reason=end_reason,
        )
