"""A detector that says what it is told: for demonstrations of rules, tests and replays without a network."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping

from edgeguard.types import Detections, Detector, Picture


class ScriptedDetector:
    """Plays a table of detections: from each time on, its row holds until the next; before the first, nothing is seen.

    `time_s` tells the time of a picture, on the table's scale (a virtual clock, a picture's own time, a counter).
    """

    def __init__(
        self, labels: tuple[str, ...], table: Mapping[float, Detections], time_s: Callable[[Picture], float]
    ) -> None:
        self.labels = labels
        self._from_s = sorted(table)
        self._rows = [table[start_s] for start_s in self._from_s]
        self._time_s = time_s

    @classmethod
    def constant(cls, labels: tuple[str, ...], detections: Detections) -> "ScriptedDetector":
        """Always the same answer."""
        return cls(labels, {0.0: detections}, lambda _: 0.0)

    def detect(self, picture: Picture) -> Detections:
        row = bisect_right(self._from_s, self._time_s(picture)) - 1
        return self._rows[row] if row >= 0 else Detections.empty()


class HangingDetector:
    """Another detector until `hang` is called; the next look then blocks for ever, the ones after it do not."""

    def __init__(self, detector: Detector) -> None:
        self.hanging = threading.Event()
        self._detector = detector
        self._asked = threading.Semaphore(0)

    def hang(self, looks: int = 1) -> None:
        """So many looks, in threads that are lost with them."""
        self._asked.release(looks)

    def detect(self, picture: Picture) -> Detections:
        if self._asked.acquire(blocking=False):
            self.hanging.set()
            threading.Event().wait()
        return self._detector.detect(picture)
