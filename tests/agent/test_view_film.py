"""A camera's day in eight minutes: a film that is covered, pushed, blurred, darkened and frozen, from its file on.

Decoded, sifted and told by what a box has, on the film's own clock: what comes of each fault is one episode of its own,
in order, and nothing else.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from edgeguard.agent.view import ViewEpisodes
from edgeguard.detectors import ScriptedDetector
from edgeguard.motion import ViewConfig, ViewFault, ViewWatch
from edgeguard.pipeline import ChainConfig, Model, build_pipeline
from edgeguard.recordings import recording
from edgeguard.replay.clip import open_clip
from edgeguard.scenarios import Thresholds
from edgeguard.types import Phase, Report
from tests.support.scripted import LABELS

Bgr = NDArray[np.uint8]
Change = Callable[[Bgr], Bgr]
# What the camera sees is the middle of the recording, so that it can be pushed to what is beside.
SIZE_PX: Final = (320, 180)
AS_IT_WAS: Final = (0.08, 0.08)
GOOD_S: Final = 25


def cut(picture: Bgr, corner: tuple[float, float] = AS_IT_WAS) -> Bgr:
    height, width = picture.shape[:2]
    left, top = round(corner[0] * width), round(corner[1] * height)
    seen = picture[top : top + round(0.84 * height), left : left + round(0.84 * width)]
    return np.asarray(cv2.resize(seen, SIZE_PX, interpolation=cv2.INTER_AREA), np.uint8)


def hand(_: Bgr) -> Bgr:
    """Dark and out of focus: blotches that are nowhere where the lift is bright or dark."""
    rough = np.random.default_rng(3).normal(45, 12, (4, 4, 3)).astype(np.float32)
    return np.asarray(np.clip(cv2.resize(rough, SIZE_PX, interpolation=cv2.INTER_CUBIC), 0, 255), np.uint8)


def blurred(picture: Bgr) -> Bgr:
    return np.asarray(cv2.GaussianBlur(cut(picture), (0, 0), 4), np.uint8)


def lamp_off(picture: Bgr) -> Bgr:
    return np.asarray(cut(picture) // 50, np.uint8)


def pushed(picture: Bgr) -> Bgr:
    return cut(picture, (0.16, 0.0))


FAULTS: dict[ViewFault, Change] = {
    ViewFault.COVERED: hand,
    ViewFault.MOVED: pushed,
    ViewFault.DEFOCUSED: blurred,
    ViewFault.DARK: lamp_off,
    ViewFault.FROZEN: cut,
}
VIEW = ViewConfig(tell=tuple(ViewFault), moved_s=30, defocused_s=30, dark_s=30, frozen_s=30)
FAULT_S: Final = 70
# Strayed edges are looked for in the last half minute, so a push is told so much later.
WINDOW_S: Final = 30


def shown() -> Iterator[Bgr]:
    """One picture a second: a minute of the people in the lift, then each fault and half a minute of good pictures.

    Each has a sensor's fresh noise on it; the last fault is a picture that stays, noise and all.
    """
    with av.open(str(recording("lift_people"))) as container:
        pictures = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]
    to_and_fro, chance = pictures + pictures[-2:0:-1], np.random.default_rng(5)
    noise = chance.normal(0, 2, (8, SIZE_PX[1], SIZE_PX[0], 1)).astype(np.float32)
    plan: list[tuple[ViewFault | None, Change]] = [(None, cut)] * 60
    for fault, change in FAULTS.items():
        plan += [(fault, change)] * FAULT_S + [(None, cut)] * GOOD_S
    picture = np.zeros((0, 0, 3), np.uint8)
    for second, (shows, change) in enumerate(plan):
        if shows is not ViewFault.FROZEN:
            fresh = np.roll(noise[second % len(noise)], int(chance.integers(SIZE_PX[0])), axis=1)
            clean = change(to_and_fro[second % len(to_and_fro)])
            picture = np.asarray(np.clip(np.rint(clean + fresh), 0, 255), np.uint8)
        yield picture


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "tampered.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "veryfast", "crf": "12"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1)
        for second, picture in enumerate(shown()):
            frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p")
            frame.pts = second
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def story(film: Path, view: ViewConfig) -> list[tuple[str, Phase, float]]:
    """All that is told of the picture; whom the lift's rule would look for is not there."""
    ids = count(1)
    watch = ViewWatch(view)
    episodes = ViewEpisodes("lift-a", watch, lambda _: f"episode-{next(ids)}")
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    model = Model(ScriptedDetector(LABELS, {}, lambda _: 0.0), LABELS, thresholds, "scripted")
    pipeline = build_pipeline(ChainConfig(), "lift-a", model, lambda _: f"rule-{next(ids)}", view=watch)
    told: list[tuple[str, Phase, float]] = []
    for frame in open_clip(film, "lift-a"):
        reports = [signal for signal in pipeline.look(frame) if isinstance(signal, Report)]
        reports += episodes.step(frame.monotonic_s, frame.captured_at, over=False)
        told += [(report.code, report.phase, frame.monotonic_s) for report in reports]
    return told


def test_each_fault_is_one_episode_and_nothing_else_is(film: Path) -> None:
    told = story(film, VIEW)
    asked = [(f"DEVICE.CAMERA.{fault.upper()}", phase) for fault in FAULTS for phase in (Phase.NEW, Phase.END)]
    assert [(code, phase) for code, phase, _ in told] == asked, told
    for number, fault in enumerate(FAULTS):
        begins_s = 60 + number * (FAULT_S + GOOD_S)
        new_s, end_s = told[2 * number][2] - begins_s, told[2 * number + 1][2] - begins_s
        assert VIEW.after_s(fault) - 2 <= new_s <= VIEW.after_s(fault) + WINDOW_S, (fault, new_s)
        assert FAULT_S < end_s <= FAULT_S + GOOD_S, (fault, end_s)


def test_by_default_a_pushed_and_a_blurred_camera_are_not_told(film: Path) -> None:
    codes = [code for code, phase, _ in story(film, ViewConfig(dark_s=30, frozen_s=30)) if phase is Phase.NEW]
    assert codes == [f"DEVICE.CAMERA.{name}" for name in ("COVERED", "DARK", "FROZEN")]
