"""Meshes from a few primitives, as plain arrays: everything in a scene is put together from these.

Metres, z up. A `Mesh` is built in the local frame of a thing (forward +x, left +y, origin on the
floor), moved with `Mesh.moved`, and becomes part of a `Thing` together with its `Look`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """A surface. `rgb` linear 0..1; `pattern` is "", "noise", "checker", "stripes"; `image` wins over `rgb`.

    `image` is (h, w, 3) uint8 RGB and needs a mesh with `uv`.
    """

    rgb: Rgb
    roughness: float = 0.5
    metallic: float = 0.0
    emission: float = 0.0
    pattern: str = ""
    rgb2: Rgb = (0.0, 0.0, 0.0)
    scale: float = 8.0
    image: NDArray[np.uint8] | None = None
    bump: float = 0.0


@dataclass(frozen=True, slots=True)
class Mesh:
    """`vertices` (n, 3) float64, `faces` (m, 4) int64 (a triangle repeats its last vertex), `uv` (n, 2) or None."""

    vertices: Floats
    faces: NDArray[np.int64]
    smooth: bool = True
    uv: Floats | None = None

    def moved(self, matrix: Floats) -> "Mesh":
        """The same mesh under a 4 x 4 matrix."""
        return replace(self, vertices=self.vertices @ matrix[:3, :3].T + matrix[:3, 3])


@dataclass(frozen=True, slots=True)
class Part:
    mesh: Mesh
    look: Look


@dataclass(frozen=True, slots=True)
class Thing:
    """Parts that belong together. `kind` names it, `label` is its class number or None (never labelled)."""

    kind: str
    label: int | None
    parts: tuple[Part, ...]
    grips: tuple[Floats, ...] = field(default=())

    def moved(self, matrix: Floats) -> "Thing":
        grips = tuple(matrix[:3, :3] @ grip + matrix[:3, 3] for grip in self.grips)
        return replace(self, parts=tuple(Part(p.mesh.moved(matrix), p.look) for p in self.parts), grips=grips)

    def scaled(self, factor: float) -> "Thing":
        return self.moved(np.diag([factor, factor, factor, 1.0]))

    def plan(self) -> Floats:
        """Footprint as (2, 2): least and greatest x, y."""
        points = np.concatenate([p.mesh.vertices[:, :2] for p in self.parts])
        return np.stack([points.min(axis=0), points.max(axis=0)])


def pose(x_m: float, y_m: float, heading_deg: float = 0.0, lean_deg: float = 0.0, z_m: float = 0.0) -> Floats:
    """4 x 4 matrix: lean about the own forward axis, turn about z, then move."""
    matrix = turn((0, 0, 1), heading_deg) @ turn((1, 0, 0), lean_deg)
    matrix[:3, 3] = (x_m, y_m, z_m)
    return matrix


def turn(axis: ArrayLike, angle_deg: float, about: ArrayLike = (0, 0, 0)) -> Floats:
    """4 x 4 rotation about an axis through a point (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    a = np.radians(angle_deg)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * (k @ k)
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = np.asarray(about) - rotation @ np.asarray(about)
    return matrix


def grid_faces(rows: int, columns: int, *, wrap_rows: bool = False, wrap_columns: bool = True) -> NDArray[np.int64]:
    """Quads of a rows x columns lattice of vertices, (m, 4)."""
    r = np.arange(rows if wrap_rows else rows - 1)
    c = np.arange(columns if wrap_columns else columns - 1)
    rr, cc = np.meshgrid(r, c, indexing="ij")
    r2, c2 = (rr + 1) % rows, (cc + 1) % columns
    index = [rr * columns + cc, rr * columns + c2, r2 * columns + c2, r2 * columns + cc]
    return np.stack(index, axis=-1).reshape(-1, 4)


def skin(rings: Floats, *, closed: bool = False, smooth: bool = True) -> Mesh:
    """A surface through rings of points, (rows, columns, 3), capped at both ends unless closed on itself."""
    rows, columns = rings.shape[:2]
    vertices = rings.reshape(-1, 3)
    faces = grid_faces(rows, columns, wrap_rows=closed)
    if not closed:
        ends = np.stack([rings[0].mean(axis=0), rings[-1].mean(axis=0)])
        first, last = np.arange(columns), (rows - 1) * columns + np.arange(columns)
        n = len(vertices)
        cap_a = np.stack([np.roll(first, -1), first, np.full(columns, n), np.full(columns, n)], axis=1)
        cap_b = np.stack([last, np.roll(last, -1), np.full(columns, n + 1), np.full(columns, n + 1)], axis=1)
        vertices, faces = np.concatenate([vertices, ends]), np.concatenate([faces, cap_a, cap_b])
    return Mesh(vertices, faces, smooth)


def tube(path: ArrayLike, radius: ArrayLike, sides: int = 8, *, closed: bool = False) -> Mesh:
    """A round tube along a path (n, 3); `radius` in metres, one or one per point."""
    p = np.asarray(path, float)
    radii = np.broadcast_to(np.asarray(radius, float), len(p))
    tangent = np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0) if closed else np.gradient(p, axis=0)
    tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = _transport(tangent)
    binormal = np.cross(tangent, normal)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[None, :, None] * normal[:, None] + np.sin(angle)[None, :, None] * binormal[:, None]
    return skin(p[:, None] + radii[:, None, None] * ring, closed=closed)


