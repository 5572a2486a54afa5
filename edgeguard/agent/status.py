"""How the box is, as one message: made in the box, read by `edgeguard status` and whoever asks `/status`."""

from enum import StrEnum

from pydantic import Field

from edgeguard.contract import CameraStatus, Clock, Message
from edgeguard.contract.base import Timestamp

# A message that waits longer than this has missed several tries: the platform is not there.
OUTBOX_LATE_S = 60.0
# One chunk of sound takes 40 ms; an output that is busy with one for so long hangs in its driver.
STUCK_S = 3.0
# Below this a day of evidence no longer fits, and soon the journal does not either.
DISK_LOW_BYTES = 256 * 1024 * 1024


class Level(StrEnum):
    """FAULT: somebody must come. NOTICE: worth knowing, the box does its work."""

    FAULT = "fault"
    NOTICE = "notice"


class Problem(Message):
    """One thing that is not as it should be: which part, what, and what helps."""

    level: Level
    part: str
    what: str
    help: str


class CameraReport(Message):
    """Counts and seconds are since the camera's reader was started, rates over the last seconds."""

    id: str
    label: str | None = None
    status: CameraStatus
    state: str
    reason: str = ""
    since: Timestamp
    fps_in: float = 0.0
    fps_done: float = 0.0
    frames_in: int = 0
    frames_done: int = 0
    inferences: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    reconnects: int = 0
    blind_for_s: float = 0.0
    blind_s: dict[str, float] = Field(default_factory=dict)
    door: str = "unknown"
    door_cycles: int = 0


class VoiceReport(Message):
    """A loudspeaker and the cameras that speak through it; `stuck_s`: busy with one chunk of sound since so long."""

    output: str
    state: str
    reason: str = ""
    cameras: tuple[str, ...] = ()
    waiting: int = 0
    stuck_s: float = 0.0


class SensorReport(Message):
    """One reading of a sensor; `unusable`: what came and could not be used, `trouble`: what is wrong now."""

    sensor: str
    reading: str
    value: float | None = None
    unit: str = ""
    age_s: float | None = None
    unusable: int = 0
    trouble: str = ""


class UplinkReport(Message):
    """The line to the platform."""

    broker: str
    connected: bool
    reason: str
    since: Timestamp
    connections: int = 0
    published: int = 0
    in_flight: int = 0
    publish_to_puback_ms: float | None = None


class RelayReport(Message):
    """A relay and the gate it opens; `door`: open, closed or unknown, empty without a gate. Counts since the start.

    `closed`: its contact is, or may be.
    """

    id: str
    board: str
    state: str
    reason: str = ""
    gate: str | None = None
    door: str = ""
    door_reason: str = ""
    closed: bool = False
    pulses: int = 0
    failures: int = 0
    refused: int = 0


class JournalReport(Message):
    """`writes`: the last try to write was a success; `tombstones`: messages that could never be sent."""

    writes: bool
    reason: str = ""
    last_seq: int = 0
    outbox_depth: int = 0
    outbox_oldest_s: float = 0.0
    evidence_waiting_bytes: int = 0
    evidence_dropped: int = 0
    tombstones: int = 0
    damaged: str | None = None


class DiskReport(Message):
    """The disk under `data_dir`."""

    data_dir: str
    free_bytes: int
    total_bytes: int


class EvidenceReport(Message):
    """What is kept; `waiting`: files to be uploaded, `upload`: what the latest attempt came to, None without one.

    `dropped`: files that were given up, by reason, over the box's life.
    """

    files: int = 0
    size_bytes: int = 0
    waiting: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    upload: str | None = None
    uploaded: int = 0
    upload_failures: int = 0


class EpisodeReport(Message):
    """An episode without its end; `camera`: or what it is about, where no camera sees it."""

    event_id: str
    code: str
    camera: str
    opened_at: Timestamp


class SiteFileReport(Message):
    """The file the box was started with; `error`: it was changed since, and the change is not in force."""

    path: str | None = None
    loaded_at: Timestamp
    error: str | None = None


class RuleReport(Message):
    """A rule that is not as the site file has it: `what` was set of it from the center, by whom and when."""

    camera: str
    kind: str
    zone: str
    on: bool
    what: str
    by: str
    at: Timestamp
    until: Timestamp | None = None


