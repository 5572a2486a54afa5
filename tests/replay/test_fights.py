"""Fights on film: clips of 2 s of surveillance cameras, which say what they show; a rule's second is half of one."""

import json
from pathlib import Path

import pytest

from edgeguard.cli import main

FOUGHT = "- {code: CONDUCT.FIGHT, start_s: 0, end_s: 3}\n"
SITE = """
site: demo
box: box-1
data_dir: data
cameras:
  - id: yard
    source: {kind: synthetic}
    detect_hz: 8
    scenarios: [{kind: conduct_fight, dwell_s: DWELL}]
"""


@pytest.mark.shared
@pytest.mark.parametrize(
    ("clip", "dwell_s", "counts"),
    [
        ("fight/fi061", 1, (1, 0, 0)),
        ("fight/fi118", 0, (1, 0, 0)),
        ("fight/fi018", 0, (1, 0, 0)),
        ("no_fight/nofi004", 0, (0, 0, 0)),
        ("no_fight/nofi058", 0, (0, 0, 0)),
    ],
)
def test_a_clip_is_told_as_it_is_labelled(
    clip: str,
    dwell_s: int,
    counts: tuple[int, int, int],
    shared: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site, truth = tmp_path / "site.yaml", tmp_path / "truth.yaml"
    site.write_text(SITE.replace("DWELL", str(dwell_s)))
    truth.write_text(FOUGHT if clip.startswith("fight") else "[]\n")
    path = shared / "data" / "fight_clips" / f"{clip}.mp4"
    assert main(["replay", str(path), "--config", str(site), "--truth", str(truth), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["score"]
    assert (told["matched"], told["missed"], told["false_alarms"]) == counts
