"""Live pictures: one `view` per camera for all screens, renewed while somebody looks; the newest frame wins."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from edgeguard.center.config import LiveConfig
from edgeguard.center.intake import MAX_PICTURE_BYTES
from edgeguard.center.orders import Orders
from edgeguard.center.viewer import Arrived, CameraKey, View, Viewer, ViewState
from edgeguard.contract.commands import CommandStatus, ViewArgs
from edgeguard.contract.topics import Address, Topics

# A screen that is switched off costs the box at most this much of pictures nobody sees.
VIEW_S: Final = 20.0
RENEW_S: Final = 8.0
ANSWER_WITHIN_S: Final = 5.0
# A box that is away or says no is asked again after this long, at first and at most.
RETRY_FIRST_S: Final = 2.0
RETRY_MOST_S: Final = 15.0
# Clocks kept by NTP differ by less; the age of a picture is told in whole seconds.
CLOCKS_S: Final = timedelta(seconds=0.3)
BY: Final = "control room"
_JPEG_START: Final = b"\xff\xd8\xff"


class LiveViews:
    """`frame` from any thread, all else on the event loop of `start`."""

    def __init__(
        self,
        orders: Orders,
        online: Callable[[str, str], Awaitable[bool]],
        config: LiveConfig,
        now: Callable[[], datetime],
    ) -> None:
        self._orders = orders
        self._online = online
        self._config = config
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._views: dict[CameraKey, View] = {}
        self._count = 0
        self._arrived: dict[CameraKey, Arrived] = {}
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
            self._arrived[key] = Arrived(jpeg, time.monotonic(), self._now())
        # One call is under way at most: a busy loop finds the newest frames, not a queue of them.
        if not waiting:
            loop.call_soon_threadsafe(self._hand_out)

    def show(self, viewer: Viewer, wanted: dict[str, CameraKey]) -> None:
        """Make `wanted` (cameras by event_id) all that this viewer sees."""
        left = set(viewer.views.values())
        viewer.views = {event_id: self._joined(viewer, key) for event_id, key in wanted.items()}
        for view in left - set(viewer.views.values()):
            viewer.forget(view.number)
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
                    viewer.offer(view.number, frame.of(view))

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
                view.clocks_agree = command.issued_at - CLOCKS_S <= answer.at <= self._now() + CLOCKS_S
                view.say(ViewState.RUNNING)
                answer = await answers.next(RENEW_S)
                if answer is not None and answer.status is CommandStatus.DONE:
                    # Earlier than it was asked for: a box that always does is not asked without a pause.
                    await asyncio.sleep(RETRY_FIRST_S)
                if answer is None or answer.status is CommandStatus.DONE:
                    return
        if answer is None:
            view.say(ViewState.NO_ANSWER)
        else:
            view.say(ViewState.REFUSED, answer.reason or answer.status)
