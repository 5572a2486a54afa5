from pathlib import Path

import numpy as np
import pytest

from edgeguard.errors import ConfigError, ModelError
from edgeguard.recognizers import Liveness, LivenessSpec
from edgeguard.recognizers.liveness import around
from tests.support import face_models


def spec(folder: Path, name: str = "tiny-live", crop: float = 2.7, **changes: object) -> LivenessSpec:
    tiny = face_models.liveness(name, crop).changed(**changes)
    return LivenessSpec(folder=tiny.put(folder), **tiny.entry)


@pytest.mark.parametrize(
    ("box", "scale", "picture", "expected"),
    [
        ((40, 40, 60, 60), 2.0, (101, 101), (30, 30, 71, 71)),
        ((0, 0, 20, 20), 2.0, (101, 101), (0, 0, 41, 41)),  # moved in from the corner
        ((81, 81, 101, 101), 2.0, (101, 101), (60, 60, 101, 101)),
        ((40, 40, 60, 60), 9.0, (101, 101), (0, 0, 101, 101)),  # as large as the picture allows
        ((40, 10, 60, 50), 9.0, (101, 61), (35, 0, 66, 61)),  # with the aspect of the box kept
        ((0, 0, 0, 0), 2.7, (1, 1), (0, 0, 1, 1)),
    ],
)
def test_what_is_around_a_face_stays_in_the_picture(
    box: tuple[int, ...], scale: float, picture: tuple[int, int], expected: tuple[int, ...]
) -> None:
    assert around(box, scale, picture) == expected


def test_the_probabilities_of_all_networks_are_averaged(tmp_path: Path) -> None:
    # Green around a red face: the wide crop sees more of the green than the narrow one.
    bgr = np.full((200, 200, 3), (0, 200, 0), np.uint8)
    bgr[80:120, 80:120] = (0, 0, 200)
    narrow, wide = spec(tmp_path, "narrow", 1.0), spec(tmp_path, "wide", 4.0)
    box = (80, 80, 120, 120)
    alone = [Liveness((one,)).probability(bgr, box) for one in (narrow, wide)]
    assert alone[0] < 0.1
    assert alone[1] > 0.9
    assert Liveness((narrow, wide)).probability(bgr, box) == pytest.approx(sum(alone) / 2)


def test_the_strictest_threshold_counts(tmp_path: Path) -> None:
    assert Liveness((spec(tmp_path, "a"), spec(tmp_path, "b", threshold=0.8))).threshold == 0.8


def test_nothing_to_ask_is_refused() -> None:
    with pytest.raises(ConfigError, match="no liveness model, accepted: at least one"):
        Liveness(())


def test_other_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"output is \[1, 3\], accepted: \[1, 2\] for so many classes"):
        Liveness((spec(tmp_path, classes=2),))
