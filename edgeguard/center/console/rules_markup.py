"""What each camera watches for: a row for each rule, and the form that writes the site file's lines, as HTML."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any
from urllib.parse import quote

from edgeguard.center.console import markup
from edgeguard.center.console.conduct_markup import rule_name
from edgeguard.center.rule_words import RuleKey, RuleWord
from edgeguard.center.snippet import DAYS, Wish, WishedWindow, in_file
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text
from edgeguard.contract.device import ArmedWindow, CameraInfo, RuleInfo, RuleValues

_TONES = {"sending": "", "done": "ok"}
# The form can ask for so long, in hours; a rule may allow less.
_HOURS = (1, 4, 8, 24, 72)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows. `word_of`: what became of the latest try to set a rule; `may`: who looks may set them."""

    language: str
    word_of: Callable[[RuleKey], RuleWord | None]
    may: bool

    def all(self, boxes: Sequence[BoxHealth]) -> str:
        """Of every box that tells what it watches for."""
        told = "".join(self._box(box) for box in boxes if box.birth and any(one.rules for one in box.birth.cameras))
        hint = text(self.language, "rules_hint_may" if self.may else "rules_hint_see")
        return f"<h2>{text(self.language, 'rules')}</h2><p class=hint>{hint}</p>" + (
            told or f"<p class=hint>{text(self.language, 'rules_none')}</p>"
        )

    def _box(self, box: BoxHealth) -> str:
        birth = box.birth
        if birth is None:
            return ""
        away = "" if box.online else f" <b class=pill>{text(self.language, 'box_offline')}</b>"
        lost = birth.settings_lost and text(self.language, "rule_lost", why=escape(birth.settings_lost))
        told = f"<p class=no role=alert>{lost}</p>" if lost else ""
        rows = "".join(self._camera(box, camera) for camera in birth.cameras if camera.rules)
        return f"<h3>{escape(box.site)} / {escape(box.box)}{away}</h3>{told}{rows}"

    def _camera(self, box: BoxHealth, camera: CameraInfo) -> str:
        where = markup.place(self.language, camera.place, "")
        title = f"{escape(camera.label or camera.id)} <small>{escape(camera.id) if camera.label else where}</small>"
        rows = "".join(self._rule(box, camera, number) for number in range(len(camera.rules)))
        return f"<section class=watches><h4>{title}</h4>{rows}</section>"

    def _rule(self, box: BoxHealth, camera: CameraInfo, number: int) -> str:
        rule, language = camera.rules[number], self.language
        able = self.may and bool(rule.settable)
        facts = "".join(
            f"<div><dt>{text(language, key)}</dt><dd>{value}</dd></div>" for key, value in self._facts(rule)
        )
        told = f' data-rule="{escape(json.dumps(_told(box, camera, rule), ensure_ascii=False))}"' if able else ""
        return (
            f'<article class="watch{"" if rule.on else " off"}"{told}>{self._switch(box, rule, able=able)}'
            f"<p class=what><b>{rule_name(language, rule.kind)}</b> <small>{escape(rule.zone)}</small></p>"
            f"<dl>{facts}</dl><div class=state>{self._state(rule)}{self._word(box, camera, rule)}</div>"
            f"<p class=acts>{self._buttons(box, camera, number, able=able)}</p></article>"
        )

    def _switch(self, box: BoxHealth, rule: RuleInfo, *, able: bool) -> str:
        language, disabled = self.language, "" if able and box.online else " disabled"
        words = text(language, "rule_on" if rule.on else "rule_is_off")
        name = f"{rule_name(language, rule.kind)} {escape(rule.zone)}"
        return (
            f"<button type=button class=switch role=switch aria-checked={'true' if rule.on else 'false'}{disabled}"
            f' data-switch aria-label="{name}"><i></i><span>{words}</span></button>'
        )

    def _facts(self, rule: RuleInfo) -> Iterator[tuple[str, str]]:
        """Schedule, sensitivity and duration, where the rule has them; what the file says where that is another."""
        file, changed = in_file(rule), () if rule.override is None else rule.override.fields
        yield "rule_armed", self._value("armed" in changed, armed(self.language, rule), armed(self.language, file))
        if rule.dwell_s is None:
            return
        score, other = _score(self.language, rule), _score(self.language, file)
        yield "rule_min_score", self._value("min_score" in changed, score, other)
        yield "rule_dwell_s", self._value("dwell_s" in changed, _seconds(rule), _seconds(file))

    def _value(self, changed: object, value: str, in_file: str) -> str:
        if not changed:
            return escape(value)
        return f"<b>{escape(value)}</b> <small>{text(self.language, 'rule_file_says', value=escape(in_file))}</small>"

    def _state(self, rule: RuleInfo) -> str:
        over = rule.override
        if over is None:
            return f"<p>{text(self.language, self._plain(rule))}</p>"
        until = text(self.language, "rule_until", until=markup.moment(over.until)) if over.until else ""
        said = text(self.language, "rule_set_by", by=escape(over.by), at=markup.moment(over.at))
        return f"<p class=ask>{said}{until}</p>"

    def _plain(self, rule: RuleInfo) -> str:
        """Of a rule that nobody has set from here."""
        if rule.settable or not self.may:
            return "rule_from_file"
        return "rule_gate" if rule.kind.startswith("gate_") else "rule_not_from_here"

    def _word(self, box: BoxHealth, camera: CameraInfo, rule: RuleInfo) -> str:
        word = self.word_of((box.site, box.box, camera.id, rule.kind, rule.zone))
        if word is None:
            return ""
        at, tone = markup.moment(word.at), _TONES.get(word.state, "no")
        said = text(self.language, f"word_{word.state}", what=escape(word.what), by=escape(word.by), at=at)
        why = f": {escape(word.reason)}" if word.reason and word.state != "done" else ""
        return f'<p class="word {tone}">{said}{why}</p>'

    def _buttons(self, box: BoxHealth, camera: CameraInfo, number: int, *, able: bool) -> str:
        language, disabled = self.language, "" if box.online else " disabled"
        change = f"<button type=button data-set{disabled}>{text(language, 'rule_set')}</button>" if able else ""
        if camera.rules[number].dwell_s is None:
            return change
        where = {"site": box.site, "box": box.box, "camera": camera.id, "rule": str(number)}
        query = "&amp;".join(f"{name}={quote(value)}" for name, value in where.items())
        return f'{change}<a class=button href="/conduct/snippet?{query}">{text(language, "rule_lines")}</a>'


