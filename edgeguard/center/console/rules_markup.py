"""What each camera watches for, and the form that writes the lines of the site file, as HTML."""

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import quote

from edgeguard.center.console.conduct_markup import rule_name
from edgeguard.center.snippet import DAYS, Wish
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text
from edgeguard.contract.device import CameraInfo, RuleInfo


def rules(language: str, boxes: Sequence[BoxHealth]) -> str:
    """A table for each box: camera, scenario, since how long, how strict, when."""
    tables = "".join(_box(language, box) for box in boxes if box.birth and any(one.rules for one in box.birth.cameras))
    return f"<h2>{text(language, 'rules')}</h2><p class=hint>{text(language, 'rules_hint')}</p>" + (
        tables or f"<p class=hint>{text(language, 'rules_none')}</p>"
    )


def form(language: str, box: BoxHealth, camera: CameraInfo, number: int, wish: Wish, written: str, refusal: str) -> str:
    """Ask for the new settings of one rule, `wish` filled in; `written`: the lines, once it was sent."""
    rule = camera.rules[number]
    days = "".join(_day(language, day, checked=day in (wish.days or DAYS)) for day in DAYS)
    hidden = {"site": box.site, "box": box.box, "camera": camera.id, "rule": str(number), "sent": "1"}
    fields = "".join(f'<input type=hidden name={name} value="{escape(value)}">' for name, value in hidden.items())
    return f"""<h2>{rule_name(language, rule.kind)} · {escape(rule.zone)} <small>{escape(camera.id)}</small></h2>
<p class=hint>{text(language, "snippet_hint", box=f"{escape(box.site)} / {escape(box.box)}")}</p>
{f"<p class=no role=alert>{escape(refusal)}</p>" if refusal else ""}
<form class=rule action="/conduct/snippet">{fields}
{_number(language, "min_score", wish.min_score, "min=0.01 max=0.99 step=0.01")}
{_number(language, "dwell_s", wish.dwell_s, "min=0 max=86400 step=any")}
{_clock(language, "start", wish.start or "")}{_clock(language, "end", wish.end or "")}
<fieldset>{days}</fieldset><label class=day><input type=checkbox name=off value=1{"" if wish.on else " checked"}>
{text(language, "rule_off")}</label><button class=go>{text(language, "snippet_write")}</button></form>
{_written(language, written)}<p><a href="/conduct">← {text(language, "conduct_page")}</a></p>"""


def _day(language: str, day: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    return f"<label class=day><input type=checkbox name=days value={day}{mark}>{text(language, f'day_{day}')}</label>"


def _box(language: str, box: BoxHealth) -> str:
    cameras = box.birth.cameras if box.birth else ()
    rows = "".join(row for camera in cameras for row in _camera(language, box, camera))
    heads = "".join(
        f"<th>{text(language, key)}</th>"
        for key in ("rule_camera", "rule", "rule_zone", "rule_dwell_s", "rule_min_score", "rule_armed")
    )
    return (
        f"<h3>{escape(box.site)} / {escape(box.box)}</h3><div class=wide><table>"
        f"<thead><tr>{heads}<th></th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _camera(language: str, box: BoxHealth, camera: CameraInfo) -> Iterator[str]:
    for number, rule in enumerate(camera.rules):
        where = "&amp;".join(
            f"{name}={quote(value)}"
            for name, value in (("site", box.site), ("box", box.box), ("camera", camera.id), ("rule", str(number)))
        )
        score = text(language, "score_model") if rule.min_score is None else f"{rule.min_score:g}"
        dwell = "—" if rule.dwell_s is None else f"{rule.dwell_s:g} s"
        change = f'<a class=button href="/conduct/snippet?{where}">{text(language, "rule_change")}</a>'
        cells = (
            camera.label or camera.id,
            rule_name(language, rule.kind),
            rule.zone,
            dwell,
            score,
            _armed(language, rule),
        )
        inner = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f"<tr>{inner}<td>{change if rule.dwell_s is not None else ''}</td></tr>"


def _armed(language: str, rule: RuleInfo) -> str:
    if not rule.windows:
        return text(language, "armed_always")
    windows = ", ".join(f"{one.start}-{one.end}{_days(language, one.days)}" for one in rule.windows)
    return f"{windows} ({rule.timezone or 'UTC'})"


def _days(language: str, days: Sequence[str]) -> str:
    if not days or len(days) == len(DAYS):
        return ""
    return " " + " ".join(text(language, f"day_{day}") for day in days if day in DAYS)


def _number(language: str, name: str, value: float | None, limits: str) -> str:
    shown = "" if value is None else f"{value:g}"
    return f'<label>{text(language, f"rule_{name}")}<input type=number name={name} value="{shown}" {limits}></label>'


def _clock(language: str, name: str, value: str) -> str:
    return f'<label>{text(language, f"rule_{name}")}<input type=time name={name} value="{escape(value)}"></label>'


def _written(language: str, written: str) -> str:
    if not written:
        return ""
    return (
        f"<pre id=snippet>{escape(written)}</pre><p><button type=button data-copy=snippet>{text(language, 'copy')}"
        f"</button></p><p class=hint>{text(language, 'snippet_next')}</p>"
    )
