"""The rules again over what they were told in a replay, with one setting swept; no network, no picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Scene
from edgeguard.replay.detections import Header, Recording
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids
from edgeguard.replay.score import Episode
from edgeguard.scenarios import RuleConfig, build
from edgeguard.yamlfile import check

MOST_VALUES = 1000


@dataclass(frozen=True, slots=True)
class Sweep:
    """`param`: a setting of the scenario, deeper ones with dots (`levels.0.enter`); `values` in order."""

    param: str
    values: tuple[float, ...]

    @classmethod
    def of(cls, text: str) -> "Sweep":
        """Read `PARAM=from:to:step`, both ends included. Decimal steps, so 0.1 thrice is 0.3. Raises ConfigError."""
        param, _, span = text.partition("=")
        try:
            first, last, step = (Decimal(part) for part in span.split(":"))
            count = int((last - first) / step) + 1
        except (ValueError, InvalidOperation, ZeroDivisionError, OverflowError) as error:
            raise ConfigError(_refused(text)) from error
        if not param or count < 1 or count > MOST_VALUES:
            raise ConfigError(_refused(text))
        return cls(param, tuple(float(first + number * step) for number in range(count)))


def _refused(text: str) -> str:
    return f"--sweep: met {text!r}, accepted: PARAM=from:to:step with at most {MOST_VALUES} values, as dwell_s=1:10:0.5"


def scenarios_of(recording: Recording, kind: str) -> tuple[RuleConfig, ...]:
    """The recorded camera's scenarios of a kind; with its defaults where the camera had none. Raises ConfigError."""
    recorded = [one for one in recording.header.scenarios if one.get("kind") == kind]
    settings = {"scenarios": recorded or [{"kind": kind}]}
    found = check(settings, ChainConfig, f"scenario {kind}").scenarios
    if lacking := next(filter(None, (_lacking(recording.header, one) for one in found)), None):
        raise ConfigError(f"--scenario: met {kind}, accepted: one that goes by what was recorded; {lacking}")
    return found


def _lacking(header: Header, config: RuleConfig) -> str | None:
    """What the rule is told that the file has not, in words."""
    if config.by_flights:
        return None if header.flights else "nothing that falls is in the file, record with this rule at the camera"
    if unread := sorted(config.asks - set(header.bodies)):
        return f"{', '.join(unread)} of people is not in the file, record with this rule at the camera"
    return None if config.by_boxes or config.asks else "what is shown at a gate is never in one"


def value_of(configs: Sequence[RuleConfig], param: str) -> object:
    """What the first of them is set to; None: the detector's own. Raises ConfigError for what it has not."""
    found: Any = configs[0].model_dump(mode="json")
    for part in param.split("."):
        try:
            found = found[int(part)] if isinstance(found, list) else found[part]
        except (KeyError, ValueError, IndexError, TypeError) as error:
            numbers = ", ".join(sorted(name for name, value in configs[0] if isinstance(value, int | float)))
            raise ConfigError(f"--sweep: met {param!r}, accepted for {configs[0].kind}: {numbers}") from error
    return found


def changed(configs: Sequence[RuleConfig], param: str, value: float) -> tuple[RuleConfig, ...]:
    """The same with one setting changed. Raises ConfigError for a value that the scenario refuses."""
    settings = [config.model_dump(mode="json") for config in configs]
    for one in settings:
        *path, last = param.split(".")
        inner: Any = one
        for part in path:
            inner = inner[int(part)] if isinstance(inner, list) else inner[part]
        number = int(value) if value.is_integer() else value
        inner[int(last) if isinstance(inner, list) else last] = number
    return check({"scenarios": settings}, ChainConfig, f"{param}={value:g}").scenarios


def rerun(recording: Recording, configs: Sequence[RuleConfig]) -> tuple[Episode, ...]:
    """Episodes of these rules over the recording; with the recorded settings those of the replay, to the last digit.

    The looks are those that were taken then: a setting that makes a rule attentive sooner would on a box have had
    frames looked at that nobody has looked at here.
    """
    header = recording.header
    rules = build(configs, header.camera, header.labels, header.believed(), event_ids())
    log = EventLog(Scene())
    for now in recording.observations:
        log.add(now.monotonic_s, [signal for rule in rules for signal in rule.update(now).signals])
    return log.episodes
