import json

import pytest

from edgeguard.cli import main
from edgeguard.contract import CODES, CODES_VERSION
from edgeguard.contract.examples import EXAMPLES


def test_codes_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "codes"]) == 0
    printed = capsys.readouterr().out
    assert all(code in printed for code in CODES)


def test_codes_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "codes", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == CODES_VERSION
    assert [row["code"] for row in document["codes"]] == list(CODES)
    assert document["codes"][0]["zh"] == "电动自行车进入电梯"


def test_examples_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "examples"]) == 0
    printed = capsys.readouterr().out
    assert all(example.topic in printed for example in EXAMPLES)


@pytest.mark.parametrize("what", ["examples", "schema", "asyncapi"])
def test_json_documents(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", what, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_something_else_is_refused_with_the_values_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["contract", "poems"])
    assert "asyncapi" in capsys.readouterr().err
