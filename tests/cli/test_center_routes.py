"""`edgeguard center routes`: check, show, try."""

from pathlib import Path

import pytest

from edgeguard.cli import main
from tests.center.routes_support import table, written


def ask(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(["center", *words]) == status
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_check_tells_secrets_that_are_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, table())
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    told = ask(capsys, "routes", "--routes", str(path), "check", status=1)
    assert "recipients.desk.channels.0.secret_env: the environment has no HOOK_SECRET" in told
    monkeypatch.setenv("HOOK_SECRET", "x")
    assert "good, 4 places, 4 recipients, 2 rules" in ask(capsys, "routes", "--routes", str(path), "check")


def test_a_wrong_table_ends_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = table()
    content["places"][3]["parent"] = "C9"
    told = ask(capsys, "routes", "--routes", str(written(tmp_path, content)), "check", status=2)
    assert "places.3.parent: met C9, accepted: D1, S1, C1, G42" in told


def test_show_and_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, table())
    settings = tmp_path / "center.yaml"
    settings.write_text("broker: {insecure_lab: true}\nroutes: routes.yaml\n")
    shown = ask(capsys, "--config", str(settings), "routes", "show")
    assert "      grid G42 Grid 42 [330106G0042, 330106001001]  guard: desk" in shown
    assert "  when `arrived` is missed: officer of the community" in shown
    tried = ask(capsys, "--config", str(settings), "routes", "try", "--code", "SENSOR.SOS", "--grid", "330106G0042")
    assert tried.splitlines() == [
        "SENSOR.SOS (critical) at grid G42 -> community C1 -> street S1 -> district D1",
        "rule calls",
        "  at once: grid G42: Desk (webhook)",
        "  when `arrived` is missed: community C1: Community (webhook)",
        "  after 120 s unless arrived: street S1: Street (webhook)",
    ]
    nobody = ask(capsys, "--config", str(settings), "routes", "try", "--code", "LIFT.BICYCLE.ENTER")
    assert "no rule fits: nobody is told" in nobody


def test_without_a_table_it_says_where_one_is_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "accepted: --routes FILE, or routes: FILE" in ask(capsys, "routes", "show", status=2)
