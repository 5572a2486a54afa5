"""Live pictures: one `view` per camera for all screens, renewed while somebody looks; the newest frame wins."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edgeguard.center.config import LiveConfig
from edgeguard.center.intake import MAX_PICTURE_BYTES
from edgeguard.center.orders import Orders
from edgeguard.contract.commands import CommandStatus, ViewArgs
from edgeguard.contract.topics import Address, Topics

# A screen that is switched off costs the box at most this much of pictures nobody sees.
VIEW_S: Final = 20.0
RENEW_S: Final = 8.0
ANSWER_WITHIN_S: Final = 5.0
# A box that is away or says no is asked again after this long, at first and at most.
RETRY_FIRST_S: Final = 2.0
RETRY_MOST_S: Final = 15.0
# Frames on their way to one browser: more would wait in the network's buffers and arrive old.
WINDOW: Final = 2
BY: Final = "control room"
_JPEG_START: Final = b"\xff\xd8\xff"


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
    """A JPEG and the moment it reached the center (monotonic)."""

    jpeg: bytes
    arrived_s: float


@dataclass(eq=False, slots=True)
class View:
    """A camera somebody looks at; `number` names it towards the browsers."""

    key: CameraKey
    number: int
    viewers: set["Viewer"] = field(default_factory=set)
    state: ViewState = ViewState.ASKING
    detail: str = ""
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


class LiveViews:
    """`frame` from any thread, all else on the event loop of `start`."""

    def __init__(self, orders: Orders, online: Callable[[str, str], Awaitable[bool]], config: LiveConfig) -> None:
        self._orders = orders
        self._online = online
        self._config = config
        self._loop: asyncio.AbstractEventLoop | None = None
        self._views: dict[CameraKey, View] = {}
        self._count = 0
        self._arrived: dict[CameraKey, Frame] = {}
        self._arrived_lock = threading.Lock()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        self._loop = None
        tasks = [view.task for view in self._views.values() if view.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def frame(self, address: Address, jpeg: bytes) -> None:
        """Take a message of `view/{camera}`; what is no picture of the contract is dropped."""
        loop = self._loop
        if loop is None or len(jpeg) > MAX_PICTURE_BYTES or not jpeg.startswith(_JPEG_START):
            return
        with self._arrived_lock:
            waiting = bool(self._arrived)
            key = CameraKey(address.site, address.box, address.args[0])
            self._arrived[key] = Frame(jpeg, time.monotonic())
        # One call is under way at most: a busy loop finds the newest frames, not a queue of them.
        if not waiting:
            loop.call_soon_threadsafe(self._hand_out)

    def show(self, viewer: Viewer, wanted: dict[str, CameraKey]) -> None:
        """Make `wanted` (cameras by event_id) all that this viewer sees."""
        left = set(viewer.views.values())
        viewer.views = {event_id: self._joined(viewer, key) for event_id, key in wanted.items()}
        for view in left - set(viewer.views.values()):
            self._leave(viewer, view)
        viewer.views_changed()

    def _joined(self, viewer: Viewer, key: CameraKey) -> View:
        view = self._views.get(key)
        if view is None:
            self._count += 1
            view = self._views[key] = View(key, self._count)
            view.task = asyncio.create_task(self._keep(view))
        view.viewers.add(viewer)
        return view

    def _leave(self, viewer: Viewer, view: View) -> None:
        view.viewers.discard(viewer)
        if not view.viewers:
            # The box stops by itself when the last view it was asked for runs out.
            del self._views[view.key]
            if view.task is not None:
                view.task.cancel()

    def _hand_out(self) -> None:
        with self._arrived_lock:
            arrived, self._arrived = self._arrived, {}
        for key, frame in arrived.items():
            view = self._views.get(key)
            if view is not None:
                view.say(ViewState.RUNNING)
                for viewer in view.viewers:
                    viewer.offer(view.number, frame)

    async def _keep(self, view: View) -> None:
        """Ask, and ask again before the time runs out, until nobody looks and this is cancelled."""
        retry_s = RETRY_FIRST_S
        while True:
            if await self._online(view.key.site, view.key.box):
                await self._ask(view)
            else:
                view.say(ViewState.OFFLINE)
            if view.state is ViewState.RUNNING:
                retry_s = RETRY_FIRST_S
                continue
            await asyncio.sleep(retry_s)
            retry_s = min(2 * retry_s, RETRY_MOST_S)

    async def _ask(self, view: View) -> None:
        """One command: until it is refused or fails, or until it is time for the next."""
        key, box = view.key, Topics(view.key.site, view.key.box)
        args = ViewArgs(camera=key.camera, duration_s=VIEW_S, rate_hz=self._config.rate_hz)
        command = self._orders.make("view", args, BY)
        with self._orders.answers(box, command.id) as answers:
            if not self._orders.send(box, "view", command):
                view.say(ViewState.NO_BROKER)
                return
            answer = await answers.next(ANSWER_WITHIN_S)
            if answer is not None and answer.status is CommandStatus.ACCEPTED:
                view.say(ViewState.RUNNING)
                answer = await answers.next(RENEW_S)
                if answer is None or answer.status is CommandStatus.DONE:
                    return
        if answer is None:
            view.say(ViewState.NO_ANSWER)
        else:
            view.say(ViewState.REFUSED, answer.reason or answer.status)
