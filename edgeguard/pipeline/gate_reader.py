"""What is shown at a gate: plates, followed from look to look, the face that is meant, and codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.access.qr import QrReader
from edgeguard.pipeline.camera import Beat
from edgeguard.recognizers import FaceReader, Liveness, Look, Match, Template, Unseen
from edgeguard.recognizers.plates import PlateChain, PlateLook, TrackVote
from edgeguard.trackers import GreedyTracker, TrackerConfig
from edgeguard.types import Detections, FaceFinder, Faces, FaceSeen, Frame, PlateSeen, Shown

# Codes are held still and near for a second and more; looking for one that is not there costs more than a detector.
CODES_HZ = 2.0
CODES_PX = 640
# A plate is small against what a car moves between two looks: it is followed by so many times its own box.
ROOM = 3.0
FOLLOWED = TrackerConfig(min_iou=0.1, max_gap_s=2.0)


class Matcher(Protocol):
    """Whom the gate knows."""

    def match(self, probe: Template, at: datetime) -> Match | None:
        """The nearest of those it is compared with; None where it is compared with nobody."""


class Seeing:
    """A finder that remembers every face of its last picture: those that are not meant must be blurred too."""

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self.last = Faces.empty()

    def find(self, bgr: NDArray[np.uint8]) -> Faces:
        self.last = self._finder.find(bgr)
        return self.last


@dataclass(frozen=True, slots=True)
class FaceEyes:
    """`reader` sees through `finder`; `liveness` None: the gate does not ask for it."""

    finder: Seeing
    reader: FaceReader
    matcher: Matcher
    liveness: Liveness | None


class PlateEyes:
    """Plates by their tracks, and what the looks at each say together. `agreeing`: looks that must read the same."""

    def __init__(self, chain: PlateChain, agreeing: int) -> None:
        self._chain = chain
        self._agreeing = agreeing
        self._tracker = GreedyTracker(("plate",), FOLLOWED)
        self._votes: dict[int, tuple[TrackVote, float]] = {}

    def look(self, bgr: NDArray[np.uint8], monotonic_s: float) -> tuple[PlateSeen, ...]:
        looks = self._chain.look(bgr)
        boxes = np.array([_roomy(look.box) for look in looks], np.float32).reshape(-1, 4)
        found = Detections(boxes, np.array([look.score for look in looks], np.float32), np.zeros(len(looks), np.int16))
        ids = self._tracker.update(found, monotonic_s).id.tolist()
        seen = tuple(self._seen(track_id, look, monotonic_s) for track_id, look in zip(ids, looks, strict=True))
        late_s = monotonic_s - FOLLOWED.max_gap_s
        self._votes = {key: one for key, one in self._votes.items() if one[1] >= late_s}
        return seen

    def _seen(self, track_id: int, look: PlateLook, monotonic_s: float) -> PlateSeen:
        vote = self._votes[track_id][0] if track_id in self._votes else TrackVote(self._agreeing)
        vote.add(look.plate)
        self._votes[track_id] = vote, monotonic_s
        told = vote.result()
        if told is None:
            return PlateSeen(track_id, look.box, look.width_px, look.score)
        return PlateSeen(
            track_id,
            look.box,
            look.width_px,
            look.score,
            told.text,
            told.kind,
            told.colour,
            tuple(min(place[0][1], 1.0) for place in told.candidates),
            told.votes,
            told.reads,
            told.agreed,
            told.others,
        )


class GateReader:
    """A `ShownReader`: plates, faces or both, and codes. Not for two threads at once."""

    def __init__(
        self, plates: PlateEyes | None = None, faces: FaceEyes | None = None, codes: QrReader | None = None
    ) -> None:
        self._plates = plates
        self._faces = faces
        self._codes = codes
        self._code_beat = Beat(CODES_HZ)

    def read(self, frame: Frame) -> Shown:
        """Look at the whole frame in its own size. Raises ModelError."""
        picture = frame.picture
        bgr = picture.bgr(picture.width, picture.height)
        plates = self._plates.look(bgr, frame.monotonic_s) if self._plates else ()
        face, crowd, heads = self._face(bgr, frame.captured_at)
        return Shown(plates, face, crowd, self._code(frame), heads)

    def _face(self, bgr: NDArray[np.uint8], at: datetime) -> tuple[FaceSeen | None, int, NDArray[np.float32]]:
        if self._faces is None:
            return None, 0, Faces.empty().xyxy
        look = self._faces.reader.read(bgr)
        found = self._faces.finder.last
        if isinstance(look, Unseen):
            return None, len(found) if look is Unseen.SEVERAL_FACES else 0, found.xyxy
        return _face_seen(self._faces, look, bgr, at), 0, found.xyxy

    def _code(self, frame: Frame) -> str | None:
        """From the luma: a code has no colours."""
        if self._codes is None or not self._code_beat.due(frame.monotonic_s):
            return None
        self._code_beat.take(frame.monotonic_s)
        luma = frame.picture.luma
        scale = CODES_PX / max(luma.shape)
        if scale < 1:
            luma = np.asarray(cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        return self._codes.glance(luma)


def _face_seen(eyes: FaceEyes, look: Look, bgr: NDArray[np.uint8], at: datetime) -> FaceSeen:
    """A poor look is compared with nobody."""
    if look.quality.flaws:
        return FaceSeen(look.box, look.quality.eyes_px, look.quality.flaws[0].value)
    match = eyes.matcher.match(look.template, at)
    alive = None if eyes.liveness is None else eyes.liveness.probability(bgr, look.box)
    return FaceSeen(
        look.box,
        look.quality.eyes_px,
        None,
        match.ref if match else None,
        match.similarity if match else None,
        match.threshold if match else None,
        alive,
        eyes.liveness.threshold if eyes.liveness else 0.0,
    )


def _roomy(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """`ROOM` times as wide and as high, about its middle."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    width, height = ROOM * (box[2] - box[0]) / 2, ROOM * (box[3] - box[1]) / 2
    return x - width, y - height, x + width, y + height
