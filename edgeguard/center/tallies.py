"""What people, vehicles and sensors did, counted: crowds that are there now, and alarms by hour, place and code."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from edgeguard.center.cards import Card
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339
from edgeguard.contract.event import Event
from edgeguard.types import Severity

HOURS: Final = 24
# What is counted: conduct, lifts, vehicles and sensors. Who passes a gate, and devices, have pages of their own.
_COUNTED: Final = (
    "(code LIKE 'CONDUCT.%' OR code LIKE 'LIFT.%' OR code LIKE 'SENSOR.%' OR code = 'ACCESS.TAILGATE'"
    " OR (code LIKE 'VEHICLE.%' AND code NOT LIKE 'VEHICLE.PLATE.%'))"
)
_CROWDS: Final = "(code LIKE 'CONDUCT.CROWD.%' OR code = 'LIFT.CROWD.OVER')"


@dataclass(frozen=True, slots=True)
class Crowd:
    """People at one place now: the highest level that is on, its plan, and the latest count.

    `card`: of the highest level that is on. `count` None: the box has told none. `plan`: what the site wants of its
    staff at this level, in its order.
    """

    card: Card
    plan: tuple[str, ...]
    count: int | None
    counted_at: datetime

    @property
    def level(self) -> int | None:
        """1 to 3; None: a rule without levels."""
        last = self.card.code.rpartition(".")[2]
        return int(last[1:]) if last[:1] == "L" and last[1:].isdigit() else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Alarms of some days; what people called false is counted in `false` only.

    `hours` by severity, 24 numbers each; `places`: 24 numbers each, the most first; `codes`: the card of one with how
    many and how many were false, the most first.
    """

    hours: dict[Severity, list[int]]
    places: tuple[tuple[Card, list[int]], ...]
    codes: tuple[tuple[Card, int, int], ...]

    @property
    def total(self) -> int:
        return sum(sum(row) for row in self.hours.values())


def crowds(database: Database) -> list[Crowd]:
    """One for each place where a level is on, the worst first. Raises StoreError."""
    # Also one that somebody has called handled already: people are there as long as the box sees them.
    found = database.read(f"SELECT card FROM episode WHERE card ->> 'state' != 'ended' AND {_CROWDS}")  # noqa: S608
    by_place: dict[tuple[str, str, str | None, str], list[tuple[Card, list[Event]]]] = {}
    for card in (Card.model_validate_json(row["card"]) for row in found):
        steps = _steps(database, card.event_id)
        zone = next(iter(steps[-1].data.zones), "")
        by_place.setdefault((card.site, card.box, card.camera, zone), []).append((card, steps))
    there = [_crowd(levels) for levels in by_place.values()]
    return sorted(there, key=lambda one: (one.level or 0, one.count or 0), reverse=True)


def tally(database: Database, now: datetime, days: int, zone: tzinfo, code: str = "") -> Tally:
    """Alarms that began in the last `days`, hours in `zone`; of one `code` only where given. Raises StoreError."""
    since = rfc3339(now - timedelta(days=days))
    found = database.read(
        f"SELECT card FROM episode WHERE opened_at >= ? AND {_COUNTED}",  # noqa: S608 - constant
        (since,),
    )
    cards = [Card.model_validate_json(row["card"]) for row in found]
    mine = [card for card in cards if code in {"", card.code}]
    real = [card for card in mine if not _false(card)]
    hours = {severity: [0] * HOURS for severity in Severity}
    for card in real:
        hours[card.severity][_hour(card, zone)] += 1
    return Tally(hours, tuple(_places(real, zone)), tuple(_codes(cards)))


def _crowd(levels: Sequence[tuple[Card, list[Event]]]) -> Crowd:
    """Of all levels that are on at one place; each event of any of them counts everybody."""
    card, steps = max(levels, key=lambda level: level[0].code)
    plan = tuple(action.asset for action in steps[0].data.actions if action.type == "plan" and action.asset)
    counted = [step for _, told in levels for step in told if "count" in step.data.sensors]
    if not counted:
        return Crowd(card, plan, None, card.updated_at)
    last = max(counted, key=lambda step: step.time)
    return Crowd(card, plan, int(last.data.sensors["count"].value), last.time)


def _steps(database: Database, event_id: str) -> list[Event]:
    rows = database.read("SELECT body FROM event WHERE event_id = ? ORDER BY rev", (event_id,))
    return [Event.from_json(row["body"]) for row in rows]


def _places(cards: Sequence[Card], zone: tzinfo) -> Iterator[tuple[Card, list[int]]]:
    rows: dict[object, tuple[Card, list[int]]] = {}
    for card in cards:
        where = card.place.model_dump_json() if card.place else card.box
        _, hours = rows.setdefault((card.site, where), (card, [0] * HOURS))
        hours[_hour(card, zone)] += 1
    yield from sorted(rows.values(), key=lambda row: sum(row[1]), reverse=True)


def _codes(cards: Sequence[Card]) -> Iterator[tuple[Card, int, int]]:
    examples = {card.code: card for card in cards}
    false = Counter(card.code for card in cards if _false(card))
    for code, count in Counter(card.code for card in cards).most_common():
        yield examples[code], count, false[code]


def _false(card: Card) -> bool:
    return card.ack is not None and card.ack.kind == "false_alarm"


def _hour(card: Card, zone: tzinfo) -> int:
    return card.opened_at.astimezone(zone).hour
