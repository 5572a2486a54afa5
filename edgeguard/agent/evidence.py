"""The picture of an episode: clear on the box, blurred to whoever listens, and never in the way of the event."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import JournalError
from edgeguard.journal import Journal, OutboxKind
from edgeguard.pipeline.camera import Look
from edgeguard.pipeline.snapshot import snapshot
from edgeguard.types import Report

log = logging.getLogger(__name__)

PERSON = "person"
FIRST_PICTURE = 1


class EvidenceRoom:
    """Makes pictures on a thread of its own; `queued` is called when one waits in the outbox."""

    def __init__(self, folder: Path, journal: Journal, *, blur: bool, queued: Callable[[], None]) -> None:
        self._folder = folder
        self._journal = journal
        self._blur = blur
        self._queued = queued
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="evidence")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.shutdown()

    def take(self, report: Report, look: Look, labels: tuple[str, ...]) -> None:
        """Keep the looked-at frame of a report; returns at once."""
        self._worker.submit(self._logged, report, look, people_of(look, labels))

    def _logged(self, report: Report, look: Look, people: NDArray[np.float32]) -> None:
        try:
            self._make(report, look, people)
        except (OSError, JournalError) as error:
            log.error("picture of %s not kept: %s", report.event_id, error)  # noqa: TRY400 - one line is enough

    def _make(self, report: Report, look: Look, people: NDArray[np.float32]) -> None:
        picture = look.frame.picture
        box = report.sighting.box if report.sighting else None
        sent = snapshot(picture, box, people if self._blur else None)
        topic = self._journal.topics.picture(report.event_id, FIRST_PICTURE)
        self._journal.enqueue(topic, sent, kind=OutboxKind.PICTURE, event_id=report.event_id)
        self._queued()
        self._keep(report.event_id, snapshot(picture, None, width_px=picture.width))

    def _keep(self, event_id: str, jpeg: bytes) -> None:
        """Whole or not at all, also when the power goes."""
        path = self._folder / event_id / f"{FIRST_PICTURE}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        half.write_bytes(jpeg)
        half.replace(path)


def people_of(look: Look, labels: tuple[str, ...]) -> NDArray[np.float32]:
    """The boxes of the people in a look, xyxy (n, 4) float32 in the picture's pixels."""
    boxes = look.tracks.boxes
    person = labels.index(PERSON) if PERSON in labels else -1
    return boxes[boxes.label == person].xyxy
