"""`edgeguard config` as its user calls it."""

import json
from pathlib import Path

import pytest

from edgeguard.cli import main

SITE = """\
site: hz
box: box-1
data_dir: data
voice: {output: {kind: none}}
cameras:
  - id: a
    source: {kind: rtsp, url: "rtsp://user:hunter2@10.0.0.1/x"}
  - id: b
    source: {kind: synthetic}
ops: {}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE, "utf-8")
    return path


def changed(site: Path, old: str, new: str) -> Path:
    other = site.with_name("new.yaml")
    other.write_text(SITE.replace(old, new), "utf-8")
    return other


def test_a_good_file(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", str(site)]) == 0
    told = capsys.readouterr().out
    assert "notice" in told
    assert told.endswith(f"{site}: 2 cameras, ready to run\n")
    assert main(["run", "-c", str(site), "--check"]) == 0


def test_every_error_at_once(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = changed(site, "kind: synthetic}", "kind: synthetic, fps: 0}\n    detect_hz: 90")
    assert main(["config", "check", str(wrong)]) == 1
    told = capsys.readouterr().out
    assert f"{wrong}:9: cameras.1.source.synthetic.fps: met 0, accepted: greater than 0" in told
    assert f"{wrong}:10: cameras.1.detect_hz: met 90, accepted: less than or equal to 60" in told
    assert told.endswith(f"{wrong}: 2 errors\n")
    assert main(["run", "-c", str(wrong), "--check"]) == 2


def test_errors_for_a_machine(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = changed(site, "id: b", "id: b\n    detect_hz: 90")
    assert main(["config", "check", "--json", str(wrong)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["notices"]) == (False, [])
    (error,) = told["errors"]
    assert (error["file"], error["line"], error["key"]) == (str(wrong), 9, "cameras.1.detect_hz")
    assert (error["met"], error["accepted"]) == ("90", "less than or equal to 60")


def test_show(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", str(site)]) == 0
    told = capsys.readouterr().out
    assert "hunter2" not in told
    assert "      password: (hidden)\n" in told
    assert any(line.startswith("    detect_hz: 10.0") and line.endswith("# default") for line in told.splitlines())
    assert main(["config", "show", "--json", str(site)]) == 0
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    parsed = json.loads(shown)
    assert parsed["site"]["cameras"][1]["detect_hz"] == 10
    assert "cameras.1.id" in parsed["given"]
    assert "cameras.1.detect_hz" not in parsed["given"]


@pytest.mark.parametrize(
    ("old", "new", "told", "verdict"),
    [
        ("id: b", "id: b\n    detect_hz: 5", "cameras.b.detect_hz", "it touches cameras b."),
        ("building", "building", "nothing differs", "nothing differs"),
        ("cameras:\n", "place: {lift: A}\ncameras:\n", "place.lift", "it touches no camera."),
        ("box: box-1", "box: box-2", "restart needed", "The box must be started again"),
    ],
)
def test_diff(site: Path, old: str, new: str, told: str, verdict: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["config", "diff", str(site), str(changed(site, old, new))])
    out = capsys.readouterr().out
    assert (status, told in out, verdict in out) == (int(verdict != "nothing differs"), True, True)


def test_diff_for_a_machine(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = changed(site, "hunter2", "hunter3")
    assert main(["config", "diff", "--json", str(site), str(other)]) == 1
    out = capsys.readouterr().out
    assert "hunter" not in out
    (change,) = json.loads(out)["changes"]
    assert (change["path"], change["camera"]) == ("cameras.a.source.password", "a")


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"site", "box", "data_dir", "cameras"} == set(schema["required"])


@pytest.mark.parametrize("words", [["show"], ["diff", "none.yaml"]])
def test_no_file_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", *words, "none.yaml"]) == 2
    assert "none.yaml: No such file" in capsys.readouterr().err
