"""What a card, the header and the list say, as HTML. Pure functions; every value from outside is escaped here."""

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final, Literal

from edgeguard.center.attachments import CardTalk
from edgeguard.center.cards import Card, CardAck
from edgeguard.center.console import sensor_markup
from edgeguard.center.hub import CommandChanged
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import TEXTS, text, word
from edgeguard.contract.base import rfc3339
from edgeguard.contract.device import CameraHealth, CameraStatus
from edgeguard.contract.event import Action, Place

# Heard, at least in part: how a phrase ended comes with the next step of its episode, which may be half a minute later.
_PLAYED: Final = frozenset({"playing", "played", "interrupted"})


def moment(at: datetime) -> str:
    """A time that the browser writes in its own zone; UTC until then."""
    return f'<time data-at="{rfc3339(at)}">{at:%H:%M:%S}</time>'


def place(language: str, where: Place | None, fallback: str) -> str:
    """Building, unit and lift in the user's language; a part that already says what it is stays as it is."""
    parts = [
        _place_part(language, key, value)
        for key in ("building", "unit", "lift", "gate")
        if where is not None and (value := getattr(where, key))
    ]
    return escape(" · ".join(parts) or fallback)


def card_class(card: Card, *, mine: bool = False) -> str:
    """`mine`: whoever looks has taken it."""
    alarming, taken = " alarming" * card.alarming, " taken" * (card.ack is not None)
    return f"eg-card {card.severity}{alarming}{taken}{' mine' * mine}"


def picture(language: str, card: Card) -> str:
    if card.picture is None:
        why = "no_camera" if card.camera is None else "no_picture"
        return f'<div class="eg-nopic">{text(language, why)}</div>'
    address, name = escape(card.picture), text(language, "picture_of")
    return f'<a href="{address}" target="_blank"><img src="{address}" alt="{name}"></a>'


def live(language: str) -> str:
    """Where a browser draws the live picture over the still one; constant, so that drawing never starts over."""
    show = text(language, "live_show")
    return (
        '<div class="eg-live" data-state="off"><canvas></canvas><span class="eg-livemark" role="status"></span>'
        f'<button type="button" class="eg-livebtn">{show}</button></div>'
    )


def live_mode(card: Card) -> str:
    """auto: the live picture opens by itself; ask: with a click; none: nothing goes on there, or nobody knows where."""
    if card.live:
        return "auto"
    return "none" if card.camera is None or card.state == "ended" else "ask"


def spot(card: Card) -> Literal["lift", "gate", "site"]:
    """What kind of place a voice is heard at: a camera over a yard must not promise a lift."""
    where = card.place
    if card.code.startswith("LIFT.") or (where is not None and where.lift):
        return "lift"
    return "gate" if where is not None and where.gate else "site"


def talk(language: str, where: str) -> str:
    """The button that is held to talk, and what came of it; constant, the browser writes into it. `where`: a `spot`."""
    return (
        f'<button type="button" class="eg-talk" data-state="idle" data-where="{where}"><i class="eg-level"></i>'
        f'<span class="eg-talkwords">{text(language, f"talk_idle_{where}")}</span></button>'
        '<span class="eg-talksaid" role="status"></span>'
    )


def strip(language: str, card: Card) -> str:
    """Before, at, after, and the clip: each opens large with a click."""
    shots = [
        f'<a class="eg-thumb" data-kind="picture" href="{escape(shot.url)}" target="_blank">'
        f'<img loading="lazy" src="{escape(shot.thumb)}" alt="">'
        f"<span>{text(language, f'moment_{shot.moment}')}</span></a>"
        for shot in card.pictures
    ]
    if card.clip is not None:
        shots.append(
            f'<a class="eg-thumb eg-clip" data-kind="clip" href="{escape(card.clip.url)}" target="_blank">'
            f"<b>▶</b><span>{text(language, 'clip')}</span></a>"
        )
    # One still alone is the card's picture already.
    return "".join(shots) if len(shots) > 1 or card.clip is not None else ""


def browser_words(language: str) -> str:
    """The words that the browser's own code shows, by key."""
    names = [key for key in TEXTS if key.startswith(("live", "talk_", "talked_"))]
    return escape(json.dumps({key: text(language, key) for key in names}, ensure_ascii=False))


