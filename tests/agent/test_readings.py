"""Each metric that is read from the status says something else when that is something else."""

from typing import Any

import pytest

from edgeguard.agent.readings import READINGS, readings
from edgeguard.agent.status import (
    EpisodeReport,
    EvidenceReport,
    JournalReport,
    RelayReport,
    SensorReport,
    Status,
    VoiceReport,
)
from edgeguard.contract import CameraStatus, Clock
from tests.agent.test_status import NOW, camera, status, uplink

BLIND = CameraStatus.BLIND


def relay(**changes: Any) -> RelayReport:
    return RelayReport.model_validate({"id": "strike", "board": "memory", "state": "ok"} | changes)


EPISODE = EpisodeReport(event_id="01", code="LIFT.EBIKE.ENTER", camera="lift-a", opened_at=NOW)

SENSOR = SensorReport(sensor="gas-1", reading="gas", value=2.5, unit="%LEL", unusable=2, trouble="silent")

MOVED: dict[str, dict[str, Any]] = {
    "frames_in_total": {"cameras": (camera(frames_in=9),)},
    "frames_dropped_total": {"cameras": (camera(dropped={"decode": 2, "superseded": 1}),)},
    "frames_done_total": {"cameras": (camera(frames_done=9),)},
    "inferences_total": {"cameras": (camera(inferences=9),)},
    "blind_seconds_total": {"cameras": (camera(blind_s={"stalled": 2.5}),)},
    "camera_state": {"cameras": (camera(status=BLIND),)},
    "camera_reconnects_total": {"cameras": (camera(reconnects=3),)},
    "door_cycles_total": {"cameras": (camera(door_cycles=3),)},
    "sensor_value": {"sensors": (SENSOR,)},
    "sensor_unusable_total": {"sensors": (SENSOR,)},
    "sensor_well": {"sensors": (SENSOR,)},
    "voice_state": {"voices": (VoiceReport(output="alsa:default", state="no_device"),)},
    "relay_state": {"relays": (relay(state="lost"),)},
    "relay_pulses_total": {"relays": (relay(pulses=2),)},
    "relay_failures_total": {"relays": (relay(failures=2),)},
    "relay_refused_total": {"relays": (relay(refused=2),)},
    "outbox_depth": {"journal": JournalReport(writes=True, outbox_depth=2)},
    "outbox_oldest_s": {"journal": JournalReport(writes=True, outbox_oldest_s=2)},
    "journal_writes": {"journal": JournalReport(writes=False)},
    "journal_last_seq": {"journal": JournalReport(writes=True, last_seq=2)},
    "journal_tombstones_total": {"journal": JournalReport(writes=True, tombstones=2)},
    "evidence_dropped_total": {"evidence": EvidenceReport(dropped={"quota": 2})},
    "evidence_bytes": {"evidence": EvidenceReport(size_bytes=2)},
    "evidence_waiting": {"evidence": EvidenceReport(waiting=2)},
    "evidence_uploaded_total": {"evidence": EvidenceReport(uploaded=2)},
    "disk_free_bytes": {"disk": None},
    "uplink_connected": {"uplink": uplink(connected=False)},
    "uplink_connections_total": {"uplink": uplink().model_copy(update={"connections": 2})},
    "uplink_published_total": {"uplink": uplink().model_copy(update={"published": 2})},
    "episodes_open": {"episodes": (EPISODE,)},
    "part_restarts_total": {"restarts": {"uplink": 2}},
    "clock_synced": {"clock": Clock(synced=False)},
    "guards": {"cameras": ()},
    "build_info": {"version": "1"},
}


def samples(of: Status, name: str) -> list[tuple[str, dict[str, str], float]]:
    families = {family.name.removesuffix("_total"): family for family in readings(of)}
    return [(one.name, one.labels, one.value) for one in families[name.removesuffix("_total")].samples]


@pytest.mark.parametrize("name", [reading.name for reading in READINGS])
def test_moves(name: str) -> None:
    assert samples(status(relays=(relay(),)), name) != samples(status(**MOVED[name]), name)


def test_one_loudspeaker_of_two_voices_is_told_once() -> None:
    voices = tuple(VoiceReport(output="alsa:default", state="ok", cameras=(name,)) for name in "ab")
    told = samples(status(voices=voices), "voice_state")
    assert len(told) == len({tuple(sorted(labels.items())) for _, labels, _ in told})
