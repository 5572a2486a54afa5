from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from pydantic import ValidationError

from edgeguard.errors import Fault, SourceError
from edgeguard.sources import FileConfig, open_source
from edgeguard.sources.base import Clock
from edgeguard.sources.file import FileSource
from edgeguard.types import Frame
from tests.support.recordings import drawn, write_audio, write_pictures, write_video


@dataclass
class FakeTime:
    now_s: float = 1000.0
    slept_s: list[float] = field(default_factory=list)

    def sleep(self, seconds_s: float) -> None:
        self.slept_s.append(seconds_s)
        self.now_s += seconds_s

    def clock(self) -> Clock:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        return Clock(lambda: self.now_s, lambda: start + timedelta(seconds=self.now_s - 1000), self.sleep)


def read(path: Path, fps: float | None = None) -> list[Frame]:
    return list(FileSource(FileConfig(path=path, pace="max", fps=fps), "cam").frames())


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi", "clip.ts"])
def test_keeps_the_times_of_the_recording_from_zero(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    frames = read(write_video(tmp_path / name, frames=30, fps=10, codec=codec))
    assert [frame.index for frame in frames] == list(range(30))
    assert np.allclose([frame.monotonic_s for frame in frames], np.arange(30) / 10, atol=0.002)
    assert frames[10].captured_at == frames[0].captured_at + timedelta(seconds=frames[10].monotonic_s)
    assert frames[0].captured_at.tzinfo is not None


def test_two_readings_are_the_same(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    first, second = read(path), read(path)
    assert [(f.monotonic_s, f.captured_at) for f in first] == [(f.monotonic_s, f.captured_at) for f in second]
    assert all(np.array_equal(a.picture.luma, b.picture.luma) for a, b in zip(first, second, strict=True))


def test_pictures_stay_valid_after_the_file_is_closed(tmp_path: Path) -> None:
    frames = read(write_video(tmp_path / "clip.mp4"))
    left_edges = [int(np.argmax(np.abs(frame.picture.luma[24].astype(int) - 70) > 10)) for frame in frames[:10]]
    assert left_edges == sorted(left_edges)
    assert frames[0].picture.bgr(32, 24).shape == (24, 32, 3)


def test_real_pace_sleeps_until_each_frame_is_due(tmp_path: Path) -> None:
    time = FakeTime()
    source = FileSource(FileConfig(path=write_video(tmp_path / "clip.mp4")), "cam", time.clock())
    frames = list(source.frames())
    assert sum(time.slept_s) == pytest.approx(2.9)
    assert frames[-1].monotonic_s == pytest.approx(1002.9)
    assert frames[-1].captured_at == datetime(2026, 1, 1, 0, 0, 2, 900000, tzinfo=UTC)


def test_loop_goes_on_with_time_and_index(tmp_path: Path) -> None:
    config = FileConfig(path=write_video(tmp_path / "clip.mp4", frames=5), loop=True)
    frames = FileSource(config, "cam", FakeTime().clock()).frames()
    taken = [next(frames) for _ in range(12)]
    assert [frame.index for frame in taken] == list(range(12))
    assert np.allclose(np.diff([frame.monotonic_s for frame in taken]), 0.1)


def test_a_loop_rests_on_its_last_picture(tmp_path: Path) -> None:
    config = FileConfig(path=write_video(tmp_path / "clip.mp4", frames=5), loop=True, rest_s=0.5)
    frames = FileSource(config, "cam", FakeTime().clock()).frames()
    taken = [next(frames) for _ in range(12)]
    assert np.allclose(np.diff([frame.monotonic_s for frame in taken]), 0.1)
    lumas = [frame.picture.luma for frame in taken]
    same = [np.array_equal(luma, lumas[4]) for luma in lumas]
    assert same == [False] * 4 + [True] * 6 + [False] * 2


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_folder_of_numbered_pictures_in_the_order_of_numbers(tmp_path: Path, suffix: str) -> None:
    names = [f"frame_{n}.{suffix}" for n in (1, 2, 9, 10, 11)]
    frames = read(write_pictures(tmp_path / "pictures", names), fps=5)
    assert [frame.monotonic_s for frame in frames] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    reds = [frame.picture.bgr(64, 48)[24, :, 2] for frame in frames]
    assert [int(np.argmax(red > 140)) for red in reds] == [0, 2, 4, 6, 8]


def cut(path: Path, keep: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def text_file(path: Path) -> Path:
    path.write_text("this is no video\n" * 200)
    return path


def empty_file(path: Path) -> Path:
    path.touch()
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


BAD: dict[str, tuple[Callable[[Path], Path], float | None, str]] = {
    "missing": (lambda p: p / "gone.mp4", None, "no such file"),
    "empty": (lambda p: empty_file(p / "empty.mp4"), None, "not a video, or damaged"),
    "text": (lambda p: text_file(p / "text.mp4"), None, "not a video, or damaged"),
    "only sound": (lambda p: write_audio(p / "sound.wav"), None, "no video stream in it, only audio"),
    "cut, index at the end": (lambda p: cut(write_video(p / "c.mp4"), 0.5), None, "not a video, or damaged"),
    "fps for a video": (lambda p: write_video(p / "c.mp4"), 5.0, "fps 5 is for a folder"),
    "empty folder": (lambda p: folder(p / "f"), 5.0, "no pictures in this folder"),
    "folder without fps": (lambda p: write_pictures(p / "f", ["1.png"]), None, "needs fps"),
    "not numbered": (lambda p: write_pictures(p / "f", ["a.png"]), 5.0, "must be numbered"),
    "damaged picture": (lambda p: text_file(folder(p / "f") / "1.png").parent, 5.0, r"1\.png: "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_by_name(tmp_path: Path, case: str) -> None:
    make, fps, message = BAD[case]
    with pytest.raises(SourceError, match=message) as caught:
        read(make(tmp_path), fps)
    assert str(tmp_path) in str(caught.value)


def test_a_file_cut_off_is_read_to_its_end_and_then_refused(tmp_path: Path) -> None:
    path = cut(write_video(tmp_path / "clip.mp4", frames=100, movflags="faststart"), 0.6)
    frames: list[Frame] = []
    with pytest.raises(SourceError, match=r"cut off|damaged"):
        frames.extend(FileSource(FileConfig(path=path, pace="max"), "cam").frames())
    assert frames


def test_a_damaged_middle_is_told_with_its_place(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi", frames=60, codec="mpeg4")
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = bytes(len(data) - len(data) // 3)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"clip\.avi"):
        read(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"loop": True, "pace": "max"},
        {"rest_s": 1},
        {"fps": 0},
        {"pace": "slow"},
        {"speed": 2},
        {"recorded_at": "2026-01-01"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FileConfig.model_validate({"path": "clip.mp4"} | wrong)


def test_open_source_gives_the_class_of_the_kind(tmp_path: Path) -> None:
    source = open_source(FileConfig(path=write_video(tmp_path / "clip.mp4"), pace="max"), "lift-1")
    assert next(iter(source.frames())).camera_id == "lift-1"


def test_joined_files_whose_times_begin_anew_play_on(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.ts", frames=30).read_bytes()
    second = write_video(tmp_path / "b.ts", frames=30).read_bytes()
    (tmp_path / "both.ts").write_bytes(first + second)
    times = [frame.monotonic_s for frame in read(tmp_path / "both.ts")]
    assert len(times) >= 55  # a decoder may give up frames at the seam
    assert np.diff(times).min() > 0
    assert times[-1] == pytest.approx(5.9, abs=0.5)


def test_a_timestamp_far_ahead_is_no_pause(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(30):
            frame = av.VideoFrame.from_ndarray(drawn(index), "bgr24").reformat(format="yuv420p")
            frame.pts = index + (36_000 if index >= 15 else 0)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert np.allclose(np.diff([frame.monotonic_s for frame in read(path)]), 0.1, atol=0.002)


def test_a_codec_nobody_has(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_EDGE/GUARD/XX"))
    with pytest.raises(SourceError, match="no decoder for its codec") as caught:
        read(path)
    assert caught.value.fault == Fault.NO_DECODER


@pytest.mark.parametrize(("keep", "codec"), [(0.3, "libx264"), (0.6, "libx264"), (0.7, "libx264"), (0.5, "mpeg4")])
def test_cut_anywhere_it_ends_with_a_word(tmp_path: Path, keep: float, codec: str) -> None:
    path = cut(write_video(tmp_path / "clip.avi", frames=60, codec=codec), keep)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.fault == Fault.DAMAGED
