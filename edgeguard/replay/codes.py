"""Which codes rules can tell: a truth file is of a whole recording, a question often of one rule."""

from collections.abc import Iterable, Mapping, Sequence

from edgeguard.contract.codes import CODES
from edgeguard.replay.player import event_ids
from edgeguard.scenarios import LiftEbikeConfig, RuleConfig, Thresholds, build
from edgeguard.scenarios.lift_ebike import BICYCLE_ENTER, EBIKE_ENTER
from edgeguard.scenarios.rule import Eyes, ZoneConfig, ZoneRule
from edgeguard.types import Scenario


def codes_of(
    configs: Sequence[RuleConfig], labels: Sequence[str], thresholds: Mapping[str, Thresholds]
) -> frozenset[str]:
    """Codes that these rules can tell with a model of these `labels`. Raises ConfigError for what it cannot see."""
    rules = build(configs, "replay", labels, thresholds, event_ids())
    told = (_told(one, rule, labels, thresholds) for one, rule in zip(configs, rules, strict=True))
    return frozenset(code for codes in told for code in codes)


def _told(
    config: RuleConfig, rule: Scenario, labels: Sequence[str], thresholds: Mapping[str, Thresholds]
) -> Iterable[str]:
    if isinstance(rule, ZoneRule) and isinstance(config, ZoneConfig):
        return rule.watches(config, Eyes(config, labels, thresholds))
    if isinstance(config, LiftEbikeConfig):
        return (EBIKE_ENTER,) if config.bicycle == "ignore" else (EBIKE_ENTER, BICYCLE_ENTER)
    # A gate's passages have codes of their own, which nothing lists.
    return CODES