class RulesReport(Message):
    """What the center has set; `lost`: why something that it had set is not in force."""

    set: tuple[RuleReport, ...] = ()
    lost: tuple[str, ...] = ()


class Status(Message):
    """Everything at one moment. `guards`: a camera sees and the journal writes, which is what `/healthz` tells."""

    site: str
    box: str
    version: str
    boot_id: str
    pid: int
    started_at: Timestamp
    at: Timestamp
    uptime_s: float
    rss_bytes: int = 0
    guards: bool = False
    problems: tuple[Problem, ...] = ()
    cameras: tuple[CameraReport, ...] = ()
    voices: tuple[VoiceReport, ...] = ()
    relays: tuple[RelayReport, ...] = ()
    sensors: tuple[SensorReport, ...] = ()
    uplink: UplinkReport | None = None
    journal: JournalReport
    disk: DiskReport | None = None
    evidence: EvidenceReport | None = None
    clock: Clock | None = None
    episodes: tuple[EpisodeReport, ...] = ()
    restarts: dict[str, int] = Field(default_factory=dict)
    site_file: SiteFileReport
    rules: RulesReport = RulesReport()

    def judged(self) -> "Status":
        """With `guards` and `problems`, which follow from the rest."""
        sees = any(camera.status in {CameraStatus.OK, CameraStatus.DEGRADED} for camera in self.cameras)
        return self.model_copy(update={"guards": sees and self.journal.writes, "problems": problems_of(self)})


def problems_of(status: Status) -> tuple[Problem, ...]:
    """Everything that is wrong, faults first."""
    found = [
        *_of_journal(status.journal),
        *(problem for camera in status.cameras for problem in _of_camera(camera)),
        *(problem for voice in status.voices for problem in _of_voice(voice)),
        *(problem for relay in status.relays for problem in _of_relay(relay)),
        *(problem for sensor in status.sensors for problem in _of_sensor(sensor)),
        *_of_uplink(status),
        *_of_disk(status.disk),
        *_of_box(status),
        *_of_rules(status.rules),
    ]
    return tuple(sorted(found, key=lambda problem: problem.level is not Level.FAULT))


def _of_journal(journal: JournalReport) -> list[Problem]:
    found = []
    if not journal.writes:
        text = f"nothing can be written: {journal.reason}"
        found.append(_fault("journal", text, "make room on the disk, or replace it; alarms still sound"))
    if journal.damaged is not None:
        text = f"the journal was damaged and set aside as {journal.damaged}"
        found.append(_fault("journal", text, "check the disk; the file can be kept for an examination"))
    if journal.tombstones:
        text = f"{journal.tombstones} messages could never be sent"
        found.append(_notice("journal", text, "the log tells which, and why"))
    if journal.evidence_dropped:
        text = f"{journal.evidence_dropped} pictures for the platform were given up for lack of room"
        found.append(_notice("journal", text, "is the platform reachable? how full is the disk?"))
    return found


_CAMERA_HELP = {
    "auth_failed": "give the camera's user name and password in the site file; wrong ones lock the account",
    "stalled": "is the camera overloaded, its network full, or frozen? a power cycle of the camera often helps",
    "connecting": "wait some seconds; then check power, cable and address of the camera",
}


def _of_camera(camera: CameraReport) -> list[Problem]:
    return [*_of_picture(camera), *_of_door(camera)]


def _of_door(camera: CameraReport) -> list[Problem]:
    state, _, reason = camera.door.partition(": ")
    if not reason:
        return []
    return [_notice(f"door of camera {camera.id}", f"is {state}: {reason}", "check the input module and its cable")]


def _of_picture(camera: CameraReport) -> list[Problem]:
    part = f"camera {camera.id}"
    why = f": {camera.reason}" if camera.reason else ""
    if camera.status is CameraStatus.BLIND:
        helps = _CAMERA_HELP.get(camera.state, "check power, cable and address of the camera")
        return [_fault(part, f"sees nothing since {spell(camera.blind_for_s)}{why}", helps)]
    if camera.status is CameraStatus.DEGRADED:
        return [_fault(part, f"sees badly{why}", "clean the lens, look at the picture, check the light")]
    if camera.status is CameraStatus.OFF:
        return [_notice(part, f"is off{why}", "a recording that is over, or a camera that was stopped")]
    return []


