"""What all cameras of a box share: journal, line, voices, evidence, health, and the reporters of the cameras."""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from edgeguard.access import qr
from edgeguard.agent.admission import Admission
from edgeguard.agent.announce import HealthBoard, birth_of
from edgeguard.agent.configure import ConfigureHandler, RuleSettings
from edgeguard.agent.evidence import EvidenceRoom
from edgeguard.agent.gate_watch import RULES
from edgeguard.agent.gatehouse import Gatehouse
from edgeguard.agent.line import Line
from edgeguard.agent.live import ViewHandler
from edgeguard.agent.metrics import Metrics
from edgeguard.agent.plan import Plan
from edgeguard.agent.reception import Reception
from edgeguard.agent.reporter import Reporter
from edgeguard.agent.runmark import Unclean
from edgeguard.agent.sensors import SensorRoom, Witness
from edgeguard.agent.supervisor import Beat, Part
from edgeguard.agent.talk import Seat, TalkHandler
from edgeguard.contract import (
    Ack,
    Action,
    Birth,
    CameraHealth,
    Command,
    Decision,
    Event,
    EventDraft,
    ModelRef,
    SensorReading,
    SpeakCommand,
    UlidMaker,
    find,
)
from edgeguard.contract import Clock as ClockState
from edgeguard.contract.access import AccessSummary
from edgeguard.contract.outbox import OutboxKind
from edgeguard.contract.rights import DossierPart
from edgeguard.errors import AudioError, CommandRefused, JournalError
from edgeguard.journal import Journal
from edgeguard.pipeline.camera import Look
from edgeguard.pipeline.config import Model
from edgeguard.pipeline.privacy import covered
from edgeguard.pipeline.reporting import Scene, to_draft
from edgeguard.sensors import SENSOR_RULES
from edgeguard.sources.base import Clock
from edgeguard.types import OpenEpisode, Phase, Playback, Report, Say

log = logging.getLogger(__name__)


class CameraSpeaker:
    """The voice where a camera looks, whichever that is at the moment."""

    def __init__(self, services: "Services", camera_id: str | None) -> None:
        self._services = services
        self._camera_id = camera_id

    def say(self, say: Say) -> bool:
        return self._services.plan.station(self._camera_id).voice.say(say)

    def hush(self, event_id: str) -> None:
        self._services.plan.station(self._camera_id).voice.hush(event_id)


