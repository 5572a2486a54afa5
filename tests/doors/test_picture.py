"""A drawn lift at 8 pictures a second: a door of two leaves in the middle of the picture, a lit landing behind it."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from edgeguard.doors import DoorConfig, PictureConfig, PictureDoor
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import DoorState, Picture

HEIGHT, WIDTH, FPS = 180, 320, 8
TOP, BOTTOM, LEFT, RIGHT = 20, 150, 110, 210
REGION = tuple((x / WIDTH, y / HEIGHT) for x, y in ((LEFT, TOP), (RIGHT, TOP), (RIGHT, BOTTOM), (LEFT, BOTTOM)))
CONFIG = PictureConfig(kind="picture", region=REGION, learn_s=5)
OPEN, CLOSED, UNKNOWN = DoorState.OPEN, DoorState.CLOSED, DoorState.UNKNOWN
Luma = NDArray[np.uint8]


def cabin(opening: float = 0.0, person: float | None = None, light: float = 1.0, noise: int = 0) -> Luma:
    """`opening` 0..1; `person`: how far a dark figure stands to the right, 0..1 of the doorway, None: nobody."""
    columns = np.arange(WIDTH)[None, :]
    picture = np.broadcast_to(90 + 30 * np.sin(columns / 40), (HEIGHT, WIDTH)).copy()
    door = np.broadcast_to(110 + 12 * np.cos(columns / 9), (HEIGHT, WIDTH))[TOP:BOTTOM, LEFT:RIGHT].copy()
    door[:, (RIGHT - LEFT) // 2 - 1 : (RIGHT - LEFT) // 2 + 1] = 40
    half = round(opening * (RIGHT - LEFT) / 2)
    middle = (RIGHT - LEFT) // 2
    landing = np.broadcast_to(np.linspace(170, 230, BOTTOM - TOP)[:, None], door.shape)
    door[:, middle - half : middle + half] = landing[:, middle - half : middle + half]
    picture[TOP:BOTTOM, LEFT:RIGHT] = door
    if person is not None:
        x = LEFT + round(person * (RIGHT - LEFT))
        picture[TOP + 35 :, x - 28 : x + 28] = 35
    grain = np.random.default_rng(noise).normal(0, 2, picture.shape)
    return np.clip(picture * light + grain, 0, 255).astype(np.uint8)


def shown(luma: Luma) -> Picture:
    return picture_from_array(luma, "gray")


class Watched:
    """A door and everything it has said, a picture at a time."""

    def __init__(self, config: PictureConfig = CONFIG) -> None:
        self.door = PictureDoor(config)
        self.index = 0
        self.said: list[DoorState] = []

    def see(self, seconds: float, draw: Callable[[float], Luma] | None = None, **how: float) -> "Watched":
        """`draw` is given 0..1 of the way; otherwise the cabin as `how` says."""
        self.said = []
        count = round(seconds * FPS)
        for number in range(count):
            luma = draw(number / max(count - 1, 1)) if draw else cabin(**how, noise=self.index)
            self.said.append(self.door.state(self.index / FPS, shown(luma)))
            self.index += 1
        return self

    @property
    def last(self) -> DoorState:
        return self.said[-1]


def learnt(config: PictureConfig = CONFIG) -> Watched:
    watched = Watched(config).see(config.learn_s + 1)
    assert watched.last is CLOSED
    return watched


def test_unknown_until_the_closed_door_is_learnt() -> None:
    assert PictureDoor(CONFIG).state(0.0) is UNKNOWN
    assert set(Watched().see(CONFIG.learn_s - 0.5).said) == {UNKNOWN}
    assert learnt().last is CLOSED


def test_opens_and_closes() -> None:
    watched = learnt()
    assert OPEN not in watched.see(0.4, lambda share: cabin(0.4 * share)).said
    watched.see(1, lambda share: cabin(0.4 + 0.6 * share))
    assert watched.see(1.5, opening=1).last is OPEN
    assert set(watched.see(5, opening=1).said) == {OPEN}
    watched.see(1.2, lambda share: cabin(1 - share))
    assert watched.see(2.5).last is CLOSED


def test_every_floor_has_a_landing_of_its_own() -> None:
    watched = learnt()
    for dark in (1.0, 0.2, 1.0):
        watched.see(1.2, lambda share, dark=dark: other_floor(share, dark))  # type: ignore[misc]
        assert watched.see(3, lambda _, dark=dark: other_floor(1, dark)).last is OPEN  # type: ignore[misc]
        watched.see(1.2, lambda share, dark=dark: other_floor(1 - share, dark))  # type: ignore[misc]
        assert watched.see(4).last is CLOSED


def other_floor(opening: float, brightness: float) -> Luma:
    picture = cabin(opening).astype(np.float32)
    middle, half = (LEFT + RIGHT) // 2, round(opening * (RIGHT - LEFT) / 2)
    picture[TOP:BOTTOM, middle - half : middle + half] *= brightness
    return picture.astype(np.uint8)


@pytest.mark.parametrize(
    "draw",
    [
        lambda share: cabin(person=share),
        lambda share: cabin(person=0.5 + 0.1 * np.sin(20 * share)),
        lambda share: cabin(light=1 + 0.08 * np.sin(300 * share)),
        lambda share: cabin(light=1.0 if share < 0.5 else 0.5),
        lambda share: cabin(light=0.6 if share < 0.5 else 1.0),
        lambda share: cabin(light=1.0 if share < 0.5 else 0.02),
        lambda share: cabin(light=1.0 - 0.7 * share),
        lambda share: np.zeros((HEIGHT, WIDTH), np.uint8) if share > 0.3 else cabin(),
        lambda share: np.full((HEIGHT, WIDTH), 255, np.uint8) if share > 0.3 else cabin(),
        lambda share: 255 - cabin() if share > 0.4 else cabin(),
    ],
    ids=[
        "somebody walks by",
        "somebody stands before it",
        "flicker",
        "a lamp goes out",
        "a lamp goes on",
        "the light is switched off",
        "dusk",
        "covered",
        "dazzled",
        "infrared, where dark is bright",
    ],
)
def test_what_is_no_door_movement(draw: Callable[[float], Luma]) -> None:
    watched = learnt()
    assert OPEN not in watched.see(6, draw).said


def test_after_the_light_went_out_and_on_again() -> None:
    watched = learnt()
    assert watched.see(4, light=0.02).last is UNKNOWN
    assert watched.see(2).last is CLOSED


def test_somebody_who_was_let_in_stands_before_the_door_that_closes() -> None:
    watched = learnt()
    watched.see(1.2, cabin)
    watched.see(2, opening=1)
    watched.see(2, lambda share: cabin(1, person=share / 2))
    watched.see(1.2, lambda share: cabin(1 - share, person=0.5))
    assert OPEN not in watched.see(6, person=0.5).said[3 * FPS :]


def test_in_infrared_it_is_learnt_anew() -> None:
    watched = learnt(CONFIG.model_copy(update={"relearn_s": 30.0}))
    assert watched.see(4, lambda _: 255 - cabin()).last is UNKNOWN
    assert watched.see(30 + CONFIG.learn_s, lambda _: 255 - cabin()).last is CLOSED


def test_learnt_with_the_door_open_it_is_learnt_anew_when_the_other_state_lasts() -> None:
    config = CONFIG.model_copy(update={"relearn_s": 30.0})
    watched = Watched(config).see(config.learn_s + 1, opening=1)
    assert watched.last is CLOSED  # it cannot know better yet
    watched.see(1.2, lambda share: cabin(1 - share))
    watched.see(30 + config.learn_s + 4)
    assert watched.last is CLOSED
    watched.see(1.2, cabin)
    assert watched.see(2, opening=1).last is OPEN


def test_without_pictures_it_is_soon_unknown() -> None:
    watched = learnt()
    now_s = (watched.index - 1) / FPS
    assert watched.door.state(now_s + 0.25) is CLOSED
    assert watched.door.state(now_s + 5) is UNKNOWN


def test_another_resolution_and_a_clock_set_back_begin_anew() -> None:
    watched = learnt()
    assert watched.door.state(watched.index / FPS, shown(cabin()[::2, ::2].copy())) is UNKNOWN
    watched = learnt()
    assert watched.door.state(0.0, shown(cabin())) is UNKNOWN


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (16, 16), (1080, 1920), (640, 360)])
def test_any_size(shape: tuple[int, int]) -> None:
    door = PictureDoor(CONFIG)
    luma = np.full(shape, 120, np.uint8)
    assert {door.state(index / FPS, shown(luma)) for index in range(8)} == {UNKNOWN}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "Field required"),
        ({"region": [[0, 0], [1, 1]]}, "at least 3 corners, met 2"),
        ({"region": [[0, 0], [1, 0], [2, 1]]}, r"0..1 of the picture, met \(2"),
        ({"region": [[0, 0], [1, 0], [0, 1]], "learn_s": 0}, "greater than or equal to 2"),
        ({"region": [[0, 0], [1, 0], [0, 1]], "relearn_s": 1}, "greater than or equal to 30"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(DoorConfig).validate_python({"kind": "picture"} | settings)
