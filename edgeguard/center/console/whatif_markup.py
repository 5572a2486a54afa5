"""The form of a sweep over recorded detections, and its report, as HTML; every value from outside is escaped here."""

from collections.abc import Mapping, Sequence
from html import escape

from edgeguard.center.console.rules_markup import style
from edgeguard.center.texts import text


def link(language: str) -> str:
    """To the form, from the page of conduct."""
    return f'<p><a class=button href="/conduct/whatif">{text(language, "whatif")}</a></p>'


def form(language: str, kinds: Sequence[str], asked: Mapping[str, str], refusal: str) -> str:
    """`kinds`: of the rules that boxes tell; any other can be typed. `asked`: what was filled in before."""
    told = f"<p class=no role=alert>{escape(refusal)}</p>" if refusal else ""
    options = "".join(f"<option>{escape(kind)}</option>" for kind in kinds)
    hints = {"param": "dwell_s", "first": "1", "last": "10", "step": "0.5"}
    fields = "".join(_field(language, name, asked[name], hint) for name, hint in hints.items())
    return f"""{style()}<h2>{text(language, "whatif")}</h2><p class=hint>{text(language, "whatif_hint")}</p>
<pre>edgeguard replay CLIP --config SITE.yaml --camera CAMERA --save-detections seen.jsonl</pre>{told}
<form class=rule method=post enctype="multipart/form-data">
<label>{text(language, "whatif_file")}<input type=file name=file required></label>
<label>{text(language, "rule")}<input name=scenario list=kinds required maxlength=64 spellcheck=false autocomplete=off
value="{escape(asked["scenario"])}" placeholder="conduct_loiter"></label><datalist id=kinds>{options}</datalist>
{fields}<button class=go>{text(language, "whatif_go")}</button></form>{_back(language)}"""


def shown(language: str, report: str) -> str:
    """The report in a frame of its own, in which no script runs and no link leads anywhere."""
    title = text(language, "whatif")
    return (
        f'{style()}<p><a class=button href="/conduct/whatif">{text(language, "whatif_again")}</a></p>'
        f'<iframe class=report sandbox title="{title}" srcdoc="{escape(report)}"></iframe>{_back(language)}'
    )


def _field(language: str, name: str, value: str, hint: str) -> str:
    words = text(language, f"whatif_{name}")
    common = f'name={name} required maxlength=64 autocomplete=off value="{escape(value)}" placeholder="{hint}"'
    return f"<label>{words}<input {common} spellcheck=false></label>"


def _back(language: str) -> str:
    return f'<p><a href="/conduct">← {text(language, "conduct_page")}</a></p>'
