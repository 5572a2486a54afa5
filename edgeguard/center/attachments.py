"""What hangs on an alarm besides its events: pictures, a clip, and what people said into the lift."""

from collections.abc import Collection, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from edgeguard.center.sla import CardTimer
from edgeguard.contract.base import Timestamp

Moment = Literal["before", "at", "after"]
# The number of `picture/{event_id}/{n}` that shows each moment, in the order they are looked at.
MOMENTS: Final[dict[Moment, int]] = {"before": 2, "at": 1, "after": 3}
CLIP: Final = "clip.mp4"
# Every file a box may upload, with what it must be.
MEDIA_TYPES: Final = {CLIP: "video/mp4", **{f"{moment}.jpg": "image/jpeg" for moment in MOMENTS}}
KINDS: Final = {"video/mp4": "clip", "image/jpeg": "picture"}

TalkResult = Literal[
    "speaking", "spoken", "unconfirmed", "cut_off", "lost", "failed", "rejected", "no_answer", "no_broker", "offline",
    "busy",
]  # fmt: skip


class CardTalk(BaseModel):
    """Somebody spoke, or tried to: `audio_s` is what was sent to the lift, `detail` the box's own words."""

    model_config = ConfigDict(frozen=True)

    id: str
    by: str
    camera: str | None
    started_at: Timestamp
    ended_at: Timestamp | None
    audio_s: float
    result: TalkResult
    detail: str = ""


class CardNotice(BaseModel):
    """Somebody was told, or is to be: by which step of the routes, at which level."""

    model_config = ConfigDict(frozen=True)

    name: str
    level: str
    step: int
    state: Literal["waiting", "sent", "given_up"]
    created_at: Timestamp
    sent_at: Timestamp | None = None
    detail: str = ""


class CardPicture(BaseModel):
    """A still: `thumb` comes with the alarm, `url` is the best there is (the uploaded one, else the same)."""

    model_config = ConfigDict(frozen=True)

    moment: Moment
    thumb: str
    url: str


class CardClip(BaseModel):
    """An uploaded video."""

    model_config = ConfigDict(frozen=True)

    url: str
    media_type: str
    size_bytes: int


class Attached(BaseModel):
    """All of it, for one card; `numbers` are the pictures that came by MQTT."""

    model_config = ConfigDict(frozen=True)

    numbers: tuple[int, ...] = ()
    files: dict[str, int] = {}  # name: bytes
    talks: tuple[CardTalk, ...] = ()
    timers: tuple[CardTimer, ...] = ()
    notices: tuple[CardNotice, ...] = ()

    def pictures(self, event_id: str) -> tuple[CardPicture, ...]:
        """Before, at, after: those that are there."""
        found = []
        for moment, number in MOMENTS.items():
            by_mqtt = picture_url(event_id, number) if number in self.numbers else None
            uploaded = evidence_url(event_id, f"{moment}.jpg") if f"{moment}.jpg" in self.files else None
            if by_mqtt or uploaded:
                thumb = by_mqtt or uploaded or ""
                found.append(CardPicture(moment=moment, thumb=thumb, url=uploaded or thumb))
        return tuple(found)

    def picture(self, event_id: str) -> str | None:
        """The one to show first: at the confirmation, else the lowest number there is."""
        at = next((picture.thumb for picture in self.pictures(event_id) if picture.moment == "at"), None)
        return at or _first(event_id, self.numbers) or next((shot.thumb for shot in self.pictures(event_id)), None)

    def clip(self, event_id: str) -> CardClip | None:
        size_bytes = self.files.get(CLIP)
        if size_bytes is None:
            return None
        return CardClip(url=evidence_url(event_id, CLIP), media_type=MEDIA_TYPES[CLIP], size_bytes=size_bytes)


def picture_url(event_id: str, number: int) -> str:
    return f"/api/pictures/{event_id}/{number}.jpg"


def evidence_url(event_id: str, name: str) -> str:
    return f"/api/evidence/{event_id}/{name}"


def speaking(talks: Sequence[CardTalk]) -> CardTalk | None:
    """Who speaks into the lift right now."""
    return next((talk for talk in reversed(talks) if talk.result == "speaking"), None)


def _first(event_id: str, numbers: Collection[int]) -> str | None:
    return picture_url(event_id, min(numbers)) if numbers else None
