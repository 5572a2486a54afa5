"""Asks a box to send again what never came: each hole once it stands still, then ever more rarely."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgeguard.center.hub import HealthChanged, Hub
from edgeguard.center.sequence import Hole
from edgeguard.center.store import Store
from edgeguard.contract.gap import Gap
from edgeguard.contract.topics import Topics
from edgeguard.errors import StoreError

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
# After an outage a box sends the newest first: a hole that still shrinks is being filled without our asking.
SETTLE_S: Final = 10.0
RETRY_FIRST_S: Final = 60.0
RETRY_MOST_S: Final = 3600.0

Send = Callable[[str, bytes], bool]


@dataclass(slots=True)
class _Wait:
    due_s: float
    pause_s: float = RETRY_FIRST_S


class GapKeeper:
    """`look` is one round, at a moment in monotonic seconds; `run` looks for ever."""

    def __init__(self, store: Store, hub: Hub, send: Send) -> None:
        self._store = store
        self._hub = hub
        self._send = send
        self._waits: dict[Hole, _Wait] = {}
        self._missing = 0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.look, clock())
            except StoreError as error:
                log.warning("holes cannot be looked for: %s", error)

    def look(self, now_s: float) -> None:
        """Ask for the holes whose time has come. Raises StoreError."""
        holes = self._store.holes()
        self._waits = {hole: self._waits.get(hole) or _Wait(now_s + SETTLE_S) for hole in holes}
        due = [hole for hole in holes if self._waits[hole].due_s <= now_s]
        if due:
            self._ask(due, now_s)
        missing = sum(len(hole) for hole in holes)
        if missing != self._missing:
            self._missing = missing
            self._hub.publish(HealthChanged())

    def _ask(self, due: list[Hole], now_s: float) -> None:
        online = {(box.site, box.box) for box in self._store.boxes() if box.online}
        for hole in due:
            if (hole.site, hole.box) not in online:
                continue
            gap = Gap(from_seq=hole.first, to_seq=hole.last)
            if self._send(Topics(hole.site, hole.box).gap, gap.to_json()):
                wait = self._waits[hole]
                wait.due_s, wait.pause_s = now_s + wait.pause_s, min(2 * wait.pause_s, RETRY_MOST_S)
                log.info("box %s/%s: asked for events %d to %d again", hole.site, hole.box, gap.from_seq, gap.to_seq)
