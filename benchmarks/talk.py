# ruff: noqa: INP001  # a script, not a package
"""Live talk and live view on this machine: from a piece's publish over a real broker to the output, and per picture.

python benchmarks/talk.py [--runs 30] [--port 1883] [--jitter-ms 0] [--json]

Wants a broker on 127.0.0.1 (`mosquitto -p PORT`). A talk's first piece is held `HOLD_S` for the jitter of the others.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edgeguard.actuators import Voice, VoiceConfig
from edgeguard.actuators.audio import Pcm
from edgeguard.actuators.catalogue import load_catalogue
from edgeguard.actuators.file_output import FileOutput
from edgeguard.actuators.outputs import Cue
from edgeguard.agent.live import live_jpeg
from edgeguard.agent.talk import Seat, TalkHandler
from edgeguard.contract import Birth, Software, TalkArgs, TalkChunk, TalkCommand, Topics
from edgeguard.journal import Journal
from edgeguard.pipeline.camera import Look
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Playback, Tracks
from edgeguard.uplink import Uplink, UplinkConfig

BOX = Topics("bench", "box")
RATE_HZ, PIECE_S, PIECES = 16_000, 0.04, 25


class Watched(FileOutput):
    """A loudspeaker of a file that remembers when it was given the first word."""

    first_s = 0.0

    def play(self, pcm: Pcm, cue: Cue) -> None:
        if cue.phrase == "live_talk" and not self.first_s:
            self.first_s = time.monotonic()
        super().play(pcm, cue)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--jitter-ms", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {**measure_talk(options.runs, options.port, options.jitter_ms / 1000), **measure_view()}
    print(json.dumps(result) if options.json else "\n".join(f"{name}: {value}" for name, value in result.items()))


def measure_talk(runs: int, port: int, jitter_s: float) -> dict[str, float]:
    """First piece published -> first sample handed to the output; pieces at their pace, each late by chance."""
    took_ms, command_ms, heard_s = [], [], []
    with tempfile.TemporaryDirectory() as folder, _box(Path(folder), port) as (output, ended, sender):
        for number in range(runs):
            ended.clear()
            output.first_s = 0.0
            asked_s = time.monotonic()
            sender.publish(BOX.cmd("talk"), _command(f"t{number}-{time.time_ns()}"), qos=1)
            talk_id = ended.accepted()
            command_ms.append(1000 * (time.monotonic() - asked_s))
            start_s = time.monotonic()
            for piece in range(PIECES):
                due_s = start_s + piece * PIECE_S + (random.uniform(0, jitter_s) if piece else 0)  # noqa: S311
                time.sleep(max(due_s - time.monotonic(), 0))
                chunk = TalkChunk(piece, RATE_HZ, np.full(640, 3000, np.int16), last=piece == PIECES - 1)
                sender.publish(BOX.talk(talk_id), chunk.to_bytes(), qos=0)
            heard_s.append(ended.playback().heard_s or 0.0)
            took_ms.append(1000 * (output.first_s - start_s))
    return {
        "runs": runs,
        "command_to_accepted_p50_ms": round(float(np.percentile(command_ms, 50)), 1),
        "command_to_accepted_p95_ms": round(float(np.percentile(command_ms, 95)), 1),
        "publish_to_output_p50_ms": round(float(np.percentile(took_ms, 50)), 1),
        "publish_to_output_p95_ms": round(float(np.percentile(took_ms, 95)), 1),
        "heard_s_least": round(min(heard_s), 3),
        "sent_s": PIECES * PIECE_S,
    }


class Ended:
    """What the sender hears, and what the voice tells."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.clear()

    def clear(self) -> None:
        self._id: str | None = None
        self._playback: Playback | None = None

    def answer(self, topic: str, payload: bytes) -> None:
        if json.loads(payload)["status"] == "accepted":
            with self._changed:
                self._id = topic.rpartition("/")[2]
                self._changed.notify_all()

    def played(self, playback: Playback) -> None:
        with self._changed:
            self._playback = playback
            self._changed.notify_all()

    def accepted(self) -> str:
        with self._changed:
            self._changed.wait_for(lambda: self._id, 10)
        return self._id or "none"

    def playback(self) -> Playback:
        with self._changed:
            self._changed.wait_for(lambda: self._playback, 10)
        if self._playback is None:
            raise SystemExit("the talk did not end")
        return self._playback


@contextmanager
def _box(folder: Path, port: int) -> Iterator[tuple[Watched, Ended, Client]]:
    output, ended = Watched(folder / "heard.wav"), Ended()

    def over(playback: Playback) -> None:
        seat.played(playback)
        ended.played(playback)

    voice = Voice(VoiceConfig(), load_catalogue(output.rate_hz, ("en",), None), output, over)
    seat = Seat(voice.talk)
    talks = TalkHandler(lambda _: seat)
    config = UplinkConfig(host="127.0.0.1", port=port, insecure_lab=True)
    sender = Client(CallbackAPIVersion.VERSION2)
    sender.on_connect = lambda client, *_: client.subscribe(f"eg1/{BOX.site}/{BOX.box}/cmd_ack/+", qos=1)
    sender.on_message = lambda _client, _data, message: ended.answer(message.topic, bytes(message.payload))
    sender.connect("127.0.0.1", port)
    sender.loop_start()
    with (
        voice,
        Journal(folder / "journal.sqlite3", BOX.site, BOX.box) as journal,
        Uplink(config, journal, _birth, handlers={"talk": talks}, on_talk=talks.piece) as uplink,
    ):
        while not uplink.health.connected:
            time.sleep(0.05)
        time.sleep(0.2)
        yield output, ended, sender
    sender.disconnect()
    sender.loop_stop()


def _birth(bd_seq: int) -> Birth:
    return Birth(software=Software(version="bench"), boot_id="bench", bd_seq=bd_seq)


def _command(command_id: str) -> bytes:
    now = datetime.now(UTC)
    times = {"issued_at": now, "expires_at": now + timedelta(seconds=30)}
    return TalkCommand(id=command_id, by="bench", args=TalkArgs(duration_s=30), **times).to_json()


def measure_view(pictures: int = 100) -> dict[str, float]:
    """One viewed 1280x720 picture of two people: scaled to 640, heads blurred, JPEG, stamped."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (45, 80, 3), np.uint8)
    bgr = cv2.resize(coarse, (1280, 720), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    people = np.array([[200, 100, 420, 700], [700, 80, 930, 700]], np.float32)
    took_ms, sizes = [], []
    for number in range(pictures):
        picture = picture_from_array(bgr, "bgr24")
        frame = Frame("lift-a", number, 0.0, datetime.now(UTC), picture)
        look = Look(frame, Tracks(Detections.empty(), np.zeros(0, np.int64), np.zeros(0, np.float32)))
        start_s = time.thread_time()
        sizes.append(len(live_jpeg(look, people)))
        took_ms.append(1000 * (time.thread_time() - start_s))
    return {"view_cpu_ms": round(float(np.median(took_ms)), 2), "view_kib": round(max(sizes) / 1024, 1)}


if __name__ == "__main__":
    main()
