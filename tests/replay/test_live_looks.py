from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edgeguard.errors import TruthError
from edgeguard.recognizers import Liveness, LivenessSpec, YunetFinder, YunetSpec
from edgeguard.replay.csvrows import Row
from edgeguard.replay.live_looks import Clip, Judged, judge, score_liveness
from tests.support import face_models

GREEN, RED, BLACK = (0, 200, 0), (0, 0, 200), (0, 0, 0)


def clip(path: Path, *, real: bool = True) -> Clip:
    return Clip(path, real, Row(f"set.csv:{2}", 2, {}))


def video(path: Path, *colours: tuple[int, int, int]) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width = stream.height = 128
        for colour in colours:
            frame = av.VideoFrame.from_ndarray(np.full((128, 128, 3), colour, np.uint8), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture
def models(tmp_path: Path) -> tuple[YunetFinder, Liveness]:
    finder, live = face_models.finder(), face_models.liveness()
    spec = LivenessSpec(folder=live.put(tmp_path), **live.entry)
    return YunetFinder(YunetSpec(folder=finder.put(tmp_path), **finder.entry)), Liveness((spec,))


def test_every_so_many_frames_are_looked_at(tmp_path: Path, models: tuple[YunetFinder, Liveness]) -> None:
    path = video(tmp_path / "a.mp4", GREEN, BLACK, RED, RED, GREEN, BLACK)
    judged = judge(clip(path), *models, every=2)
    assert [score > 0.5 for score in judged.scores] == [True, False, True]
    judged = judge(clip(path), *models, every=5)
    assert (len(judged.scores), judged.unseen) == (1, 1)


def test_a_picture_is_one_look(tmp_path: Path, models: tuple[YunetFinder, Liveness]) -> None:
    judged = judge(clip(face_models.picture(tmp_path / "a.png", RED)), *models, every=1)
    assert len(judged.scores) == 1
    assert judged.scores[0] < 0.1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Dear sir", r"set.csv:2: .*a.mp4: .*, accepted: a video, or a JPEG or PNG picture"),
        (b"", "set.csv:2: .*a.mp4: "),
        (b"\xff\xd8\xff\xe0 is no picture", "set.csv:2: .*a.mp4: 18 bytes that are no picture"),
    ],
)
def test_what_is_neither_is_told_with_its_row(
    tmp_path: Path, models: tuple[YunetFinder, Liveness], data: bytes, message: str
) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(TruthError, match=message):
        judge(clip(tmp_path / "a.mp4"), *models, every=1)


def judged(scores: list[float], *, real: bool, unseen: int = 0) -> Judged:
    return Judged(clip(Path("x"), real=real), np.array(scores, np.float64), unseen)


def test_errors_are_counted_by_look_and_by_clip() -> None:
    result = score_liveness(
        [
            judged([0.9, 0.8, 0.4], real=True),
            judged([0.1, 0.2], real=False, unseen=3),
            judged([0.9, 0.7], real=False),
            judged([], real=True, unseen=4),
        ],
        0.5,
    )
    assert (result.clips, result.clips_unseen, result.looks, result.looks_unseen) == (4, 1, 7, 7)
    assert (result.apcer.count, result.apcer.n) == (2, 4)
    assert (result.bpcer.count, result.bpcer.n) == (1, 3)
    assert (result.clip_apcer.count, result.clip_bpcer.count) == (1, 0)
    assert result.auc.value == pytest.approx((4 - 0.5 + 3 + 2) / 12)
    assert result.clip_auc.value == 0.5


def test_nothing_judged_is_no_rate() -> None:
    result = score_liveness([], 0.5)
    assert (result.auc.value, result.apcer.value, result.clip_bpcer.value) == (None, None, None)
