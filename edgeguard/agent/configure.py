"""`cmd/configure`: what the center sets of a camera's rule, kept beside the journal, in force over restarts."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from pydantic import TypeAdapter, ValidationError

from edgeguard.agent.rule_settings import Key, Laid, RuleSetting, check_setting, lay
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import Command, ConfigureCommand
from edgeguard.durable import write_durably
from edgeguard.errors import CommandRefused, ConfigError, SettingsError
from edgeguard.sources.base import Clock

log = logging.getLogger(__name__)

NAME: Final = "rules.json"
# They are told in `birth`, which a center reads up to 64 KiB.
MAX_BYTES: Final = 16 * 1024
_FILE: Final = TypeAdapter(tuple[RuleSetting, ...])


class RuleSettings:
    """The file and what holds of it; only the thread that runs the box changes anything, any may read `laid`, `lost`.

    A file that cannot be read is told in `lost`, and the site file holds; it stays until something is set anew.
    """

    def __init__(self, given: SiteConfig, clock: Clock) -> None:
        self._path = given.data_dir / NAME
        self._clock = clock
        self._ends_s: dict[Key, float] = {}
        self.laid = Laid(given, given)
        self.lost = ""

    def load(self) -> SiteConfig:
        """What is in force at a start: the site file with all of the file that can be used. Never raises for it."""
        found = self._read()
        self.take(self.lay(self.laid.given, found))
        if self.laid.kept != found:
            self.try_to_write(self.laid)
        return self.laid.site

    def lay(self, given: SiteConfig, settings: Sequence[RuleSetting]) -> Laid:
        """How it would be with another site file or other settings."""
        return lay(given, settings, self._clock.utcnow())

    def take(self, laid: Laid) -> None:
        """In force from now on; once accepted, the time of a setting runs by a clock that nobody sets."""
        now, now_s, ends_s = self._clock.utcnow(), self._clock.monotonic_s(), self._ends_s
        known = {one.args.key for one in self.laid.kept if one in laid.kept}
        self._ends_s = {
            one.args.key: ends_s[one.args.key]
            if one.args.key in known and one.args.key in ends_s
            else now_s + (one.args.until - now).total_seconds()
            for one in laid.kept
            if one.args.until is not None
        }
        for why in laid.dropped:
            log.error("a setting from the center is not in force: %s", why)
        self.laid = laid

    def write(self, laid: Laid) -> None:
        """On the disk when this returns. Raises SettingsError."""
        data = _FILE.dump_json(laid.kept, exclude_none=True)
        if len(data) > MAX_BYTES:
            accepted = f"at most {MAX_BYTES}: take some back, or put them into the site file"
            raise SettingsError(f"settings of all rules together: met {len(data)} bytes, accepted: {accepted}")
        try:
            write_durably(self._path, data)
        except OSError as error:
            raise SettingsError(f"{self._path}: cannot be written ({error.strerror})") from error
        self.lost = ""

    def try_to_write(self, laid: Laid) -> None:
        """Where nobody waits for it: what stays in the file is over or cannot be used, and is left out again."""
        try:
            self.write(laid)
        except SettingsError as error:
            log.error("%s", error)  # noqa: TRY400 - one line is enough

    @property
    def over(self) -> bool:
        """Whether the time of a setting has come to its end, by either clock."""
        now, now_s = self._clock.utcnow(), self._clock.monotonic_s()
        return any(not one.holds(now) or now_s >= self._end_s(one) for one in self.laid.kept)

    def holding(self) -> tuple[RuleSetting, ...]:
        """Those whose time is not over."""
        now, now_s = self._clock.utcnow(), self._clock.monotonic_s()
        return tuple(one for one in self.laid.kept if one.holds(now) and now_s < self._end_s(one))

    def _end_s(self, one: RuleSetting) -> float:
        return self._ends_s.get(one.args.key, float("inf"))

    def _read(self) -> tuple[RuleSetting, ...]:
        try:
            return _FILE.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            self.lost = f"{self._path}: cannot be read ({why}); the site file's settings are in force"
            log.error("what the center had set of rules: %s", self.lost)  # noqa: TRY400 - one line is enough
            return ()


@dataclass(frozen=True, slots=True)
class Wish:
    """A setting that was accepted and is to be put in force; `over` is told the end."""

    setting: RuleSetting
    over: "Future[str]"


class ConfigureHandler:
    """A `Starter`: refuses at once what the rule does not take; `wishes` are for the thread that runs the box."""

    def __init__(self, settings: RuleSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._queue: SimpleQueue[Wish] = SimpleQueue()

    def start(self, command: Command) -> "Future[str]":
        """Raises CommandRefused with the value met and the values accepted."""
        if not isinstance(command, ConfigureCommand):
            raise TypeError(f"configure got a {type(command).__name__}")
        setting = RuleSetting(args=command.args, by=command.by, at=command.issued_at)
        try:
            check_setting(self._settings.laid.given, setting, self._clock.utcnow())
        except ConfigError as error:
            raise CommandRefused(str(error)) from error
        wish = Wish(setting, Future())
        self._queue.put(wish)
        return wish.over

    def wishes(self) -> Iterator[Wish]:
        """In the order in which they came, until there is none; never waits."""
        while True:
            try:
                yield self._queue.get_nowait()
            except Empty:
                return
