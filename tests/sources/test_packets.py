import io
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.stream import VideoStream

from edgeguard.errors import SourceError
from edgeguard.sources import FileConfig, RtspConfig, SyntheticConfig, open_source
from edgeguard.sources.main_stream import MainStream
from edgeguard.sources.mp4 import write_mp4
from edgeguard.sources.packets import Coding, Cut, EncodedPacket, NoTap, PacketRing
from tests.support.recordings import write_video
from tests.support.rtsp import RtspServer

FPS, GOP = 10, 10


def recording(path: Path, *, frames: int = 60, codec: str = "libx264", b_frames: int = 0) -> Path:
    """10 frames a second, a key frame every second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS, options={"bf": str(b_frames)})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.codec_context.gop_size = GOP
        for index in range(frames):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([4 * index % 256]) * plane.buffer_size)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def fill(ring: PacketRing, path: Path, start_s: float = 100.0) -> None:
    """Read a recording into a ring as one connection that began at `start_s`."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        take = ring.connected(stream)
        for packet in container.demux(stream):
            take(packet, start_s + float((packet.dts or 0) * (stream.time_base or 0)))


def opened(data: bytes) -> tuple[list[av.VideoFrame], dict[str, Any]]:
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        keys = [packet.is_keyframe for packet in container.demux(stream) if packet.size]
        container.seek(0)
        return list(container.decode(stream)), {"codec": stream.codec_context.name, "keys": keys}


def ring_of(path: Path, keep_s: float = 60.0, max_bytes: int = 1 << 24) -> PacketRing:
    ring = PacketRing(keep_s, max_bytes)
    fill(ring, path)
    return ring


def test_an_empty_ring_has_nothing(tmp_path: Path) -> None:
    ring = PacketRing(10, 1 << 20)
    assert ring.cut(0, 10) is None
    with av.open(str(recording(tmp_path / "a.mp4"))) as container:
        ring.connected(container.streams.video[0])
        NoTap().connected(container.streams.video[0])
    assert ring.cut(0, 10) is None
    assert ring.size_bytes == 0


@pytest.mark.parametrize(
    ("from_s", "to_s", "first_s", "last_s"),
    [
        (102.4, 104.0, 102.0, 104.0),
        (103.0, 104.0, 103.0, 104.0),
        (90.0, 101.0, 100.0, 101.0),
        (104.5, 120.0, 104.0, 105.9),
    ],
)
def test_a_cut_starts_with_the_key_frame_before(
    tmp_path: Path, from_s: float, to_s: float, first_s: float, last_s: float
) -> None:
    cut = ring_of(recording(tmp_path / "a.mp4")).cut(from_s, to_s)
    assert cut is not None
    assert [cut.from_s, cut.to_s] == pytest.approx([first_s, last_s])
    assert cut.packets[0].is_key
    clip = write_mp4(cut)
    frames, facts = opened(clip.data)
    assert len(frames) == clip.frames == len(cut.packets)
    assert facts["keys"][0]
    assert frames[0].pts == 0
    assert clip.duration_s == pytest.approx(last_s - first_s + 1 / FPS)


@pytest.mark.parametrize("window", [(0.0, 99.0), (106.0, 120.0)])
def test_nothing_of_another_time(tmp_path: Path, window: tuple[float, float]) -> None:
    assert ring_of(recording(tmp_path / "a.mp4")).cut(*window) is None


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
def test_pictures_out_of_order_and_other_codecs(tmp_path: Path, codec: str) -> None:
    cut = ring_of(recording(tmp_path / "a.mp4", codec=codec, b_frames=2)).cut(102.5, 104.0)
    assert cut is not None
    frames, _ = opened(write_mp4(cut).data)
    times = [frame.time for frame in frames]
    assert times[0] == 0
    assert times == sorted(times)


