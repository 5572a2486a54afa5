"""The box's status as Prometheus metrics: one row of the tables below is one metric."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from edgeguard.actuators.relay_switch import SwitchState
from edgeguard.agent.status import EvidenceReport, RelayReport, Status
from edgeguard.contract import CameraStatus

# (values of the labels, value)
Sample = tuple[tuple[str, ...], float]
Read = Callable[[Status], Iterable[Sample]]

VOICE_STATES = ("ok", "no_device", "off", "stopped")


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric read from the status; a name that ends in `_total` is a counter."""

    name: str
    told: str
    labels: tuple[str, ...]
    read: Read

    def metric(self, status: Status) -> Metric:
        family = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        made = family(self.name, self.told, labels=self.labels)
        for labels, value in self.read(status):
            made.add_metric(labels, value)
        return made


def readings(status: Status) -> Iterator[Metric]:
    """All of them."""
    return (reading.metric(status) for reading in READINGS)


def _dropped(status: Status) -> Iterator[Sample]:
    for camera in status.cameras:
        yield from (((camera.id, reason), frames) for reason, frames in sorted(camera.dropped.items()))


def _blind(status: Status) -> Iterator[Sample]:
    for camera in status.cameras:
        yield from (((camera.id, reason), seconds) for reason, seconds in sorted(camera.blind_s.items()))


def _camera_state(status: Status) -> Iterator[Sample]:
    for camera in status.cameras:
        yield from (((camera.id, state.value), camera.status is state) for state in CameraStatus)


def _voice_state(status: Status) -> Iterator[Sample]:
    """Two voices on one loudspeaker differ in their languages: they are in the same state."""
    for output, is_in in {voice.output: voice.state for voice in status.voices}.items():
        yield from (((output, state), is_in == state) for state in VOICE_STATES)


def _relay_state(status: Status) -> Iterator[Sample]:
    for relay in status.relays:
        yield from (((relay.id, state.value), relay.state == state) for state in SwitchState)


def _of_relays(read: Callable[[RelayReport], float]) -> Read:
    return lambda status: [((relay.id,), read(relay)) for relay in status.relays]


def _sensor_values(status: Status) -> Iterator[Sample]:
    for one in status.sensors:
        if one.value is not None:
            yield (one.sensor, one.reading, one.unit), one.value


def _connected(status: Status) -> Iterator[Sample]:
    if status.uplink is not None:
        yield (), status.uplink.connected


def _connections(status: Status) -> Iterator[Sample]:
    if status.uplink is not None:
        yield (), status.uplink.connections


def _published(status: Status) -> Iterator[Sample]:
    if status.uplink is not None:
        yield (), status.uplink.published


def _disk_free(status: Status) -> Iterator[Sample]:
    if status.disk is not None:
        yield (), status.disk.free_bytes


def _evidence(read: Callable[[EvidenceReport], float]) -> Read:
    return lambda status: [] if status.evidence is None else [((), read(status.evidence))]


def _evidence_dropped(status: Status) -> Iterator[Sample]:
    """`outbox`: a picture on its way to the platform; the others are files on the box."""
    yield ("outbox",), status.journal.evidence_dropped
    if status.evidence is not None:
        yield from (((reason,), files) for reason, files in sorted(status.evidence.dropped.items()))


def _clock(status: Status) -> Iterator[Sample]:
    if status.clock is not None:
        yield (), status.clock.synced


def _of_cameras(read: Callable[..., float]) -> Read:
    return lambda status: [((camera.id,), read(camera)) for camera in status.cameras]


def _plain(read: Callable[[Status], float]) -> Read:
    return lambda status: [((), read(status))]


