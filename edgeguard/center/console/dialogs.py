"""Questions a screen asks before it acts."""

from dataclasses import dataclass
from typing import Final

from nicegui import ui

from edgeguard.center.texts import text

WHYS: Final = ("wheelchair", "pram", "bicycle", "luggage", "nothing", "test", "other")
MAX_NOTE_LETTERS: Final = 500


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """Why it was none, for the people who train the detector, and a note for the next shift."""

    why: str
    note: str


async def ask_false_alarm(language: str) -> FalseAlarm | None:
    """None: cancelled."""
    with ui.dialog() as dialog, ui.card().classes("eg-dialog"):
        ui.html(f"<h2>{text(language, 'why')}</h2>", sanitize=False)
        why = ui.radio({key: text(language, f"why_{key}") for key in WHYS}, value=WHYS[0]).props("dark")
        note = _note_field(language)
        _buttons(language, dialog, "false_alarm")
    agreed = await dialog
    dialog.delete()
    return FalseAlarm(str(why.value), str(note.value or "")) if agreed else None


async def ask_note(language: str) -> str:
    """Empty: cancelled or nothing written."""
    with ui.dialog() as dialog, ui.card().classes("eg-dialog"):
        ui.html(f"<h2>{text(language, 'note')}</h2>", sanitize=False)
        note = _note_field(language).props("autofocus")
        _buttons(language, dialog, "save")
    agreed = await dialog
    dialog.delete()
    return str(note.value or "").strip() if agreed else ""


def _note_field(language: str) -> ui.textarea:
    return ui.textarea(text(language, "note_hint")).props(f"outlined dark autogrow maxlength={MAX_NOTE_LETTERS}")


def _buttons(language: str, dialog: ui.dialog, go: str) -> None:
    with ui.element().classes("eg-buttons"):
        for key, answer, extra in (("cancel", False, ""), (go, True, "eg-go")):
            button = ui.button(text(language, key), on_click=lambda answer=answer: dialog.submit(answer), color=None)
            button.props("unelevated no-caps").classes(extra)
