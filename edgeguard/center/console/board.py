"""One alarm on one screen: the picture, the words, and the buttons that act on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from edgeguard.center.cards import Card
from edgeguard.center.console import dialogs, markup
from edgeguard.center.console.queue import is_mine
from edgeguard.center.console.sensor_buttons import SensorButtons
from edgeguard.center.desk import DEFAULT_PHRASE, AckWord
from edgeguard.center.hub import CommandChanged
from edgeguard.center.texts import text, word


@dataclass(frozen=True, slots=True)
class Actions:
    """What a card's buttons may do; the screen checks the session before each."""

    acknowledge: Callable[[str, AckWord, str, str], Awaitable[None]]
    speak: Callable[[Card, str], Awaitable[CommandChanged | None]]
    cut_off: Callable[[Card], Awaitable[CommandChanged | None]]


class CardView:
    """The elements of a card inside the current slot; `show` brings them up to date. `user`: whoever looks."""

    def __init__(
        self,
        card: Card,
        language: str,
        phrases: tuple[str, ...],
        actions: Actions,
        *,
        user: str = "",
        can_cut_off: bool = False,
    ) -> None:
        self.card = card
        self._language = language
        self._actions = actions
        self._user = user
        self._can_cut_off = can_cut_off
        self._asked: tuple[str, str] | None = None
        with ui.element("article").props(f'data-event="{card.event_id}"') as self.root, ui.element().classes("eg-body"):
            with ui.element().classes("eg-picture"):
                self._picture = ui.html("", sanitize=False).classes("eg-still")
                ui.html(markup.live(language), sanitize=False)
            self._facts = ui.html("", sanitize=False).classes("eg-facts")
            self._strip = ui.html("", sanitize=False).classes("eg-strip")
            self._add_buttons()
            ui.html(markup.talk(language, markup.spot(card)), sanitize=False).classes("eg-talkrow")
            self._add_voice(phrases)
        self.show(card)

    def show(self, card: Card) -> None:
        self.card = card
        mine = is_mine(card, self._user)
        self.root.classes(replace=markup.card_class(card, mine=mine))
        self._ack.set_text(text(self._language, "state_seen" if mine else "acknowledge"))
        self.root.props(f'data-live="{markup.live_mode(card)}"')
        self._picture.set_content(markup.picture(self._language, card))
        self._facts.set_content(markup.facts(self._language, card, mine=mine))
        self._strip.set_content(markup.strip(self._language, card))
        self._on_spot.show(card, can_cut_off=self._can_cut_off)

    def set_can_cut_off(self, can: bool) -> None:
        """What the box says it can do may come after the card."""
        self._can_cut_off = can
        self._on_spot.show(self.card, can_cut_off=can)

    def set_phrases(self, phrases: tuple[str, ...]) -> None:
        names = {phrase: word(self._language, "phrase", phrase) for phrase in phrases}
        if names != self._phrase.options:
            value = self._phrase.value if self._phrase.value in names else phrases[0]
            self._phrase.set_options(names, value=value)

    def answered(self, change: CommandChanged) -> None:
        """Show how far a phrase or a cut-off asked for here has come."""
        self._on_spot.answered(change)
        if self._asked is not None and self._asked[0] == change.command_id:
            self._said.set_content(markup.said(self._language, self._asked[1], change))

    def _add_buttons(self) -> None:
        with ui.element().classes("eg-actions"):
            self._ack = self._button("acknowledge", self._seen).classes("eg-ack")
            self._button("resolved", self._handled)
            self._button("false_alarm", self._false_alarm)
            self._button("note", self._note)
            self._on_spot = SensorButtons(self._language, self._arrived, self._cut_off)

    def _add_voice(self, phrases: tuple[str, ...]) -> None:
        names = {phrase: word(self._language, "phrase", phrase) for phrase in phrases}
        first = DEFAULT_PHRASE if DEFAULT_PHRASE in names else phrases[0]
        with ui.element().classes("eg-speak"):
            self._phrase = ui.select(names, value=first).props("outlined dense options-dense dark")
            self._phrase.props(f'aria-label="{text(self._language, "choose_phrase")}"')
            self._button(f"speak_{markup.spot(self.card)}", self._speak).classes("eg-say")
            self._said = ui.html("", sanitize=False).classes("eg-said")

    def _button(self, key: str, action: Callable[[], Awaitable[None]]) -> ui.button:
        return ui.button(text(self._language, key), on_click=action, color=None).props("unelevated no-caps")

    async def _seen(self) -> None:
        await self._actions.acknowledge(self.card.event_id, "seen", "", "")

    async def _arrived(self) -> None:
        await self._actions.acknowledge(self.card.event_id, "arrived", "", "")

    async def _cut_off(self) -> CommandChanged | None:
        return await self._actions.cut_off(self.card)

    async def _handled(self) -> None:
        await self._actions.acknowledge(self.card.event_id, "handled", "", "")

    async def _false_alarm(self) -> None:
        answer = await dialogs.ask_false_alarm(self._language)
        if answer is not None:
            await self._actions.acknowledge(self.card.event_id, "false_alarm", answer.why, answer.note)

    async def _note(self) -> None:
        note = await dialogs.ask_note(self._language)
        if note:
            await self._actions.acknowledge(self.card.event_id, "note", "", note)

    async def _speak(self) -> None:
        phrase = str(self._phrase.value)
        sent = await self._actions.speak(self.card, phrase)
        if sent is not None:
            self._asked = (sent.command_id, phrase)
            self.answered(sent)
