"""The host's real ALSA, without a sound card: a PCM that writes a file, named as a site would name its card."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from edgeguard.actuators.catalogue import load_catalogue

ASOUNDRC = """
pcm.nowhere {{ type null }}
pcm.lift_speaker {{ type file slave.pcm nowhere file "{heard}" format "wav" }}
"""


def speak(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own: ALSA reads the configuration of the home folder."""
    (home / ".asoundrc").write_text(ASOUNDRC.format(heard=home / "heard.wav"), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "edgeguard", "speak", *words],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_sample_of_the_phrase_reaches_the_card(tmp_path: Path) -> None:
    done = speak(tmp_path, "test", "--language", "en", "--output", "alsa:lift_speaker", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"] == "played"
    with wave.open(str(tmp_path / "heard.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels()) == (48_000, 2)
        heard = np.frombuffer(wav.readframes(10**9), "<i2").reshape(-1, 2)
    expected = load_catalogue(48_000)["test"].clips["en"].pcm
    np.testing.assert_array_equal(heard[:, 0], heard[:, 1])
    start = int(np.flatnonzero(heard[:, 0])[0]) - int(np.flatnonzero(expected)[0])
    np.testing.assert_array_equal(heard[start : start + len(expected), 0], expected)


def test_devices_are_listed(tmp_path: Path) -> None:
    done = speak(tmp_path, "--devices", "--json")
    assert done.returncode == 0
    assert "lift_speaker" in json.loads(done.stdout)


def test_a_device_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    done = speak(tmp_path, "test", "--output", "alsa:attic", "--json")
    assert done.returncode == 1
    record = json.loads(done.stdout)
    assert record["result"] == "no_device"
    assert "no sound device 'attic'" in record["detail"]
    assert "lift_speaker" in record["detail"]
