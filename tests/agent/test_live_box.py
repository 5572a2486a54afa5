"""View and talk through the whole box: a drawn camera, a real broker, a voice in memory or in a file."""

import json
import time
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.actuators import Voice
from edgeguard.actuators.outputs import Cue, MemoryOutput
from edgeguard.agent.box import Box
from edgeguard.contract import CommandAck, TalkArgs, TalkChunk, TalkCommand, Topics, ViewArgs, ViewCommand
from edgeguard.contract.moment import captured_at
from tests.agent.test_box import EBIKE, events, settings
from tests.conftest import MakeModel
from tests.support.boxes import running_box
from tests.support.mosquitto import Listener, Mosquitto, wait_for

BOX = Topics("hz", "box-1")
PERSON = np.array([[[8, 8, 40, 56, 0.9, 0]]], np.float32)
NOTHING = np.zeros((1, 1, 6), np.float32)
RATE_HZ = 16_000


def speech(seconds: float) -> NDArray[np.int16]:
    """Noise in the band of a voice: it correlates with itself at one place only."""
    noise = np.random.default_rng(4).normal(size=round(seconds * RATE_HZ))
    smooth = np.convolve(noise, np.ones(6) / 6, "same")
    pcm: NDArray[np.int16] = (smooth / np.abs(smooth).max() * 12_000).astype(np.int16)
    return pcm


def talk(command_id: str, by: str = "guard", life_s: float = 60, **args: Any) -> bytes:
    now = datetime.now(UTC)
    times = {"issued_at": now - timedelta(seconds=90), "expires_at": now + timedelta(seconds=life_s)}
    return TalkCommand(id=command_id, by=by, args=TalkArgs(**args), **times).to_json()


def view(command_id: str, **args: Any) -> bytes:
    now = datetime.now(UTC)
    times = {"issued_at": now, "expires_at": now + timedelta(seconds=60)}
    return ViewCommand(id=command_id, by="guard", args=ViewArgs(**({"camera": "lift-a"} | args)), **times).to_json()


def answers(listener: Listener, command_id: str) -> list[tuple[str, str | None]]:
    acks = [CommandAck.from_json(payload) for payload in listener.on(f"cmd_ack/{command_id}")]
    return [(ack.status.value, ack.reason) for ack in acks]


def accepted(listener: Listener, command_id: str) -> None:
    wait_for(lambda: answers(listener, command_id), f"the answer to {command_id}")
    assert answers(listener, command_id)[0][0] == "accepted"


def over(listener: Listener, command_id: str) -> tuple[str, str | None]:
    wait_for(lambda: len(answers(listener, command_id)) == 2, f"the end of {command_id}")
    return answers(listener, command_id)[1]


def say(listener: Listener, command_id: str, pcm: NDArray[np.int16], piece_s: float = 0.04, pace: bool = False) -> None:
    step = round(piece_s * RATE_HZ)
    starts = range(0, len(pcm), step)
    for number, start in enumerate(starts):
        chunk = TalkChunk(number, RATE_HZ, pcm[start : start + step], last=number == len(starts) - 1)
        listener.publish(BOX.talk(command_id), chunk.to_bytes())
        if pace:
            time.sleep(piece_s)


def output_of(box: Box) -> MemoryOutput:
    voice: Voice = box.services.plan.station().voice
    link = voice._link
    assert link is not None
    assert isinstance(link.output, MemoryOutput)
    return link.output


def born(listener: Listener) -> None:
    wait_for(lambda: bool(listener.on("/birth")), "the birth")


def match(heard: NDArray[np.int16], said: NDArray[np.int16]) -> tuple[int, float]:
    """(offset in samples, correlation 0..1) of the best place."""
    a, b = heard.astype(np.float64), said.astype(np.float64)
    size = len(a) + len(b)
    found = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)[: max(len(a) - len(b), 0) + 1]
    offset = int(found.argmax())
    window = a[offset : offset + len(b)]
    return offset, float(found[offset] / (np.linalg.norm(window) * np.linalg.norm(b) + 1e-9))


def test_a_person_is_heard_whole_and_told_in_the_event(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(EBIKE), broker.port)
    site["voice"]["output"]["rate_hz"] = RATE_HZ
    with running_box(site) as box:
        wait_for(lambda: bool(events(listener)), "the episode")
        event_id = events(listener)[0].data.event_id
        listener.publish(BOX.cmd("talk"), talk("t1", event_id=event_id, camera="lift-a"))
        accepted(listener, "t1")
        said = speech(0.8)
        say(listener, "t1", said)
        assert over(listener, "t1") == ("done", "0.8 s heard")
        heard = output_of(box).heard(Cue("live_talk", "", event_id))
        wait_for(lambda: told(listener, event_id) != [], "the talk in the event")
    np.testing.assert_array_equal(heard, said)  # no gap, no piece twice, the level as it was sent
    action = told(listener, event_id)[-1]
    assert (action.target, action.result, action.detail) == ("memory", "played", "guard: 0.8 s heard")
    assert action.started_at is not None
    assert action.ended_at is not None


