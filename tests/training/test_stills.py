"""What a share of the stills has of its own, lenses, streams and masks; and that nothing else changed with them."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models.training import arrivals, failures, moments
from models.training.scenes import mounts, rooms, scripts, sensor, stills, truth, visits
from models.training.scenes.kit import Thing

SEED, COUNT = 21, 200
ROUND = mounts.Mount("test", (0.0, 0.0, 2.4), (0.0, 1.0, 0.5), 0.0, 180.0, True, 200, 150)


def shots() -> list[tuple[stills.Shot, stills.Shot]]:
    """Plain and as they are rendered; the stage is left empty, which takes the time."""
    plain = (mounts.mount(np.random.default_rng([SEED, n]), ROOM) for n in range(COUNT))
    sensors = (sensor.sensor(np.random.default_rng([SEED, n])) for n in range(COUNT))
    made = [stills.Shot(ROOM, EMPTY, view, how) for view, how in zip(plain, sensors, strict=True)]
    return [(shot, stills.spoilt(shot, SEED, n)) for n, shot in enumerate(made)]


FIRST = stills.ordinary(stills.generator(1, 0), 0)
ROOM, EMPTY = FIRST.room, FIRST.stage


def test_a_tenth_have_a_rare_lens_and_the_rest_their_own() -> None:
    changed = [shot.view for plain, shot in shots() if shot.view != plain.view]
    assert 0.05 * COUNT <= len(changed) <= 0.16 * COUNT
    round_ones = [view.fov_deg for view in changed if view.fisheye]
    narrow = [view.fov_deg for view in changed if not view.fisheye]
    assert round_ones
    assert narrow
    assert all(150 <= deg <= 180 for deg in round_ones)
    assert all(60 <= deg <= 75 for deg in narrow)


def test_the_camera_hangs_where_it_hung() -> None:
    for plain, shot in shots():
        assert (shot.view.place_m, shot.view.target_m, shot.view.roll_deg) == (
            plain.view.place_m,
            plain.view.target_m,
            plain.view.roll_deg,
        )
        assert shot.room is plain.room
        assert shot.stage is plain.stage


def test_a_camera_in_the_lobby_keeps_its_lens() -> None:
    view = mounts.level(np.random.default_rng(0), ROOM)
    shot = stills.Shot(ROOM, EMPTY, view, sensor.Sensor())
    assert all(stills.spoilt(shot, SEED, n).view == view for n in range(60))


def test_a_third_of_the_damaged_come_by_a_stream() -> None:
    both = shots()
    damaged = [shot for plain, shot in both if plain.sensor.jpeg < stills.DAMAGED_JPEG]
    sent = [shot for shot in damaged if shot.sent is not None]
    assert 0.2 <= len(sent) / len(damaged) <= 0.47
    assert all(shot.sent is None for plain, shot in both if plain.sensor.jpeg >= stills.DAMAGED_JPEG)
    assert all(shot.sensor.jpeg == 95 for shot in sent)


def test_it_depends_on_seed_and_number_alone() -> None:
    shot = stills.Shot(ROOM, EMPTY, ROUND, sensor.Sensor(jpeg=30))
    assert all(stills.spoilt(shot, 3, n) == stills.spoilt(shot, 3, n) for n in range(20))


def test_a_lens_of_half_the_world_images_what_is_beside_it() -> None:
    view = mounts.Mount("test", (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.0, 180.0, True, 200, 100)
    pixels, _ = view.project(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    np.testing.assert_allclose(pixels, [[200, 50], [100, 50]], atol=1e-6)


def test_the_barrel_leaves_a_circle() -> None:
    light = mounts.image_circle(ROUND, 180.0)
    assert light.shape == (150, 200)
    assert light[75, 100] == 1
    assert light[75, 3] == 1
    assert light[0, 0] == 0
    picture, indices = np.full((150, 200, 3), 100, np.uint8), np.full((150, 200), 2, np.uint8)
    seen, found = stills._through_barrel(
        stills.Shot(ROOM, EMPTY, ROUND, sensor.Sensor(), barrel_deg=180.0), picture, indices
    )
    assert seen[0, 0].max() == found[0, 0] == 0
    assert (seen[75, 100, 0], found[75, 100]) == (100, 2)


def test_masks_come_back_and_are_small(tmp_path: Path) -> None:
    indices = np.zeros((270, 480), np.uint8)
    indices[40:200, 100:300], indices[90:250, 250:330] = 1, 7
    truth.write_mask(tmp_path / "a.png", indices)
    np.testing.assert_array_equal(truth.read_mask(tmp_path / "a.png"), indices)
    assert (tmp_path / "a.png").stat().st_size < 2000


def test_no_mask_of_an_older_still(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no mask in"):
        truth.read_mask(tmp_path / "a.png")


def test_a_still_is_written_with_its_mask(tmp_path: Path) -> None:
    for folder in ("labels", "meta"):
        (tmp_path / folder).mkdir()
    size = (FIRST.view.height_px, FIRST.view.width_px)
    indices = np.zeros(size, np.uint8)
    indices[20:180, 30:120] = 1
    stills._write_truth(FIRST, indices, tmp_path, "s", {"name": "s"})
    np.testing.assert_array_equal(truth.read_mask(tmp_path / "masks" / "s.png"), indices)
    assert (tmp_path / "labels" / "s.txt").exists()


# From the generator as it was before there were rare lenses, streams and stories: field of view and roll in degrees,
# place and target of the camera and the middle of what is there in metres.
VISITS = {
    (0, False): [142.4543, 2.7446, -0.8466, 0.08, 2.4232, -0.0816, 0.7926, 0.2042, -0.2139, 0.7511, 0.8271],
    (17, False): [127.5271, -4.0236, -0.1321, 0.07, 2.127, 0.0156, 1.1606, 0.5456, -0.3113, -1.351, 0.8203],
    (3, True): [104.0667, -4.4521, -0.6973, 2.0503, 2.1434, 0.2888, 0.6571, 0.3893, -0.4042, -1.1704, 0.6423],
    (35, True): [131.1232, 182.7604, 0.1352, 1.0026, 2.4294, 0.0804, 0.9768, 0.0, -0.7613, -1.1625, 0.9705],
}
LENGTHS_S = {(0, False): 4.6268, (17, False): 6.601, (3, True): 6.2877, (35, True): 6.368}
STILLS = {
    ("ordinary", 0): [92.3373, -2.3804, -0.8539, 0.08, 2.2857, 0.167, 0.8902, 0.7256, -0.1581, 0.8263, 0.7934],
    ("ordinary", 3): [101.7227, 2.2885, 0.5894, 1.6848, 2.2937, -0.1211, 0.7175, 0.6261, 0.2592, 0.7837, 0.6199],
    ("moments", 0): [138.9257, -5.713, 0.6282, 2.0622, 2.3118, -0.2915, 0.6112, 0.7013, 0.1589, 0.2925, 0.6772],
    ("failures", 3): [92.1274, -3.0348, 0.8382, 1.7196, 2.4027, -0.1267, 0.7759, 0.246, -0.3595, 1.0092, 0.6308],
    ("arrivals", 0): [90.5097, -0.3821, 0.1816, 2.0091, 2.332, -0.0078, 0.9979, 0.5646, -0.2484, 0.9704, 0.7881],
}
JPEGS = {("ordinary", 0): 55, ("ordinary", 3): 41, ("moments", 0): 68, ("failures", 3): 34, ("arrivals", 0): 50}
DIRECTED: dict[str, tuple[int, stills.Directed]] = {
    "ordinary": (1, stills.ordinary),
    "moments": (700, partial(stills.ordinary, staged=moments.stage)),
    "failures": (900, failures.directed),
    "arrivals": (1300, partial(arrivals.directed, first_visit=arrivals.FIRST_VISIT)),
}


def numbers(view: mounts.Mount, things: list[Thing]) -> list[float]:
    middles = [np.concatenate([part.mesh.vertices for part in thing.parts]).mean(axis=0) for thing in things]
    return [view.fov_deg, view.roll_deg, *view.place_m, *view.target_m, *np.mean(middles, axis=0)]


@pytest.mark.parametrize(("seed", "other"), VISITS)
def test_visits_are_what_they_were(seed: int, other: bool) -> None:
    visit = visits.visit(seed, other=other)
    np.testing.assert_allclose(numbers(visit.script.view, visit.script.cast(2.6)), VISITS[seed, other], atol=2e-4)
    assert visit.script.length_s == pytest.approx(LENGTHS_S[seed, other], abs=2e-4)
    assert visit.marks == ()


@pytest.mark.parametrize(("kind", "number"), STILLS)
def test_casts_and_cameras_of_stills_are_what_they_were(kind: str, number: int) -> None:
    seed, directed = DIRECTED[kind]
    shot = directed(stills.generator(seed, number), number)
    np.testing.assert_allclose(numbers(shot.view, list(shot.stage.things)), STILLS[kind, number], atol=2e-4)
    assert shot.sensor.jpeg == JPEGS[kind, number]


def test_rooms_are_what_they_were() -> None:
    room = rooms.room(1004)
    was = [100.7857, 0.9313, 0.8619, 0.08, 2.2251, 0.0711, 0.9291, 0.3423, -0.0729, 1.3007, 0.8858]
    np.testing.assert_allclose(numbers(room.view, [one for group in room.standing for one in group]), was, atol=2e-4)


def test_recordings_are_what_they_were() -> None:
    script = scripts.lift_ebike()
    was = [98.0, 0.0, 0.77, 1.86, 2.42, -0.16, 0.6, 0.45, -0.0246, -0.7591, 0.8273]
    np.testing.assert_allclose(numbers(script.view, script.cast(2.6)), was, atol=2e-4)