def _told(box: BoxHealth, camera: CameraInfo, rule: RuleInfo) -> dict[str, Any]:
    """What the dialog needs to know of a rule."""
    over, facts = rule.override, rule.model_dump(mode="json")
    shown = {name: facts[name] for name in ("kind", "zone", "on", "settable", "at_most_s", "min_score", "dwell_s")}
    times = {"timezone": rule.timezone or in_file(rule).timezone, "windows": facts["windows"]}
    return {
        **shown,
        **times,
        "address": f"/api/rules/{box.site}/{box.box}",
        "camera": camera.id,
        "fields": [] if over is None else over.fields,
        "until": facts["override"]["until"] if over is not None else None,
        "file": in_file(rule).model_dump(mode="json"),
    }


def dialog(language: str) -> str:
    """The form that sets a rule, with its script; filled in by the row it is opened from."""
    hours = "".join(
        f"<option value={hour * 3600}>{text(language, 'setting_hours', n=hour)}</option>" for hour in _HOURS
    )
    ways = "".join(
        f"<option value={way}>{text(language, f'setting_armed_{way}')}</option>"
        for way in ("file", "always", "windows")
    )
    said = {name: text(language, f"setting_{name}") for name in ("sending", "done", "not", "zone", "as_now", "blank")}
    words = "".join(f' data-{name.replace("_", "-")}="{escape(value)}"' for name, value in said.items())
    return f"""<dialog id=setting{words} data-file="{text(language, "rule_file_says")}"
data-model="{text(language, "score_model")}"><form>
<h2></h2><p class=hint></p>
<label class=day><input type=checkbox name=on>{text(language, "setting_watches")}</label>
<div class=pair><label data-for=min_score>{text(language, "rule_min_score")}
<input type=number name=min_score min=0.01 max=0.99 step=0.01></label>
<label data-for=dwell_s>{text(language, "rule_dwell_s")}
<input type=number name=dwell_s min=0 max=86400 step=any></label></div>
<label data-for=armed>{text(language, "rule_armed")}<select name=armed>{ways}</select></label>
<div class=windows><p class=hint></p><div></div>
<button type=button data-add>+ {text(language, "setting_add")}</button></div>
<label>{text(language, "setting_lasts")}<select name=lasts>
<option value="">{text(language, "setting_open")}</option>{hours}</select></label>
<p class=hint data-short hidden>{text(language, "setting_short")}</p>
<p class=said role=status></p>
<p class=buttons><button type=button data-shut>{text(language, "close")}</button>
<button type=button data-back>{text(language, "setting_back")}</button>
<button class=go>{text(language, "setting_go")}</button></p></form>
<template>{_window_fields(language, None, "")}</template></dialog><script>{_static("rules.js")}</script>"""


