"""How many alarms each level closes by itself, and how many it had to hand on: the closing rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from edgeguard.center.database import Database
from edgeguard.center.routes import LEVELS, Level, Routes
from edgeguard.contract.base import rfc3339


class Closing(BaseModel):
    """`reached`: alarms that were this level's; `closed`: a person closed them before a larger level was told.

    `handed_on`: a larger level was told; the others are `open`. `rate` is closed / reached, None where there was none.
    """

    model_config = ConfigDict(frozen=True)

    reached: int = 0
    closed: int = 0
    handed_on: int = 0

    @property
    def open(self) -> int:
        return self.reached - self.closed - self.handed_on

    @property
    def rate(self) -> float | None:
        return self.closed / self.reached if self.reached else None


@dataclass(frozen=True, slots=True)
class Case:
    """One alarm: where it began, the largest level that was told, and whether a person has closed it."""

    place: str
    highest: Level | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Of each level, and of each place by id."""

    levels: dict[Level, Closing]
    places: dict[str, Closing]


def cases(database: Database, since: datetime) -> list[Case]:
    """Alarms that a rule has followed since then; each once."""
    found = database.read(
        "SELECT place, (SELECT group_concat(DISTINCT level) FROM notice WHERE notice.event_id = one.event_id) AS told,"
        " EXISTS (SELECT 1 FROM ack WHERE ack.event_id = one.event_id AND kind IN ('handled', 'false_alarm')) AS closed"
        " FROM routed AS one WHERE started_at >= ? AND rule != '' GROUP BY event_id",
        (rfc3339(since),),
    )
    return [Case(row["place"], _highest(row["told"] or ""), bool(row["closed"])) for row in found]


def rates(routes: Routes, found: list[Case]) -> Rates:
    """A place that the routes have no more is counted nowhere."""
    levels: dict[Level, Closing] = {level: Closing() for level in LEVELS}
    places = {place.id: Closing() for place in routes.places}
    for case in found:
        for place_id, level, is_last in _reached(routes, case):
            levels[level] = _counted(levels[level], case, is_last=is_last)
            places[place_id] = _counted(places[place_id], case, is_last=is_last)
    return Rates(levels, places)


def _reached(routes: Routes, case: Case) -> Iterator[tuple[str, Level, bool]]:
    """(place, level, whether it is the largest) from where the alarm began up to the largest level told."""
    place = routes.by_id.get(case.place)
    if place is None:
        return
    chain = routes.upwards(place)
    top = max(LEVELS.index(case.highest or place.level), LEVELS.index(place.level))
    mine = [one for one in chain if LEVELS.index(one.level) <= top]
    for one in mine:
        yield one.id, one.level, one is mine[-1]


def _counted(so_far: Closing, case: Case, *, is_last: bool) -> Closing:
    return Closing(
        reached=so_far.reached + 1,
        closed=so_far.closed + (is_last and case.closed),
        handed_on=so_far.handed_on + (not is_last),
    )


def _highest(told: str) -> Level | None:
    found = [level for level in LEVELS if level in told.split(",")]
    return found[-1] if found else None
