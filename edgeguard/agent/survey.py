"""Looks at every part of the running box and puts down how it is."""

import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import disk_usage

from edgeguard import __version__
from edgeguard.agent.announce import camera_status
from edgeguard.agent.lane import Lane
from edgeguard.agent.services import Services
from edgeguard.agent.status import (
    CameraReport,
    DiskReport,
    EpisodeReport,
    EvidenceReport,
    JournalReport,
    RuleReport,
    RulesReport,
    SensorReport,
    SiteFileReport,
    Status,
    UplinkReport,
    VoiceReport,
)
from edgeguard.errors import EvidenceError, JournalError

# Rates are taken over the last seconds: long enough for a camera of one frame a second.
RATE_OVER_S = 10.0
# The journal is tried so often by a write that is not forced to the disk.
TRY_JOURNAL_S = 30.0
# The whole index of the evidence is gone through for its counts: thousands of rows.
COUNT_EVIDENCE_S = 5.0


@dataclass(slots=True)
class _Rate:
    """Counts over the last seconds: (monotonic_s, frames in, frames done)."""

    counts: deque[tuple[float, int, int]] = field(default_factory=deque)

    def add(self, now_s: float, frames_in: int, frames_done: int) -> tuple[float, float]:
        """(fps in, fps done) since the oldest count kept; 0 at the first one, and after a restart of the camera."""
        counts = self.counts
        if counts and frames_in < counts[-1][1]:
            counts.clear()
        counts.append((now_s, frames_in, frames_done))
        while now_s - counts[0][0] > RATE_OVER_S:
            counts.popleft()
        then_s, in_then, done_then = counts[0]
        elapsed_s = max(now_s - then_s, 1e-3)
        return round((frames_in - in_then) / elapsed_s, 1), round((frames_done - done_then) / elapsed_s, 1)