def style() -> str:
    """Of the rows, the dialog and the form."""
    return f"<style>{_static('rules.css')}</style>"


def _static(name: str) -> str:
    return (resources.files("edgeguard.center") / "console/static" / name).read_text("utf-8")


def _window_fields(language: str, window: WishedWindow | None, number: str, *, removable: bool = True) -> str:
    """One window to fill in; `number` tells its days from those of others in a form that is sent by the browser."""
    start, end, days = ("", "", DAYS) if window is None else (window.start, window.end, window.days)
    boxes = "".join(_day(language, day, f"days{number}", checked=day in days) for day in DAYS)
    remove = text(language, "setting_remove")
    button = f'<button type=button data-remove aria-label="{remove}" title="{remove}">✕</button>' if removable else ""
    times = _clock("start", text(language, "setting_from"), start) + _clock("end", text(language, "setting_to"), end)
    return f"<div class=window>{times}{button}<fieldset>{boxes}</fieldset></div>"


def _clock(name: str, words: str, value: str) -> str:
    return f'<label>{words}<input type=time name={name} value="{escape(value)}"></label>'


def form(language: str, box: BoxHealth, camera: CameraInfo, number: int, wish: Wish, written: str, refusal: str) -> str:
    """Ask for the new settings of one rule, `wish` filled in; `written`: the lines, once it was sent."""
    rule = camera.rules[number]
    # One more than there are, to be filled in.
    shown: list[WishedWindow | None] = [*(wish.windows or ()), None]
    windows = "".join(_window_fields(language, one, str(row), removable=False) for row, one in enumerate(shown))
    hidden = {"site": box.site, "box": box.box, "camera": camera.id, "rule": str(number), "sent": "1"}
    fields = "".join(f'<input type=hidden name={name} value="{escape(value)}">' for name, value in hidden.items())
    return f"""{style()}
<h2>{rule_name(language, rule.kind)} · {escape(rule.zone)} <small>{escape(camera.id)}</small></h2>
<p class=hint>{text(language, "snippet_hint", box=f"{escape(box.site)} / {escape(box.box)}")}</p>
{f"<p class=no role=alert>{escape(refusal)}</p>" if refusal else ""}
<form class=rule action="/conduct/snippet">{fields}
{_number(language, "min_score", wish.min_score, "min=0.01 max=0.99 step=0.01")}
{_number(language, "dwell_s", wish.dwell_s, "min=0 max=86400 step=any")}
<div class=windows>{windows}</div><label class=day><input type=checkbox name=off value=1{"" if wish.on else " checked"}>
{text(language, "rule_off")}</label><button class=go>{text(language, "snippet_write")}</button></form>
{_written(language, written)}<p><a href="/conduct">← {text(language, "conduct_page")}</a></p>"""


def _day(language: str, day: str, name: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    words = text(language, f"day_{day}")
    return f"<label class=day><input type=checkbox name={name} value={day}{mark}>{words}</label>"


def armed(language: str, rule: RuleValues) -> str:
    """When it watches, in words."""
    if not rule.windows:
        return text(language, "armed_always")
    windows = ", ".join(f"{one.start}-{one.end}{_days(language, one)}" for one in rule.windows)
    return f"{windows} ({rule.timezone or 'UTC'})"


def _days(language: str, window: ArmedWindow) -> str:
    if not window.days or len(window.days) == len(DAYS):
        return ""
    return " " + " ".join(text(language, f"day_{day}") for day in window.days if day in DAYS)


def _score(language: str, rule: RuleValues) -> str:
    return text(language, "score_model") if rule.min_score is None else f"{rule.min_score:g}"


def _seconds(rule: RuleValues) -> str:
    return "—" if rule.dwell_s is None else f"{rule.dwell_s:g} s"


def _number(language: str, name: str, value: float | None, limits: str) -> str:
    shown = "" if value is None else f"{value:g}"
    return f'<label>{text(language, f"rule_{name}")}<input type=number name={name} value="{shown}" {limits}></label>'


def _written(language: str, written: str) -> str:
    if not written:
        return ""
    return (
        f"<pre id=snippet>{escape(written)}</pre><p><button type=button data-copy=snippet>{text(language, 'copy')}"
        f"</button></p><p class=hint>{text(language, 'snippet_next')}</p>"
    )
