"""What a center may say of a rule: the whole of what is set, or nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from edgeguard.contract import ConfigureArgs
from edgeguard.errors import ContractError

RULE = '"camera": "yard-1", "kind": "conduct_loiter", "zone": "ramp"'
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def args(more: str = "") -> ConfigureArgs:
    return ConfigureArgs.from_json(f"{{{RULE}{more}}}")


def test_nothing_set_is_the_site_file() -> None:
    assert (args().fields, str(args())) == ((), "as in the site file")
    assert args(', "on": true').fields == ()


@pytest.mark.parametrize(
    ("more", "fields", "words"),
    [
        (', "on": false, "until": "2026-01-31T12:00:00Z"', ("on",), "off, until 2026-01-31T12:00:00.000Z"),
        (', "dwell_s": 0, "min_score": 0.4', ("min_score", "dwell_s"), "min_score 0.4, dwell_s 0"),
        (', "armed": {"windows": []}', ("armed",), "armed always"),
        (
            ', "armed": {"windows": [{"start": "22:00", "end": "06:00", "days": ["mon", "tue"]}]}',
            ("armed",),
            "armed mon,tue 22:00-06:00",
        ),
    ],
)
def test_what_is_set_is_told_in_words(more: str, fields: tuple[str, ...], words: str) -> None:
    found = args(more)
    assert (found.fields, str(found)) == (fields, words)
    assert ConfigureArgs.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (', "until": "2026-01-31T12:00:00Z"', "until: met without a setting"),
        (', "dwell_s": NaN', "dwell_s"),
        (', "min_score": Infinity', "min_score"),
        (', "armed": {"windows": [{"start": "25:00", "end": "06:00"}]}', "armed.windows.0.start"),
        (', "armed": {"timezone": "Mars/Olympus", "windows": []}', "IANA"),
        (', "cabin": []', "cabin"),
    ],
)
def test_what_cannot_be_a_setting_is_refused(more: str, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        args(more)


def test_windows_are_bounded() -> None:
    window: dict[str, Any] = {"start": "22:00", "end": "06:00"}
    facts: dict[str, Any] = {"camera": "c", "kind": "k", "zone": "z"}
    assert ConfigureArgs.model_validate({**facts, "armed": {"windows": [window] * 32}})
    with pytest.raises(ValueError, match="met 33 windows, accepted: at most 32"):
        ConfigureArgs.model_validate({**facts, "armed": {"windows": [window] * 33}})
