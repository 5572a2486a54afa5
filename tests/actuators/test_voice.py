import queue
import threading
from dataclasses import replace
from datetime import UTC, datetime, time

import numpy as np
import pytest

from edgeguard.actuators.catalogue import load_catalogue
from edgeguard.actuators.config import QuietHours, VoiceConfig
from edgeguard.actuators.outputs import Cue, MemoryOutput
from edgeguard.actuators.talk import TalkLine
from edgeguard.actuators.voice import Voice, VoiceState
from edgeguard.contract import TalkChunk
from edgeguard.errors import AudioError
from edgeguard.types import Playback, Say, SpeechPriority

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WARN = Say("ebike_leave", SpeechPriority.WARNING, "e1")
ESCALATE = Say("ebike_escalate", SpeechPriority.ESCALATION, "e1")
INFORM = Say("test", SpeechPriority.INFORMATION, "e2")
SPOKEN = Cue("live_talk", "")
CATALOGUE = load_catalogue(24_000, ("zh", "en"))


class Desk:
    """A voice on a memory output, and its records."""

    def __init__(self, output: MemoryOutput | None, **config: object) -> None:
        self.records: queue.SimpleQueue[Playback] = queue.SimpleQueue()
        settings = VoiceConfig.model_validate({"timezone": "UTC", **config})
        self.voice = Voice(settings, CATALOGUE, output, self.records.put, now=lambda: NOON)

    def next(self) -> Playback:
        return self.records.get(timeout=10)


def test_plays_every_language_once_with_one_chime() -> None:
    output = MemoryOutput()
    desk = Desk(output)
    with desk.voice:
        assert desk.voice.say(WARN)
        record = desk.next()
    assert (record.result, record.language, record.event_id) == ("played", "zh+en", "e1")
    assert record.request_to_audio_ms is not None
    zh, en = (CATALOGUE["ebike_leave"].clips[language] for language in ("zh", "en"))
    np.testing.assert_array_equal(output.heard(), np.concatenate([zh.pcm, en.pcm[en.speech_from :]]))


def test_one_language_where_asked_for() -> None:
    output = MemoryOutput()
    desk = Desk(output)
    with desk.voice:
        desk.voice.say(replace(WARN, language="en"))
        assert desk.next().language == "en"
    np.testing.assert_array_equal(output.heard(), CATALOGUE["ebike_leave"].clips["en"].pcm)
    with pytest.raises(AudioError, match="ebike_leave: met language 'fr', accepted: zh, en"):
        desk.voice.say(replace(WARN, language="fr"))


def test_tells_when_the_first_sample_is_out() -> None:
    started: queue.SimpleQueue[Playback] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Playback] = queue.SimpleQueue()
    settings = VoiceConfig(timezone="UTC")
    voice = Voice(settings, CATALOGUE, MemoryOutput(), ended.put, now=lambda: NOON, on_started=started.put)
    with voice:
        voice.say(WARN)
        first, last = started.get(timeout=10), ended.get(timeout=10)
    assert (first.result, first.ended_at, first.started_at) == ("playing", None, NOON)
    assert (last.result, last.started_at) == ("played", NOON)
    assert started.empty()


def test_volume_is_applied() -> None:
    output = MemoryOutput()
    desk = Desk(output, volume_db=-20, languages=["en"])
    with desk.voice:
        desk.voice.say(WARN)
        desk.next()
    assert abs(int(output.heard().max()) * 10 - int(CATALOGUE["ebike_leave"].clips["en"].pcm.max())) <= 10


