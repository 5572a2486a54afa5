"""The scene generator, as far as it goes without Blender."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.training.scenes import cabin, goods, layout, motion, mounts, people, sensor, stills, truth, vehicles
from models.training.scenes.kit import Look, Mesh, Part, Thing, box, pose, tube, turn
from models.training.scenes.truth import Sighting

STRAIGHT = mounts.Mount("test", (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.0, 90.0, False, 200, 100)
FISHEYE = mounts.Mount("test", (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.0, 120.0, True, 200, 100)


def block(x_m: float, y_m: float, z_m: float, side_m: float = 0.2) -> Thing:
    return Thing("e-bike", 1, (Part(box([x_m, y_m, z_m], [side_m] * 3), Look((0.5, 0.5, 0.5))),))


def flat(height: int = 60, width: int = 80, level: int = 100) -> sensor.Picture:
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("view", "point", "pixel"),
    [
        (STRAIGHT, (0.0, 1.0, 0.0), (100, 50)),
        (STRAIGHT, (1.0, 1.0, 0.0), (200, 50)),
        (STRAIGHT, (0.0, 2.0, 0.5), (100, 25)),
        (FISHEYE, (0.0, 1.0, 0.0), (100, 50)),
        (FISHEYE, (float(np.tan(np.radians(60))), 1.0, 0.0), (200, 50)),
    ],
)
def test_projection(view: mounts.Mount, point: tuple[float, float, float], pixel: tuple[float, float]) -> None:
    pixels, depth = view.project(np.array([point]))
    np.testing.assert_allclose(pixels[0], pixel, atol=1e-6)
    np.testing.assert_allclose(depth[0], point[1], atol=1e-9)


def test_projection_of_nothing_and_of_what_lies_behind() -> None:
    pixels, _ = STRAIGHT.project(np.empty((0, 3)))
    assert pixels.shape == (0, 2)
    pixels, _ = STRAIGHT.project(np.array([[0.0, -1.0, 0.0]]))
    assert np.isnan(pixels).all()


def test_outline_is_the_area_alone() -> None:
    # The front face of the block is 0.9 m away and 0.2 m wide; the focal length is 100 px.
    assert truth.outline_px(block(0, 1, 0), STRAIGHT) == pytest.approx((0.2 / 0.9 * 100) ** 2, rel=0.06)


@pytest.mark.parametrize(("columns", "share"), [(200, 1.0), (100, 0.5), (0, 0.0)])
def test_visible_share(columns: int, share: float) -> None:
    indices = np.zeros((100, 200), np.uint8)
    indices[39:61, 89:111] = 3
    indices[:, columns:] = 0
    sighting = truth.sight(block(0, 1, 0), 3, indices, STRAIGHT)
    assert sighting.visible == pytest.approx(share, abs=0.08)
    assert sighting.labelled == (share > 0.2)


def test_box_is_right_and_bottom_exclusive() -> None:
    indices = np.zeros((100, 200), np.uint8)
    indices[10:30, 20:60] = 1
    assert truth.sight(block(0, 1, 0), 1, indices, STRAIGHT).xyxy == (20, 10, 60, 30)


@pytest.mark.parametrize(
    ("sightings", "text"),
    [
        ([], ""),
        ([Sighting("e-bike", 1, 0.9, (20, 10, 60, 30))], "1 0.200000 0.200000 0.200000 0.200000\n"),
        ([Sighting("e-bike", 1, 0.14, (20, 10, 60, 30))], ""),
        ([Sighting("doors", None, 1.0, (20, 10, 60, 30))], ""),
        ([Sighting("dog", 5, 1.0, None)], ""),
        ([Sighting("dog", 5, 1.0, (0, 0, 3, 50))], ""),
    ],
)
def test_label_text(sightings: list[Sighting], text: str) -> None:
    assert truth.label_text(sightings, 200, 100) == text


def test_a_label_line_needs_a_box() -> None:
    with pytest.raises(ValueError, match="both are needed"):
        truth.yolo_line(Sighting("dog", 5, 1.0, None), 200, 100)


def test_meta_tells_mount_and_share(tmp_path: Path) -> None:
    truth.write_meta(tmp_path / "a.json", [Sighting("dog", 5, 0.5, (0, 0, 30, 50))], STRAIGHT, {"seed": 3})
    read = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert read["seed"] == 3
    assert read["mount"]["fov_deg"] == 90.0
    assert read["objects"] == [{"kind": "dog", "label": 5, "visible": 0.5, "xyxy": [0, 0, 30, 50], "labelled": True}]


@pytest.mark.parametrize(
    ("shares", "times"),
    [
        ([], None),
        ([0.0, 0.1, 0.29], None),
        ([0.0, 0.1, 0.3, 0.9, 0.2, 0.0], (0.2, 0.5)),
        ([0.5], (0.0, 0.1)),
    ],
)
def test_an_episode_begins_with_a_third_in_sight(shares: list[float], times: tuple[float, float] | None) -> None:
    found = truth.episodes([(k / 10, share) for k, share in enumerate(shares)], 0.1)
    assert [(e["start_s"], e["end_s"]) for e in found] == ([] if times is None else [times])


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "a/b", "1/0", "-1/2"])
def test_a_wrong_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected i/n"):
        stills.Shard.parse(text)


@pytest.mark.parametrize(("count", "total"), [(0, 1), (1, 3), (10, 3), (7, 7)])
def test_shards_add_up(count: int, total: int) -> None:
    parts = [list(stills.Shard.parse(f"{k}/{total}").indices(count)) for k in range(1, total + 1)]
    assert sorted(n for part in parts for n in part) == list(range(count))


def test_pictures_that_exist_are_kept(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / f"{stills.name_of(4, 2)}.jpg").touch()
    assert list(stills.missing(tmp_path, 4, range(5))) == [0, 1, 3, 4]


def scene(seed: int, index: int) -> tuple[layout.Stage, mounts.Mount]:
    rng = stills.generator(seed, index)
    room = cabin.cabin(rng)
    return layout.stage(rng, room), mounts.mount(rng, room)


def test_the_same_number_gives_the_same_scene() -> None:
    (one, view), (two, again), (other, _) = scene(5, 1), scene(5, 1), scene(5, 2)
    assert view == again
    assert [t.kind for t in one.things] == [t.kind for t in two.things]
    for a, b in zip(one.things, two.things, strict=True):
        np.testing.assert_array_equal(a.parts[0].mesh.vertices, b.parts[0].mesh.vertices)
    assert one.opening != other.opening or len(one.things) != len(other.things) or view != scene(5, 2)[1]


def test_about_half_of_the_scenes_hold_an_e_bike() -> None:
    found = sum(any(t.label == vehicles.E_BIKE for t in scene(1, k)[0].things) for k in range(40))
    assert 10 <= found <= 30


@pytest.mark.parametrize(
    ("build", "label", "length_m", "height_m"),
    [
        (vehicles.scooter, vehicles.E_BIKE, (1.4, 2.1), (0.95, 1.55)),
        (vehicles.commuter, vehicles.E_BIKE, (1.2, 1.9), (0.95, 1.55)),
        (vehicles.bicycle, vehicles.BICYCLE, (1.3, 1.9), (0.85, 1.2)),
        (vehicles.child_bicycle, vehicles.BICYCLE, (0.6, 1.3), (0.4, 0.9)),
        (goods.wheelchair, goods.WHEELCHAIR, (0.7, 1.1), (0.85, 1.0)),
        (goods.power_chair, goods.WHEELCHAIR, (0.8, 1.1), (0.95, 1.4)),
        (goods.mobility_scooter, goods.WHEELCHAIR, (0.9, 1.3), (0.95, 1.2)),
        (goods.pram, goods.PRAM, (0.7, 1.1), (1.0, 1.15)),
        (goods.dog, goods.DOG, (0.4, 1.2), (0.3, 0.95)),
        (goods.suitcase, goods.BAG, (0.2, 0.4), (0.5, 1.3)),
    ],
)
def test_sizes_are_true_to_life(
    build: object, label: int, length_m: tuple[float, float], height_m: tuple[float, float]
) -> None:
    assert callable(build)
    for seed in range(8):
        thing = build(np.random.default_rng(seed))
        points = np.concatenate([p.mesh.vertices for p in thing.parts])
        size = points.max(axis=0) - points.min(axis=0)
        assert thing.label == label
        assert length_m[0] <= size[0] <= length_m[1]
        assert height_m[0] <= size[2] <= height_m[1]
        assert points[:, 2].min() == pytest.approx(0, abs=0.05)


def test_a_persons_hand_reaches_what_is_near() -> None:
    root, goal = np.array([0.0, 0.0, 1.4]), np.array([0.4, 0.0, 1.2])
    elbow, wrist = people.joint(root, goal, 0.3, 0.27, np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(wrist, goal, atol=1e-9)
    assert np.linalg.norm(elbow - root) == pytest.approx(0.3)
    assert np.linalg.norm(wrist - elbow) == pytest.approx(0.27)


def test_a_hand_stops_at_arms_length() -> None:
    _, wrist = people.joint(np.zeros(3), np.array([2.0, 0.0, 0.0]), 0.3, 0.27, np.array([0.0, 0.0, -1.0]))
    assert np.linalg.norm(wrist) == pytest.approx(0.57, abs=0.001)


def test_things_do_not_stand_in_walls_or_one_another() -> None:
    room = cabin.cabin(np.random.default_rng(0), size_m=(1.6, 2.0, 2.5), door_m=1.0)
    floor, bag = layout.Floor(room, 0.0), block(0, 1, 0.1, 0.4)
    assert floor.fits(bag)
    assert not floor.fits(bag.moved(pose(0.8, 0)))
    assert not floor.fits(bag.moved(pose(0, -1.5)))
    assert layout.Floor(room, 1.0).fits(bag.moved(pose(0, -1.5)))
    floor.take(bag)
    assert not floor.fits(bag.moved(pose(0.1, 0)))


@pytest.mark.parametrize("opening", [-0.1, 1.1])
def test_a_door_opens_between_nought_and_one(opening: float) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        cabin.doors(cabin.cabin(np.random.default_rng(0)), opening)


def test_every_mount_hangs_in_its_cabin() -> None:
    for seed, kind in enumerate(mounts.KINDS):
        rng = np.random.default_rng(seed)
        room = cabin.cabin(rng)
        x, y, z = mounts.mount(rng, room, kind).place_m
        assert abs(x) < room.width_m / 2
        assert 0 < y < room.depth_m
        assert 2.0 < z < room.height_m


def test_moving_and_turning() -> None:
    mesh = Mesh(np.array([[1.0, 0.0, 0.0]]), np.empty((0, 4), np.int64))
    np.testing.assert_allclose(mesh.moved(pose(2, 3, 90)).vertices[0], [2, 4, 0], atol=1e-12)
    np.testing.assert_allclose(turn((0, 0, 1), 180, (1, 1, 0)) @ [0, 0, 0, 1], [2, 2, 0, 1], atol=1e-12)
    assert np.isfinite(tube([[0, 0, 0], [0, 1, 0], [0, 1, 1]], 0.1).vertices).all()


def test_a_track_rests_walks_and_goes_back() -> None:
    track = motion.Track(((0.0, 0.0, 0.0, 0.0), (1.0, 1.12, 0.0, 0.0), (2.0, 1.12, 0.0, 0.0), (3.0, 0.0, 0.0, 0.0)))
    assert track.at(-5) == (0.0, 0.0, 0.0)
    assert track.at(1.5)[0] == pytest.approx(1.12)
    assert not track.moving(1.5)
    assert track.moving(0.5)
    assert track.phase(0.6) > track.phase(0.4)
    assert track.phase(2.6) < track.phase(2.4)


@pytest.mark.parametrize(("time_s", "value"), [(-1, 0), (1, 0), (1.5, 0.5), (2, 1), (9, 1)])
def test_ramp(time_s: float, value: float) -> None:
    assert motion.ramp(time_s, ((1, 0), (2, 1))) == pytest.approx(value)


def test_exposure_reaches_its_level() -> None:
    image = flat(level=40)
    assert sensor.expose(image, sensor.gain_for(image, 120), 120).mean() == pytest.approx(120, abs=2)


def test_black_stays_finite() -> None:
    out = sensor.develop(flat(level=0), sensor.Sensor(), np.random.default_rng(0))
    assert out.shape == (60, 80, 3)


def test_infrared_has_no_colour() -> None:
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    out = sensor.develop(image, sensor.Sensor(mode="infrared", noise=8), np.random.default_rng(0)).astype(int)
    assert np.abs(out[..., 0] - out[..., 2]).max() <= 2


def test_noise_is_drawn_anew_and_repeats_with_its_seed() -> None:
    rng = np.random.default_rng(0)
    one, two = sensor.noisy(flat(), 3, rng), sensor.noisy(flat(), 3, rng)
    assert (one != two).any()
    np.testing.assert_array_equal(one, sensor.noisy(flat(), 3, np.random.default_rng(0)))
    np.testing.assert_array_equal(sensor.noisy(flat(), 0, rng), flat())


def test_vignette_spares_the_centre() -> None:
    out = sensor.vignetted(flat(61, 81), 0.6)
    assert out[30, 40, 0] == 100
    assert out[0, 0, 0] == pytest.approx(40, abs=1)


def test_motion_blur_keeps_the_brightness() -> None:
    image = flat()
    image[:, 40:] = 200
    out = sensor.motion_blurred(image, 7, 0)
    assert out.mean() == pytest.approx(image.mean(), abs=1)
    assert len(np.unique(out[30, :, 0])) > 2


def test_every_random_sensor_keeps_size_and_type() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        out = sensor.develop(flat(), sensor.sensor(rng), rng)
        assert out.shape == (60, 80, 3)
        assert out.dtype == np.uint8
