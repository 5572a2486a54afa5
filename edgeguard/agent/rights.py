"""`cmd/export` and `cmd/erase`: the rights of one person, asked for at the center, done on the box."""

from collections.abc import Callable
from datetime import datetime

from edgeguard.access import Act, Directory
from edgeguard.access.dossier import leaving
from edgeguard.contract import Command, EraseCommand, ExportCommand, Topics
from edgeguard.contract.rights import DossierPart, in_parts, packed
from edgeguard.contract.sealing import seal


class ExportHandler:
    """`send` makes a part of the copy durable on its way out; `in_clear` tells whether plates may leave as they are."""

    def __init__(
        self,
        directory: Directory,
        topics: Topics,
        send: Callable[[DossierPart], object],
        *,
        in_clear: Callable[[], bool],
        utcnow: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._topics = topics
        self._send = send
        self._in_clear = in_clear
        self._utcnow = utcnow

    def __call__(self, command: Command) -> str:
        """Raises DirectoryError for nobody's ref."""
        if not isinstance(command, ExportCommand):
            raise TypeError(f"export got a {type(command).__name__}")
        args, act = command.args, Act(self._utcnow(), command.by)
        told = leaving(self._directory, args.ref, act, in_clear=self._in_clear())
        # Bound to box and command: a copy of one request is none of another.
        sealed = seal(args.reply_key, packed(told), self._topics.dossier(command.id))
        for part in in_parts(command.id, sealed):
            self._send(part)
        return f"{len(told['consents'])} consents, {len(told['events'])} events"


class EraseHandler:
    """`changed` is called when somebody was deleted."""

    def __init__(self, directory: Directory, changed: Callable[[], None], utcnow: Callable[[], datetime]) -> None:
        self._directory = directory
        self._changed = changed
        self._utcnow = utcnow

    def __call__(self, command: Command) -> str:
        """Raises DirectoryError for nobody's ref."""
        if not isinstance(command, EraseCommand):
            raise TypeError(f"erase got a {type(command).__name__}")
        erased = self._directory.erase(command.args.ref, Act(self._utcnow(), command.by))
        self._changed()
        return str(erased)
