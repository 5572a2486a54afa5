import json
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from edgeguard.actuators.file_output import FileOutput
from edgeguard.actuators.outputs import Cue
from edgeguard.errors import AudioError

PIECE = np.full(800, 1000, np.int16)


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(wav.readframes(10**9), "<i2")


def test_the_timeline_has_silence_between_and_start_times(tmp_path: Path) -> None:
    output = FileOutput(tmp_path / "v.wav", 8000)
    with output:
        first, second = Cue("test", "zh", "e1"), Cue("test", "en")
        output.play(PIECE, first)
        output.play(PIECE, first)
        time.sleep(0.3)
        output.play(PIECE, second)
        sound = read(output.path)  # whole while it is open, too
    lines = [json.loads(line) for line in output.sidecar_path.read_text(encoding="utf-8").splitlines()]
    assert [(line["phrase"], line["language"], line["event_id"]) for line in lines] == [
        ("test", "zh", "e1"),
        ("test", "en", None),
    ]
    starts = [round(line["offset_s"] * 8000) for line in lines]
    assert np.flatnonzero(np.diff(sound, prepend=0) > 0).tolist() == starts
    assert sound[starts[0] : starts[0] + 1600].min() == 1000
    assert starts[1] - starts[0] >= 2400
    assert len(sound) == starts[1] + 800
    np.testing.assert_array_equal(read(output.path), sound)


def test_empty(tmp_path: Path) -> None:
    with FileOutput(tmp_path / "v.wav", 8000) as output:
        pass
    assert len(read(output.path)) == 0
    assert output.sidecar_path.read_text(encoding="utf-8") == ""


def test_no_faster_than_it_would_be_heard(tmp_path: Path) -> None:
    with FileOutput(tmp_path / "v.wav", 8000) as output:
        began = time.monotonic()
        for _ in range(5):
            output.play(PIECE, Cue("test", "zh"))
        assert time.monotonic() - began >= 0.39


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    output = FileOutput(tmp_path / "none" / "v.wav")
    with pytest.raises(AudioError, match=r"v\.wav cannot be written"), output:
        pass
    with pytest.raises(AudioError, match="not open"):
        output.play(PIECE, Cue("test", "zh"))


def test_full(tmp_path: Path) -> None:
    with FileOutput(tmp_path / "v.wav", 8000, limit_s=0.01) as output:
        time.sleep(0.02)
        with pytest.raises(AudioError, match="limit_s"):
            output.play(PIECE, Cue("test", "zh"))
