import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from edgeguard.actuators.catalogue import BUNDLED, load_catalogue
from edgeguard.errors import AudioError

CODECS = {"wav": "pcm_s16le", "flac": "flac", "mp3": "libmp3lame", "ogg": "libopus", "opus": "libopus"}


def record(path: Path, sound: np.ndarray | None = None, rate_hz: int = 48_000) -> Path:
    """Write a second of a 440 Hz tone, or `sound`, in the format of the suffix."""
    if sound is None:
        sound = (8000 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(CODECS[path.suffix[1:]], rate=rate_hz, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
        frame.rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


@pytest.mark.parametrize("suffix", CODECS)
def test_own_recordings_replace_by_name_in_every_format(tmp_path: Path, suffix: str) -> None:
    record(tmp_path / f"ebike_leave.zh.{suffix}")
    phrase = load_catalogue(16_000, ("zh", "en"), tmp_path)["ebike_leave"]
    assert (phrase.clips["zh"].own, phrase.clips["en"].own, phrase.clips["zh"].speech_from) == (True, False, 0)
    pcm = phrase.clips["zh"].pcm.astype(np.float64)
    assert len(pcm) == pytest.approx(16_000, rel=0.1)
    strongest = np.fft.rfftfreq(len(pcm), 1 / 16_000)[np.abs(np.fft.rfft(pcm)).argmax()]
    assert strongest == pytest.approx(440, abs=3)


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    assert not any(clip.own for phrase in load_catalogue(24_000, (), tmp_path) for clip in phrase.clips.values())


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(b"not a sound " * 100)


def silence(path: Path) -> None:
    record(path, np.zeros(48_000, np.int16))


def blip(path: Path) -> None:
    record(path, np.full(480, 9000, np.int16))


def cut_off(path: Path) -> None:
    record(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        pytest.param("ebike_leave.zh.wav", nothing, "cannot be decoded", id="empty"),
        pytest.param("ebike_leave.zh.mp3", noise, "cannot be decoded", id="no sound"),
        pytest.param("ebike_leave.zh.flac", cut_off, "damaged|cannot be decoded", id="cut off"),
        pytest.param("ebike_leave.zh.wav", silence, "nothing but silence", id="silence"),
        pytest.param("ebike_leave.zh.wav", blip, "accepted: 0.1 to 60 s", id="too short"),
        pytest.param("ebike_go.zh.wav", record, "no phrase 'ebike_go'; accepted: .*ebike_leave", id="unknown phrase"),
        pytest.param("ebike_leave.wav", record, "accepted: <phrase>.<language>", id="no language"),
        pytest.param("notes.txt", nothing, "not a recording", id="another file"),
    ],
)
def test_a_wrong_recording_is_refused_by_name(
    tmp_path: Path, name: str, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(AudioError, match=f"{name}: .*({says})"):
        load_catalogue(24_000, ("zh",), tmp_path)


def test_two_recordings_of_one_phrase(tmp_path: Path) -> None:
    record(tmp_path / "test.zh.flac")
    record(tmp_path / "test.zh.wav")
    with pytest.raises(AudioError, match=r"test\.zh\.wav: test\.zh\.flac is the same"):
        load_catalogue(24_000, (), tmp_path)


def test_a_damaged_bundled_file(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    shutil.copytree(BUNDLED, folder)
    with (folder / "test.en.flac").open("ab") as file:
        file.write(b"x")
    with pytest.raises(AudioError, match=r"test\.en\.flac: damaged: its sha256"):
        load_catalogue(24_000, bundled=folder)
    (folder / "test.en.flac").unlink()
    with pytest.raises(AudioError, match=r"test\.en\.flac: cannot be read"):
        load_catalogue(24_000, bundled=folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "phrases.yaml:1: met None, accepted: a mapping"),
        ("phrases: {}\nchime_s: 9\n", "phrases.yaml:2: chime_s: met 9, accepted: less than or equal to 3"),
        (
            "chime_s: 1\nphrases:\n  a: {priority: loud, languages: {}}\n",
            "phrases.yaml:3: phrases.a.priority: met 'loud'",
        ),
    ],
)
def test_a_wrong_sheet(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "phrases.yaml").write_text(text, "utf-8")
    with pytest.raises(AudioError, match=says):
        load_catalogue(24_000, bundled=tmp_path)


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(AudioError, match="not there in 'fr'; accepted: zh, en"):
        load_catalogue(24_000, ("zh", "fr"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is not a folder"):
        load_catalogue(24_000, (), tmp_path / "none")
