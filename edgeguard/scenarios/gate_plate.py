"""A car before a gate: its plate is read, asked for, and the gate opens or does not.

How it behaves, and why, is in docs/scenarios/gate_plate.md. Codes: VEHICLE.PLATE.GRANTED, DENIED, UNKNOWN, EXPIRED.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from edgeguard.access.claims import Claim, PlateClaim
from edgeguard.scenarios.gate import PLATE, GateRule, GateRuleConfig, Keeper, Seen
from edgeguard.scenarios.objects import Thresholds
from edgeguard.types import Observation, OpenEpisode, PlateSeen, PlateTold, Signal

# A plate that is not seen for so long and comes back has a new number in the tracker.
FORGET_S = 10.0


class GatePlateConfig(GateRuleConfig):
    """A car's plate opens a gate."""

    kind: Literal["gate_plate"] = "gate_plate"
    min_plate_px: float = Field(default=60.0, ge=20, le=2000, description="Width of a plate that is near enough.")
    decide_by_s: float = Field(
        default=4.0, ge=0.5, le=60, description="A plate whose looks do not agree is asked for as it is after so long."
    )


@dataclass(slots=True)
class _Car:
    """A plate that is followed; `key`, `outcome`: of its passage, None before anything was decided."""

    seen: Seen
    last_s: float
    key: str | None = None
    opened: bool = False
    outcome: str | None = None


class GatePlate(GateRule):
    """One decision for each car: when enough looks agree, or when they have had their time."""

    Config = GatePlateConfig

    def __init__(
        self,
        config: GatePlateConfig,
        camera_id: str,
        labels: Sequence[str],
        thresholds: Mapping[str, Thresholds],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
        keeper: Keeper | None = None,
        *,
        takes_codes: bool = True,
    ) -> None:
        super().__init__(config, camera_id, labels, thresholds, new_event_id, resume, keeper, takes_codes=takes_codes)
        self._config = config
        self._cars: dict[int, _Car] = {}

    @property
    def attentive(self) -> bool:
        return any(car.key is None for car in self._cars.values())

    @property
    def takes_claims(self) -> bool:
        """Where a face must follow a card, its camera takes both: here nobody would look for the face."""
        return self._takes_codes and not self._keeper.verifies

    def credential(self, now: Observation, claim: Claim) -> Iterator[Signal]:
        if not self._keeper.expects_face(claim, now.captured_at):
            yield from super().credential(now, claim)

    def look(self, now: Observation) -> Iterator[Signal]:
        for plate in now.shown.plates if now.shown else ():
            if plate.width_px >= self._config.min_plate_px and self.inside(plate.box, now):
                yield from self._follow(now, plate)
        self._cars = {key: car for key, car in self._cars.items() if now.monotonic_s - car.last_s < FORGET_S}

    def _follow(self, now: Observation, plate: PlateSeen) -> Iterator[Signal]:
        car = self._cars.setdefault(plate.track_id, _Car(Seen.since(now), now.monotonic_s))
        car.seen.looks += 1
        car.last_s = now.monotonic_s
        if car.key is None and plate.agreed and plate.text in self._passages:
            car.key, car.opened = plate.text, True  # the tracker had lost it; it has been decided
        if self._is_due(now, car, plate):
            yield from self._decide(now, car, plate)
        if car.key is not None:
            self._passages.seen(car.key, now)

    def _is_due(self, now: Observation, car: _Car, plate: PlateSeen) -> bool:
        if car.key is None:
            waited = now.monotonic_s - car.seen.first_s >= self._config.decide_by_s
            return plate.agreed or (waited and plate.text != "")
        # Read from too far at first: who still stands there is asked for as more looks now read.
        return not car.opened and plate.agreed and plate.text != car.key

    def _decide(self, now: Observation, car: _Car, plate: PlateSeen) -> Iterator[Signal]:
        if car.key is not None:
            yield from self._passages.end(now, car.key, "read_again")
        # What the looks agree on is meant as it was read: its neighbour on the list is another car.
        doubts = () if plate.agreed else plate.char_conf
        claim = PlateClaim(plate.text, plate.votes, doubts, plate.others)
        if self._keeper.expects_face(claim, now.captured_at):
            car.key, car.opened = plate.text, True  # what comes of it is told with the face
            return
        decision = self._keeper.decide(claim, now.captured_at)
        said, car.key, car.opened, car.outcome = car.outcome, plate.text, decision.opens, decision.outcome
        text, votes = self._keeper.plate_told(plate.text), max(plate.votes, 1)
        candidates = decision.candidates if text == plate.text else ()  # a pseudonym is nothing to pick from
        told = PlateTold(text, plate.kind, plate.colour, plate.char_conf, votes, candidates)
        sighting = car.seen.sighting("plate", plate.track_id, plate.box, plate.score, now)
        yield from self._passages.begin(now, plate.text, PLATE, decision, sighting, plate=told, said=said)
