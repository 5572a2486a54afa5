"""`cmd/pass` and `cmd/revoke`: a visitor's pass, asked for at the center, made and made void on the box."""

from collections.abc import Callable, Mapping
from datetime import datetime

from edgeguard.access import Act, Directory
from edgeguard.contract import Command, PassCommand, PassMade, RevokeCommand, Topics
from edgeguard.errors import DirectoryError


class PassHandler:
    """`names`: what people call each gate; one without a name is called by its id."""

    def __init__(
        self,
        directory: Directory,
        topics: Topics,
        names: Callable[[], Mapping[str, str]],
        utcnow: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._topics = topics
        self._names = names
        self._utcnow = utcnow

    def __call__(self, command: Command) -> str:
        """The pass, sealed to who asked. Raises DirectoryError for a gate, a window or uses that may not be."""
        if not isinstance(command, PassCommand):
            raise TypeError(f"pass got a {type(command).__name__}")
        args, act, accepted = command.args, Act(self._utcnow(), command.by), self._directory.config.code_gates
        if wrong := [gate for gate in args.gates if gate not in accepted]:
            raise DirectoryError(f"met gate {wrong[0]}, accepted: {', '.join(accepted) or 'none, no gate takes codes'}")
        start = args.valid_from or act.at
        made, text = self._directory.passes.make(args.gates, start, args.valid_until, args.uses, act)
        told = PassMade(
            pass_id=made.id,
            text=text,
            valid_from=made.valid_from,
            valid_until=made.valid_until,
            uses=made.uses,
            gates=tuple(self._names().get(gate, gate) for gate in made.gates),
        )
        # Bound to box and command: the answer to one request is none to another.
        return told.sealed(args.reply_key, self._topics.cmd_ack(command.id))


class RevokeHandler:
    """Void with the next look at it."""

    def __init__(self, directory: Directory, utcnow: Callable[[], datetime]) -> None:
        self._directory = directory
        self._utcnow = utcnow

    def __call__(self, command: Command) -> str:
        """Raises DirectoryError where it cannot be written."""
        if not isinstance(command, RevokeCommand):
            raise TypeError(f"revoke got a {type(command).__name__}")
        self._directory.passes.revoke(command.args.pass_id, Act(self._utcnow(), command.by))
        return f"pass {command.args.pass_id} is void"