class Services:
    """Built at rest; `enter` starts them in the order in which they need each other.

    `plan` is the present one: it is replaced as a whole when a changed site file is applied.
    """

    def __init__(self, plan: Plan, clock: Clock, kept: Callable[[], ClockState | None], settings: RuleSettings) -> None:
        self.kept = kept
        self.settings = settings
        self.configure = ConfigureHandler(settings, clock)
        self.plan = plan
        self.clock = clock
        self.ids = UlidMaker(secrets.randbits)
        self.started_at = clock.utcnow()
        self.boot_id = secrets.token_hex(8)
        self.metrics = Metrics()
        self.replaced: Counter[str] = Counter()  # by part, the supervisor counts
        self._reporters: dict[str, Reporter] = {}
        site = plan.site
        self.journal = Journal(site.data_dir / "journal.sqlite3", site.site, site.box)
        self.eyes: dict[str, Witness] = {}
        self.views = ViewHandler(
            self.eyes.get, self._publish_view, cover=self._covered, blur=site.privacy.blur_heads, clock=clock
        )
        self.talks = TalkHandler(self._seat)
        self.sensors = SensorRoom(site.sensors, self.journal, self.reporter_of, self.eyes.get, self.ids.new, clock)
        self.reporter = self._new_reporter(None)
        self.gatehouse = Gatehouse(
            lambda: self.plan,
            self.reporter,
            self.reporter_of,
            self.journal.open_episodes,
            self.ids.new,
            clock,
            kept,
            lambda command, action: self.reception.opened(command, action),  # noqa: PLW0108
        )
        self.gates = self.gatehouse.gates
        self.reception = Reception(
            lambda: self.plan, clock, self._admitted, kept, self._send_part, self._forget_pictures
        )
        self.line = Line(
            self.journal,
            self._birth,
            {
                "speak": self._speak,
                "view": self.views,
                "talk": self.talks,
                "cut_off": self.sensors.cut_off,
                "configure": self.configure,
                **self.gatehouse.handlers,
                **self.reception.handlers,
            },
            on_ack=self._acknowledged,
            on_talk=self.talks.piece,
            on_confirmed=self.metrics.confirmed,
            admit=Admission(site.commands.keys, kept, clock.utcnow),
        )
        self.health = HealthBoard(self._publish_health, clock.utcnow)
        self.evidence = EvidenceRoom(
            site.evidence,
            site.data_dir,
            self.journal,
            blur=site.privacy.blur_heads,
            cover=self._covered,
            queued=self.line.wake,
            clock=clock,
        )

    def enter(self, stack: ExitStack) -> None:
        """Start everything, `stack` stops it: a new box-wide part is entered here. Raises JournalError, UplinkError."""
        stack.enter_context(self.journal)
        stack.enter_context(self.reception)
        stack.enter_context(self.gates)
        self.line.open(self.plan.site.uplink)
        stack.callback(self.line.close)
        stack.enter_context(self.evidence)
        stack.callback(self._stop_stations)
        for station in self.plan.stations.values():
            station.start(self._played)
        stack.enter_context(self.views)
        stack.enter_context(self.sensors)

    def change(self, plan: Plan, *, reconnect: bool) -> None:
        """Go over to another plan: only the voices and the line that differ are touched."""
        old, self.plan = self.plan, plan
        self.gatehouse.release("the site file was changed")
        for config, station in old.stations.items():
            if config not in plan.stations:
                station.stop()
        for config, station in plan.stations.items():
            if config not in old.stations:
                station.start(self._played)
        self.evidence.blur = self.views.blur = plan.site.privacy.blur_heads
        if reconnect:
            self.line.close()
            self.line.open(plan.site.uplink)
        else:
            self.line.announce()

    def watch(self) -> None:
        """Look after what needs it; called five times a second."""
        for station in self.plan.stations.values():
            station.watch()
        self.reception.watch(self.clock.utcnow())

    def _admitted(self, told: AccessSummary) -> None:
        self.line.set_retained(self.journal.topics.access, told)

    def _send_part(self, part: DossierPart) -> None:
        topic = self.journal.topics.dossier(part.id)
        self.journal.enqueue(topic, part.to_json(), kind=OutboxKind.REPLY, event_id=part.id)

    def _forget_pictures(self, subjects: Sequence[str]) -> None:
        """Of passages of whoever was deleted; what the journal has pruned meanwhile goes with its retention."""
        self.evidence.store.forget(self.journal.episodes_of(subjects))

    def restarted(self, unclean: Unclean) -> bool:
        """DEVICE.BOX.RESTART: one event, begun and ended at once; False where the journal cannot take it now."""
        at, code = self.clock.utcnow(), find("DEVICE.BOX.RESTART")
        new = EventDraft(
            event_id=self.ids.new(at),
            at=at,
            phase=Phase.NEW,
            code=code.code,
            severity=code.severity,
            dwell_s=unclean.gap_s,
            decision=Decision(reason=unclean.reason),
            sensors={"restarts": SensorReading(value=float(unclean.times))},
        )
        end = new.model_copy(update={"phase": Phase.END, "end_reason": unclean.reason})
        try:
            events = self.journal.record_many([new, end])
        except JournalError as error:
            log.error("restart not told yet: %s", error)  # noqa: TRY400 - it is tried again
            return False
        log.warning("the last run ended badly: %s %s, %.1f s ago", unclean.reason, unclean.detail, unclean.gap_s)
        for event in events:
            self._recorded(event)
        return True

    def parts(self) -> list[Part]:
        """What may hang, for the supervisor."""
        models = (Part(f"detector {model.name}", partial(_detector_beat, model)) for model in self.plan.models.values())
        stations = (station.part for station in self.plan.stations.values())
        return [
            Part("journal", self._journal_beat),
            *models,
            self.line.part,
            *stations,
            *self.gates.parts(),
            *self.sensors.parts(),
        ]

    def _journal_beat(self) -> Beat:
        alive, busy_s = self.journal.beat()
        return Beat(alive, busy_s, doing="commits")

    def reporter_of(self, camera_id: str) -> Reporter:
        """A camera's reporter; it outlives what runs the camera."""
        if camera_id not in self._reporters:
            self._reporters[camera_id] = self._new_reporter(camera_id)
        return self._reporters[camera_id]

    def open_episodes(self, camera_id: str) -> list[OpenEpisode]:
        """What a camera has to go on with; what a sensor near it has open is the sensor's."""
        episodes = self.journal.open_episodes()
        return [one for one in episodes if one.camera_id == camera_id and one.rule not in SENSOR_RULES]

    def _new_reporter(self, camera_id: str | None) -> Reporter:
        speaker = CameraSpeaker(self, camera_id)
        return Reporter(
            self.journal,
            speaker,
            self._drafted,
            self._recorded,
            self.clock.utcnow,
            lambda asked: self.gates.asked(asked),  # noqa: PLW0108
        )

    def _stop_stations(self) -> None:
        for station in self.plan.stations.values():
            station.stop()

    def _covered(self, look: Look) -> NDArray[np.float32]:
        """What no picture may show that leaves the box. A code is as good as a key, whoever sees it."""
        privacy = self.plan.site.privacy
        seen = covered(look.shown, faces=privacy.blur_heads, plates=privacy.legal_basis is None)
        return seen if look.shown is None else np.concatenate((seen, qr.places(look.frame.picture.luma)))

    def _drafted(self, report: Report, actions: Sequence[Action], decided: datetime) -> EventDraft:
        scene, clock = self._scene(report), self.kept()
        return to_draft(report, scene, decided=decided, actions=actions, clock=clock)

    def _scene(self, report: Report) -> Scene:
        if report.rule in RULES:
            return Scene(self.plan.place(report.zones[0]))
        if report.passage is not None:
            return Scene(self.plan.place(report.zones[0]), self.reception.model(report.rule))
        return self.plan.scene_of(report)

    def _recorded(self, event: Event) -> None:
        self.metrics.recorded(event)
        data = event.data
        fields = {"camera": data.camera, "event_id": data.event_id, "code": data.code, "seq": data.seq}
        log.info("%s %s %s seq %d", data.code, data.phase, data.event_id, data.seq, extra=fields)
        self.line.wake()
        self.gatehouse.heard(event)

    def _played(self, playback: Playback) -> None:
        self.metrics.played(playback)
        reporters = (self.reporter, *self._reporters.values())
        if playback.event_id is not None and not any(reporter.played(playback) for reporter in reporters):
            log.warning("playback of %s after its episode %s", playback.phrase, playback.event_id)

    def _speak(self, command: Command) -> str:
        """`cmd/speak`: through the voice of the camera that the command names, or the box's."""
        if not isinstance(command, SpeakCommand):
            raise TypeError(f"speak got a {type(command).__name__}")
        wanted = command.args.camera
        if wanted is not None and self.plan.camera(wanted) is None:
            accepted = ", ".join(camera.id for camera in self.plan.site.cameras)
            raise AudioError(f"camera {wanted!r}, accepted: {accepted}")
        return self.plan.station(wanted).speak(command)

    def _acknowledged(self, ack: Ack) -> None:
        self.metrics.acknowledged(ack)
        self.sensors.acknowledged(ack)

    def _seat(self, camera_id: str | None) -> Seat:
        if camera_id is not None and self.plan.camera(camera_id) is None:
            raise CommandRefused(f"this box has no camera {camera_id!r}")
        return self.plan.station(camera_id).seat

    def _publish_view(self, camera_id: str, jpeg: bytes) -> bool:
        return self.line.publish_newest(self.journal.topics.view(camera_id), jpeg)

    def _birth(self, bd_seq: int) -> Birth:
        models = {model.name: ModelRef(name=model.name, sha256=model.sha256) for model in self.plan.models.values()}
        return birth_of(
            self.settings.laid,
            models.values(),
            (phrase.name for phrase in self.plan.station().voice.catalogue),
            boot_id=self.boot_id,
            bd_seq=bd_seq,
            started_at=self.started_at,
            clock=self.kept(),
            lost=self.settings.lost,
        )

    def _publish_health(self, health: CameraHealth) -> None:
        why = f": {health.reason}" if health.reason else ""
        log.info("camera %s is %s%s", health.camera, health.status, why, extra={"camera": health.camera})
        self.line.set_retained(self.journal.topics.camera_health(health.camera), health)


def _detector_beat(model: Model) -> Beat:
    """All sessions hang where the one that hangs least does; while one works, the cameras have it."""
    busy_s = () if model.scheduler is None else model.scheduler.busy_s
    return Beat(busy_s=min(busy_s, default=0.0), doing="detects")
