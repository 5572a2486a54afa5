"""The demo as a newcomer runs it: the bundled recording, the bundled detector, everything on loopback."""

import json
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from edgeguard.cli import main

DEMO = [sys.executable, "-m", "edgeguard", "demo"]


def listening(pid: int) -> set[str]:
    """Addresses on which a process listens, as /proc shows them: hexadecimal, 0100007F is 127.0.0.1."""
    sockets = {
        link.readlink().name[8:-1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if link.is_symlink() and link.readlink().name.startswith("socket:[")
    }
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in sockets:
                found.add(fields[1].split(":")[0])
    return found


def test_one_episode_from_the_picture_to_the_card(tmp_path: Path) -> None:
    command = [*DEMO, "--once", "--json", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        told = []
        for line in demo.stderr:
            told.append(line)
            if "LIFT.EBIKE.ENTER" in line:
                assert listening(demo.pid) == {"0100007F"}
                break
        output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, told
    result = json.loads(output.splitlines()[-1])
    assert result["confirmed"] is True
    assert result["phases"][0] == "new"
    assert result["phases"][-1] == "end"
    assert result["phases"].count("new") == result["phases"].count("end") == 1
    assert all(result[name] >= 0 for name in ("confirmed_to_audio_ms", "confirmed_to_card_ms"))
    assert abs(result["first_visible_to_confirmed_ms"]) < 5000
    with wave.open(result["voice_wav"]) as voice:
        heard = np.frombuffer(voice.readframes(voice.getnframes()), np.int16)
        rate = voice.getframerate()
    assert len(heard) > 5 * rate
    assert np.abs(heard).max() > 3000
    with av.open(result["clip"], "r") as clip:
        assert clip.duration is not None
        # From 3 s before to 5 s after; a recording has no more before its start.
        assert 5.5 < clip.duration / av.time_base < 10
        assert next(clip.decode(video=0)).key_frame


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json"], "--json: met without --once"),
        (["--once", "--port", "70000"], "--port: met 70000"),
        (["--once", "--out", "{others}"], "which holds other things"),
    ],
)
def test_wrong_options(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "letter.txt").write_text("mine")
    filled = [argument.format(others=tmp_path / "others") for argument in arguments]
    assert main(["demo", *filled]) == 2
    assert told in capsys.readouterr().err
    assert (tmp_path / "others" / "letter.txt").read_text() == "mine"
