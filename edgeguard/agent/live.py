"""`cmd/view`: live pictures of a camera while somebody looks; they end by themselves and are never old ones."""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.agent.evidence import PERSON, people_of
from edgeguard.contract import Command, ViewCommand
from edgeguard.contract.moment import STAMP_BYTES, stamped_jpeg
from edgeguard.errors import CommandRefused, EdgeGuardError, SourceError
from edgeguard.pipeline.camera import Look
from edgeguard.pipeline.privacy import NOTHING, blur_heads, cover_up
from edgeguard.pipeline.snapshot import MAX_JPEG_BYTES, encode_jpeg
from edgeguard.sources.base import SYSTEM_CLOCK, Clock

log = logging.getLogger(__name__)

# More pictures than one person can look at, and what a mobile line carries: 4 x 2 Hz x 40 KB = 2.6 Mbit/s.
MOST_CAMERAS = 4
WIDTH_PX = 640
# Seen for a moment each: coarser than evidence, half its size.
QUALITIES = (75, 60, 45)
# A picture older than this is not live any more.
MAX_AGE_S = 1.0
# The camera sends, but its pictures do not come as far as here for so long: no view.
MISSING_S = 3.0
# A picture that is due is asked for this often, a camera's blindness at least twice a second.
POLL_S = 0.02
WATCH_S = 0.5

NOBODY = np.zeros((0, 4), np.float32)


class Eye(Protocol):
    """What a view needs of a camera; the pictures are those that the detector looked at, so heads are known in each."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What its detector tells apart."""

    def look(self) -> Look | None:
        """The newest frame that was looked at."""

    def blind(self) -> str:
        """Why it gives no pictures; empty while it does."""

    def watch(self, rate_hz: float) -> None:
        """Have a frame looked at so often at least, also where nothing moves; 0: as the gate decides."""


@dataclass(slots=True, eq=False)
class _Watcher:
    """One command."""

    until_s: float
    rate_hz: float
    over: Future[str] = field(default_factory=Future)
    sent: int = 0
    skipped: int = 0

    def told(self) -> str:
        skipped = f", {self.skipped} skipped: the line was busy" if self.skipped else ""
        return f"{self.sent} pictures sent{skipped}"


@dataclass(slots=True, eq=False)
class _View:
    """One camera, however many look."""

    due_s: float
    fresh_s: float
    watchers: list[_Watcher] = field(default_factory=list)
    last: Look | None = None
    people: NDArray[np.float32] = field(default_factory=lambda: NOBODY)
    covered: NDArray[np.float32] = field(default_factory=lambda: NOBODY)

    @property
    def rate_hz(self) -> float:
        return max(watcher.rate_hz for watcher in self.watchers)


