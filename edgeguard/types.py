"""The vocabulary between the stages: frozen dataclasses of numpy arrays, and one-method protocols.

Boxes are xyxy in frame pixels, right and bottom exclusive. Zones and reported boxes are in 0..1 of the picture.
`monotonic_s` is for durations, `captured_at` (aware UTC) for reports; both come with the frame, rules call no clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

# Nose; left and right eye, ear, shoulder, elbow, wrist, hip, knee, ankle: the order of COCO.
KEYPOINTS = 17
# Classes an e-bike is mistaken for. Not people, not bags: they stand in front of an e-bike and must not hide it.
RIVALS = frozenset({"bicycle", "mobility scooter", "pram", "trolley", "wheelchair"})


def rivals_of(label: str, labels: Sequence[str]) -> frozenset[int]:
    """Numbers of the labels that a `label` is mistaken for."""
    return frozenset(number for number, name in enumerate(labels) if name in RIVALS - {label})


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Phase(StrEnum):
    """Exactly one NEW and one END per episode, any number of UPDATEs between."""

    NEW = "new"
    UPDATE = "update"
    END = "end"


class Outcome(StrEnum):
    """How an e-bike episode ended, where the door state tells."""

    COMPLIED = "complied"
    TRAVELLED = "travelled"
    UNKNOWN = "unknown"


class DoorState(StrEnum):
    """Of a lift; UNKNOWN: no contact, no clear picture. It is never guessed."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class BodyAsk(StrEnum):
    """What a rule may want to know of people beyond their boxes."""

    POSTURE = "posture"
    FIGHT = "fight"
    POSE = "pose"


class SpeechPriority(IntEnum):
    """Who may interrupt whom: the higher number speaks."""

    INFORMATION = 0
    WARNING = 1
    ESCALATION = 2
    LIVE_TALK = 3