def told(listener: Listener, event_id: str) -> list[Any]:
    mine = [event for event in events(listener) if event.data.event_id == event_id]
    return [action for event in mine for action in event.data.actions if action.type == "talk" and action.ended_at]


def test_it_cuts_into_the_phrase_and_is_heard_soon(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(EBIKE), broker.port)
    path = tmp_path / "heard.wav"
    site["voice"]["output"] = {"kind": "file", "path": str(path), "rate_hz": RATE_HZ}
    said = speech(1.0)
    with running_box(site):
        wait_for(lambda: any(event.data.actions for event in events(listener)), "the phrase")
        listener.publish(BOX.cmd("talk"), talk("t1"))
        accepted(listener, "t1")
        sent_at = datetime.now(UTC)
        say(listener, "t1", said, pace=True)
        assert over(listener, "t1")[0] == "done"
    with wave.open(str(path)) as wav:
        heard = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    cues = [json.loads(line) for line in path.with_name("heard.wav.jsonl").read_text().splitlines()]
    assert [cue["phrase"] for cue in cues][:3] == ["ebike_leave", "talk_opens", "live_talk"]
    opened, spoken = cues[1], cues[2]
    first = said[: round(0.3 * RATE_HZ)]
    offset, correlation = match(heard, first)
    assert correlation > 0.95
    assert offset / RATE_HZ == pytest.approx(spoken["offset_s"], abs=0.01)
    window = heard[offset : offset + len(first)].astype(np.float64)
    assert np.sqrt(np.mean(window**2)) == pytest.approx(np.sqrt(np.mean(first.astype(np.float64) ** 2)), rel=0.1)
    # From the moment somebody has the word the lift is silent but for them.
    silence = heard[round(opened["offset_s"] * RATE_HZ) : offset]
    assert not silence.any()
    latency_s = (datetime.fromisoformat(spoken["started_at"]) - sent_at).total_seconds()
    assert latency_s < 2.0


def test_one_person_at_a_time(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener) -> None:
    with running_box(settings(tmp_path, make_model(NOTHING), broker.port)):
        born(listener)
        listener.publish(BOX.cmd("talk"), talk("t1", by="Zhang"))
        accepted(listener, "t1")
        listener.publish(BOX.cmd("talk"), talk("t2", by="Li", camera="lift-a"))
        listener.publish(BOX.cmd("talk"), talk("t3", camera="lift-z"))
        wait_for(lambda: answers(listener, "t3"), "the refusals")
        assert answers(listener, "t2") == [("rejected", "busy: Zhang is speaking")]
        assert answers(listener, "t3") == [("rejected", "this box has no camera 'lift-z'")]
        say(listener, "t1", speech(0.2))
        assert over(listener, "t1")[0] == "done"
        listener.publish(BOX.cmd("talk"), talk("t4", by="Li"))
        accepted(listener, "t4")
        assert over(listener, "t4") == ("failed", "failed: no sound came for 2 s")