class ViewHandler:
    """Sends on a thread of its own. `eye_of` gives a camera as it is now, None for one that the site has not.

    `publish(camera, jpeg)` tells False where the picture was skipped. A second command for a camera that is viewed
    goes on with it: one sender, at the highest rate asked for, until the last of them ends.
    """

    def __init__(
        self,
        eye_of: Callable[[str], Eye | None],
        publish: Callable[[str, bytes], bool],
        *,
        blur: bool,
        cover: Callable[[Look], NDArray[np.float32]] = lambda _: NOTHING,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.blur = blur
        self._cover = cover
        self._eye_of = eye_of
        self._publish = publish
        self._clock = clock
        self._changed = threading.Condition()
        self._views: dict[str, _View] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()
        for camera in list(self._views):
            self._fail(camera, CommandRefused("the box stops"))

    def start(self, command: Command) -> Future[str]:
        """Begin or go on; the future tells how many pictures went out. Raises CommandRefused."""
        if not isinstance(command, ViewCommand):
            raise TypeError(f"view got a {type(command).__name__}")
        args = command.args
        self._check(args.camera)
        if not self._thread.is_alive():
            raise CommandRefused("no view can be sent: its thread has ended")
        now_s = self._clock.monotonic_s()
        watcher = _Watcher(now_s + args.duration_s, args.rate_hz)
        with self._changed:
            if args.camera not in self._views and len(self._views) >= MOST_CAMERAS:
                raise CommandRefused(f"{', '.join(self._views)} are viewed, accepted: {MOST_CAMERAS} cameras at once")
            view = self._views.setdefault(args.camera, _View(now_s, now_s))
            view.watchers.append(watcher)
            self._changed.notify()
        log.info("view of %s for %s: %g s, %g Hz", args.camera, command.by, args.duration_s, args.rate_hz)
        return watcher.over

    def _check(self, camera: str) -> None:
        eye = self._eye_of(camera)
        if eye is None:
            raise CommandRefused(f"this box has no camera {camera!r}")
        if why := eye.blind():
            raise CommandRefused(f"camera {camera} is blind: {why}")
        if self.blur and PERSON not in eye.labels:
            raise CommandRefused(f"heads must be blurred, but the detector of {camera} knows no {PERSON}")

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._stopping:
                    self._changed.wait(self._pause_s())
                if self._stopping:
                    return
                cameras = list(self._views)
            for camera in cameras:
                try:
                    self._step(camera, self._clock.monotonic_s())
                except EdgeGuardError as error:
                    self._fail(camera, error)

    def _pause_s(self) -> float:
        due = min((view.due_s for view in self._views.values()), default=float("inf"))
        return min(max(due - self._clock.monotonic_s(), POLL_S), WATCH_S)

    def _step(self, camera: str, now_s: float) -> None:
        """Raises SourceError where there is nothing to be seen."""
        eye = self._eye_of(camera)
        if eye is None:
            raise SourceError(f"camera {camera} is no longer there")
        view = self._views[camera]
        self._finish(camera, [watcher for watcher in view.watchers if now_s >= watcher.until_s])
        if camera not in self._views:
            eye.watch(0)
            return
        if why := eye.blind():
            raise SourceError(f"camera {camera} is blind: {why}")
        eye.watch(view.rate_hz)
        if now_s >= view.due_s and self._send(camera, view, eye, now_s):
            view.due_s = max(view.due_s + 1 / view.rate_hz, now_s)
            view.fresh_s = now_s
        elif now_s - view.fresh_s > MISSING_S + 1 / view.rate_hz:
            raise SourceError(f"camera {camera}: no new picture for {now_s - view.fresh_s:.1f} s")

    def _send(self, camera: str, view: _View, eye: Eye, now_s: float) -> bool:
        """False where no new picture is there."""
        look = eye.look()
        if look is None or look is view.last or now_s - look.frame.monotonic_s > MAX_AGE_S:
            return False
        people = people_of(look, eye.labels)
        # A head that the detector misses in one picture was where it was in the one before.
        heads = np.concatenate((people, view.people)) if self.blur else None
        covered = self._cover(look)
        hidden = np.concatenate((covered, view.covered))
        view.last, view.people, view.covered = look, people, covered
        went = self._publish(camera, live_jpeg(look, heads, hidden))
        for watcher in view.watchers:
            watcher.sent += went
            watcher.skipped += not went
        return True

    def _fail(self, camera: str, error: EdgeGuardError) -> None:
        eye = self._eye_of(camera)
        if eye is not None:
            eye.watch(0)
        self._finish(camera, self._views[camera].watchers, error)

    def _finish(self, camera: str, watchers: Iterable[_Watcher], error: EdgeGuardError | None = None) -> None:
        """Take them off their camera and tell them, outside the lock: an answer is written to the disk."""
        with self._changed:
            view, gone = self._views[camera], list(watchers)
            view.watchers = [watcher for watcher in view.watchers if watcher not in gone]
            if not view.watchers:
                del self._views[camera]
        for watcher in gone:
            if error is None:
                watcher.over.set_result(watcher.told())
            else:
                watcher.over.set_exception(error)


def live_jpeg(look: Look, heads: NDArray[np.float32] | None, covered: NDArray[np.float32] = NOTHING) -> bytes:
    """A JPEG of at most MAX_JPEG_BYTES that tells when it was taken.

    `heads`: xyxy (n, 4) of people in the picture's pixels; None leaves it clear. `covered`: what must not
    be seen besides, as these.
    """
    picture = look.frame.picture
    width = min(WIDTH_PX, picture.width)
    bgr = picture.bgr(width, max(round(picture.height * width / picture.width), 1))
    if heads is not None:
        bgr = blur_heads(bgr, heads * np.float32(width / picture.width))
    bgr = cover_up(bgr, covered * np.float32(width / picture.width))
    jpeg = encode_jpeg(bgr, MAX_JPEG_BYTES - STAMP_BYTES, QUALITIES)
    return stamped_jpeg(jpeg, look.frame.captured_at)
