"""A reader that says what it is told: for tests and demonstrations of rules, without a network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.types import KEYPOINTS, Bodies, Picture, Tracks

Joints = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScriptedBodies:
    """Whoever is tracked lies with probability `lying(track id)` and holds their joints so; all of them are the group.

    A `BodyReader`.
    """

    lying: Callable[[int], float] = lambda _: 0.0
    fight: float | None = None
    joints: Callable[[int], Joints] = lambda _: np.zeros((KEYPOINTS, 3), np.float32)

    def read(self, picture: Picture, tracks: Tracks, monotonic_s: float) -> Bodies:  # noqa: ARG002
        ids = tracks.id.tolist()
        joints = np.zeros((len(ids), KEYPOINTS, 3), np.float32)
        for row, track_id in enumerate(ids):
            joints[row] = self.joints(track_id)
        lying = np.array([self.lying(track_id) for track_id in ids], np.float32)
        xyxy = tracks.boxes.xyxy
        if self.fight is None or not len(xyxy):
            return Bodies(tracks.id, lying, joints)
        x0, y0 = xyxy[:, :2].min(axis=0).tolist()
        x1, y1 = xyxy[:, 2:].max(axis=0).tolist()
        return Bodies(tracks.id, lying, joints, self.fight, (x0, y0, x1, y1))