def facts(language: str, card: Card, *, mine: bool = False) -> str:
    """Everything a card tells in words; `mine`: whoever looks has taken it."""
    camera = f"{card.site} / {card.box}" + (f" / {card.camera}" if card.camera else "")
    sensed = [_line(*line) for line in sensor_markup.lines(language, card)]
    lines = [*sensed, *_voice_lines(language, card), *_talk_lines(language, card), *_ack_lines(language, card)]
    return (
        f'<div class="eg-pills">{_mine(language) if mine else ""}{_pills(language, card)}</div>'
        f'<h2 class="eg-name">{escape(card.name(language))}</h2>'
        f'<p class="eg-place">{place(language, card.place, card.box)}</p>'
        f'<p class="eg-camera">{escape(camera)}</p>'
        f'<p class="eg-times">{moment(card.opened_at)}{_age(language, card)}</p>'
        f"{sensor_markup.timers(language, card)}{sensor_markup.readings(language, card)}"
        f'<ul class="eg-lines">{"".join(lines)}</ul>'
    )


def row(language: str, card: Card) -> str:
    """A line of the list of recent alarms."""
    ending = word(language, "outcome", card.outcome) if card.outcome else text(language, f"phase_{card.state}")
    duration = _duration(card)
    who = _acked(language, card.ack) if card.ack else ""
    if card.late and not card.ack:
        who = text(language, "late")
    notes = " · ".join(escape(_note(language, ack)) for ack in card.acks if ack.note or ack.why)
    return (
        f'<div class="eg-row {card.severity}" data-event="{card.event_id}"><span class="when">{moment(card.opened_at)}'
        f'</span><span class="what">{escape(card.name(language))}</span>'
        f'<span class="where">{place(language, card.place, card.box)}</span>'
        f'<span class="dim eg-num last">{duration}</span><span class="end">{escape(ending)}</span>'
        f'<span class="dim who">{who}{": " if who and notes else ""}{notes}</span>'
        f'<span class="evid">{strip(language, card)}</span></div>'
    )


def rows(language: str, cards: Sequence[Card]) -> str:
    if not cards:
        return f'<div class="eg-rows"><div class="eg-empty">{text(language, "no_recent")}</div></div>'
    return f'<div class="eg-rows">{"".join(row(language, card) for card in cards)}</div>'


def health(language: str, boxes: Sequence[BoxHealth], *, broker: bool) -> str:
    """Lamps for broker, boxes and cameras; behind a click every box with its cameras."""
    cameras = [camera for box in boxes for camera in box.cameras]
    online = sum(box.online for box in boxes)
    well = sum(camera.status is CameraStatus.OK and box.online for box in boxes for camera in box.cameras)
    lamps = (
        _lamp("broker", text(language, "broker_on" if broker else "broker_off"), "" if broker else "bad"),
        _lamp("boxes", text(language, "boxes", online=online, total=len(boxes)), _tone(online, len(boxes))),
        _lamp("cameras", text(language, "cameras", ok=well, total=len(cameras)), _tone(well, len(cameras))),
    )
    items = "".join(_box_item(language, box) for box in boxes) or f"<li>{text(language, 'no_boxes')}</li>"
    return f'<details><summary>{"".join(lamps)}</summary><div class="eg-panel"><ul>{items}</ul></div></details>'


def said(language: str, phrase: str, change: CommandChanged) -> str:
    """How far a phrase has come that this screen asked for."""
    tone = {"done": "ok", "failed": "bad", "rejected": "bad", "expired": "bad"}.get(change.state, "")
    detail = f": {escape(word(language, 'detail', change.detail))}" if change.detail else ""
    name = escape(word(language, "phrase", phrase))
    return f'<span class="{tone}">{word(language, "cmd", change.state)} · {name}{detail}</span>'


def _place_part(language: str, key: str, value: str) -> str:
    return text(language, key).format(value) if len(value) <= 4 and value.isascii() else value


def _pills(language: str, card: Card) -> str:
    ack = card.ack
    pills = [("tone", text(language, f"severity_{card.severity}"))]
    pills.append(("good", text(language, f"state_{ack.kind}")) if ack else ("open", text(language, "state_new")))
    ended = word(language, "outcome", card.outcome) if card.outcome else ""
    state = text(language, f"phase_{card.state}") + (f" · {ended}" if ended else "")
    pills.append(("" if card.state == "active" else "good", state))
    if card.late or card.historical:
        pills.append(("", text(language, "late")))
    return "".join(f'<span class="eg-pill {kind}">{escape(words)}</span>' for kind, words in pills)


