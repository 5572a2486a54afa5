"""The bundled files as a loudspeaker gets them, measured by FFmpeg: another meter than the renderer's."""

from collections.abc import Iterator

import av
import av.error
import av.filter
import numpy as np
import pytest

from edgeguard.actuators.catalogue import BUNDLED, Clip, Phrase, load_catalogue

RATE_HZ = 24_000
CATALOGUE = load_catalogue(RATE_HZ, ("zh", "en"))
CLIPS = [
    pytest.param(phrase, clip, id=f"{phrase.name}.{clip.language}")
    for phrase in CATALOGUE
    for clip in phrase.clips.values()
]


def loudness_lufs(clip: Clip) -> float:
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE_HZ, format="s16", layout="mono", time_base=None)
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(clip.pcm[None], format="s16", layout="mono")
    frame.rate, frame.pts = RATE_HZ, 0
    graph.push(frame)
    graph.push(None)
    # The rest of less than 100 ms at the end comes without a reading.
    return [float(part.metadata["lavfi.r128.I"]) for part in pulled(graph) if "lavfi.r128.I" in part.metadata][-1]


def pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame


@pytest.mark.parametrize(("phrase", "clip"), CLIPS)
def test_levelled_short_and_whole(phrase: Phrase, clip: Clip) -> None:
    sound = clip.pcm.astype(np.float64) / 32768
    assert 2.0 <= len(sound) / RATE_HZ <= 8.0
    assert np.abs(sound).max() <= 10 ** (-1 / 20), phrase.name
    assert loudness_lufs(clip) == pytest.approx(-16.0, abs=0.5)
    assert np.abs(sound[-int(0.1 * RATE_HZ) :]).max() < 0.01  # it does not end inside a word


def test_all_together_under_4_mb() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.glob("*.flac")) < 4_000_000
