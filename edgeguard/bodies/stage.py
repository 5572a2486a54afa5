"""One camera's closer look at people: only what its rules ask for, only whose turn it is."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.manifest import FightSpec, PostureSpec, describe_pose, fight_of, posture_of
from edgeguard.bodies.networks import PoseNet, PostureNet
from edgeguard.bodies.scuffle import Scuffle
from edgeguard.bodies.turns import Turns
from edgeguard.boxes import Box, Hull, hull
from edgeguard.networks import ExecutionConfig, models_dir
from edgeguard.types import KEYPOINTS, Bodies, BodyAsk, Picture, Tracks

log = logging.getLogger(__name__)

PERSON = "person"
# People are cut out of a picture whose longer side is at most this.
LONGEST_PX = 640
# A posture lasts: seconds until somebody who moves, or is still, is looked at again. A hand at the mouth does not.
POSTURE_S = (0.4, 1.2)
POSE_S = (0.2, 0.2)

# Of whom a rule asks, by the box in 0..1 of the picture; several rules may ask the same of different people.
Whom = Callable[[Hull], bool]
Asked = Mapping[BodyAsk, Sequence[Whom]]
OF_EVERYBODY: Asked = MappingProxyType({})


class BodyStage:
    """A `BodyReader` over networks; what is None nobody asked for, or it is not there. One thread at a time."""

    def __init__(
        self,
        person: int,
        posture: PostureNet | None = None,
        scuffle: Scuffle | None = None,
        pose: PoseNet | None = None,
        asked: Asked = OF_EVERYBODY,
    ) -> None:
        """`person`: number of the detector's label. `asked`: what is left out is asked of everybody."""
        self._person = person
        self._posture = posture
        self._pose = pose
        self._scuffle = scuffle
        self._asked = asked
        self._turns = Turns(*(POSE_S if pose else POSTURE_S))

    def read(self, picture: Picture, tracks: Tracks, monotonic_s: float) -> Bodies:
        people = self._people(tracks)
        fight, group = self._fighting(picture, [box for _, box in people], monotonic_s)
        due = self._turns.take([one for one in people if self._closer(one[1], picture)], monotonic_s)
        ids = np.array([track_id for track_id, _ in due], np.int64)
        return Bodies(ids, *self._look(picture, [box for _, box in due]), fight, group)

    def _fighting(
        self, picture: Picture, people: Sequence[Hull], monotonic_s: float
    ) -> tuple[float, Hull] | tuple[None, None]:
        if self._scuffle is None:
            return None, None
        near = bool(people) and self._asks(BodyAsk.FIGHT, hull(people), picture)
        return self._scuffle.judge(picture, people, monotonic_s, near=near) or (None, None)

    def _closer(self, box: Box, picture: Picture) -> bool:
        posture = self._posture is not None and self._asks(BodyAsk.POSTURE, box, picture)
        return posture or (self._pose is not None and self._asks(BodyAsk.POSE, box, picture))

    def _asks(self, ask: BodyAsk, box: Box, picture: Picture) -> bool:
        if ask not in self._asked:
            return True
        x0, y0, x1, y1 = box
        width, height = picture.width, picture.height
        return any(whom((x0 / width, y0 / height, x1 / width, y1 / height)) for whom in self._asked[ask])

    def _people(self, tracks: Tracks) -> list[tuple[int, Hull]]:
        boxes = tracks.boxes
        rows = zip(tracks.id.tolist(), boxes.xyxy.tolist(), boxes.label.tolist(), strict=True)
        return [(track_id, tuple(box)) for track_id, box, label in rows if label == self._person]

    def _look(self, picture: Picture, boxes: Sequence[Box]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Lying (n,) and keypoints (n, 17, 3)."""
        lying, joints = np.full(len(boxes), np.nan, np.float32), np.zeros((len(boxes), KEYPOINTS, 3), np.float32)
        if not boxes:
            return lying, joints
        scale = min(1.0, LONGEST_PX / max(picture.width, picture.height))
        bgr = picture.bgr(max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        for row, box in enumerate(boxes):
            small = [side * scale for side in box]
            if self._posture and self._asks(BodyAsk.POSTURE, box, picture):
                lying[row] = self._posture.lying(bgr, small)
            if self._pose and self._asks(BodyAsk.POSE, box, picture):
                joints[row] = self._pose.keypoints(bgr, small)
                joints[row, :, :2] /= scale
        return lying, joints


def open_bodies(
    asks: Collection[BodyAsk],
    labels: Sequence[str],
    pose: Path | None,
    execution: ExecutionConfig,
    asked: Asked = OF_EVERYBODY,
) -> BodyStage | None:
    """The stage for what a camera's rules ask; None where they ask nothing. `pose`: the site's pose network.

    `asked`: of whom, where it is not of everybody; of a fight: where nobody is there at all nothing is looked at.

    Raises ConfigError, ModelError.
    """
    if BodyAsk.POSE in asks and pose is None:
        log.warning("rules that need a pose network stay off: %s", POSE_MISSING)
    wanted = {ask for ask in asks if ask is not BodyAsk.POSE or pose is not None}
    if not wanted or PERSON not in labels:
        return None
    own = models_dir()
    return BodyStage(
        labels.index(PERSON),
        PostureNet(posture_of(own), execution) if BodyAsk.POSTURE in wanted else None,
        Scuffle(fight_of(own), execution) if BodyAsk.FIGHT in wanted else None,
        PoseNet(describe_pose(pose), execution) if BodyAsk.POSE in wanted and pose is not None else None,
        asked,
    )


def verify(spec: PostureSpec | FightSpec) -> None:
    """Load and run it once. Raises ModelError where the file is missing, damaged or not as described."""
    if isinstance(spec, PostureSpec):
        PostureNet(spec, ExecutionConfig())
    else:
        Scuffle(spec, ExecutionConfig())


POSE_MISSING = "`edgeguard models convert yolo11n-pose.pt` makes one, the camera's `pose` names it"
