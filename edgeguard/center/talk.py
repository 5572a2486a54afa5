"""Hold to talk: a browser's microphone into a lift. One voice per lift; a talk ends when anything about it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from edgeguard.center.attachments import CardTalk, TalkResult
from edgeguard.center.cards import Card
from edgeguard.center.hub import CardChanged, Hub
from edgeguard.center.orders import Answers, Orders
from edgeguard.center.store import Store
from edgeguard.center.talk_log import TalkLog
from edgeguard.center.viewer import CameraKey
from edgeguard.contract.commands import Command, CommandAck, CommandStatus, TalkArgs
from edgeguard.contract.talk import TalkChunk
from edgeguard.contract.topics import Topics

RATE_HZ: Final = 16_000
SAMPLE_BYTES: Final = 2
# A box that has not answered by then does not hear us; words older than this would be said to nobody.
ACCEPT_WITHIN_S: Final = 4.0
# A microphone sends all the time: silence on the line means that the browser is gone or asleep.
SILENT_S: Final = 2.0
# After the last chunk the box plays what it has, then says that it is done.
DONE_WITHIN_S: Final = 4.0
# How a box refuses while another center, or another camera's card, has its loudspeaker.
_BUSY, _BUSY_END = "busy: ", " is speaking"


@dataclass(frozen=True, slots=True)
class Hangup:
    """The end of the speech: let go, or lost with its connection."""

    result: TalkResult


Speech = asyncio.Queue["bytes | Hangup"]
Tell = Callable[[dict[str, Any]], Awaitable[None]]
PublishNow = Callable[[str, bytes], bool]
Online = Callable[[str, str], Awaitable[bool]]


@dataclass(slots=True, eq=False)
class _Holder:
    """Whose voice a lift has; `over` is set when it is free again."""

    by: str
    over: asyncio.Event
    ending: bool = False


@dataclass(slots=True)
class _Ending:
    result: TalkResult
    detail: str = ""
    audio_s: float = 0.0


class Talks:
    """On the event loop only."""

    def __init__(
        self,
        store: Store,
        log: TalkLog,
        hub: Hub,
        orders: Orders,
        publish_now: PublishNow,
        online: Online,
        longest_s: float,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._log = log
        self._hub = hub
        self._orders = orders
        self._publish_now = publish_now
        self._online = online
        self._longest_s = longest_s
        self._now = now
        self._holders: dict[CameraKey, _Holder] = {}

    async def run(self, card: Card, by: str, speech: Speech, tell: Tell) -> CardTalk:
        """One talk from the press of the button to its end; every one is stored, the refused too."""
        key = CameraKey(card.site, card.box, card.camera or "")
        args = TalkArgs(camera=card.camera, event_id=card.event_id, duration_s=self._longest_s)
        command = self._orders.make("talk", args, by)
        talk = CardTalk(
            id=command.id, by=by, camera=card.camera, started_at=self._now(), ended_at=None, audio_s=0,
            result="speaking",
        )  # fmt: skip
        holder = self._holders.get(key)
        if holder is not None and not holder.ending:
            return await self._refused(card, talk, _Ending("busy", holder.by), tell)
        if holder is not None:
            await holder.over.wait()
            return await self.run(card, by, speech, tell)
        self._holders[key] = holder = _Holder(by, asyncio.Event())
        try:
            if not await self._online(card.site, card.box):
                return await self._refused(card, talk, _Ending("offline"), tell)
            await asyncio.to_thread(self._log.begin, card, talk, command)
            return await self._held(card, talk, command, _Line(speech, tell, holder))
        finally:
            del self._holders[key]
            holder.over.set()

    async def _refused(self, card: Card, talk: CardTalk, ending: _Ending, tell: Tell) -> CardTalk:
        ended = self._ended(talk, ending)
        await asyncio.to_thread(self._log.begin, card, ended, None)
        await self._show(card.event_id)
        await tell(_told(ended))
        return ended

    async def _held(self, card: Card, talk: CardTalk, command: Command, line: "_Line") -> CardTalk:
        ending = _Ending("lost")
        try:
            await line.tell({"state": "connecting", "longest_s": self._longest_s})
            ending = await self._speak(Topics(card.site, card.box), card, command, line)
        finally:
            # Also when the connection is torn down in the middle: a talk without an end looks like one that goes on.
            ended = self._ended(talk, ending)
            await asyncio.shield(asyncio.to_thread(self._log.end, card.event_id, ended))
            await self._show(card.event_id)
        await line.tell(_told(ended))
        return ended

    async def _speak(self, box: Topics, card: Card, command: Command, line: "_Line") -> _Ending:
        with self._orders.answers(box, command.id) as answers:
            if not self._orders.send(box, "talk", command):
                return _Ending("no_broker")
            sender = _Sender(self._publish_now, box.talk(command.id))
            ending = _Ending("lost")
            try:
                answer = await answers.next(ACCEPT_WITHIN_S)
                if answer is None:
                    return _Ending("no_answer")
                if answer.status is not CommandStatus.ACCEPTED:
                    return _ended_by_box(answer)
                await line.tell({"state": "speaking"})
                await self._show(card.event_id)
                ending = await self._forward(line, sender, answers)
            finally:
                sender.last()
            line.holder.ending = True
            await line.tell({"state": "ending"})
            return await _confirmed(ending, answers, sender.audio_s)

    async def _forward(self, line: "_Line", sender: "_Sender", answers: Answers) -> _Ending:
        """What was said before the box was ready goes first: no word is lost."""
        clock = asyncio.get_running_loop().time
        until_s = clock() + self._longest_s
        while clock() < until_s:
            try:
                piece = await asyncio.wait_for(line.speech.get(), SILENT_S)
            except TimeoutError:
                return _Ending("lost")
            if isinstance(piece, Hangup):
                return _Ending(piece.result)
            answer = answers.last()
            if answer is not None:
                return _ended_by_box(answer)
            if not sender.send(piece):
                return _Ending("no_broker")
        return _Ending("cut_off")

    def _ended(self, talk: CardTalk, ending: _Ending) -> CardTalk:
        changes = {"ended_at": self._now(), "result": ending.result, "detail": ending.detail}
        return talk.model_copy(update={**changes, "audio_s": round(ending.audio_s, 2)})

    async def _show(self, event_id: str) -> None:
        card = await asyncio.to_thread(self._store.refresh, event_id)
        if card is not None:
            self._hub.publish(CardChanged(card))


@dataclass(frozen=True, slots=True)
class _Line:
    """The browser's end of a talk."""

    speech: Speech
    tell: Tell
    holder: _Holder


