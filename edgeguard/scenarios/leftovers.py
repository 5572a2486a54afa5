"""Open episodes that nobody watches any more still need their one END."""

from collections.abc import Sequence
from datetime import datetime

from edgeguard.contract import find
from edgeguard.types import Observation, OpenEpisode, Outcome, Phase, Report, Verdict


class Leftovers:
    """Ends what is left with the first observation. A `Scenario`."""

    def __init__(self, episodes: Sequence[OpenEpisode]) -> None:
        self._episodes = tuple(episodes)

    def update(self, observation: Observation) -> Verdict:
        if not self._episodes:
            return Verdict()
        episodes, self._episodes = self._episodes, ()
        at, monotonic_s = observation.captured_at, observation.monotonic_s
        return Verdict(tuple(orphan_end(episode, at, monotonic_s) for episode in episodes))


def orphan_end(episode: OpenEpisode, at: datetime, monotonic_s: float, reason: str = "restart") -> Report:
    """The END of an open episode whose camera or rule is no longer configured."""
    sighting = episode.sighting
    dwell_s = (sighting.last_seen - sighting.first_seen).total_seconds() if sighting else 0.0
    return Report(
        event_id=episode.event_id,
        code=episode.code,
        phase=Phase.END,
        severity=find(episode.code).severity,
        camera_id=episode.camera_id,
        rule=episode.rule,
        at=at,
        monotonic_s=monotonic_s,
        sighting=sighting,
        zones=episode.zones,
        dwell_s=max(dwell_s, 0.0),
        outcome=Outcome.UNKNOWN,
        end_reason=reason,
    )