class Survey:
    """Call it every second or so, from one thread: it may wait for a disk that hangs, the parts never wait for it.

    `lanes` and `services` are the box's, whatever is in them at the moment; `site_file` tells of the file.
    """

    def __init__(self, services: Services, lanes: Mapping[str, Lane], site_file: Callable[[], SiteFileReport]) -> None:
        self._services = services
        self._lanes = lanes
        self._site_file = site_file
        self._clock = services.clock
        self._started_s = services.clock.monotonic_s()
        self._rates: dict[str, _Rate] = {}
        self._tried_s = float("-inf")
        self._refusal = ""
        self._counted_s = float("-inf")
        self._counted: EvidenceReport | None = None

    def __call__(self) -> Status:
        services, now = self._services, self._clock.utcnow()
        site = services.plan.site
        journal, episodes = self._journal()
        return Status(
            site=site.site,
            box=site.box,
            version=__version__,
            boot_id=services.boot_id,
            pid=os.getpid(),
            started_at=services.started_at,
            at=now,
            uptime_s=round(self._clock.monotonic_s() - self._started_s, 1),
            rss_bytes=_rss_bytes(),
            cameras=tuple(self._camera(lane) for lane in tuple(self._lanes.values())),
            voices=self._voices(),
            relays=self._services.gates.reports(),
            sensors=self._sensors(),
            uplink=self._uplink(),
            journal=journal,
            disk=_disk(site.data_dir),
            evidence=self._evidence(),
            clock=services.kept(),
            episodes=episodes,
            site_file=self._site_file(),
            rules=self._rules(),
            restarts=dict(services.replaced),
        ).judged()

    def _rules(self) -> RulesReport:
        settings = self._services.settings
        told = tuple(
            RuleReport(
                camera=one.args.camera,
                kind=one.args.kind,
                zone=one.args.zone,
                on=one.args.on,
                what=str(one.args),
                by=one.by,
                at=one.at,
                until=one.args.until,
            )
            for one in settings.laid.kept
        )
        lost = (settings.lost,) if settings.lost else ()
        return RulesReport(set=told, lost=(*lost, *settings.laid.dropped))

    def _sensors(self) -> tuple[SensorReport, ...]:
        return tuple(
            SensorReport(
                sensor=point,
                reading=one.name,
                value=one.value,
                unit=one.unit,
                age_s=None if one.age_s is None else round(one.age_s, 1),
                unusable=one.unusable,
                trouble=one.trouble,
            )
            for point, readings in self._services.sensors.health().items()
            for one in readings
        )

    def _journal(self) -> tuple[JournalReport, tuple[EpisodeReport, ...]]:
        journal = self._services.journal
        try:
            if self._clock.monotonic_s() - self._tried_s >= TRY_JOURNAL_S or self._refusal:
                journal.check()
                self._tried_s, self._refusal = self._clock.monotonic_s(), ""
            stats, still_open = journal.stats(), journal.open_episodes()
        except JournalError as error:
            self._refusal = str(error)
            return JournalReport(writes=False, reason=self._refusal), ()
        episodes = tuple(
            EpisodeReport(
                event_id=one.event_id,
                code=one.code,
                camera=one.camera_id or ", ".join(one.zones),
                opened_at=one.opened_at,
            )
            for one in still_open
        )
        report = JournalReport(
            writes=True,
            last_seq=stats.last_seq,
            outbox_depth=stats.outbox_depth,
            outbox_oldest_s=round(stats.outbox_oldest_s, 1),
            evidence_waiting_bytes=stats.evidence_waiting_bytes,
            evidence_dropped=stats.evidence_dropped_total,
            tombstones=stats.tombstones_total,
            damaged=None if stats.damaged is None else stats.damaged.name,
        )
        return report, episodes

    def _evidence(self) -> EvidenceReport | None:
        if self._clock.monotonic_s() - self._counted_s >= COUNT_EVIDENCE_S:
            self._counted_s, self._counted = self._clock.monotonic_s(), self._count_evidence()
        uploader = self._services.evidence.uploader
        if self._counted is None or uploader is None:
            return self._counted
        health = uploader.health
        told = {"upload": health.reason, "uploaded": health.stored_total, "upload_failures": health.failed_total}
        return self._counted.model_copy(update=told)

    def _count_evidence(self) -> EvidenceReport | None:
        """None where its index cannot be read: the log tells."""
        try:
            stats = self._services.evidence.stats()
        except EvidenceError:
            return None
        return EvidenceReport(
            files=stats.files, size_bytes=stats.size_bytes, waiting=stats.waiting, dropped=stats.dropped
        )

    def _camera(self, lane: Lane) -> CameraReport:
        worker = lane.worker
        status, pipeline = worker.reader.status(), worker.pipeline
        rate = self._rates.setdefault(lane.camera_id, _Rate())
        fps_in, fps_done = rate.add(self._clock.monotonic_s(), status.frames_in, pipeline.frames_seen)
        return CameraReport(
            id=lane.camera_id,
            label=lane.config.label,
            status=camera_status(status),
            state=status.state.value,
            reason=status.reason,
            since=status.since,
            fps_in=fps_in,
            fps_done=fps_done,
            frames_in=status.frames_in,
            frames_done=pipeline.frames_seen,
            inferences=pipeline.frames_looked_at,
            dropped=dict(status.dropped),
            reconnects=status.reconnects,
            blind_for_s=round(status.blind_for_s, 1),
            blind_s={reason: round(seconds, 3) for reason, seconds in status.blind_s.items()},
            door=lane.door,
            door_cycles=pipeline.door.cycles,
        )

    def _voices(self) -> tuple[VoiceReport, ...]:
        plan = self._services.plan
        cameras = [camera.id for camera in plan.site.cameras]
        reports = []
        for station in plan.stations.values():
            health = station.voice.health()
            reports.append(
                VoiceReport(
                    output=health.output,
                    state=health.state.value,
                    reason=health.reason,
                    cameras=tuple(name for name in cameras if plan.station(name) is station),
                    waiting=health.waiting,
                    stuck_s=round(health.stuck_s, 1),
                )
            )
        return tuple(reports)

    def _uplink(self) -> UplinkReport | None:
        config, uplink = self._services.plan.site.uplink, self._services.line.uplink
        if config is None or uplink is None:
            return None
        health = uplink.health
        return UplinkReport(
            broker=f"{config.host}:{config.effective_port}",
            connected=health.connected,
            reason=health.reason,
            since=health.since,
            connections=health.connections_total,
            published=health.published_total,
            in_flight=health.in_flight,
            publish_to_puback_ms=health.publish_to_puback_ms,
        )


def _disk(folder: Path) -> DiskReport | None:
    try:
        usage = disk_usage(folder)
    except OSError:
        return None
    return DiskReport(data_dir=str(folder), free_bytes=usage.free, total_bytes=usage.total)


def _rss_bytes() -> int:
    """Resident memory of this process, as the Linux kernel counts it; 0 elsewhere."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