def test_what_is_no_speech_is_dropped_and_counted(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with running_box(settings(tmp_path, make_model(NOTHING), broker.port)) as box:
        born(listener)
        listener.publish(BOX.cmd("talk"), talk("late", life_s=-1))
        wait_for(lambda: answers(listener, "late"), "the expiry")
        assert answers(listener, "late")[0][0] == "expired"
        listener.publish(BOX.talk("late"), TalkChunk(0, RATE_HZ, speech(0.1)).to_bytes())
        listener.publish(BOX.cmd("talk"), talk("t1"))
        accepted(listener, "t1")
        for payload in (b"", b"\x02" + bytes(9), b"\x01\x00" + bytes(7), bytes(200_000)):
            listener.publish(BOX.talk("t1"), payload)
        listener.publish(BOX.talk("t1"), TalkChunk(0, RATE_HZ, speech(0.1)).to_bytes())
        say(listener, "t1", speech(0.2))
        assert over(listener, "t1")[0] == "done"
        dropped = box.services.talks.dropped
        assert (dropped["unknown"], dropped["malformed"]) == (1, 4)
        assert dropped["duplicate"] + dropped["late"] == 1


def test_a_broker_that_goes_away_ends_the_talk_and_the_answer_comes_later(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    with running_box(settings(tmp_path, make_model(NOTHING), broker.port)):
        born(listener)
        listener.publish(BOX.cmd("talk"), talk("t1"))
        accepted(listener, "t1")
        listener.publish(BOX.talk("t1"), TalkChunk(0, RATE_HZ, speech(0.4)).to_bytes())
        time.sleep(0.3)
        broker.kill()
        time.sleep(2.5)
        broker.start()
        assert over(listener, "t1") == ("done", "0.4 s heard; no sound came for 2 s")


def test_without_a_loudspeaker(tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener) -> None:
    site = settings(tmp_path, make_model(NOTHING), broker.port)
    site["voice"]["output"] = {"kind": "none"}
    with running_box(site):
        born(listener)
        listener.publish(BOX.cmd("talk"), talk("t1"))
        assert over(listener, "t1") == ("failed", "no_device: configured without an output")


def frames(listener: Listener, camera: str = "lift-a") -> list[bytes]:
    return listener.on(f"/view/{camera}")


def shown(jpeg: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.mark.parametrize("blur", [True, False])
def test_a_viewed_camera_sends_fresh_pictures_with_blurred_heads_and_ends(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener, blur: bool
) -> None:
    site = settings(tmp_path, make_model(PERSON), broker.port, noise_luma=40)
    site["privacy"] = {"blur_heads": blur}
    with running_box(site):
        born(listener)
        wait_for(lambda: bool(listener.on("/cam/lift-a/health")), "the camera")
        listener.publish(BOX.cmd("view"), view("v1", duration_s=1.5, rate_hz=1))
        accepted(listener, "v1")
        listener.publish(BOX.cmd("view"), view("v2", duration_s=2.5, rate_hz=8))
        status, told = over(listener, "v2")
        assert answers(listener, "v1")[1][0] == "done"
        count = len(frames(listener))
        time.sleep(0.5)
        assert len(frames(listener)) == count
    assert (status, told) == ("done", told)
    assert 8 <= count <= 24
    moments = [captured_at(jpeg) for jpeg in frames(listener)]
    assert all(moment is not None for moment in moments)
    assert len(set(moments)) == count  # each picture once
    picture = shown(frames(listener)[-1]).astype(np.float64)
    height, width = picture.shape[:2]
    assert width <= 640
    assert max(map(len, frames(listener))) <= 128 * 1024
    # The person covers x 8..40, y 8..56 of 64: noise survives in the feet and not in the head.
    head = picture[int(height * 10 / 64) : int(height * 20 / 64), int(width * 14 / 64) : int(width * 34 / 64)]
    detail = np.abs(np.diff(head.mean(axis=2), axis=1)).mean()
    feet = picture[int(height * 46 / 64) : int(height * 54 / 64), int(width * 14 / 64) : int(width * 34 / 64)]
    assert (detail < 0.3 * np.abs(np.diff(feet.mean(axis=2), axis=1)).mean()) == blur


def test_a_view_of_a_blind_camera_says_so(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(NOTHING), broker.port)
    site["cameras"].append(
        site["cameras"][0] | {"id": "dead", "source": {"kind": "rtsp", "url": "rtsp://127.0.0.1:9/cam"}}
    )
    with running_box(site):
        born(listener)
        listener.publish(BOX.cmd("view"), view("v1", camera="dead"))
        listener.publish(BOX.cmd("view"), view("v2", camera="lift-z"))
        wait_for(lambda: answers(listener, "v1") and answers(listener, "v2"), "the answers")
    assert answers(listener, "v1")[0][0] == "rejected"
    assert "camera dead is blind" in (answers(listener, "v1")[0][1] or "")
    assert answers(listener, "v2") == [("rejected", "this box has no camera 'lift-z'")]
    assert not frames(listener, "dead")


def test_a_recording_that_ends_is_not_shown_for_ever(
    tmp_path: Path, make_model: MakeModel, broker: Mosquitto, listener: Listener
) -> None:
    site = settings(tmp_path, make_model(NOTHING), broker.port, duration_s=3)
    site["cameras"].append(site["cameras"][0] | {"id": "other", "source": {"kind": "synthetic"}})
    with running_box(site):
        born(listener)
        listener.publish(BOX.cmd("view"), view("v1", duration_s=60))
        status, reason = over(listener, "v1")
    assert status == "failed"
    assert "the recording ended" in (reason or "")
    assert frames(listener)