class _Sender:
    """Numbers the chunks; `audio_s` is what has gone out."""

    def __init__(self, publish_now: PublishNow, topic: str) -> None:
        self._publish_now = publish_now
        self._topic = topic
        self._number = 0
        self._samples = 0

    @property
    def audio_s(self) -> float:
        return self._samples / RATE_HZ

    def send(self, pcm: bytes, *, last: bool = False) -> bool:
        samples = np.frombuffer(pcm, "<i2")
        chunk = TalkChunk(self._number, RATE_HZ, samples.astype(np.int16), last)
        self._number += 1
        self._samples += len(samples)
        return self._publish_now(self._topic, chunk.to_bytes())

    def last(self) -> None:
        self.send(b"", last=True)


def _ended_by_box(answer: CommandAck) -> _Ending:
    """Before the button was let go: the box's own limit, a refusal, or a fault."""
    reason = answer.reason or answer.status
    if answer.status is CommandStatus.REJECTED and reason.startswith(_BUSY):
        return _Ending("busy", reason.removeprefix(_BUSY).removesuffix(_BUSY_END))
    results: dict[CommandStatus, TalkResult] = {CommandStatus.DONE: "cut_off", CommandStatus.FAILED: "failed"}
    return _Ending(results.get(answer.status, "rejected"), reason)


async def _confirmed(ending: _Ending, answers: Answers, audio_s: float) -> _Ending:
    """What the box says at the end: it has played it, or why not."""
    ending.audio_s = audio_s
    if ending.result not in {"spoken", "lost"}:
        return ending
    answer = await answers.next(DONE_WITHIN_S)
    if answer is None:
        return _Ending("unconfirmed" if ending.result == "spoken" else ending.result, "", audio_s)
    result = "failed" if answer.status is CommandStatus.FAILED else ending.result
    return _Ending(result, answer.reason or "", audio_s)


def _told(talk: CardTalk) -> dict[str, Any]:
    return {"state": "ended", "result": talk.result, "detail": talk.detail, "audio_s": talk.audio_s}
