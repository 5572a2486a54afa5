"""Settings laid over a site file: what is taken, what is left out, and for how long it holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edgeguard.agent.announce import birth_of
from edgeguard.agent.configure import MAX_BYTES, NAME, RuleSettings
from edgeguard.agent.rule_settings import Laid, RuleSetting, changed, check_setting, lay, longest, settable
from edgeguard.agent.site import SiteConfig
from edgeguard.contract import ConfigureArgs
from edgeguard.errors import ConfigError, SettingsError
from edgeguard.scenarios import SCENARIOS
from edgeguard.sources.base import SYSTEM_CLOCK
from tests.agent.test_rights_box import KEY

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
LINE = [[0.1, 0.5], [0.9, 0.5]]
INSIDE = [[0.1, 0.6], [0.9, 0.6], [0.9, 0.9], [0.1, 0.9]]
RULES = [
    {"kind": "lift_ebike"},
    {"kind": "conduct_loiter", "name": "ramp", "dwell_s": 120},
    {"kind": "conduct_loiter", "name": "roof", "dwell_s": 60},
    {"kind": "access_tailgate", "line": LINE, "zone": INSIDE},
]


def site(folder: Path, **changes: Any) -> SiteConfig:
    facts = {"site": "hz", "box": "box-1", "data_dir": folder, "remote_settings": True}
    camera = {"id": "yard-1", "source": {"kind": "synthetic"}, "scenarios": RULES}
    keys = {"commands": {"keys": [KEY.public.text]}}
    return SiteConfig.model_validate(facts | {"cameras": [camera]} | keys | changes)


def setting(kind: str = "conduct_loiter", zone: str = "ramp", at: datetime = NOW, **args: Any) -> RuleSetting:
    told = ConfigureArgs.model_validate({"camera": "yard-1", "kind": kind, "zone": zone, **args})
    return RuleSetting(args=told, by="wang", at=at)


def test_what_a_rule_has_is_what_can_be_set_of_it(tmp_path: Path) -> None:
    found = {rule.kind: settable(rule) for rule in site(tmp_path).cameras[0].scenarios}
    assert found["lift_ebike"] == ("on", "armed")
    assert found["conduct_loiter"] == ("on", "armed", "min_score", "dwell_s")
    assert found["access_tailgate"] == ("on", "armed", "min_score"), "it happens in an instant"
    gate = SCENARIOS["gate_plate"].Config.model_validate({"gate": "north"})
    assert (settable(gate), longest(gate)) == ((), None)


def test_settings_are_laid_over_one_another_and_over_nothing_else(tmp_path: Path) -> None:
    given = site(tmp_path)
    settings = (setting(dwell_s=30), setting(zone="roof", on=False), setting("lift_ebike", "cabin", **lift(1)))
    laid = lay(given, settings, NOW)
    assert (laid.kept, laid.dropped) == (settings, ())
    rules = laid.site.cameras[0].scenarios
    assert [(rule.kind, rule.zone_name) for rule in rules] == [
        ("conduct_loiter", "ramp"),
        ("access_tailgate", "gate"),
    ]
    assert rules[0].model_dump()["dwell_s"] == 30
    assert laid.given is given
    assert given.cameras[0].scenarios[1].model_dump()["dwell_s"] == 120
    assert changed(settings, setting()) == settings[1:]
    assert changed(settings[:1], setting(min_score=0.3))[0].args.dwell_s is None, "the last word is the whole"


def lift(hours: float) -> dict[str, Any]:
    return {"on": False, "until": NOW + timedelta(hours=hours)}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: setting("lift_ebike", "cabin", on=False), "until: met nothing, accepted: at most 24 h from now"),
        (lambda: setting("lift_ebike", "cabin", armed={"windows": []}), "until: met nothing"),
        (lambda: setting("lift_ebike", "cabin", **lift(25)), "until: met 2026-02-01T09:00:00.000Z"),
        (lambda: setting(on=False, until=NOW), "until: met 2026-01-31T08:00:00.000Z, accepted: later than"),
        (lambda: setting("access_tailgate", "gate", dwell_s=0), "met dwell_s, accepted for access_tailgate: on, armed"),
        (lambda: setting(camera="roof", on=False), "camera: met roof, accepted: yard-1"),
    ],
)
def test_a_refusal_tells_both_values(tmp_path: Path, wrong: Callable[[], RuleSetting], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_setting(site(tmp_path), wrong(), NOW)


def test_what_a_file_says_of_an_ebike_rule_has_an_end_too(tmp_path: Path) -> None:
    laid = lay(site(tmp_path), (setting("lift_ebike", "cabin", on=False),), NOW)
    assert (laid.kept, "at most 24 h" in laid.dropped[0]) == ((), True)


@pytest.mark.parametrize(("after_h", "holds"), [(0, True), (1.9, True), (2, False), (-0.001, True), (-1, False)])
def test_a_setting_holds_from_when_it_was_made_to_its_end(after_h: float, holds: bool) -> None:
    assert setting(**lift(2)).holds(NOW + timedelta(hours=after_h)) is holds
    assert setting(dwell_s=3).holds(NOW + timedelta(hours=after_h)), "without an end"


def test_settings_of_all_rules_fit_into_a_birth(tmp_path: Path) -> None:
    windows = [{"start": "22:00", "end": "06:00", "days": ["mon", "tue", "wed", "thu"]}] * 32
    rules = [{"kind": "conduct_loiter", "name": f"zone {number}"} for number in range(40)]
    camera = {"id": "yard-1", "source": {"kind": "synthetic"}, "scenarios": rules}
    given = site(tmp_path, cameras=[camera])
    settings = RuleSettings(given, SYSTEM_CLOCK)
    many = [setting(zone=rule["name"], armed={"windows": windows}) for rule in rules]
    with pytest.raises(SettingsError, match=f"accepted: at most {MAX_BYTES}"):
        settings.write(lay(given, many, NOW))
    assert not (tmp_path / NAME).exists()


def test_a_birth_tells_the_rule_in_force_and_the_file_under_it(tmp_path: Path) -> None:
    given = site(tmp_path)
    laid = lay(given, (setting(dwell_s=30, armed={"windows": []}), setting(zone="roof", on=False)), NOW)
    ramp, roof = rules_told(laid)[1:3]
    assert (ramp.dwell_s, ramp.on, roof.on, roof.dwell_s) == (30, True, False, 60)
    assert ramp.override is not None
    over = ramp.override
    assert (over.fields, over.by, over.site_file.dwell_s) == (("armed", "dwell_s"), "wang", 120)
    assert rules_told(Laid(given, given))[0].at_most_s == 86400
    for closed in (site(tmp_path, remote_settings=False), site(tmp_path, commands={})):
        assert {rule.settable for rule in rules_told(Laid(closed, closed))} == {()}


def rules_told(laid: Laid) -> Any:
    return birth_of(laid, (), (), boot_id="b", bd_seq=1, started_at=NOW).cameras[0].rules
