from itertools import islice
from threading import Thread, Timer

import numpy as np
import pytest
from pydantic import ValidationError

from edgeguard.errors import SourceAuth, SourceError
from edgeguard.sources import SyntheticConfig, SyntheticSource, open_source


def test_the_same_settings_give_the_same_pixels() -> None:
    config = SyntheticConfig(pace="max", duration_s=1, noise_luma=5, seed=3)
    runs = [[f.picture.luma.copy() for f in open_source(config, "cam").frames()] for _ in range(2)]
    assert len(runs[0]) == 10
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))
    assert not np.array_equal(runs[0][0], runs[0][5])


def test_times_follow_the_frame_rate() -> None:
    frames = list(islice(SyntheticSource(SyntheticConfig(pace="max", fps=20), "cam").frames(), 5))
    assert [f.monotonic_s for f in frames] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


def test_no_duration_no_frame() -> None:
    assert list(SyntheticSource(SyntheticConfig(pace="max", duration_s=0), "cam").frames()) == []


@pytest.mark.parametrize(("then", "error"), [("error", SourceError), ("auth", SourceAuth)])
def test_it_fails_as_told(then: str, error: type[SourceError]) -> None:
    config = SyntheticConfig.model_validate({"pace": "max", "duration_s": 0.2, "then": then})
    frames = SyntheticSource(config, "cam").frames()
    assert len(list(islice(frames, 2))) == 2
    with pytest.raises(error, match="as configured"):
        next(frames)


def test_a_stall_comes_back_when_interrupted() -> None:
    source = SyntheticSource(SyntheticConfig(pace="max", duration_s=0.1, then="stall"), "cam")
    timer = Timer(0.2, source.interrupt)
    timer.start()
    assert len(list(source.frames())) == 1
    timer.join()


@pytest.mark.parametrize("wrong", [{"width_px": 641}, {"fps": 0}, {"then": "explode"}, {"speed": 1}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SyntheticConfig.model_validate(wrong)


def test_a_hang_is_told_and_nothing_ends_it() -> None:
    source = SyntheticSource(SyntheticConfig(duration_s=0, then="hang"), "c")
    thread = Thread(target=lambda: list(source.frames()), daemon=True)
    assert source.vitals().overdue_s == 0
    thread.start()
    while not source.vitals().overdue_s:
        thread.join(0.01)
    source.interrupt()
    thread.join(0.1)
    assert thread.is_alive()
