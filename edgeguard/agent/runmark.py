"""A note beside the journal: whether the box runs, was stopped, or left its process; so a start knows what was before.

Its time of change is the last sign of life. A note that cannot be read or written stops nobody.
"""

import json
import logging
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

STUCK = "stuck"
# Of the machine, new with every boot.
MACHINE_BOOT = Path("/proc/sys/kernel/random/boot_id")
# A box that dies again and again tells of it once in so long, with how often it was.
TELL_EVERY_S = 60.0


class Note(Strict):
    """What stands in the file; `state` is running, stopped or left, times are Unix seconds."""

    state: str
    machine_boot: str = ""
    part: str = ""
    why: str = ""
    left_at_s: float = 0.0
    reason: str = ""
    gap_s: float = 0.0
    told_at_s: float = 0.0
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Unclean:
    """How the last run ended: `reason` is crash, power, stuck, watchdog, oom_kill; `times` since it was told last."""

    reason: str
    gap_s: float
    times: int
    detail: str = ""


class RunMark:
    """One per box. `begin` at start, `due` and `touch` once a second, `stopped` or `left` at the end."""

    def __init__(self, folder: Path, service_result: str = "", machine_boot: Path = MACHINE_BOOT) -> None:
        self._path = folder / "run.json"
        self._service_result = service_result
        self._machine_boot = _read(machine_boot)
        self._note = Note(state="running", machine_boot=self._machine_boot)

    def begin(self, now: datetime) -> None:
        """Take note of the start, and of how the last run ended."""
        before, seen_s = self._last()
        update: dict[str, object] = {"state": "running", "machine_boot": self._machine_boot}
        if before.state != "stopped":
            gap_s = round(max(now.timestamp() - seen_s, 0.0), 1)
            update |= {"reason": self._reason(before), "gap_s": gap_s, "untold": before.untold + 1}
        self._note = before.model_copy(update=update)
        self._write()

    def due(self, now: datetime) -> Unclean | None:
        """What is to be told of ends that were not clean; None where there is nothing, or it was told just before."""
        note = self._note
        if not note.untold or now.timestamp() - note.told_at_s < TELL_EVERY_S:
            return None
        return Unclean(note.reason, note.gap_s, note.untold, note.why if note.reason == STUCK else "")

    def told(self, now: datetime) -> None:
        """What `due` returned stands in the journal."""
        self._note = self._note.model_copy(update={"told_at_s": now.timestamp(), "untold": 0})
        self._write()

    def touch(self) -> None:
        """The box lives."""
        with suppress(OSError):
            os.utime(self._path)

    def stopped(self) -> None:
        """On purpose: the next start has nothing to tell."""
        self._note = self._note.model_copy(update={"state": "stopped"})
        self._write()

    def left_s(self, part: str, now: datetime) -> float:
        """How long ago the process was left because of this part."""
        return now.timestamp() - self._note.left_at_s if self._note.part == part else math.inf

    def left(self, part: str, why: str, now: datetime) -> None:
        """The process ends because of a part."""
        update = {"state": "left", "part": part, "why": why, "left_at_s": now.timestamp()}
        self._note = self._note.model_copy(update=update)
        self._write()

    def _reason(self, before: Note) -> str:
        if before.state == "left":
            return STUCK
        if before.machine_boot != self._machine_boot:
            return "power"
        known = self._service_result in {"watchdog", "oom-kill", "timeout"}
        return self._service_result.replace("-", "_") if known else "crash"

    def _last(self) -> tuple[Note, float]:
        """The note of the run before; without one this is the first start."""
        try:
            seen_s = self._path.stat().st_mtime
            return Note.model_validate(json.loads(self._path.read_bytes())), seen_s
        except FileNotFoundError:
            return Note(state="stopped"), datetime.now(UTC).timestamp()
        except (OSError, ValueError, ValidationError) as error:
            log.warning("%s: not readable (%s), taken for a power cut", self._path, error)
            return Note(state="running"), datetime.now(UTC).timestamp()

    def _write(self) -> None:
        half = self._path.with_suffix(".part")
        try:
            half.write_text(self._note.model_dump_json())
            half.replace(self._path)
        except OSError as error:
            log.warning("%s: not written (%s)", self._path, error.strerror)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