READINGS = (
    Reading("frames_in_total", "Frames that came from a camera", ("camera",), _of_cameras(lambda c: c.frames_in)),
    Reading("frames_dropped_total", "Frames that nobody looked at, and why", ("camera", "reason"), _dropped),
    Reading(
        "frames_done_total", "Frames that went through the chain", ("camera",), _of_cameras(lambda c: c.frames_done)
    ),
    Reading("inferences_total", "Frames the detector looked at", ("camera",), _of_cameras(lambda c: c.inferences)),
    Reading("blind_seconds_total", "Seconds without a usable picture", ("camera", "reason"), _blind),
    Reading("camera_state", "1 for the state a camera is in", ("camera", "state"), _camera_state),
    Reading("camera_reconnects_total", "Connections after the first", ("camera",), _of_cameras(lambda c: c.reconnects)),
    Reading("door_cycles_total", "Doors that opened and closed", ("camera",), _of_cameras(lambda c: c.door_cycles)),
    Reading("sensor_value", "Latest value of a sensor's reading", ("sensor", "reading", "unit"), _sensor_values),
    Reading(
        "sensor_unusable_total",
        "What came of a sensor and could not be used",
        ("sensor", "reading"),
        lambda s: [((one.sensor, one.reading), one.unusable) for one in s.sensors],
    ),
    Reading(
        "sensor_well",
        "1 while a reading can be relied on",
        ("sensor", "reading"),
        lambda s: [((one.sensor, one.reading), not one.trouble) for one in s.sensors],
    ),
    Reading("voice_state", "1 for the state a loudspeaker is in", ("output", "state"), _voice_state),
    Reading("relay_state", "1 for the state a relay is in", ("relay", "state"), _relay_state),
    Reading("relay_pulses_total", "Pulses that the board has confirmed", ("relay",), _of_relays(lambda r: r.pulses)),
    Reading("relay_failures_total", "Pulses that it has not", ("relay",), _of_relays(lambda r: r.failures)),
    Reading("relay_refused_total", "Requests that never reached it", ("relay",), _of_relays(lambda r: r.refused)),
    Reading("outbox_depth", "Messages that wait for the broker", (), _plain(lambda s: s.journal.outbox_depth)),
    Reading("outbox_oldest_s", "Age of the oldest of them", (), _plain(lambda s: s.journal.outbox_oldest_s)),
    Reading("journal_writes", "1 while the journal can be written", (), _plain(lambda s: s.journal.writes)),
    Reading("journal_last_seq", "Number of the latest event", (), _plain(lambda s: s.journal.last_seq)),
    Reading(
        "journal_tombstones_total", "Messages that could never be sent", (), _plain(lambda s: s.journal.tombstones)
    ),
    Reading("evidence_dropped_total", "Pictures and clips given up, and why", ("reason",), _evidence_dropped),
    Reading("evidence_bytes", "Evidence kept on the disk", (), _evidence(lambda e: e.size_bytes)),
    Reading("evidence_waiting", "Files that wait to be uploaded", (), _evidence(lambda e: e.waiting)),
    Reading("evidence_uploaded_total", "Files uploaded since the start", (), _evidence(lambda e: e.uploaded)),
    Reading("disk_free_bytes", "Room left under data_dir", (), _disk_free),
    Reading("uplink_connected", "1 while the broker is there", (), _connected),
    Reading("uplink_connections_total", "Connections to the broker", (), _connections),
    Reading("uplink_published_total", "Messages that the broker has confirmed", (), _published),
    Reading("episodes_open", "Episodes without an end", (), _plain(lambda s: len(s.episodes))),
    Reading(
        "part_restarts_total",
        "Parts that were started anew",
        ("part",),
        lambda s: [((part,), times) for part, times in sorted(s.restarts.items())],
    ),
    Reading("clock_synced", "1 while a time server keeps the clock; absent: not known", (), _clock),
    Reading("guards", "1 while a camera sees and the journal writes", (), _plain(lambda s: s.guards)),
    Reading("build_info", "Always 1", ("version", "site", "box"), lambda s: [((s.version, s.site, s.box), 1)]),
)
