"""The buttons that only some cards have: somebody has arrived, and cut the power."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from edgeguard.center.cards import Card
from edgeguard.center.console import sensor_markup
from edgeguard.center.hub import CommandChanged
from edgeguard.center.texts import text


class SensorButtons:
    """Two buttons inside the current slot, shown where they make sense; `show` brings them up to date."""

    def __init__(
        self,
        language: str,
        arrived: Callable[[], Awaitable[None]],
        cut_off: Callable[[], Awaitable[CommandChanged | None]],
    ) -> None:
        self._language = language
        self._cut_off = cut_off
        self._asked: str | None = None
        with ui.element().classes("eg-onspot") as self._root:
            self._arrived = self._button("arrived", arrived)
            self._off = self._button("cut_off", self._ask).classes("eg-cutoff")
            self._said = ui.html("", sanitize=False).classes("eg-spot-said")

    def show(self, card: Card, *, can_cut_off: bool) -> None:
        """Arrival matters where a timer waits for it."""
        awaited = any(timer.goal == "arrived" and timer.met_at is None for timer in card.timers)
        switchable = can_cut_off and card.state != "ended"
        self._arrived.set_visibility(awaited)
        self._off.set_visibility(switchable)
        self._root.set_visibility(awaited or switchable or self._asked is not None)

    def answered(self, change: CommandChanged) -> None:
        """Show how far a cut-off asked for here has come."""
        if change.command_id == self._asked:
            self._said.set_content(sensor_markup.said(self._language, change))

    async def _ask(self) -> None:
        if not await ask_cut_off(self._language):
            return
        sent = await self._cut_off()
        if sent is not None:
            self._asked = sent.command_id
            self.answered(sent)

    def _button(self, key: str, action: Callable[[], Awaitable[None]]) -> ui.button:
        return ui.button(text(self._language, key), on_click=action, color=None).props("unelevated no-caps")


async def ask_cut_off(language: str) -> bool:
    """A slip of the hand must not switch anything."""
    with ui.dialog() as dialog, ui.card().classes("eg-dialog"):
        ui.html(f"<h2>{text(language, 'cut_off_ask')}</h2><p>{text(language, 'cut_off_hint')}</p>", sanitize=False)
        with ui.element().classes("eg-buttons"):
            for key, answer, extra in (("cancel", False, ""), ("cut_off", True, "eg-go")):
                button = ui.button(
                    text(language, key), on_click=lambda answer=answer: dialog.submit(answer), color=None
                )
                button.props("unelevated no-caps").classes(extra)
    agreed = bool(await dialog)
    dialog.delete()
    return agreed