def _of_voice(voice: VoiceReport) -> list[Problem]:
    part = f"voice on {voice.output}"
    if voice.stuck_s > STUCK_S:
        text = f"hangs in its driver since {voice.stuck_s:.0f} s"
        return [_fault(part, text, "it is started anew by itself; if it stays, replug or replace the sound card")]
    if voice.state in {"no_device", "stopped"}:
        text = f"cannot be heard: {voice.reason}"
        return [_fault(part, text, "plug the loudspeaker in; `edgeguard speak --devices` shows what there is")]
    if voice.state == "off":
        return [_notice(part, "is off in the site file", "set `voice.output` to be heard")]
    return []


def _of_relay(relay: RelayReport) -> list[Problem]:
    found = []
    if relay.state == "lost":
        opens = f" (gate {relay.gate})" if relay.gate else ""
        still = ", its contact may still be closed" if relay.closed else ""
        helps = "check power, cable and address of the board; `edgeguard relay test` tries it"
        found.append(_fault(f"relay {relay.id}{opens}", f"is lost{still}: {relay.reason}", helps))
    if relay.door_reason:
        text = f"is {relay.door}: {relay.door_reason}"
        found.append(_notice(f"door of gate {relay.gate}", text, "check the input module and its cable"))
    return found


def _of_sensor(sensor: SensorReport) -> list[Problem]:
    if not sensor.trouble:
        return []
    text = f"gives nothing that can be used: {sensor.trouble}"
    return [_fault(f"sensor {sensor.sensor} {sensor.reading}", text, "check its power, cable and address")]


def _of_uplink(status: Status) -> list[Problem]:
    uplink, journal = status.uplink, status.journal
    if uplink is None:
        return [_notice("uplink", "is not configured: nobody is told", "set `uplink` in the site file")]
    waits = f"{journal.outbox_depth} messages wait, the oldest since {spell(journal.outbox_oldest_s)}"
    if not uplink.connected:
        text = f"no connection to {uplink.broker}: {uplink.reason}; {waits}"
        return [
            _fault("uplink", text, "is the broker up, the address right, the certificate accepted? nothing is lost")
        ]
    if journal.outbox_oldest_s > OUTBOX_LATE_S:
        return [_notice("uplink", waits, "it is catching up, or the broker refuses them: see the log")]
    return []


def _of_disk(disk: DiskReport | None) -> list[Problem]:
    if disk is None or disk.free_bytes >= DISK_LOW_BYTES:
        return []
    text = f"{disk.free_bytes // 2**20} MiB left of {disk.total_bytes // 2**20} under {disk.data_dir}"
    return [_fault("disk", text, "make room: evidence is given up first, alarms last")]


def _of_box(status: Status) -> list[Problem]:
    found = []
    if status.site_file.error is not None:
        text = f"was changed, and the change is not in force: {status.site_file.error}"
        found.append(_fault("site file", text, "`edgeguard config check` tells every error; the box runs on as before"))
    if status.clock is not None and not status.clock.synced:
        found.append(_notice("clock", "no time server keeps it", "set one up: times in events cannot be trusted"))
    return found


def _of_rules(rules: RulesReport) -> list[Problem]:
    lost = [_fault("settings of rules", why, "set them anew at the center") for why in rules.lost]
    helps = "its row on the center's page of conduct takes that back"
    return lost + [
        _notice(f"rule {one.kind} {one.zone} of {one.camera}", f"is {one.what}, by {one.by}", helps)
        for one in rules.set
        if not one.on
    ]


def _fault(part: str, what: str, helps: str) -> Problem:
    return Problem(level=Level.FAULT, part=part, what=what, help=helps)


def _notice(part: str, what: str, helps: str) -> Problem:
    return Problem(level=Level.NOTICE, part=part, what=what, help=helps)


def spell(seconds: float) -> str:
    """Seconds as a person says them: 8 s, 3 min, 5 h, 2 days."""
    for limit, unit_s, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"
