import threading
from datetime import UTC, datetime, timedelta

import pytest

from edgeguard.agent.commands import SpeakHandler
from edgeguard.contract import SpeakArgs, SpeakCommand
from edgeguard.errors import AudioError
from edgeguard.types import Playback, Say, SpeechPriority

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TIMES = {"issued_at": NOW, "expires_at": NOW + timedelta(seconds=30)}


def command(repeat: int = 1) -> SpeakCommand:
    return SpeakCommand(id="cmd-1", by="guard", args=SpeakArgs(phrase="staff_coming", repeat=repeat), **TIMES)


class Lift:
    """A voice whose phrases are over at once."""

    def __init__(self, result: str = "played") -> None:
        self.result = result
        self.said: list[Say] = []
        self.handler = SpeakHandler(self.say)

    def say(self, say: Say) -> bool:
        self.said.append(say)
        playback = Playback(say.phrase, "zh", "memory", NOW, NOW, self.result, event_id=say.event_id, detail="why")
        threading.Thread(target=self.handler.played, args=(playback,)).start()
        return True


def test_answers_when_it_was_heard() -> None:
    lift = Lift()
    assert lift.handler(command(repeat=2)) == "staff_coming played on memory"
    assert [say.priority for say in lift.said] == [SpeechPriority.ESCALATION] * 2


def test_a_phrase_that_nobody_heard_is_a_failure() -> None:
    with pytest.raises(AudioError, match="no_device: why"):
        Lift("no_device").handler(command())


def test_playbacks_of_episodes_are_none_of_its_business() -> None:
    playback = Playback("ebike_leave", "zh", "memory", NOW, NOW, "played", event_id="01HF0000000000000000000000")
    assert not Lift().handler.played(playback)
