"""Puffs counted out of drawn tracks as the rule counts them, and what is learnt of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.scenarios.conduct_smoking import AT_MOUTH, hand_at_mouth
from models.training.bodies.smoking import (
    STEP_S,
    by_count,
    by_hand,
    by_movement,
    counted,
    counts,
    kept_out,
    likeliest,
    load,
    main,
    puffs,
    reach,
)
from tests.scenarios.test_conduct_smoking import body

UP, DOWN = 0.2, 1.5


def drawn(*steps: tuple[float, float]) -> NDArray[np.float32]:
    """Joints (t, 17, 3): the hand is so far from the nose, in trunks, for so many seconds."""
    return np.array([body(100 * far) for far, lasts_s in steps for _ in range(round(lasts_s / STEP_S))], np.float32)


def times(joints: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.arange(len(joints)) * STEP_S + 0.01, np.float64)


@pytest.mark.parametrize("far", [0.1, 0.39, 0.41, 1.5])
def test_the_reach_is_the_rules(far: float) -> None:
    joints = drawn((far, 0.2))
    assert reach(joints)[0] == pytest.approx(far, abs=1e-5)
    assert (reach(joints)[0] <= AT_MOUTH) == hand_at_mouth(joints[0])


def test_a_hand_of_which_a_joint_is_not_seen_is_nowhere_near() -> None:
    unseen = np.array([body(20, unsure=(0,)), body(20, unsure=(10,)), np.zeros((17, 3))], np.float32)
    assert reach(unseen[[0, 2]]).tolist() == [np.inf, np.inf]
    assert reach(unseen)[1] > AT_MOUTH  # the other hand hangs down


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        (((DOWN, 2), (UP, 1.4), (DOWN, 2)), 1),
        (((UP, 1.4), (DOWN, 3)) * 4, 4),
        (((UP, 0.4), (DOWN, 3)) * 4, 0),  # scratches the nose
        (((UP, 8.0), (DOWN, 3)), 0),  # telephones
        (((UP, 1.0), (DOWN, 0.4), (UP, 1.0), (DOWN, 2)), 1),  # missed in between
        (((UP, 1.0), (DOWN, 1.2), (UP, 1.0), (DOWN, 2)), 2),
        (((DOWN, 4), (UP, 1.2)), 1),  # when the track ends
        (((DOWN, 4),), 0),
    ],
)
def test_puffs_are_counted_as_the_rule_counts(steps: tuple[tuple[float, float], ...], count: int) -> None:
    joints = drawn(*steps)
    assert puffs(reach(joints)) == counted(joints, times(joints)) == count


def write(folder: Path, days: int = 3, smokers_a_day: int = 2) -> Path:
    """Of each day so many who smoke with the hand 0.55 trunks away, and four who have their hand there for too long."""
    (folder / "pose").mkdir()
    labels = {}
    for day in range(days):
        for number in range(smokers_a_day + 4):
            smokes = number < smokers_a_day
            steps = ((0.55, 1.4), (DOWN, 2.6)) * 3 if smokes else ((0.55, 9.0), (DOWN, 3))
            clip = f"track{number}_2026070{day + 1}_120000"
            joints = np.repeat(drawn(*steps), 2, axis=0)
            np.savez(folder / "pose" / f"alarm_{clip}.npz", kpts=joints, fps=10.0, clip=clip)
            labels[clip] = {"label": "smoking" if smokes else "desk_work"}
    del labels["track0_20260701_120000"]
    (folder / "clip_labels.json").write_text(json.dumps({"labels": labels}))
    return folder


def test_reach_is_learnt_where_the_constant_is_wrong(tmp_path: Path) -> None:
    tracks = list(load(write(tmp_path)))
    assert len(tracks) == 17  # one has no label
    smoke, days = np.array([track.smokes for track in tracks]), np.array([track.day for track in tracks])
    assert counts(tracks).max() == 0
    assert likeliest(tracks, smoke)[0] >= 0.6
    score, alarm = kept_out(tracks, smoke, days, by_count)
    assert (alarm == smoke).all()
    assert score[smoke].min() > score[~smoke].max()
    score, alarm = kept_out(tracks, smoke, days, by_hand)
    assert not alarm.any()
    assert set(score.tolist()) == {0.5}
    assert kept_out(tracks, smoke, days, by_movement)[0].shape == (17,)


def test_all_of_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(write(tmp_path))])
    told = capsys.readouterr().out
    assert "5 of 17 tracks smoke; by day: 20260701 1/5, 20260702 2/6, 20260703 2/6" in told
    assert "the rule, read from frame 1 on: AUC 0.500" in told
    assert "days kept out, reach and shortest puff, learnt: AUC 1.000" in told
    assert "learnt from all: at the mouth to 0.6" in told


@pytest.mark.parametrize(("days", "told"), [(0, "smokers on 0 days"), (1, "smokers on 1 days"), (None, "clip_labels")])
def test_what_nothing_can_be_learnt_from_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int | None, told: str
) -> None:
    if days:
        write(tmp_path, days)
    elif days == 0:
        (tmp_path / "clip_labels.json").write_text('{"labels": {}}')
    with pytest.raises(SystemExit) as refused:
        main([str(tmp_path)])
    assert refused.value.code == 2
    assert told in capsys.readouterr().err
