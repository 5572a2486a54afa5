"""The evidence of an episode: pictures and a clip, made beside the event and never in its way."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.agent.agenda import Agenda
from edgeguard.agent.evidence_camera import CameraEvidence, Shot
from edgeguard.agent.evidence_config import SETTLE_S, EvidenceConfig
from edgeguard.agent.evidence_index import EvidenceIndex
from edgeguard.agent.evidence_outbox import EvidenceOutbox
from edgeguard.agent.evidence_store import CLIP, EvidenceStats, EvidenceStore
from edgeguard.errors import SourceError
from edgeguard.journal import Journal, OutboxKind
from edgeguard.pipeline.camera import Look
from edgeguard.pipeline.snapshot import encode_jpeg, snapshot
from edgeguard.sources import ReaderConfig, RtspConfig
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.mp4 import write_mp4
from edgeguard.uplink import Uploader

log = logging.getLogger(__name__)

PERSON = "person"
# Number of a picture in its topic and its name on the box.
AT, BEFORE, AFTER = (1, "at.jpg"), (2, "before.jpg"), (3, "after.jpg")
# What stays on the box is not made small for a broker.
CLEAR_JPEG_BYTES = 2_000_000
SWEEP_S = 60.0


class EvidenceRoom:
    """Works on a thread of its own; `queued` is called when something waits in the journal's outbox.

    Open it with `with`, after the journal. Raises UplinkError for an upload that cannot work as configured.
    """

    def __init__(
        self,
        config: EvidenceConfig,
        data_dir: Path,
        journal: Journal,
        *,
        blur: bool,
        queued: Callable[[], None],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._config = config
        self._data_dir = data_dir
        self._journal = journal
        self.blur = blur
        self._queued = queued
        self._clock = clock
        self._agenda = Agenda("evidence")
        self._stack = ExitStack()
        self.uploader: Uploader | None = None
        self.store: EvidenceStore

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            index = EvidenceIndex(self._data_dir / "evidence.sqlite3")
            stack.callback(index.close)
            self.store = EvidenceStore(
                self._data_dir / "evidence", index, self._config, spared=self._open_ids, utcnow=self._clock.utcnow
            )
            if self._config.upload is not None:
                topics, outbox = self._journal.topics, EvidenceOutbox(self.store, self._journal, self._queued)
                self.uploader = Uploader(self._config.upload, topics.site, topics.box, outbox)
                stack.enter_context(self.uploader)
            stack.callback(self._agenda.close)
            self._stack = stack.pop_all()
        self._agenda.soon(self.store.tidy)
        self._agenda.later(SWEEP_S, self._sweep)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def camera(
        self, camera_id: str, main: RtspConfig | None = None, reader: ReaderConfig | None = None
    ) -> CameraEvidence:
        """A camera's part, at rest."""
        return CameraEvidence(camera_id, self._config, self._begin, main, reader, self._clock)

    def stats(self) -> EvidenceStats:
        """Counts for health and metrics; raises EvidenceError."""
        return self.store.stats()

    def _begin(self, shot: Shot) -> None:
        self._agenda.soon(lambda: self._open(shot))
        self._agenda.later(self._config.after_s + SETTLE_S, lambda: self._close(shot))

    def _open(self, shot: Shot) -> None:
        """The picture that the card waits for goes out first."""
        self._picture(shot, AT, shot.at)
        event_id = shot.report.event_id
        for name in (AFTER[1], CLIP):
            self.store.promise(event_id, name)
        self._picture(shot, BEFORE, shot.before)

    def _close(self, shot: Shot) -> None:
        self._picture(shot, AFTER, shot.camera.after(shot))
        self._clip(shot)

    def _picture(self, shot: Shot, which: tuple[int, str], look: Look | None) -> None:
        event_id, (number, name) = shot.report.event_id, which
        if look is None:
            self.store.miss(event_id, name, "nobody looked then")
            return
        picture, people = look.frame.picture, people_of(look, shot.labels)
        seen = shot.report.sighting if look is shot.at else None
        box, path = (seen.box, seen.path) if seen else (None, ())
        sent = snapshot(picture, box, people if self.blur else None, path=path)
        topic = self._journal.topics.picture(event_id, number)
        self._journal.enqueue(topic, sent, kind=OutboxKind.PICTURE, event_id=event_id)
        self._queued()
        self._keep(event_id, name, encode_jpeg(picture.bgr(picture.width, picture.height), CLEAR_JPEG_BYTES))

    def _clip(self, shot: Shot) -> None:
        event_id = shot.report.event_id
        cut, note = shot.camera.cut(shot.report.monotonic_s)
        if cut is None:
            self.store.miss(event_id, CLIP, note)
            log.warning("no clip of %s: %s", event_id, note)
            return
        try:
            clip = write_mp4(cut)
        except SourceError as error:
            self.store.miss(event_id, CLIP, str(error))
            raise
        self._keep(event_id, CLIP, clip.data, note)
        log.info("clip of %s: %.1f s, %d bytes%s", event_id, clip.duration_s, len(clip.data), f", {note}" * bool(note))

    def _keep(self, event_id: str, name: str, data: bytes, note: str = "") -> None:
        if self.store.keep(event_id, name, data, note) and self.uploader is not None:
            self.uploader.wake()

    def _sweep(self) -> None:
        self._agenda.later(SWEEP_S, self._sweep)
        self.store.sweep()

    def _open_ids(self) -> set[str]:
        return {episode.event_id for episode in self._journal.open_episodes()}


def people_of(look: Look, labels: tuple[str, ...]) -> NDArray[np.float32]:
    """The boxes of the people in a look, xyxy (n, 4) float32 in the picture's pixels."""
    boxes = look.tracks.boxes
    person = labels.index(PERSON) if PERSON in labels else -1
    return boxes[boxes.label == person].xyxy