@pytest.mark.parametrize(
    ("first", "second", "results"),
    [
        pytest.param(INFORM, WARN, [("test", "interrupted"), ("ebike_leave", "played")], id="higher cuts in"),
        pytest.param(WARN, ESCALATE, [("ebike_leave", "interrupted"), ("ebike_escalate", "played")], id="escalation"),
        pytest.param(WARN, INFORM, [("ebike_leave", "played"), ("test", "played")], id="lower waits"),
        pytest.param(WARN, WARN, [("ebike_leave", "played"), ("ebike_leave", "played")], id="equal waits"),
    ],
)
def test_priorities(first: Say, second: Say, results: list[tuple[str, str]]) -> None:
    permits = threading.Semaphore(0)
    output = MemoryOutput(permits=permits)
    desk = Desk(output, languages=["en"])
    with desk.voice:
        desk.voice.say(first)
        until_taken(desk.voice)
        desk.voice.say(second)
        permits.release(10_000)
        records = [desk.next(), desk.next()]
    assert [(record.phrase, record.result) for record in records] == results
    phrases = [cue.phrase for cue, _ in output.played]
    assert phrases == sorted(phrases, key=[first.phrase, second.phrase].index)  # never two at once
    if records[0].result == "interrupted":
        assert phrases.count(first.phrase) == 1  # the next chunk was the other's


def until_taken(voice: Voice) -> None:
    """Wait until nothing waits: the request is being played."""
    for _ in range(1000):
        if voice.health().waiting == 0:
            return
        threading.Event().wait(0.005)
    pytest.fail("the voice took nothing in 5 s")


def test_the_same_waiting_request_is_not_queued_twice() -> None:
    desk = Desk(MemoryOutput())
    assert [desk.voice.say(WARN), desk.voice.say(WARN), desk.voice.say(ESCALATE)] == [True, False, True]


def test_hush_stops_what_plays_and_what_waits_of_that_episode_only() -> None:
    permits = threading.Semaphore(0)
    desk = Desk(MemoryOutput(permits=permits), languages=["en"])
    with desk.voice:
        desk.voice.say(WARN)
        until_taken(desk.voice)
        desk.voice.say(WARN)
        desk.voice.say(INFORM)
        desk.voice.hush("e1")
        permits.release(10_000)
        records = [desk.next() for _ in range(3)]
    assert [(r.phrase, r.result) for r in records] == [
        ("ebike_leave", "interrupted"),
        ("ebike_leave", "interrupted"),
        ("test", "played"),
    ]
    assert records[0].started_at is None


def test_live_talk_cuts_in_and_ignores_quiet_hours() -> None:
    output = MemoryOutput()
    hours = QuietHours(start=time(11), end=time(13), phrases=frozenset())
    desk = Desk(output, quiet_hours=[hours])
    tone = (8000 * np.sin(np.arange(4800) * 0.2)).astype(np.int16)
    line = TalkLine("guard", 10)
    with desk.voice:
        line.put(TalkChunk(0, 16_000, tone, last=True))
        desk.voice.talk(line)
        record = desk.next()
    assert (record.phrase, record.result, record.by, record.detail) == ("live_talk", "played", "guard", "")
    assert len(output.heard(SPOKEN)) == pytest.approx(7200, abs=64)
    assert record.heard_s == pytest.approx(0.3, abs=0.01)


def test_a_person_cuts_into_a_phrase_within_one_chunk_and_it_does_not_come_back() -> None:
    permits = threading.Semaphore(0)
    output = MemoryOutput(permits=permits)
    desk = Desk(output, languages=["en"])
    line = TalkLine("guard", 10)
    with desk.voice:
        desk.voice.say(WARN)
        until_taken(desk.voice)
        line.put(TalkChunk(0, 24_000, np.full(2400, 500, np.int16), last=True))
        desk.voice.talk(line)
        desk.voice.say(WARN)  # the repeat rule goes on while the person speaks
        desk.voice.say(ESCALATE)
        permits.release(10_000)
        records = [desk.next() for _ in range(4)]
    told = [(record.phrase, record.result, record.detail) for record in records]
    assert told == [
        ("ebike_leave", "interrupted", "by something more urgent, after 0.0 s"),
        ("live_talk", "played", ""),
        ("ebike_leave", "interrupted", "somebody spoke instead"),
        ("ebike_escalate", "played", ""),
    ]
    warned = output.heard(Cue("ebike_leave", "en", "e1"))
    assert len(warned) <= 0.1 * 24_000


