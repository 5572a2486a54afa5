"""Everything of a box that decides who may go in: its directory, a desk for each gate, readers of cards, lists."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Self

from edgeguard.access import Act, Directory, GateRules
from edgeguard.access.lists import apply
from edgeguard.access.summary import summary
from edgeguard.agent.claims_http import ClaimServer
from edgeguard.agent.firsts import Firsts
from edgeguard.agent.gate_desk import CameraDesk, GateDesk
from edgeguard.agent.gate_eyes import gate_rules, model_of, open_gate_reader, template_spec
from edgeguard.agent.plan import Plan
from edgeguard.agent.rights import EraseHandler, ExportHandler
from edgeguard.agent.site import CameraConfig
from edgeguard.agent.visitors import PassHandler, RevokeHandler
from edgeguard.contract import Action, Command, ListsCommand, ModelRef, OpenCommand, Topics
from edgeguard.contract import Clock as ClockState
from edgeguard.contract.access import AccessSummary
from edgeguard.contract.rights import DossierPart
from edgeguard.errors import DirectoryError, EvidenceError, JournalError
from edgeguard.pipeline.gate_reader import GateReader
from edgeguard.scenarios import GateFaceConfig
from edgeguard.scenarios.gate import Keeper
from edgeguard.sources.base import Clock
from edgeguard.uplink import Handler, Starter

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(hours=1)


class Reception:
    """Open it with `with`, after the journal. Nothing is opened on a box whose site file has no `access`.

    Raises DirectoryError for a directory that is damaged, another box's or under another key; ConfigError.
    """

    def __init__(
        self,
        plan: Callable[[], Plan],
        clock: Clock,
        tell: Callable[[AccessSummary], None],
        kept: Callable[[], ClockState | None] = lambda: None,
        send: Callable[[DossierPart], object] = lambda _: None,
        forget: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        """`tell`: the center, how many there are; `kept`: whether a time server keeps the clock, None: not known.

        `send` makes a part of the copy of what is held of somebody durable on its way to the center;
        `forget` deletes the pictures of passages of these pseudonyms.
        """
        self._plan = plan
        self._clock = clock
        self._tell = tell
        self._kept = kept
        self._forget = forget
        self._stack = ExitStack()
        self._swept: datetime | None = None
        self.directory: Directory | None = None
        self.desks: dict[str, GateDesk] = {}
        self.server: ClaimServer | None = None
        site = plan().site
        self.handlers: dict[str, Starter | Handler] = {}
        if site.access is not None:
            self.directory = Directory.of(site.data_dir, site.site, site.box, site.access)
            topics = Topics(site.site, site.box)
            self.handlers = {
                "lists": ListsHandler(self.directory, clock.utcnow, self._changed),
                "export": ExportHandler(self.directory, topics, send, in_clear=self._in_clear, utcnow=clock.utcnow),
                "erase": EraseHandler(self.directory, self._changed, clock.utcnow),
                "pass": PassHandler(self.directory, topics, self._gate_names, clock.utcnow),
                "revoke": RevokeHandler(self.directory, clock.utcnow),
            }

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.directory is not None:
                stack.enter_context(self.directory)
                firsts = Firsts(self.directory.config.gates, self._clock.monotonic_s)
                for rules in self.directory.config.gates:
                    self.desks[rules.id] = self._desk(self.directory, rules, firsts)
            claims = self._plan().site.claims
            if claims is not None:
                self.server = stack.enter_context(ClaimServer(claims, MappingProxyType(self.desks)))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def keepers(self, camera_id: str) -> Mapping[str, Keeper]:
        """Who decides at each gate about what this camera sees."""
        return {gate: CameraDesk(desk, camera_id) for gate, desk in self.desks.items()}

    def reader(self, camera: CameraConfig) -> GateReader | None:
        """What looks at a gate's camera beside the detector; None for every other camera."""
        site = self._plan().site
        for rule in gate_rules(camera):
            if isinstance(rule, GateFaceConfig):
                self.desks[rule.gate].spec = template_spec(site)
        return open_gate_reader(site, camera, self.desks)

    def model(self, rule: str) -> ModelRef | None:
        return model_of(self._plan().site, rule)

    def watch(self, now: datetime) -> None:
        """Once an hour, and after a list: what had its time goes, and the center hears what is left."""
        if self.directory is None or (self._swept is not None and now - self._swept < SWEEP_EVERY):
            return
        self._swept, state = now, self._kept()
        try:
            swept = self.directory.sweep(now, synced=state is None or state.synced)
            self._tell(summary(self.directory, now))
            self.directory.forgotten(self._forget)
        except (DirectoryError, EvidenceError, JournalError) as error:
            log.error("the directory was not swept: %s", error)  # noqa: TRY400 - it is tried again
        else:
            log.info("directory swept: %s", swept or "nothing, the clock has leapt and no time server keeps it")

    def opened(self, command: OpenCommand, action: Action) -> None:
        """Somebody at the center opened a gate, or tried to: a row of the audit."""
        if self.directory is None:
            return
        act, told = Act(self._clock.utcnow(), command.by), f"{command.id} {action.result}: {command.args.reason}"
        try:
            self.directory.looked(act, "gate_command", command.args.gate, told)
        except DirectoryError as error:
            log.error("command %s is not in the audit: %s", command.id, error)  # noqa: TRY400 - the event tells it too

    def _in_clear(self) -> bool:
        """Whether plates may leave the box as they are."""
        return self._plan().site.privacy.legal_basis is not None

    def _gate_names(self) -> Mapping[str, str]:
        return {gate.id: gate.label for gate in self._plan().site.gates if gate.label}

    def _changed(self) -> None:
        self._swept = None

    def _desk(self, directory: Directory, rules: GateRules, firsts: Firsts) -> GateDesk:
        return GateDesk(
            directory,
            rules,
            in_clear=self._in_clear,
            monotonic_s=self._clock.monotonic_s,
            firsts=firsts,
        )


class ListsHandler:
    """`cmd/lists`: the center's list of people and vehicles, in force with its last part."""

    def __init__(
        self, directory: Directory, utcnow: Callable[[], datetime], changed: Callable[[], None] = lambda: None
    ) -> None:
        self._directory = directory
        self._utcnow = utcnow
        self._changed = changed

    def start(self, command: Command) -> "Future[str]":
        """Raises CommandRefused."""
        if not isinstance(command, ListsCommand):
            raise TypeError(f"lists got a {type(command).__name__}")
        over: Future[str] = Future()
        over.set_result(apply(self._directory, command.args, Act(self._utcnow(), command.by)))
        self._changed()
        return over
