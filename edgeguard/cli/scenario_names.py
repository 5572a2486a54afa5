"""Rules by name on a command line: `fight` and `conduct_fight` are the same."""

from collections.abc import Iterable

from edgeguard.errors import ConfigError

PREFIX = "conduct_"


def kind_of(name: str, accepted: Iterable[str]) -> str:
    """The kind that is meant. Raises ConfigError."""
    kinds = list(accepted)
    for kind in (name, PREFIX + name):
        if kind in kinds:
            return kind
    raise ConfigError(f"--scenario is {name!r}, accepted: {listed(kinds)}")


def listed(kinds: Iterable[str]) -> str:
    """All names that are accepted."""
    return ", ".join(name for kind in kinds for name in dict.fromkeys((kind, kind.removeprefix(PREFIX))))
