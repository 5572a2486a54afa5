"""What one page sees: views of cameras, and the newest frame of each that it has not been sent."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from edgeguard.contract.moment import captured_at

# Frames on their way to one browser: more would wait in the network's buffers and arrive old.
WINDOW: Final = 2


@dataclass(frozen=True, slots=True)
class CameraKey:
    """A camera among all boxes."""

    site: str
    box: str
    camera: str


class ViewState(StrEnum):
    """What came of asking for a picture."""

    ASKING = "asking"
    RUNNING = "running"
    REFUSED = "refused"
    OFFLINE = "offline"
    NO_BROKER = "no_broker"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Frame:
    """A JPEG and when it was taken (monotonic); as long as that is not known, when it reached the center."""

    jpeg: bytes
    taken_s: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """A JPEG and when it came, by both clocks."""

    jpeg: bytes
    arrived_s: float
    arrived_at: datetime

    def of(self, view: "View") -> Frame:
        """With the age it had on the way, where it tells one that can be believed."""
        taken_at = captured_at(self.jpeg) if view.clocks_agree else None
        late_s = (self.arrived_at - taken_at).total_seconds() if taken_at is not None else 0.0
        return Frame(self.jpeg, self.arrived_s - max(0.0, late_s))


@dataclass(eq=False, slots=True)
class View:
    """A camera somebody looks at; `number` names it towards the browsers."""

    key: CameraKey
    number: int
    viewers: set["Viewer"] = field(default_factory=set)
    state: ViewState = ViewState.ASKING
    detail: str = ""
    # The box's last answer came while its clock showed what ours did: its frames' own times can be believed.
    clocks_agree: bool = False
    task: asyncio.Task[None] | None = None

    def say(self, state: ViewState, detail: str = "") -> None:
        if (self.state, self.detail) != (state, detail):
            self.state, self.detail = state, detail
            for viewer in self.viewers:
                viewer.views_changed()


class Viewer:
    """One page: what it shows, and the newest frame of each that it has not been sent. On the event loop only."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}  # by event_id
        self._fresh: dict[int, Frame] = {}
        self._on_the_way = 0
        self._views_changed = True
        self._wake = asyncio.Event()

    def offer(self, number: int, frame: Frame) -> None:
        # A replaced frame keeps its turn, so a busy camera does not push the others back.
        self._fresh[number] = frame
        self._wake.set()

    def forget(self, number: int) -> None:
        self._fresh.pop(number, None)

    def views_changed(self) -> None:
        self._views_changed = True
        self._wake.set()

    def shown(self) -> None:
        """The browser has drawn a frame."""
        self._on_the_way = max(0, self._on_the_way - 1)
        self._wake.set()

    async def next(self) -> tuple[int, Frame] | None:
        """The frame to send now, with its view's number; None: tell the states of the views."""
        while True:
            if self._views_changed:
                self._views_changed = False
                return None
            if self._fresh and self._on_the_way < WINDOW:
                self._on_the_way += 1
                number = next(iter(self._fresh))
                return number, self._fresh.pop(number)
            self._wake.clear()
            await self._wake.wait()