def _transport(tangent: Floats) -> Floats:
    """Normals carried along the path without twist, (n, 3)."""
    start = np.array([0.0, 1.0, 0.0]) if abs(tangent[0, 1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    normals = [start - tangent[0] * (start @ tangent[0])]
    for t in tangent[1:]:
        n = normals[-1] - t * (t @ normals[-1])
        normals.append(n)
    out = np.array(normals)
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9))


def curve(points: ArrayLike, steps: int = 6) -> Floats:
    """Catmull-Rom through the points, (n, 3)."""
    p = np.asarray(points, float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*pieces, p[-2:-1]])


def loft(spine: ArrayLike, widths: ArrayLike, heights: ArrayLike, power: float = 3.0, sides: int = 16) -> Mesh:
    """Bodywork: superellipse sections across a spine that lies in a plane y = const.

    `spine` (n, 3); `widths` (n,) half extents along y, `heights` (n,) half extents across the spine in its plane.
    """
    p = np.asarray(spine, float)
    tangent = np.gradient(p, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    across = np.cross(tangent, np.array([0.0, 1.0, 0.0]))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    c = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / power)
    s = np.sign(np.sin(a)) * np.abs(np.sin(a)) ** (2 / power)
    w = np.broadcast_to(np.asarray(widths, float), len(p))
    h = np.broadcast_to(np.asarray(heights, float), len(p))
    rings = p[:, None] + s[None, :, None] * h[:, None, None] * across[:, None]
    rings[:, :, 1] += c[None, :] * w[:, None]
    return skin(rings)


def ellipsoid(centre: ArrayLike, radii: ArrayLike, rows: int = 9, columns: int = 14) -> Mesh:
    t = np.linspace(0.08, np.pi - 0.08, rows)
    a = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    x, y = np.sin(t)[:, None] * np.cos(a), np.sin(t)[:, None] * np.sin(a)
    z = np.repeat(np.cos(t)[:, None], columns, axis=1)
    return skin(np.stack([x, y, z], axis=-1) * np.asarray(radii, float) + np.asarray(centre, float))


def box(centre: ArrayLike, size: ArrayLike, bevel_m: float = 0.0) -> Mesh:
    """An upright box; with `bevel_m` its edges are rounded off."""
    c, s = np.asarray(centre, float), np.asarray(size, float) / 2
    b = min(bevel_m, *(s * 0.9))
    if b <= 0:
        corner = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
        rings = np.stack([np.c_[corner * s[:2], np.full(4, z)] for z in (-s[2], s[2])]) + c
        return skin(rings, smooth=False)
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False) + np.pi / 16
    quarter = np.stack([np.sign(np.cos(a)), np.sign(np.sin(a))], axis=1)
    arc = np.stack([np.cos(a), np.sin(a)], axis=1)
    rings_list = []
    for z, inset in (
        (-s[2], 0.0),
        (-s[2] + 0.3 * b, 0.7),
        (-s[2] + b, 1.0),
        (s[2] - b, 1.0),
        (s[2] - 0.3 * b, 0.7),
        (s[2], 0.0),
    ):
        rings_list.append(np.c_[quarter * (s[:2] - b) + arc * b * inset, np.full(16, z)])
    return skin(np.stack(rings_list) + c)


def lathe(profile: ArrayLike, centre: ArrayLike, axis: str = "y", sides: int = 20, *, closed: bool = False) -> Mesh:
    """A profile (n, 2) of (radius, offset along the axis) turned about "x", "y" or "z"."""
    p = np.asarray(profile, float)
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    u, v = p[:, :1] * np.cos(a), p[:, :1] * np.sin(a)
    w = np.repeat(p[:, 1:], sides, axis=1)
    order = {"x": (w, u, v), "y": (u, w, v), "z": (u, v, w)}[axis]
    return skin(np.stack(order, axis=-1) + np.asarray(centre, float), closed=closed)


def ring(centre: ArrayLike, radius: float, thick: float, axis: str = "y", flat: float = 1.0, sides: int = 24) -> Mesh:
    """A torus; `flat` stretches its section along the axis (a fat tyre)."""
    a = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    return lathe(np.c_[radius + thick * np.cos(a), thick * flat * np.sin(a)], centre, axis, sides, closed=True)


def quad(corners: ArrayLike, repeat: tuple[float, float] = (1.0, 1.0)) -> Mesh:
    """A flat panel, corners (4, 3) counter-clockwise from bottom left, with texture coordinates."""
    u, v = repeat
    uv = np.array([[0, 0], [u, 0], [u, v], [0, v]], float)
    return Mesh(np.asarray(corners, float), np.array([[0, 1, 2, 3]]), smooth=False, uv=uv)


def plate(outline: ArrayLike, y_m: float, width_m: float) -> Mesh:
    """A side-view outline (n, 2) of x, z given thickness along y."""
    p = np.asarray(outline, float)
    rings = [np.c_[p[:, 0], np.full(len(p), y_m + s * width_m / 2), p[:, 1]] for s in (-1, 1)]
    return skin(np.stack(rings), smooth=False)


def join(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh out of several of the same shading (texture coordinates are dropped)."""
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    faces = np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=True)])
    return Mesh(np.concatenate([m.vertices for m in meshes]), faces, meshes[0].smooth)
