"""What the center has set of this box's rules, laid over the site file, and what of it holds at a moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic.fields import FieldInfo

from edgeguard.agent.admission import AHEAD
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.contract import ConfigureArgs, rfc3339
from edgeguard.contract.base import Timestamp
from edgeguard.errors import ConfigError
from edgeguard.scenarios import LiftEbikeConfig, RuleConfig
from edgeguard.scenarios.rule import ZoneConfig
from edgeguard.yamlfile import Strict, check

Key = tuple[str, str, str]

# What the box is there for: nobody far away switches it off for good. A person may ask again, and is told of again.
MOST_FOR_EBIKES: Final = timedelta(hours=24)
VALUES: Final = ("armed", "min_score", "dwell_s")


class RuleSetting(Strict):
    """What was asked for, by whom and when; `at` by the center's clock."""

    args: ConfigureArgs
    by: str
    at: Timestamp

    @property
    def where(self) -> str:
        """Which rule it is, in words."""
        return " ".join(self.args.key)

    def holds(self, now: datetime) -> bool:
        """Whether its time is not over. A clock that says it has not begun was set back: then it is over too."""
        return self.args.until is None or self.at - AHEAD <= now < self.args.until


@dataclass(frozen=True, slots=True)
class Laid:
    """`given`: the site file; `site`: what is in force; `kept`: what is set; `dropped`: why something is not."""

    given: SiteConfig
    site: SiteConfig
    kept: tuple[RuleSetting, ...] = ()
    dropped: tuple[str, ...] = ()

    def setting(self, camera: str, rule: RuleConfig) -> RuleSetting | None:
        """What was set of this rule of the site file."""
        key = camera, rule.kind, rule.zone_name
        return next((one for one in self.kept if one.args.key == key), None)


def settable(rule: RuleConfig) -> tuple[str, ...]:
    """What `configure` may set of a rule; nothing of one at a gate, which decides who goes in."""
    if not isinstance(rule, ZoneConfig | LiftEbikeConfig):
        return ()
    fields = type(rule).model_fields
    return ("on", *(name for name in VALUES if name in fields and not _fixed(fields[name])))


def _fixed(field: FieldInfo) -> bool:
    """Only one value is accepted: `dwell_s` of what happens in an instant."""
    limits = {name: getattr(one, name) for one in field.metadata for name in ("ge", "le") if hasattr(one, name)}
    return len(limits) == 2 and limits["ge"] == limits["le"]


def longest(rule: RuleConfig) -> timedelta | None:
    """For how long at most something set of it holds; None: until it is changed."""
    return MOST_FOR_EBIKES if isinstance(rule, LiftEbikeConfig) else None


def lay(given: SiteConfig, settings: Sequence[RuleSetting], now: datetime) -> Laid:
    """Everything that can be used; what cannot be is left out, with the reason."""
    site, kept, dropped = given, list[RuleSetting](), list[str]()
    for one in settings:
        if not one.holds(now):
            continue
        try:
            check_time(given, one, one.at)
            site = _with(site, given, one.args)
        except ConfigError as error:
            dropped.append(f"{one.where} ({one.args}, set by {one.by} at {rfc3339(one.at)}): {error}")
        else:
            kept.append(one)
    return Laid(given, site, tuple(kept), tuple(dropped))


def changed(settings: Sequence[RuleSetting], new: RuleSetting) -> tuple[RuleSetting, ...]:
    """With `new` in place of what was set of its rule before; without anything where it sets nothing."""
    others = tuple(one for one in settings if one.args.key != new.args.key)
    return (*others, new) if new.args.fields else others


def check_setting(given: SiteConfig, new: RuleSetting, now: datetime) -> None:
    """Raise ConfigError with the value met and the values accepted."""
    _with(given, given, new.args)
    check_time(given, new, now)


def check_time(given: SiteConfig, new: RuleSetting, now: datetime) -> None:
    """Raise ConfigError where it would hold for too long, or no more."""
    most, until = longest(_rule(_camera(given, new.args), new.args)), new.args.until
    if until is not None and until <= now:
        raise ConfigError(f"until: met {rfc3339(until)}, accepted: later than {rfc3339(now)}")
    if most is not None and new.args.fields and (until is None or until - now > most + AHEAD):
        met, hours = "nothing" if until is None else rfc3339(until), most // timedelta(hours=1)
        accepted = f"at most {hours} h from now, then {new.args.kind} is as in the site file by itself"
        raise ConfigError(f"until: met {met}, accepted: {accepted}")


def _with(site: SiteConfig, given: SiteConfig, args: ConfigureArgs) -> SiteConfig:
    """`site` with this one set, which `given` must have and allow."""
    if not given.remote_settings:
        raise ConfigError("remote_settings: met false, accepted: true in the site file, which somebody at the box sets")
    rule = _rule(_camera(given, args), args)
    able = settable(rule)
    unable = [name for name in args.fields if name not in able]
    if unable:
        accepted = ", ".join(able) or "nothing from afar"
        raise ConfigError(f"met {', '.join(unable)}, accepted for {rule.kind}: {accepted}")
    wanted = {name: getattr(args, name) for name in VALUES if name in args.fields}
    new = check(rule.model_dump() | wanted, type(rule), rule.kind)
    cameras = tuple(_replaced(camera, rule, new if args.on else None, args) for camera in site.cameras)
    return site.model_copy(update={"cameras": cameras})


def _replaced(camera: CameraConfig, old: RuleConfig, new: RuleConfig | None, args: ConfigureArgs) -> CameraConfig:
    """The camera with another rule in the place of an old one, None: with none; every other camera as it is."""
    if camera.id != args.camera:
        return camera
    rules = tuple(_swapped(camera.scenarios, old, new))
    # A copy is not validated: a camera all of whose rules are off goes on showing what it sees.
    return camera.model_copy(update={"scenarios": rules})


def _swapped(rules: Sequence[RuleConfig], old: RuleConfig, new: RuleConfig | None) -> Iterator[RuleConfig]:
    for one in rules:
        if (one.kind, one.zone_name) != (old.kind, old.zone_name):
            yield one
        elif new is not None:
            yield new


def _camera(site: SiteConfig, args: ConfigureArgs) -> CameraConfig:
    found = next((one for one in site.cameras if one.id == args.camera), None)
    if found is None:
        raise ConfigError(f"camera: met {args.camera}, accepted: {', '.join(one.id for one in site.cameras)}")
    return found


def _rule(camera: CameraConfig, args: ConfigureArgs) -> RuleConfig:
    found = next((one for one in camera.scenarios if (one.kind, one.zone_name) == (args.kind, args.zone)), None)
    if found is None:
        accepted = ", ".join(f"{one.kind} {one.zone_name}" for one in camera.scenarios)
        raise ConfigError(f"rule: met {args.kind} {args.zone}, accepted for {camera.id}: {accepted}")
    return found