def _mine(language: str) -> str:
    return f'<span class="eg-pill mine">{text(language, "mine")}</span>'


def _age(language: str, card: Card) -> str:
    until = f' data-until="{rfc3339(card.ended_at)}"' if card.ended_at else ""
    key = "lasted" if card.ended_at else "since"
    running = f'<time data-since="{rfc3339(card.opened_at)}"{until}>{_duration(card)}</time>'
    return f"<span>{text(language, key)} {running}</span>"


def _duration(card: Card) -> str:
    """mm:ss up to the end, or to the last word while it goes on (the browser counts on from there)."""
    seconds = max(0, int(((card.ended_at or card.updated_at) - card.opened_at).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _voice_lines(language: str, card: Card) -> list[str]:
    """The first and the last two playbacks: what a person asks is whether it spoke, and whether it still does."""
    voice = card.voice
    if not voice:
        return [_line("♪", text(language, "voice_none"))] if card.code.startswith("LIFT.") else []
    shown = voice if len(voice) <= 3 else (voice[0], *voice[-2:])
    return [_voice_line(language, action) for action in shown]


def _voice_line(language: str, action: Action) -> str:
    phrase = escape(word(language, "phrase", action.asset or action.target))
    if action.started_at is not None and action.result in _PLAYED:
        return _line("♪", text(language, "voice_played", time=moment(action.started_at), phrase=phrase), "ok")
    result = escape(action.detail or word(language, "voice", action.result))
    return _line("♪", text(language, "voice_failed", phrase=phrase, result=result), "bad")


def _talk_lines(language: str, card: Card) -> list[str]:
    """The latest three: who spoke, when, and for how long."""
    return [_talk_line(language, one) for one in card.talks[-3:]]


def _talk_line(language: str, one: CardTalk) -> str:
    if one.result == "speaking":
        words, tone = text(language, "talk_now"), "ok"
    else:
        words = text(language, f"talked_{one.result}").format(s=f"{one.audio_s:.1f}", who=one.detail)
        tone = "ok" if one.result in {"spoken", "unconfirmed", "cut_off"} else "bad"
    line = text(language, "talk_line", by=escape(one.by), time=moment(one.started_at), result=escape(words))
    return _line("☎", line, tone)


def _ack_lines(language: str, card: Card) -> list[str]:
    lines = []
    for ack in card.acks:
        note = _note(language, ack)
        lines.append(
            _line("✎" if ack.kind == "note" else "✓", _acked(language, ack) + (f": {escape(note)}" if note else ""))
        )
    return lines


def _acked(language: str, ack: CardAck) -> str:
    what = text(language, "note" if ack.kind == "note" else f"state_{ack.kind}")
    return text(language, "acked_by", by=escape(ack.by), time=moment(ack.at), what=what)


def _note(language: str, ack: CardAck) -> str:
    return " · ".join(part for part in (word(language, "why", ack.why), ack.note) if part)


def _line(icon: str, words: str, tone: str = "") -> str:
    return f'<li class="{tone}" data-icon="{icon}"><span>{words}</span></li>'


def _lamp(name: str, words: str, tone: str) -> str:
    return f'<span class="eg-lamp {tone}" data-lamp="{name}">{words}</span>'


def _tone(good: int, total: int) -> str:
    if total == 0:
        return "none"
    if good == 0:
        return "bad"
    return "" if good == total else "warn"


def _box_item(language: str, box: BoxHealth) -> str:
    cameras = "".join(_camera_item(language, box, camera) for camera in box.cameras)
    state = text(language, "online" if box.online else "offline")
    lamp = _lamp("box", f"{escape(box.site)} / {escape(box.box)}: {state}", "" if box.online else "bad")
    missing = f"<p>{text(language, 'missing_events', n=box.missing)}</p>" if box.missing else ""
    return f"<li>{lamp}{missing}<ul>{cameras}</ul></li>"


def _camera_item(language: str, box: BoxHealth, camera: CameraHealth) -> str:
    status = text(language, f"camera_{camera.status}") if box.online else text(language, "unknown")
    reason = f" ({escape(camera.reason)})" if camera.reason else ""
    tone = {CameraStatus.OK: "", CameraStatus.DEGRADED: "warn"}.get(camera.status, "bad") if box.online else "none"
    return f"<li>{_lamp('camera', f'{escape(camera.camera)}: {status}{reason}', tone)}</li>"
