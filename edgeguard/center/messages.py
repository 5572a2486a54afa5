"""What people and platforms are told of an alarm: JSON for programs, one line for people."""

import json
from datetime import datetime

from edgeguard.center.cards import Card
from edgeguard.center.routes import PlaceEntry, Rule
from edgeguard.center.texts import text
from edgeguard.contract.base import rfc3339

# Who reads it on a telephone sees the first part only: what, where, when.
SMS_LETTERS = 200


def body_of(card: Card, rule: Rule, step: int, place: PlaceEntry, recipient: str, now: datetime) -> str:
    """The webhook's JSON; fields are only ever added."""
    asked = rule.steps[step]
    facts = card.model_dump(
        mode="json",
        include={
            *(
                "event_id",
                "code",
                "name_zh",
                "name_en",
                "severity",
                "state",
                "site",
                "box",
                "camera",
                "place",
                "sensors",
            ),
            *("opened_at", "received_at", "timers"),
        },
    )
    told = {
        "version": 1,
        "at": rfc3339(now),
        "rule": rule.name,
        "step": step,
        "why": f"missed {asked.missed}" if asked.missed else f"after {asked.after_s:g} s",
        "level": asked.level,
        "place": {"id": place.id, "level": place.level, "name": place.name},
        "to": recipient,
        "alarm": facts,
    }
    return json.dumps(told, ensure_ascii=False)


def text_of(card: Card, rule: Rule, step: int, place: PlaceEntry, language: str) -> str:
    """One line: what, where, when, and why it comes now."""
    asked = rule.steps[step]
    where = card.place
    spots = [getattr(where, key) for key in ("building", "unit", "lift", "gate")] if where else []
    parts = [place.name, *(spot for spot in spots if spot), card.sensor or card.camera or ""]
    # Of the wall clock there, which the center does not know: the reader hears the age and looks at the page.
    line = text(
        language,
        "sms_missed" if asked.missed else "sms_alarm",
        name=card.name(language),
        where=" ".join(part for part in parts if part),
        at=f"{card.opened_at:%m-%d %H:%M:%S}Z",
        goal=text(language, f"goal_{asked.missed}") if asked.missed else "",
    )
    return line[:SMS_LETTERS]
