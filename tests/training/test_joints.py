"""Features of drawn bodies, and heads that never judge whom they have learnt from."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.bodies.joints import PARTS, SPANS, Seen, features, kept_out, main
from models.training.bodies.people import LYING, STANDING, UNCLEAR

UP = 2 + 2 * len(PARTS)
"""Where the spans begin: how far up, length, ..."""


def standing() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Joints and box of somebody 160 high and 40 wide."""
    joints = np.ones((17, 3), np.float32)
    joints[:, 0] = 120
    joints[1::2, 0], joints[2::2, 0] = 110, 130
    heights = {
        (0, 1, 2, 3, 4): 110,
        (5, 6): 140,
        (7, 8): 165,
        (9, 10): 185,
        (11, 12): 180,
        (13, 14): 220,
        (15, 16): 255,
    }
    for of, y in heights.items():
        joints[list(of), 1] = y
    return joints, np.array([100, 100, 140, 260], np.float32)


def turned(joints: NDArray[np.float32], box: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """By a quarter: y becomes x."""
    lying = joints.copy()
    lying[:, :2] = joints[:, 1::-1]
    return lying, box[[1, 0, 3, 2]]


def test_who_stands_is_upright_and_who_lies_is_not() -> None:
    stands, lies = features(*standing()), features(*turned(*standing()))
    assert stands[0] == pytest.approx(-lies[0]) == pytest.approx(np.log(40 / 160))
    np.testing.assert_allclose(stands[UP::2], 1, atol=0.01)
    np.testing.assert_allclose(lies[UP::2], 0, atol=0.01)
    np.testing.assert_allclose(stands[UP + 1 :: 2], lies[UP + 1 :: 2], atol=1e-6)
    head, *_, ankles = stands[2 : 2 + len(PARTS)]
    assert head > 0.3
    assert ankles < -0.3
    assert len(stands) == UP + 2 * len(SPANS)


def test_place_size_and_side_do_not_matter() -> None:
    joints, box = standing()
    moved = joints.copy()
    moved[:, :2] = 3 * joints[:, :2] + (50, 20)
    np.testing.assert_allclose(features(moved, 3 * box + np.tile([50, 20], 2)), features(joints, box), atol=1e-5)
    mirrored = joints.copy()
    mirrored[:, 0] = 640 - joints[:, 0]
    np.testing.assert_allclose(features(mirrored, np.array([500, 100, 540, 260])), features(joints, box), atol=1e-5)


def test_somebody_of_whom_no_joint_is_seen_has_features() -> None:
    assert np.isfinite(features(np.zeros((17, 3), np.float32), np.array([10, 10, 10, 10], np.float32))).all()


def seen(group: int, label: int, chance: np.random.Generator, image: str = "") -> Seen:
    joints, box = standing() if label == STANDING else turned(*standing())
    joints[:, :2] += chance.normal(size=(17, 2)) * 3
    return Seen(image or f"{group}.jpg", f"{group}", label, None, features(joints, box))


def test_everybody_is_judged_by_heads_of_other_groups() -> None:
    chance = np.random.default_rng(0)
    crowd = [seen(group, (LYING, STANDING)[group % 2], chance) for group in range(24)]
    judged = list(kept_out(crowd, as_seen=False))
    assert [one.image for one in judged] == [one.image for one in crowd]
    assert all((one.lying > 0.5) == (one.label == LYING) for one in judged)
    # One whose label is wrong would be believed, had the head seen it.
    wrong = [Seen("0.jpg", "0", STANDING, None, crowd[0].features), *crowd[1:]]
    assert next(iter(kept_out(wrong, as_seen=False))).lying > 0.5


def test_what_is_unclear_or_turned_teaches_nothing() -> None:
    chance = np.random.default_rng(0)
    crowd = [seen(group, (LYING, STANDING)[group % 2], chance) for group in range(24)]
    # Labelled as standing, and along the picture; each of them is there upright, too.
    along = [Seen(f"{group}.jpg", f"{group}", STANDING, None, crowd[0].features) for group in range(30, 70)]
    upright = [seen(group, STANDING, chance, f"upright {group}.jpg") for group in range(30, 70)]
    for more in (
        [Seen(one.image, one.group, UNCLEAR, None, one.features) for one in along],
        [*along, *upright],
    ):
        lying = [one.lying for one in kept_out([*crowd, *more], as_seen=True) if one.label == LYING]
        assert min(lying) > 0.5


def test_a_missing_network_or_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, told in ((tmp_path, "met no folder images"), (tmp_path / "stills", "edgeguard models convert")):
        (tmp_path / "stills" / "images").mkdir(parents=True, exist_ok=True)
        with pytest.raises(SystemExit) as refused:
            main([str(folder), str(tmp_path / "none.onnx")])
        assert refused.value.code == 2
        assert told in capsys.readouterr().err
