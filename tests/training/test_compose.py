"""Objects pasted into lifts: their boxes, who stands before whom, and no edge that tells of it."""

import cv2
import numpy as np
import pytest

from models.training import compose
from models.training.compose import MIXES, composite, lit, shadow
from models.training.cutouts import Cutout
from models.training.labels import LABELS, Box

PERSON, BIKE = LABELS.index("person"), LABELS.index("e-bike")
GREY = 120
SIZE = (320, 192)
PLAIN = np.full((SIZE[1], SIZE[0], 3), GREY, np.uint8)
COLOURFUL = np.stack([np.full((SIZE[1], SIZE[0]), value, np.uint8) for value in (90, 120, 150)], axis=2)


def cutout(label: int, colour: tuple[int, int, int] = (40, 40, 230), size: tuple[int, int] = (90, 160)) -> Cutout:
    """An ellipse of (width, height) in one colour."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.ellipse(mask, (size[0] // 2, size[1] // 2), (size[0] // 2 - 1, size[1] // 2 - 1), 0, 0, 360, 255, -1)
    return Cutout(label, np.dstack([np.full((size[1], size[0], 3), colour, np.uint8), mask]))


STOCK = {label: [cutout(number)] for number, label in enumerate(LABELS)}


def layers_of(labels: list[int], around: float, seed: int) -> tuple[np.ndarray, list[compose.Layer]]:
    """The labels pasted one before the other near `around`: the picture and what is seen of each."""
    canvas, rng = COLOURFUL.astype(np.float32), np.random.default_rng(seed)
    layers: list[compose.Layer] = []
    for label in labels:
        canvas = compose._paste(canvas, cutout(label), around, layers, rng)
    return canvas, layers


@pytest.mark.parametrize("seed", range(12))
def test_a_box_is_where_the_pixels_of_the_object_are(seed: int) -> None:
    canvas, (layer,) = layers_of([PERSON], 0.5, seed)
    box = compose._box_of(layer, SIZE)
    assert box is not None
    redder = canvas[..., 2] - canvas[..., 0] > 90  # of the place 60; a shadow takes of both
    ys, xs = np.nonzero(redder)
    assert box.corners(SIZE) == pytest.approx((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), abs=4)


def test_who_stands_behind_is_seen_less() -> None:
    shares = []
    for seed in range(12):
        _, (behind, before) = layers_of([PERSON, BIKE], 0.5, seed)
        assert np.allclose(behind.visible, behind.mask * (1 - before.mask), atol=1e-5)
        assert (before.visible == before.mask).all()
        shares.append(behind.visible.sum() / behind.mask.sum())
    assert min(shares) < 0.6


def layer(label: int, visible: float) -> compose.Layer:
    """A rectangle of 100 by 60 px of which the left part is visible."""
    mask = np.zeros((SIZE[1], SIZE[0]), np.float32)
    mask[100:160, 50:150] = 1
    seen = mask.copy()
    seen[:, 50 + round(100 * visible) :] = 0
    return compose.Layer(label, mask, seen)


@pytest.mark.parametrize(
    ("label", "visible", "corners"),
    [
        (PERSON, 1.0, (50, 100, 150, 160)),
        (PERSON, 0.5, (50, 100, 100, 160)),
        (PERSON, 0.26, (50, 100, 76, 160)),
        (PERSON, 0.2, None),
        (PERSON, 0.0, None),
        (BIKE, 0.5, (50, 100, 100, 160)),
    ],
)
def test_a_box_is_around_what_is_seen_and_none_is_around_too_little(
    label: int, visible: float, corners: tuple[float, ...] | None
) -> None:
    box = compose._box_of(layer(label, visible), SIZE)
    assert (None if box is None else box.corners(SIZE)) == (None if corners is None else pytest.approx(corners))


def test_an_e_bike_too_small_to_matter_has_no_box() -> None:
    mask = np.zeros((SIZE[1], SIZE[0]), np.float32)
    mask[100:112, 50:70] = 1
    small = [compose.Layer(label, mask, mask.copy()) for label in (BIKE, PERSON)]
    assert [compose._box_of(one, SIZE) is None for one in small] == [True, False]


def test_who_was_there_before_is_hidden_by_what_is_pasted() -> None:
    crowd = [Box.from_corners(PERSON, (x, 60, x + 20, 190), SIZE) for x in range(0, 320, 20)]
    hidden = 0
    for seed in range(12):
        _, boxes = composite(PLAIN, crowd, STOCK, np.random.default_rng(seed))
        hidden += len(crowd) - sum(box.label == PERSON and box.width < 0.07 for box in boxes)
    assert hidden > 0
    _, alone = composite(PLAIN, [], STOCK, np.random.default_rng(0))
    assert len(alone) <= 2


def steepest(canvas: np.ndarray, around: np.ndarray) -> float:
    """The steepest step from pixel to pixel near the edge of `around` (h, w) 0..1, its mean along that edge.

    In red less blue, in which object and place differ in any light.
    """
    tint = canvas[..., 2].astype(np.float32) - canvas[..., 0]
    down, across = (np.abs(np.diff(tint, axis=axis, append=0)) for axis in (0, 1))
    near = np.ones((3, 3), np.uint8)
    edge = cv2.morphologyEx((around > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, near) > 0
    edge[-2:], edge[:, -2:] = False, False
    return float(cv2.dilate(np.maximum(down, across), near)[edge].mean())


@pytest.mark.parametrize("seed", range(6))
def test_a_paste_has_a_softer_edge_than_one_cut_hard(seed: int) -> None:
    canvas, (layer,) = layers_of([PERSON], 0.5, seed)
    hard = COLOURFUL.astype(np.float32).copy()
    hard[layer.mask > 0.5] = np.median(canvas[layer.mask > 0.99], axis=0)
    assert steepest(canvas, layer.mask) < 0.6 * steepest(hard, layer.mask)


@pytest.mark.parametrize("seed", range(6))
def test_a_shadow_lies_around_the_foot_and_fades(seed: int) -> None:
    alpha = np.zeros((SIZE[1], SIZE[0]), np.float32)
    alpha[60:160, 140:180] = 1
    dark = shadow(alpha, np.random.default_rng(seed))
    assert dark[158, 160] > 5 * dark[65, 160]
    assert 0.1 < dark.max() <= 0.6
    assert np.abs(np.diff(dark, axis=0)).max() < 0.25 * dark.max()
    assert dark[:, :100].max() < 0.01


def test_nothing_throws_no_shadow() -> None:
    assert not shadow(np.zeros((20, 30), np.float32), np.random.default_rng(0)).any()


def test_light_goes_half_way_to_the_place_and_infrared_has_no_colour() -> None:
    bright = cutout(PERSON, (180, 200, 240)).rgba
    dark_place = COLOURFUL.astype(np.float32) * 0.25
    after = lit(bright, dark_place, np.random.default_rng(0))
    assert after[..., :3].mean() < 0.8 * bright[..., :3].mean()
    assert (after[..., 3] == bright[..., 3]).all()
    infrared = lit(bright, PLAIN.astype(np.float32), np.random.default_rng(0))
    assert np.ptp(infrared[..., :3].astype(int), axis=2).max() == 0


def test_the_seed_decides_and_the_background_stays_as_it_was() -> None:
    before = COLOURFUL.copy()
    made = [composite(COLOURFUL, [], STOCK, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert (made[0][0] == made[1][0]).all()
    assert made[0][1] == made[1][1]
    assert (made[0][0] != made[2][0]).any()
    assert (before == COLOURFUL).all()


def test_shares_of_the_mixes_add_up() -> None:
    assert sum(share for share, _ in MIXES) == pytest.approx(1)
    assert {label for _, labels in MIXES for label in labels} <= set(compose.SHARE_OF_HEIGHT)