def test_the_index_stands_in_front(tmp_path: Path) -> None:
    cut = ring_of(recording(tmp_path / "a.mp4", frames=600)).cut(100, 200)
    assert cut is not None
    data = write_mp4(cut).data
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_seconds_and_bytes_bound_it(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.mp4")
    whole = ring_of(path)
    seconds = ring_of(path, keep_s=2.0)
    cut = seconds.cut(0, 200)
    assert cut is not None
    # The last packet came at 105.9: what was shown 2 s before needs the key frame of 103.
    assert cut.from_s == pytest.approx(103.0)
    small = ring_of(path, max_bytes=whole.size_bytes // 2)
    assert 0 < small.size_bytes <= whole.size_bytes // 2
    assert ring_of(path, max_bytes=10).cut(0, 200) is None


def test_two_connections_never_mix(tmp_path: Path) -> None:
    ring = PacketRing(60, 1 << 24)
    fill(ring, recording(tmp_path / "a.mp4"), 100)
    fill(ring, recording(tmp_path / "b.mp4", codec="mpeg4"), 110)
    for window, codec in [((101, 112), "h264"), ((104, 118), "mpeg4"), ((101, 105), "h264")]:
        cut = ring.cut(*window)
        assert cut is not None
        assert opened(write_mp4(cut).data)[1]["codec"] == codec


def test_a_codec_that_mp4_cannot_hold_is_named(tmp_path: Path) -> None:
    ring = ring_of(write_video(tmp_path / "a.webm", codec="libvpx"))
    assert (ring.unfit, ring.cut(0, 200)) == ("vp8", None)
    fill(ring, recording(tmp_path / "a.mp4"))
    assert ring.unfit is None


def changed(cut: Cut, **changes: Any) -> Cut:
    return Cut(cut.coding, tuple(replace(packet, **changes) for packet in cut.packets))


def jumping(packets: Iterable[EncodedPacket]) -> tuple[EncodedPacket, ...]:
    """The camera sets its clock back after a second."""
    return tuple(
        replace(packet, pts=(packet.pts or 0) - 10**7 * (index > FPS), dts=(packet.dts or 0) - 10**7 * (index > FPS))
        for index, packet in enumerate(packets)
    )


def test_arrival_stands_in_for_timestamps_that_are_no_use(tmp_path: Path) -> None:
    cut = ring_of(recording(tmp_path / "a.mp4")).cut(101, 103)
    assert cut is not None
    for odd in (changed(cut, pts=None, dts=None), changed(cut, dts=None), Cut(cut.coding, jumping(cut.packets))):
        clip = write_mp4(odd)
        assert len(opened(clip.data)[0]) == 21
        assert clip.duration_s == pytest.approx(2.1, abs=0.01)


def test_a_clip_of_another_codec_is_refused(tmp_path: Path) -> None:
    cut = ring_of(recording(tmp_path / "a.mp4")).cut(101, 103)
    assert cut is not None
    with av.open(str(write_video(tmp_path / "a.webm", codec="libvpx"))) as container:
        coding = Coding(container.streams.video[0])
    with pytest.raises(SourceError, match="MP4 cannot hold vp8"):
        write_mp4(Cut(coding, cut.packets))


@pytest.mark.parametrize(("pace", "kept"), [("real", True), ("max", False)])
def test_a_recording_is_tapped_at_its_own_pace(tmp_path: Path, pace: str, kept: bool) -> None:
    ring = PacketRing(60, 1 << 24)
    path = recording(tmp_path / "a.mp4", frames=12)
    source = open_source(FileConfig.model_validate({"path": path, "pace": pace}), "cam", tap=ring)
    frames = list(source.frames())
    cut = ring.cut(frames[0].monotonic_s, frames[-1].monotonic_s)
    assert (cut is not None) == kept
    if cut is not None:
        assert [packet.at_s for packet in cut.packets] == pytest.approx([frame.monotonic_s for frame in frames])


def test_a_drawn_camera_has_no_packets() -> None:
    ring = PacketRing(60, 1 << 24)
    config = SyntheticConfig(duration_s=0.2, pace="max")
    assert list(open_source(config, "cam", tap=ring).frames())
    assert ring.size_bytes == 0


def test_a_live_stream_is_tapped(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    ring = PacketRing(60, 1 << 24)
    source = open_source(RtspConfig(url=rtsp_server.url), "cam", tap=ring)
    frames = list(islice(source.frames(), 40))
    cut = ring.cut(frames[-16].monotonic_s, frames[-1].monotonic_s)
    assert cut is not None
    decoded, facts = opened(write_mp4(cut).data)
    assert facts["keys"][0]
    assert len(decoded) == len(cut.packets) >= 15
    assert (decoded[0].width, decoded[0].height) == (640, 360)


def test_a_main_stream_is_read_without_decoding(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    ring = PacketRing(60, 1 << 24)
    source = MainStream(RtspConfig(url=rtsp_server.url), "cam")
    source.tap_into(ring)
    frames = list(islice(source.frames(), 40))
    assert [frame.index for frame in frames] == list(range(40))
    assert (frames[0].picture.width, frames[0].picture.height) == (640, 360)
    with pytest.raises(SourceError, match="not decoded"):
        frames[0].picture.bgr(1, 1)
    cut = ring.cut(frames[0].monotonic_s, frames[-1].monotonic_s)
    assert cut is not None
    assert len(opened(write_mp4(cut).data)[0]) == len(cut.packets)