class Picture(Protocol):
    """A decoded picture that converts on demand only."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def luma(self) -> NDArray[np.uint8]:
        """(H, W) uint8 view of the decoder's Y plane, no copy; do not write into it."""

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) uint8, scaled without keeping the aspect."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of one camera; `index` counts dropped frames too."""

    camera_id: str
    index: int
    monotonic_s: float
    captured_at: datetime
    picture: Picture


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Parallel arrays, one row per object: xyxy (n, 4) float32, score (n,) float32 0..1, label (n,) int16."""

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label: NDArray[np.int16]

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        if self.xyxy.ndim != 2 or self.xyxy.shape[1] != 4:
            raise ValueError(f"xyxy must have shape (n, 4), but got {self.xyxy.shape}")
        if self.score.shape != (n,) or self.label.shape != (n,):
            raise ValueError(f"score and label must have shape ({n},), but got {self.score.shape}, {self.label.shape}")

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Self:
        return type(self)(self.xyxy[rows], self.score[rows], self.label[rows])

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int16))


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Detections of one frame with an identity over time: id (n,) int64, age_s (n,) float32 since first seen."""

    boxes: Detections
    id: NDArray[np.int64]
    age_s: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if self.id.shape != (n,) or self.age_s.shape != (n,):
            raise ValueError(f"id and age_s must have shape ({n},), but got {self.id.shape}, {self.age_s.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def empty(cls) -> Self:
        return cls(Detections.empty(), np.zeros(0, np.int64), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """One row per face: xyxy (n, 4) float32, landmarks (n, 5, 2) float32, both in pixels, score (n,) float32 0..1.

    Landmarks are the person's right eye, left eye, tip of the nose, right and left corner of the mouth.
    """

    xyxy: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    score: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        if self.xyxy.shape != (n, 4) or self.landmarks.shape != (n, 5, 2) or self.score.shape != (n,):
            shapes = f"{self.xyxy.shape}, {self.landmarks.shape}, {self.score.shape}"
            raise ValueError(f"xyxy, landmarks and score must have shape (n, 4), (n, 5, 2), (n,), but got {shapes}")

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Self:
        return type(self)(self.xyxy[rows], self.landmarks[rows], self.score[rows])

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A small thing that came down through the picture: parallel arrays, one row per frame that shows it.

    `at_s` (n,) float64 on the frames' monotonic clock, `xy` (n, 2) float32 pixels of a picture of `width_px` x
    `height_px`, without the camera's shaking; `size_px` (n,) float32 its longer side. `frames`: how
    many there were from its first to its last, those that missed it too. `chance`: log10 of the odds that random specks
    line up so.
    """

    at_s: NDArray[np.float64]
    xy: NDArray[np.float32]
    size_px: NDArray[np.float32]
    frames: int
    chance: float
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        n = len(self.at_s)
        if self.xy.shape != (n, 2) or self.size_px.shape != (n,):
            raise ValueError(
                f"xy and size_px must have shape ({n}, 2), ({n},), but got {self.xy.shape}, {self.size_px.shape}"
            )

    def __len__(self) -> int:
        return len(self.at_s)


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """What a closer look at some people of a frame says, one row per person: track_id (n,) int64.

    `lying` (n,) float32 0..1: probability of lying on the floor, NaN where nobody asked. `keypoints` (n, 17, 3)
    float32, x and y in the frame's pixels and confidence 0..1, in COCO's order; all 0 where nobody asked. `fight`:
    probability 0..1 that the people in `group` (x0, y0, x1, y1 in pixels) fight; None where nobody asked or nobody is
    near enough to anybody.
    """

    track_id: NDArray[np.int64]
    lying: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    fight: float | None = None
    group: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        n = len(self.track_id)
        if self.track_id.shape != (n,) or self.lying.shape != (n,) or self.keypoints.shape != (n, KEYPOINTS, 3):
            shapes = f"{self.track_id.shape}, {self.lying.shape}, {self.keypoints.shape}"
            accepted = f"(n,), (n,), (n, {KEYPOINTS}, 3)"
            raise ValueError(f"track_id, lying and keypoints must have shape {accepted}, but got {shapes}")

    def __len__(self) -> int:
        return len(self.track_id)

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros((0, KEYPOINTS, 3), np.float32))


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A plate that is followed, and what the looks at it say together so far; text "": nothing that could be read.

    `box` xyxy in the frame's pixels. `char_conf` 0..1 per character, `votes` of `reads` looks read this very text,
    `agreed`: enough of them do, and more than any other text has. `others`: what else it may be.
    """

    track_id: int
    box: tuple[float, float, float, float]
    width_px: float
    score: float
    text: str = field(default="", repr=False)
    kind: str = ""
    colour: str = ""
    char_conf: tuple[float, ...] = ()
    votes: int = 0
    reads: int = 0
    agreed: bool = False
    others: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """The face that is meant, compared with whom the gate knows; its template stays with the recognizer.

    `box` xyxy in the frame's pixels. `flaw`: why this look is not good enough, None: it is. `ref`: pseudonym of whom it
    is taken for, None: nobody. `alive`: probability 0..1, None where nothing looked; from `alive_from` on it lives.
    """

    box: tuple[float, float, float, float]
    eyes_px: float = 0.0
    flaw: str | None = None
    ref: str | None = None
    similarity: float | None = None
    threshold: float | None = None
    alive: float | None = None
    alive_from: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What somebody shows at a gate: plates, the face that is meant, a code.

    `crowd`: so many faces, and nobody can say which one is meant. `heads` (n, 4) float32: every face, xyxy in the
    frame's pixels, for whoever has to make them unrecognisable.
    """

    plates: tuple[PlateSeen, ...] = ()
    face: FaceSeen | None = None
    crowd: int = 0
    code: str | None = field(default=None, repr=False)
    heads: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))


@dataclass(frozen=True, slots=True)
class PlateTold:
    """A plate as an event has it: `text` is a pseudonym unless the site has a legal basis for more.

    `candidates`: for a guard to pick from, of a plate that did not open; only where there is that basis.
    """

    text: str
    kind: str
    colour: str
    char_conf: tuple[float, ...]
    votes: int
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceTold:
    """A comparison as an event has it: never a name, a template or a picture."""

    ref: str | None
    similarity: float | None = None
    threshold: float | None = None
    alive: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What was decided about somebody at a gate, in the words of the directory."""

    outcome: str
    reason: str
    list_name: str | None = None
    subject_ref: str | None = None
    plate: PlateTold | None = None
    face: FaceTold | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a scenario is told: a looked-at frame, or a tick.

    `tracks` is None on a tick: nobody looked, which is not the same as nothing there.
    `flights` that ended since the last observation; None where no frame was searched for any.
    `bodies` is None where no rule of the camera asks for any.
    `shown` is None where no rule of the camera is about a gate, and on a tick.
    `blind_for_s` > 0: the camera gives no usable picture since so long.
    `door` is of this moment, also on a tick.
    `ending` is set once, when no more observations will come (end of a recording, stop): close what is open, say why.
    """

    monotonic_s: float
    captured_at: datetime
    width_px: int
    height_px: int
    tracks: Tracks | None = None
    blind_for_s: float = 0.0
    ending: str | None = None
    door: DoorState = DoorState.UNKNOWN
    flights: tuple[Flight, ...] | None = None
    bodies: Bodies | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Floors:
    """Which floor a thing fell from, 1 at the ground: the likely one, and the lowest and highest that it may be."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """The object an episode is about; `box` is (x0, y0, x1, y1) in 0..1 of the picture.

    `count`: where it is about how many there are, with a box around them all. `path`: where it was seen in turn, (x, y)
    in 0..1. `floors`: where it fell from.
    """

    label: str
    track_id: int
    box: tuple[float, float, float, float]
    score: float
    frames_seen: int
    first_seen: datetime
    last_seen: datetime
    count: int | None = None
    path: tuple[tuple[float, float], ...] = ()
    floors: Floors | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading of a sensor, in its unit, and how old it was."""

    name: str
    value: float
    unit: str = ""
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One step of an episode, to be journalled and published; `plan`: what the site wants done, in its own words.

    `camera_id` is empty where no camera belongs to it.
    """

    event_id: str
    code: str
    phase: Phase
    severity: Severity
    camera_id: str
    rule: str
    at: datetime
    monotonic_s: float
    sighting: Sighting | None = None
    zones: tuple[str, ...] = ()
    dwell_s: float = 0.0
    decision: str | None = None  # "confirmed" | "escalated" | "travelled" | "cleared" | "blind" | "seen_again" ...
    outcome: Outcome | None = None  # on END, and on the UPDATE that tells "travelled"
    end_reason: str | None = None  # on END only
    plan: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    passage: Passage | None = None  # at a gate


@dataclass(frozen=True, slots=True)
class Say:
    """Ask the voice for a phrase, in all languages of the site or in one; `event_id`: the episode it belongs to."""

    phrase: str
    priority: SpeechPriority
    event_id: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop and forget the phrases of an episode."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Open:
    """Open a gate for an episode within `within_s` or never; `reason`: one word; `direction`: "in", "out" or None."""

    gate: str
    event_id: str
    reason: str
    within_s: float = 2.0
    direction: Literal["in", "out"] | None = None


Signal = Report | Say | Hush | Open


@dataclass(frozen=True, slots=True)
class Verdict:
    """A scenario's answer; `attentive` holds the motion gate open: every frame is wanted."""

    signals: tuple[Signal, ...] = ()
    attentive: bool = False


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An episode the journal holds without an END: resumed by its scenario after a restart, told by rule and zone."""

    event_id: str
    code: str
    camera_id: str
    rule: str
    opened_at: datetime
    sighting: Sighting | None = None
    travelled: bool = False  # told already
    zones: tuple[str, ...] = ()
    severity: Severity | None = None  # of its latest step


@dataclass(frozen=True, slots=True)
class Playback:
    """One phrase as it was (not) heard; times are aware UTC, `started_at` is the first sample handed to the output.

    `by`: no phrase but a person who spoke live, for `heard_s`; what they waited for the sound counts from their first.
    """

    phrase: str
    language: str
    output: str
    requested_at: datetime
    ended_at: datetime | None  # None while it plays
    result: str  # "playing" | "played" | "interrupted" | "failed" | "no_device" | "quiet"
    started_at: datetime | None = None
    event_id: str | None = None
    detail: str = ""
    request_to_audio_ms: float | None = None
    by: str | None = None
    heard_s: float | None = None


class Source(Protocol):
    """Frames in. The iterator ends when a finite source ends and raises SourceError when it cannot go on."""

    def frames(self) -> Iterator[Frame]:
        """Yield frames in the order captured."""


class Detector(Protocol):
    """Picture -> Detections in the picture's pixels."""

    def detect(self, picture: Picture) -> Detections:
        """Return every object at or above the lowest operating threshold."""


class FaceFinder(Protocol):
    """Pixels -> Faces."""

    def find(self, bgr: NDArray[np.uint8]) -> Faces:
        """Faces in (h, w, 3) uint8, the surest first, in its pixels."""


class Tracker(Protocol):
    """Detections -> Tracks."""

    def update(self, detections: Detections, monotonic_s: float) -> Tracks:
        """Return one row per detection, in the same order."""


class BodyReader(Protocol):
    """A closer look at the people of a frame."""

    def read(self, picture: Picture, tracks: Tracks, monotonic_s: float) -> Bodies:
        """Of a frame that was just looked at; it spends as little as the rules that ask allow."""


class ShownReader(Protocol):
    """What is shown at a gate."""

    def read(self, frame: Frame) -> Shown:
        """Of a frame that was just looked at."""


class Door(Protocol):
    """Where a lift's door stands."""

    def state(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:
        """Of that moment, without waiting; `picture` of a frame that has just come, None on a tick."""


class LumaSieve(Protocol):
    """Every frame's luma -> what has fallen through it; called in the thread that decodes, so it must be cheap."""

    def update(self, picture: Picture, monotonic_s: float) -> tuple[Flight, ...]:
        """Return the flights that ended with this frame."""

    def finish(self) -> tuple[Flight, ...]:
        """No more frames will come: return the flights that are still under way."""


class Scenario(Protocol):
    """Observations -> signals: a pure state machine, no clock, no I/O."""

    def update(self, observation: Observation) -> Verdict:
        """Take a looked-at frame or a tick (>= 2 Hz)."""
