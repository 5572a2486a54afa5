"""What differs between two site files, and what the running box does about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from edgeguard.agent.site import SiteConfig
from edgeguard.sources import redact
from edgeguard.yamlfile import MET_LENGTH, SECRET_NAME

HIDDEN = "(not shown)"


class Effect(StrEnum):
    """What applying a change does; whatever a change does not name goes on as it was."""

    CAMERA_ADDED = "camera starts"
    CAMERA_REMOVED = "camera stops, its open episodes end"
    CAMERA = "camera is replaced, its open episodes go on"
    VOICE = "voice is replaced"
    UPLINK = "uplink is replaced"
    AT_ONCE = "applied at once"
    RESTART = "restart needed"


# What is not named here cannot be changed under way.
_EFFECTS: Mapping[str, Effect] = {
    "voice": Effect.VOICE,
    "uplink": Effect.UPLINK,
    "place": Effect.AT_ONCE,
    "privacy": Effect.AT_ONCE,
    "remote_settings": Effect.AT_ONCE,
}
# Of a camera's keys: these do not touch what reads and looks.
_CAMERA_EFFECTS: Mapping[str, Effect] = {
    "voice": Effect.VOICE,
    "place": Effect.AT_ONCE,
    "label": Effect.AT_ONCE,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value: its place in the file (a camera by its id), as it was and as it is; None where it is not there."""

    path: str
    old: str | None
    new: str | None
    effect: Effect
    camera: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.old} -> {self.new} ({self.effect})"


@dataclass(frozen=True, slots=True)
class SiteDiff:
    """All that differs, in the order of the file."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, effect: Effect) -> tuple[Change, ...]:
        """The changes with an effect; `RESTART`: those that stand in the way of applying the others."""
        return tuple(change for change in self.changes if change.effect is effect)

    def cameras(self, effect: Effect) -> tuple[str, ...]:
        """Ids of the cameras with an effect, each once."""
        return tuple(dict.fromkeys(change.camera for change in self.of(effect) if change.camera is not None))


def diff_sites(old: SiteConfig, new: SiteConfig) -> SiteDiff:
    """Name what changed; secrets are compared but never shown."""
    was, now = _values(old), _values(new)
    cameras_were, cameras_are = was.pop("cameras"), now.pop("cameras")
    changes = [
        Change(path, before, after, _EFFECTS.get(key, Effect.RESTART))
        for key in _keys(was, now)
        for path, before, after in _walk(key, was.get(key), now.get(key))
    ]
    changes += _camera_changes({row["id"]: row for row in cameras_were}, {row["id"]: row for row in cameras_are})
    return SiteDiff(tuple(changes))


def _camera_changes(was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    for name in _keys(was, now):
        path = f"cameras.{name}"
        if name not in was:
            yield Change(path, None, "added", Effect.CAMERA_ADDED, name)
        elif name not in now:
            yield Change(path, "there", None, Effect.CAMERA_REMOVED, name)
        else:
            for key in _keys(was[name], now[name]):
                effect = _CAMERA_EFFECTS.get(key, Effect.CAMERA)
                for place, before, after in _walk(f"{path}.{key}", was[name].get(key), now[name].get(key)):
                    yield Change(place, before, after, effect, name)


def _walk(path: str, old: object, new: object) -> Iterator[tuple[str, str | None, str | None]]:
    """(path, old, new) of the innermost values that differ."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in _keys(old, new):
            yield from _walk(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _walk(f"{path}.{index}", before, after)
    else:
        yield path, _shown(path, old), _shown(path, new)


def _shown(path: str, value: object) -> str | None:
    if value is None:
        return None
    if SECRET_NAME.search(path.rpartition(".")[2]):
        return HIDDEN
    text = str(value)
    if "://" in text:
        text = redact(text)
    return text if len(text) <= MET_LENGTH else f"{text[: MET_LENGTH - 3]}..."


def _values(site: SiteConfig) -> dict[str, Any]:
    """As nested mappings; secrets stay wrapped, so that they can be compared."""
    return site.model_dump()


def _keys(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))
