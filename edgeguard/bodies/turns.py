"""Whose turn it is: a closer look at a person costs a good part of a detector's run, so few are given per look."""

from collections.abc import Sequence
from dataclasses import dataclass

from edgeguard.boxes import Box, iou

# Per look of the detector.
MOST = 2
# A box that overlaps its last one by so much (IoU) is still.
STILL_IOU = 0.85
# Whom the tracker has lost for so long it gives another number.
FORGET_S = 5.0


@dataclass(slots=True)
class _Known:
    box: Box
    read_s: float
    seen_s: float


class Turns:
    """Of one camera. The person who has waited longest comes first; new ones have waited for ever.

    Somebody who moves is due again after `moving_s`, somebody whose box is still after `still_s`.
    """

    def __init__(self, moving_s: float, still_s: float, most: int = MOST) -> None:
        self._moving_s = moving_s
        self._still_s = still_s
        self._most = most
        self._known: dict[int, _Known] = {}

    def take(self, people: Sequence[tuple[int, Box]], now_s: float) -> list[tuple[int, Box]]:
        """Those of (track id, box) to look at now."""
        self._forget(people, now_s)
        waiting = [(self._waited(track_id, box, now_s), track_id, box) for track_id, box in people]
        due = sorted((one for one in waiting if one[0] > 0), key=lambda one: -one[0])[: self._most]
        for _, track_id, box in due:
            self._known[track_id] = _Known(box, now_s, now_s)
        return [(track_id, box) for _, track_id, box in due]

    def _waited(self, track_id: int, box: Box, now_s: float) -> float:
        """Seconds beyond the pause; at most 0: not due."""
        known = self._known.get(track_id)
        if known is None or now_s < known.read_s:
            return float("inf")
        pause_s = self._still_s if iou(known.box, box) >= STILL_IOU else self._moving_s
        return now_s - known.read_s - pause_s + 1e-6  # float noise of frame times

    def _forget(self, people: Sequence[tuple[int, Box]], now_s: float) -> None:
        for track_id, _ in people:
            if track_id in self._known:
                self._known[track_id].seen_s = now_s
        self._known = {key: one for key, one in self._known.items() if abs(now_s - one.seen_s) < FORGET_S}
