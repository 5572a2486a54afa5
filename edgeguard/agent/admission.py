"""Which commands are let in: those that open, release or change something carry the center's signature."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from edgeguard.contract import COMMANDS, Clock, Command, SignedOrder, parse, read_command, rfc3339
from edgeguard.contract.commands import MAX_SIGNED_LIFE_S
from edgeguard.contract.signing import Keyring, VerifyKey
from edgeguard.errors import CommandRefused

# Clocks that time servers keep differ by far less.
AHEAD = timedelta(seconds=30)
LIFE = timedelta(seconds=MAX_SIGNED_LIFE_S)


class Admission:
    """Call it with topic and payload before a command is taken.

    `keys`: the pinned public keys, as text. `clock`: whether this machine's can be trusted, None where nobody knows.
    """

    def __init__(self, keys: Sequence[str], clock: Callable[[], Clock | None], now: Callable[[], datetime]) -> None:
        self._keys = Keyring([VerifyKey.of_text(key) for key in keys])
        self._clock = clock
        self._now = now

    def __call__(self, topic: str, payload: bytes) -> Command:
        """Raise ContractError for a wrong or wrongly signed command, CommandRefused for one that may not run now."""
        name = parse(topic).args[0]
        kind = COMMANDS.get(name)
        if kind is None or not kind.signed:
            return read_command(name, payload)
        if not self._keys:
            raise CommandRefused("this box trusts no center to sign: its site file has no `commands.keys`")
        command = read_command(name, self._keys.opened(topic, SignedOrder.from_json(payload)))
        self._check_times(command)
        return command

    def _check_times(self, command: Command) -> None:
        clock, now = self._clock(), self._now()
        if clock is None or not clock.synced:
            known = "is not kept by a time server" if clock is not None else "may be kept by a time server or not"
            raise CommandRefused(f"the box's clock {known}, so it cannot tell whether this is still valid")
        if command.issued_at > now + AHEAD:
            raise CommandRefused(f"issued at {rfc3339(command.issued_at)}, but the box's clock says {rfc3339(now)}")
        if command.expires_at - command.issued_at > LIFE:
            raise CommandRefused(f"valid for more than {MAX_SIGNED_LIFE_S} s, which no signed command may be")
