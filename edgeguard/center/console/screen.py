"""One open page: the board, the list and the header of one browser, kept up to date by the hub."""

import asyncio
from html import escape
from typing import Final

from nicegui import Client, ui

from edgeguard.center.accounts import Session
from edgeguard.center.cards import Card
from edgeguard.center.console import markup, queue
from edgeguard.center.console.board import Actions, CardView
from edgeguard.center.desk import AckWord
from edgeguard.center.frame import links
from edgeguard.center.hub import CardChanged, Change, CommandChanged
from edgeguard.center.service import Center
from edgeguard.center.source import SOURCE_PATH
from edgeguard.center.texts import other, text

RECENT: Final = 30
# A board that nobody can overlook: more open alarms than this are counted, not shown.
BOARD: Final = 40
# A page that shows data asks this often whether its session still lives; that also keeps a wall monitor logged in.
SESSION_CHECK_S: Final = 30.0


class Screen:
    """Builds its elements into the current slot; `follow` runs until the browser is gone."""

    def __init__(self, center: Center, session: Session, client: Client) -> None:
        self._center = center
        self._session = session
        self._client = client
        self._language = session.language
        self._open: dict[str, Card] = {}
        self._views: dict[str, CardView] = {}
        self._recent: dict[str, Card] = {}
        self._boxes = center.store.boxes()
        self._actions = Actions(self._acknowledge, self._speak, self._cut_off)
        self._root = ui.element().classes("eg-root")

    async def follow(self) -> None:
        """Show everything, then every change as it comes; starts over when it fell behind."""
        clock = asyncio.get_running_loop().time
        check_at = clock() + SESSION_CHECK_S
        while True:
            with self._center.hub.subscribe() as changes:
                await self._load()
                while True:
                    try:
                        change = await asyncio.wait_for(changes.next(), check_at - clock())
                    except TimeoutError:
                        if not await self._still_logged_in():
                            return
                        check_at = clock() + SESSION_CHECK_S
                        continue
                    if change is None:
                        break
                    await self._apply(change)
            if not self._center.hub.running:
                return

    async def _load(self) -> None:
        store = self._center.store
        board = await asyncio.to_thread(store.board)
        recent = await asyncio.to_thread(store.recent, RECENT)
        self._boxes = await asyncio.to_thread(store.boxes)
        self._recent = {card.event_id: card for card in recent}
        with self._client:
            self._build(board)

    def _build(self, board: list[Card]) -> None:
        self._root.clear()
        self._views.clear()
        self._open = {card.event_id: card for card in board}
        with self._root:
            ui.html(f'<div id="eg-words" data-words="{markup.browser_words(self._language)}"></div>', sanitize=False)
            self._add_banners()
            self._add_header()
            with ui.element("main").classes("eg-main"):
                self._title = ui.html("", sanitize=False, tag="h1").classes("eg-title")
                self._board = ui.element("section").classes("eg-board")
                self._more = ui.html("", sanitize=False).classes("eg-more")
                self._add_all_clear()
                with ui.element("section").classes("eg-recent"):
                    ui.html(text(self._language, "recent"), sanitize=False, tag="h2").classes("eg-title")
                    self._list = ui.html("", sanitize=False)
                self._add_footer()
        self._arrange()
        self._show_counts()
        self._show_recent()
        self._show_health()
        ui.run_javascript(f"document.documentElement.lang = '{self._language}'")

    def _add_banners(self) -> None:
        ui.html(f"⚠ {text(self._language, 'stream_lost')}<time></time>", sanitize=False, tag="div").classes(
            "eg-banner eg-lost"
        ).props('role="alert"')
        ui.html(text(self._language, "sound_off"), sanitize=False, tag="button").classes("eg-banner eg-sound")

    def _add_header(self) -> None:
        with ui.element("header").classes("eg-header"):
            brand = f"EdgeGuard <span>{text(self._language, 'product')}</span>"
            ui.html(brand, sanitize=False).classes("eg-brand")
            ui.html(links(self._language, "/"), sanitize=False).classes("eg-pages")
            self._health = ui.html("", sanitize=False).classes("eg-health")
            ui.element().classes("eg-spacer")
            ui.html('<time class="eg-clock"></time>', sanitize=False)
            ui.html(escape(self._session.user), sanitize=False).classes("eg-user")
            switch = ui.element("button").classes("eg-flat eg-language").on("click", self._switch_language)
            with switch:
                ui.html("English" if other(self._language) == "en" else "中文", sanitize=False)
            ui.html(
                f'<form method="post" action="/logout"><button>{text(self._language, "log_out")}</button></form>',
                sanitize=False,
            ).classes("eg-logout")
            self._mine = ui.html("", sanitize=False).classes("eg-mine")

    def _add_all_clear(self) -> None:
        words = (
            f"<strong>{text(self._language, 'all_clear')}</strong><span>{text(self._language, 'all_clear_hint')}</span>"
        )
        ui.html(words, sanitize=False).classes("eg-clear")

    def _add_footer(self) -> None:
        source = f'<a href="{SOURCE_PATH}">{text(self._language, "source")}</a>'
        closing = f'<a href="/closing">{text(self._language, "closing_rate")}</a>'
        ui.html(f"EdgeGuard · AGPL-3.0-or-later · {source} · {closing}", sanitize=False, tag="footer").classes(
            "eg-footer"
        )

    async def _apply(self, change: Change) -> None:
        match change:
            case CardChanged(card):
                with self._client:
                    self._show_card(card)
            case CommandChanged():
                view = self._views.get(change.event_id)
                if view is not None:
                    view.answered(change)
            case _:
                self._boxes = await asyncio.to_thread(self._center.store.boxes)
                self._show_health()

    def _show_card(self, card: Card) -> None:
        if card.open:
            self._recent.pop(card.event_id, None)
            self._open[card.event_id] = card
        else:
            self._open.pop(card.event_id, None)
            self._recent[card.event_id] = card
        view = self._views.get(card.event_id)
        if view is not None:
            view.show(card)
        self._arrange()
        self._show_counts()
        self._show_recent()

    def _arrange(self) -> None:
        """As `queue` has it; an element is moved only when its place is another one."""
        user = self._session.user
        wanted = queue.ordered(self._open.values(), user)
        shown = {card.event_id: card for card in queue.shown(wanted, user, BOARD)}
        for event_id in self._views.keys() - shown.keys():
            self._views.pop(event_id).root.delete()
        for index, card in enumerate(shown.values()):
            view = self._view_of(card)
            if self._board.default_slot.children[index] is not view.root:
                view.root.move(target_index=index)
        self._mine.set_content(queue.strip(self._language, wanted, user))
        hidden = len(wanted) - len(shown)
        self._more.set_content(text(self._language, "more_open", n=hidden) if hidden else "")

    def _view_of(self, card: Card) -> CardView:
        if card.event_id not in self._views:
            with self._board:
                desk = self._center.desk
                phrases, can = desk.phrases(card, self._boxes), desk.can_cut_off(card, self._boxes)
                view = CardView(card, self._language, phrases, self._actions, user=self._session.user, can_cut_off=can)
                self._views[card.event_id] = view
        return self._views[card.event_id]

    def _show_counts(self) -> None:
        waiting = sum(card.ack is None for card in self._open.values())
        count = f" <b>{text(self._language, 'unacknowledged', n=waiting)}</b>" if waiting else ""
        self._title.set_content(text(self._language, "open_alarms") + count)

    def _show_recent(self) -> None:
        newest = sorted(self._recent.values(), key=lambda card: card.opened_at, reverse=True)[:RECENT]
        self._recent = {card.event_id: card for card in newest}
        self._list.set_content(markup.rows(self._language, newest))

    def _show_health(self) -> None:
        broker = self._center.link.connected
        self._health.set_content(markup.health(self._language, self._boxes, broker=broker))
        for view in self._views.values():
            view.set_phrases(self._center.desk.phrases(view.card, self._boxes))
            view.set_can_cut_off(self._center.desk.can_cut_off(view.card, self._boxes))

    async def _acknowledge(self, event_id: str, kind: AckWord, why: str, note: str) -> None:
        if not await self._still_logged_in():
            return
        card = await self._center.desk.acknowledge(event_id, kind, self._session.user, why, note)
        if card is None:
            ui.notify(text(self._language, "gone"), type="warning")

    async def _speak(self, card: Card, phrase: str) -> CommandChanged | None:
        if not await self._still_logged_in():
            return None
        return await self._center.desk.speak(card, phrase, self._session.user)

    async def _cut_off(self, card: Card) -> CommandChanged | None:
        if not await self._still_logged_in():
            return None
        return await self._center.desk.cut_off(card, self._session.user)

    async def _switch_language(self) -> None:
        if not await self._still_logged_in():
            return
        self._language = other(self._language)
        await asyncio.to_thread(self._center.accounts.set_language, self._session.user, self._language)
        await self._load()

    async def _still_logged_in(self) -> bool:
        """A page of an ended session shows nothing any more."""
        alive = await asyncio.to_thread(self._center.accounts.session_of_hash, self._session.token_hash)
        if alive is None:
            with self._client:
                self._root.clear()
                ui.navigate.to("/login")
        return alive is not None
