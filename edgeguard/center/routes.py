"""Who is told of what: a table from place, code and severity to people and platforms, with escalation by time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edgeguard.center.notifiers import Channel
from edgeguard.center.sla import Goal
from edgeguard.contract.codes import CODES
from edgeguard.contract.event import Place
from edgeguard.errors import ConfigError
from edgeguard.types import Severity
from edgeguard.yamlfile import Loc, Strict, YamlFile

Level = Literal["grid", "community", "street", "district"]
# From the smallest up; every place lies in one of the next.
LEVELS: Final[tuple[Level, ...]] = ("grid", "community", "street", "district")
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class PlaceEntry(Strict):
    """A grid, community, street or district. Events belong to it by grid code, address code or compound (`sites`)."""

    id: Id
    level: Level
    name: str
    parent: Id | None = None
    grid_codes: tuple[str, ...] = ()
    address_codes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    roles: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)


class Recipient(Strict):
    """A person or a platform, and how it is told: on every channel."""

    name: str
    channels: tuple[Channel, ...] = Field(min_length=1)


class Step(Strict):
    """Tell the holders of `roles` at `level`, after a time or when a timer is missed.

    After a time: unless people have come so far (`unless`) by then.
    """

    level: Level
    roles: tuple[Id, ...] = Field(min_length=1)
    after_s: Annotated[float, Field(ge=0)] | None = None
    unless: Literal["seen", "arrived", "done"] = "done"
    missed: Goal | None = None

    @model_validator(mode="after")
    def _one_reason(self) -> Self:
        if (self.after_s is None) == (self.missed is None):
            raise ValueError("after_s: SECONDS or missed: arrived|done, exactly one of them")
        return self


class Rule(Strict):
    """For which events; `codes` may hold `*`. The first rule that fits is followed."""

    name: Id
    codes: tuple[str, ...] = ("*",)
    severities: tuple[Severity, ...] = tuple(Severity)
    places: tuple[Id, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)

    def fits(self, code: str, severity: Severity) -> bool:
        return severity in self.severities and any(fnmatchcase(code, pattern) for pattern in self.codes)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step tells: recipients at the place of its level."""

    place: PlaceEntry
    recipients: tuple[str, ...]


class Routes(Strict):
    """The whole file. `otherwise`: the place of events whose codes no place has, so that none is lost."""

    places: tuple[PlaceEntry, ...] = Field(min_length=1)
    recipients: dict[Id, Recipient]
    rules: tuple[Rule, ...] = Field(min_length=1)
    otherwise: Id

    def place_of(self, where: Place | None, site: str) -> PlaceEntry:
        """By grid code, then address code, then compound, else `otherwise`."""
        wanted = (
            ("grid_codes", where.grid_code if where else None),
            ("address_codes", where.address_code if where else None),
            ("sites", site),
        )
        for field, code in wanted:
            found = next((place for place in self.places if code in getattr(place, field)), None)
            if code is not None and found is not None:
                return found
        return self.by_id[self.otherwise]

    def rule_for(self, code: str, severity: Severity, place: PlaceEntry) -> Rule | None:
        """The first that fits; None: nobody is told."""
        around = {one.id for one in self.upwards(place)}
        fitting = (rule for rule in self.rules if rule.fits(code, severity))
        return next((rule for rule in fitting if not rule.places or around & set(rule.places)), None)

    def target(self, step: Step, place: PlaceEntry) -> Target:
        """An event of a community has no grid: what the grid would hear, everybody of the community hears."""
        chain = self.upwards(place)
        at = next((one for one in chain if LEVELS.index(one.level) >= LEVELS.index(step.level)), chain[-1])
        roles = step.roles if at.level == step.level else tuple(at.roles)
        names = dict.fromkeys(name for role in roles for name in at.roles.get(role, ()))
        return Target(at, tuple(names))

    def upwards(self, place: PlaceEntry) -> tuple[PlaceEntry, ...]:
        """The place itself first, its district last."""
        chain = [place]
        while chain[-1].parent is not None:
            chain.append(self.by_id[chain[-1].parent])
        return tuple(chain)

    @property
    def by_id(self) -> Mapping[str, PlaceEntry]:
        return {place.id: place for place in self.places}


def load_routes(path: Path) -> Routes:
    """Read a routes file; raises ConfigError with file, line, value met and values accepted, one problem a line."""
    file = YamlFile(path)
    routes = file.check(Routes)
    problems = [f"{path}:{file.line(loc)}: {'.'.join(map(str, loc))}: {what}" for loc, what in problems_of(routes)]
    if problems:
        raise ConfigError("\n".join(problems))
    here = path.resolve().parent
    recipients = {
        name: one.model_copy(update={"channels": tuple(channel.placed(here) for channel in one.channels)})
        for name, one in routes.recipients.items()
    }
    return routes.model_copy(update={"recipients": recipients})


