"""One camera's evidence while it runs: the packets and looks of its last seconds, and its main stream."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread

from edgeguard.agent.evidence_config import MEGABYTE, EvidenceConfig
from edgeguard.pipeline.camera import Look
from edgeguard.sources import CameraReader, ReaderConfig, ReaderState, RtspConfig
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.main_stream import open_main_stream
from edgeguard.sources.packets import Cut, PacketRing
from edgeguard.types import Report

# A look holds a decoded picture: few of them, however long the window is.
LOOKS_KEPT = 4
LEAST_STEP_S = 0.5
# A clip that starts or ends so much beside its window is not worth a word.
NEAR_S = 1.0


class Album:
    """Some looks of the last `span_s` seconds. One thread adds, any may ask."""

    def __init__(self, span_s: float) -> None:
        self.step_s = max(span_s / (LOOKS_KEPT - 1), LEAST_STEP_S)
        self._looks: tuple[Look, ...] = ()

    def add(self, look: Look) -> None:
        """Keep a look, unless the last one kept is as good."""
        if not self._looks or look.frame.monotonic_s - self._looks[-1].frame.monotonic_s >= self.step_s:
            self._looks = (*self._looks[1 - LOOKS_KEPT :], look)

    def nearest(self, at_s: float, after_s: float, before_s: float) -> Look | None:
        """The look next to `at_s`, later than `after_s` and earlier than `before_s`."""
        fitting = [look for look in self._looks if after_s < look.frame.monotonic_s < before_s]
        return min(fitting, key=lambda look: abs(look.frame.monotonic_s - at_s), default=None)


@dataclass(frozen=True, slots=True)
class Shot:
    """An episode that was just confirmed, and the looks that belong to it so far."""

    report: Report
    labels: tuple[str, ...]
    at: Look
    before: Look | None
    camera: "CameraEvidence"


class CameraEvidence:
    """`ring` is for the source of the detection stream. Without `main`, or while that is blind, clips come from it."""

    def __init__(
        self,
        camera_id: str,
        config: EvidenceConfig,
        begin: Callable[[Shot], None],
        main: RtspConfig | None = None,
        reader: ReaderConfig | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._config = config
        self._begin = begin
        self._album = Album(config.before_s)
        self.ring = self._new_ring()
        self._main_ring = self._new_ring()
        self._new_main: Callable[[], CameraReader] | None = None
        if main is not None:
            self._new_main = lambda: CameraReader(
                camera_id, lambda: open_main_stream(main, camera_id, self._main_ring, clock), reader, clock=clock
            )
        self.main = self._new_main() if self._new_main else None

    def renew_main(self) -> Sequence[Thread]:
        """Read the main stream anew; returns the thread that is left behind."""
        if self.main is None or self._new_main is None:
            return []
        old, self.main = self.main, self._new_main()
        old.stop(0.0)
        self.main.start()
        return [old.thread] if old.thread else []

    def start(self) -> None:
        """Start reading the main stream, where there is one."""
        if self.main is not None:
            self.main.start()

    def stop(self) -> None:
        """Tell its reader to end; it does so with the next packet, nobody waits for it."""
        if self.main is not None:
            self.main.stop(0.0)

    def looked(self, look: Look) -> None:
        """Take every look: cheap, some are kept."""
        self._album.add(look)

    def take(self, report: Report, look: Look, labels: tuple[str, ...]) -> None:
        """An episode was confirmed: gather its evidence; returns at once."""
        at_s, span_s = look.frame.monotonic_s, self._config.before_s
        before = self._album.nearest(at_s - span_s, at_s - span_s - self._album.step_s, at_s)
        self._begin(Shot(report, labels, look, before, self))

    def after(self, shot: Shot) -> Look | None:
        """The look at the end of a shot's window, or the last one before that."""
        at_s = shot.at.frame.monotonic_s
        return self._album.nearest(at_s + self._config.after_s, at_s, math.inf)

    def cut(self, at_s: float) -> tuple[Cut | None, str]:
        """The packets of the window around `at_s`; what is wrong with them, or why there are none."""
        from_s, to_s = at_s - self._config.before_s, at_s + self._config.after_s
        cut, note = self._best(from_s, to_s)
        if cut is None:
            return None, note
        late_s, early_s = cut.from_s - from_s, to_s - cut.to_s
        notes = [
            note,
            f"starts {late_s:.1f} s late" if late_s > NEAR_S else "",
            f"ends {early_s:.1f} s early" if early_s > NEAR_S else "",
        ]
        return cut, ", ".join(filter(None, notes))

    def _best(self, from_s: float, to_s: float) -> tuple[Cut | None, str]:
        detection = self.ring.cut(from_s, to_s)
        if self.main is None:
            return detection, "" if detection else _why_none(self.ring)
        main = self._main_ring.cut(from_s, to_s)
        covered_s = {id(cut): cut.covers_s(from_s, to_s) for cut in (main, detection) if cut is not None}
        if main is not None and covered_s[id(main)] >= covered_s.get(id(detection), 0.0) - NEAR_S:
            return main, ""
        status = self.main.status()
        state = "came late" if status.state is ReaderState.OK else f"is {status.state}: {status.reason}"
        why = _why_none(self._main_ring) if self._main_ring.unfit else f"the main stream {state}"
        return detection, f"detection stream, {why}" if detection else f"{why}; {_why_none(self.ring)}"

    def _new_ring(self) -> PacketRing:
        return PacketRing(self._config.ring_s, self._config.ring_mb * MEGABYTE)


def _why_none(ring: PacketRing) -> str:
    return f"MP4 cannot hold {ring.unfit}" if ring.unfit else "the stream gave no packets"
