"""docs/access.md says what the code does: its keys, its reasons, its tests."""

import re
from pathlib import Path

from edgeguard.access import AccessConfig, GateRules, KeepConfig, Reason

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "access.md").read_text("utf-8")
WORDS = set(re.findall(r"\w+", PAGE))


def test_every_reason_and_every_key_is_on_the_page() -> None:
    keys = {*AccessConfig.model_fields, *GateRules.model_fields, *KeepConfig.model_fields}
    assert ({reason.value for reason in Reason} | keys) - WORDS == set()


def test_every_test_that_the_page_names_is_there() -> None:
    path, missing = "", []
    for named, test in re.findall(r"`(tests/[\w/.]+)?(?:::(test_\w+))?`", PAGE):
        path = named or path
        if path and test and f"def {test}(" not in (ROOT / path).read_text("utf-8"):
            missing.append(f"{path}::{test}")
        assert not named or (ROOT / named).is_file()
    assert missing == []
