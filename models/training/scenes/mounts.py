"""Where the camera hangs, what its lens does, and where points of the world land in the picture."""

from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from .cabin import Cabin
from .kit import Floats

DOWN: Final = "centre down"
KINDS: Final = (
    "corner rear left",
    "corner rear right",
    "corner front left",
    "corner front right",
    DOWN,
    "above door",
    "rear",
)
_RIM_PX: Final = 3.0
_WEIGHTS: Final = (0.24, 0.24, 0.12, 0.12, 0.08, 0.1, 0.1)
NEAR_M: Final = 0.05
# What `mount` gives no camera, in degrees: lenses of narrow domes, and those that see half of the world.
NARROW_DEG: Final = (60.0, 75.0)
HALF_ROUND_DEG: Final = (150.0, 180.0)


@dataclass(frozen=True, slots=True)
class Mount:
    """A camera: place and target in metres, roll and field of view in degrees, picture size in pixels.

    `fov_deg` is the horizontal field of view; a fisheye is equisolid (r = 2 f sin(angle / 2)).
    """

    kind: str
    place_m: tuple[float, float, float]
    target_m: tuple[float, float, float]
    roll_deg: float
    fov_deg: float
    fisheye: bool
    width_px: int
    height_px: int

    @property
    def focal_px(self) -> float:
        """Focal length in pixels of the lens' own projection."""
        half = np.radians(self.fov_deg / 2)
        return float(self.width_px / 2 / (2 * np.sin(half / 2) if self.fisheye else np.tan(half)))

    def rotation(self) -> Floats:
        """Rows: right, up, back of the camera in the world, (3, 3)."""
        back = np.asarray(self.place_m) - np.asarray(self.target_m)
        back = back / np.linalg.norm(back)
        hint = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.99 else np.array([0.0, 1.0, 0.0])
        right = np.cross(hint, back)
        right /= np.linalg.norm(right)
        up = np.cross(back, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * up, c * up - s * right, back])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points (n, 3) to pixels (n, 2) and depth (n,) m; pixels are NaN where a point cannot be imaged."""
        local = (points - np.asarray(self.place_m)) @ self.rotation().T
        depth = -local[:, 2]
        if self.fisheye:
            radial = np.linalg.norm(local[:, :2], axis=1)
            angle = np.arctan2(radial, depth)
            scale = np.where(radial > 1e-9, 2 * self.focal_px * np.sin(angle / 2) / np.maximum(radial, 1e-9), 0.0)
            good = angle < np.radians(110)
        else:
            good = depth > NEAR_M
            scale = self.focal_px / np.where(good, depth, 1.0)
        pixels = np.stack([self.width_px / 2 + local[:, 0] * scale, self.height_px / 2 - local[:, 1] * scale], axis=1)
        pixels[~good] = np.nan
        return pixels, depth

    def record(self) -> dict[str, object]:
        """The mount as plain data for a picture's JSON."""
        return asdict(self)


def mount(rng: np.random.Generator, room: Cabin, kind: str | None = None) -> Mount:
    """A camera at random in that cabin; 400 to 480 pixels wide."""
    chosen = kind or str(rng.choice(KINDS, p=_WEIGHTS))
    w, d = room.width_m / 2 - 0.08, room.depth_m
    z = float(min(room.height_m - 0.05, rng.uniform(2.1, 2.6)))
    x, y = {
        "corner rear left": (-w, d - 0.08),
        "corner rear right": (w, d - 0.08),
        "corner front left": (-w, 0.08),
        "corner front right": (w, 0.08),
        DOWN: (rng.uniform(-0.15, 0.15), d / 2 + rng.uniform(-0.2, 0.2)),
        "above door": (rng.uniform(-0.2, 0.2), 0.07),
        "rear": (rng.uniform(-0.3, 0.3), d - 0.07),
    }[chosen]
    centre = np.array([0.0, d / 2, 0.0])
    reach = rng.uniform(0.9, 1.5)
    aim = centre[:2] + (centre[:2] - [x, y]) * (reach - 1)
    low = rng.uniform(0.0, 0.9)
    fisheye = bool(rng.random() < (0.6 if chosen == DOWN else 0.3))
    fov = float(rng.uniform(100, 150) if fisheye else rng.uniform(75, 105))
    if chosen == DOWN:
        aim, low = np.array([x, y + 0.02]) + rng.normal(0, 0.08, 2), 0.0
        fov = max(fov, 95.0)
    width = int(rng.choice([400, 416, 448, 480]))
    height = int(rng.choice([width * 9 // 16, width * 3 // 4])) // 2 * 2
    roll = float(rng.normal(0, 3)) + (float(rng.choice([0, 90, 180, 270])) if chosen == DOWN else 0.0)
    return Mount(
        chosen, (float(x), float(y), z), (float(aim[0]), float(aim[1]), float(low)), roll, fov, fisheye, width, height
    )


def steep(rng: np.random.Generator, room: Cabin) -> Mount:
    """A camera that looks down steeply: from the middle of the ceiling, or from a corner at the floor near its foot."""
    if rng.random() < 0.4:
        return mount(rng, room, DOWN)
    view = mount(rng, room, str(rng.choice([kind for kind in KINDS if kind != DOWN])))
    foot, centre = np.asarray(view.place_m[:2]), np.array([0.0, room.depth_m / 2])
    aim = foot + (centre - foot) * float(rng.uniform(0.25, 0.85))
    fov = float(rng.uniform(110, 165) if view.fisheye else rng.uniform(85, 115))
    return replace(view, target_m=(float(aim[0]), float(aim[1]), 0.0), fov_deg=fov)


def rare_lens(rng: np.random.Generator, view: Mount) -> Mount:
    """The same camera with a lens of 60 to 75 degrees or, as often, a fisheye of 150 to 180."""
    fisheye = bool(rng.random() < 0.5)
    fov = float(rng.uniform(*(HALF_ROUND_DEG if fisheye else NARROW_DEG)))
    return replace(view, fov_deg=fov, fisheye=fisheye)


def image_circle(view: Mount, across_deg: float) -> Floats:
    """What a fisheye's barrel leaves of the light, (h, w): 1 inside a circle so many degrees across, 0 outside it."""
    radius = 2 * view.focal_px * np.sin(np.radians(across_deg / 4))
    y, x = np.mgrid[0 : view.height_px, 0 : view.width_px] + 0.5
    off_axis = np.hypot(x - view.width_px / 2, y - view.height_px / 2)
    return np.asarray(np.clip((radius - off_axis) / _RIM_PX + 0.5, 0, 1))


def level(rng: np.random.Generator, room: Cabin) -> Mount:
    """Somebody's camera in the lobby, at the height of the eyes, that looks through the open doors."""
    place = (float(rng.uniform(-0.5, 0.5)), -float(rng.uniform(0.8, 2.2)), float(rng.uniform(1.2, 1.75)))
    target = (float(rng.uniform(-0.2, 0.2)), room.depth_m / 2, float(rng.uniform(0.5, 1.1)))
    width, height = [(448, 336), (480, 270), (288, 384)][int(rng.integers(3))]
    return Mount("level", place, target, float(rng.normal(0, 2)), float(rng.uniform(50, 80)), False, width, height)