def problems_of(routes: Routes) -> Iterator[tuple[Loc, str]]:
    """What is wrong across the file: (place in it, value met and values accepted)."""
    places = list(_of_places(routes))
    yield from places
    if routes.otherwise not in routes.by_id:
        yield ("otherwise",), f"met {routes.otherwise}, accepted: {', '.join(routes.by_id)}"
    yield from _of_roles(routes)
    yield from _of_rules(routes)
    if not places:
        # Who has which role can be told only where every place has its parents.
        yield from _of_steps(routes)


def _of_places(routes: Routes) -> Iterator[tuple[Loc, str]]:
    known, claimed = routes.by_id, dict[tuple[str, str], str]()
    ids = [place.id for place in routes.places]
    for index, place in enumerate(routes.places):
        at: Loc = ("places", index)
        if ids.index(place.id) != index:
            yield (*at, "id"), f"met {place.id} a second time, accepted: each id once"
        yield from _of_parent(known, place, at)
        for field in ("grid_codes", "address_codes", "sites"):
            for code in getattr(place, field):
                owner = claimed.setdefault((field, code), place.id)
                if owner != place.id:
                    yield (*at, field), f"met {code}, which is {owner}'s, accepted: each code at one place"


def _of_parent(known: Mapping[str, PlaceEntry], place: PlaceEntry, at: Loc) -> Iterator[tuple[Loc, str]]:
    above = LEVELS[LEVELS.index(place.level) + 1] if place.level != LEVELS[-1] else None
    loc = (*at, "parent")
    if place.parent is None:
        if above is not None:
            yield loc, f"met nothing at {place.level} {place.id}, accepted: the {above} it lies in"
        return
    circle = _circle(known, place)
    parent = known.get(place.parent)
    if parent is None:
        yield loc, f"met {place.parent}, accepted: {', '.join(known)}"
    elif circle:
        yield loc, f"met the circle {' -> '.join(circle)}, accepted: places that lie in ever larger ones"
    elif above is None:
        yield loc, f"met {place.parent} at district {place.id}, accepted: nothing, a district lies in no other place"
    elif parent.level != above:
        yield loc, f"met {parent.level} {parent.id}, accepted: a {above}, no level may be missing above {place.id}"


def _circle(known: Mapping[str, PlaceEntry], place: PlaceEntry) -> list[str]:
    """The ids from a place back to itself; empty where there is no way back."""
    way, at = [place.id], place.parent
    while at is not None and at in known and at not in way:
        way.append(at)
        at = known[at].parent
    return [*way, place.id] if at == place.id else []


def _of_roles(routes: Routes) -> Iterator[tuple[Loc, str]]:
    for index, place in enumerate(routes.places):
        for role, names in place.roles.items():
            for name in names:
                if name not in routes.recipients:
                    accepted = ", ".join(routes.recipients) or "none, there are no recipients"
                    yield ("places", index, "roles", role), f"met {name}, accepted: {accepted}"


def _of_rules(routes: Routes) -> Iterator[tuple[Loc, str]]:
    names = [rule.name for rule in routes.rules]
    for index, rule in enumerate(routes.rules):
        at: Loc = ("rules", index)
        if names.index(rule.name) != index:
            yield (*at, "name"), f"met {rule.name} a second time, accepted: each name once"
        for pattern in rule.codes:
            if not any(fnmatchcase(code, pattern) for code in CODES):
                yield (*at, "codes"), f"met {pattern}, which is no code, accepted: those of `edgeguard contract codes`"
        for place in rule.places:
            if place not in routes.by_id:
                yield (*at, "places"), f"met {place}, accepted: {', '.join(routes.by_id)}"


def _of_steps(routes: Routes) -> Iterator[tuple[Loc, str]]:
    """A step that would tell nobody of an event somewhere."""
    for index, rule in enumerate(routes.rules):
        for number, step in enumerate(rule.steps):
            empty = dict.fromkeys(
                target.place.id
                for place in routes.places
                if place.id == routes.otherwise or place.grid_codes or place.address_codes or place.sites
                if not rule.places or {one.id for one in routes.upwards(place)} & set(rule.places)
                for target in [routes.target(step, place)]
                if not target.recipients
            )
            if empty:
                loc = ("rules", index, "steps", number, "roles")
                yield loc, f"met {', '.join(step.roles)}, which nobody has at {', '.join(empty)}, accepted: roles there"