def test_a_person_goes_on_speaking_when_their_episode_is_over() -> None:
    output = MemoryOutput()
    desk = Desk(output)
    line = TalkLine("guard", 10, "e1")
    with desk.voice:
        desk.voice.talk(line)
        until_taken(desk.voice)
        desk.voice.hush("e1")
        line.put(TalkChunk(0, 24_000, np.full(2400, 500, np.int16), last=True))
        record = desk.next()
    assert (record.result, record.event_id) == ("played", "e1")


@pytest.mark.parametrize("unplugged", [False, True])
def test_a_talk_that_nobody_hears(unplugged: bool) -> None:
    output = MemoryOutput()
    desk = Desk(output)
    if unplugged:
        output.unplug("no sound card")
    line = TalkLine("guard", 10)
    with desk.voice:
        line.put(TalkChunk(0, 24_000, np.zeros(0, np.int16), last=True))
        desk.voice.talk(line)
        record = desk.next()
    assert (record.result, record.detail) == (
        ("no_device", "no sound card") if unplugged else ("failed", "nothing was said")
    )
    assert (record.started_at, record.request_to_audio_ms, record.heard_s) == (None, None, 0)


@pytest.mark.parametrize(
    ("hours", "phrase", "result"),
    [
        pytest.param([], WARN, "played", id="none"),
        pytest.param([{"start": "11:00", "end": "13:00"}], WARN, "played", id="quieter"),
        pytest.param([{"start": "11:00", "end": "13:00", "phrases": ["test"]}], WARN, "quiet", id="refused"),
        pytest.param([{"start": "22:00", "end": "12:00", "phrases": []}], WARN, "played", id="the end is outside"),
        pytest.param([{"start": "22:00", "end": "12:01", "phrases": []}], WARN, "quiet", id="over midnight"),
        pytest.param([], Say("ebike_thanks", SpeechPriority.INFORMATION), "quiet", id="on request only"),
    ],
)
def test_quiet_hours(hours: list[dict[str, object]], phrase: Say, result: str) -> None:
    output = MemoryOutput()
    desk = Desk(output, languages=["en"], quiet_hours=hours)
    with desk.voice:
        desk.voice.say(phrase)
        record = desk.next()
    assert record.result == result
    assert bool(output.played) is (result == "played")


def test_no_device_is_told_and_found_again() -> None:
    output = MemoryOutput()
    output.unplug("no sound card")
    desk = Desk(output, languages=["en"])
    with desk.voice:
        desk.voice.say(WARN)
        record = desk.next()
        assert (record.result, record.detail, record.started_at) == ("no_device", "no sound card", None)
        assert (desk.voice.health().state, desk.voice.health().reason) == (VoiceState.NO_DEVICE, "no sound card")
        output.plug()
        desk.voice.say(WARN)
        assert desk.next().result == "played"
        assert desk.voice.health().state is VoiceState.OK


def test_unplugged_within_a_phrase() -> None:
    permits = threading.Semaphore(3)
    output = MemoryOutput(permits=permits)
    desk = Desk(output, languages=["en"])
    with desk.voice:
        desk.voice.say(WARN)
        while len(output.played) < 3:
            threading.Event().wait(0.005)
        output.unplug("pulled out")
        permits.release()
        record = desk.next()
    assert (record.result, record.detail) == ("failed", "pulled out")
    assert record.started_at is not None


def test_without_an_output() -> None:
    desk = Desk(None)
    with desk.voice:
        desk.voice.say(WARN)
        assert desk.next().result == "no_device"
        assert desk.voice.health().state is VoiceState.OFF


def test_leaving_reports_what_was_not_said() -> None:
    desk = Desk(MemoryOutput())
    desk.voice.say(WARN)
    desk.voice.stop()
    desk.voice.run()
    assert (desk.next().result, desk.voice.health().state) == ("interrupted", VoiceState.STOPPED)


def test_unknown_phrase_is_refused_at_once() -> None:
    with pytest.raises(AudioError, match=r"no phrase 'ebike_go'; accepted: .*ebike_leave"):
        Desk(None).voice.say(Say("ebike_go", SpeechPriority.WARNING))
