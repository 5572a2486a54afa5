"""A sweep over recorded detections: `edgeguard whatif` in a process of its own, with limits to what it may take."""

import asyncio
import contextlib
import os
import resource
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edgeguard.errors import CenterError

LONGEST_S: Final = 60.0
# Of addresses, which a library reserves more of than it ever uses.
MEMORY_BYTES: Final = 4 * 1024**3
MAX_FILE_BYTES: Final = 64 * 1024**2
MAX_PAGE_BYTES: Final = 16 * 1024**2
_NICE: Final = 10
_DETECTIONS, _PAGE = "detections.jsonl", "page.html"
_WRONG: Final = 2
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True)
class Sweep:
    """Which setting of which rule, and its values; `edgeguard whatif` reads them."""

    scenario: str
    param: str
    first: str
    last: str
    step: str

    def __str__(self) -> str:
        return f"{self.param}={self.first}:{self.last}:{self.step}"


class WhatIf:
    """One sweep at a time. Lives on one event loop."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._busy = False

    async def page(self, detections: AsyncIterator[bytes], sweep: Sweep) -> str:
        """The report as HTML without scripts. Raises CenterError in words for who asked."""
        if self._busy:
            raise CenterError("another sweep runs, one at a time: ask again in a minute")
        self._busy = True
        try:
            with TemporaryDirectory(prefix="edgeguard-whatif-") as name:
                folder = Path(name)
                await _keep(folder / _DETECTIONS, detections)
                await self._run(folder, sweep)
                return await asyncio.to_thread(_read, folder / _PAGE)
        finally:
            self._busy = False

    async def _run(self, folder: Path, sweep: Sweep) -> None:
        options = [f"--scenario={sweep.scenario}", f"--sweep={sweep}", "--report", _PAGE]
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "edgeguard", "whatif", _DETECTIONS, *options),
            cwd=folder,
            env=_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _bound(worker.pid, self._longest_s)
            _, told = await asyncio.wait_for(worker.communicate(), self._longest_s)
        except TimeoutError as error:
            limit = f"{self._longest_s:g} s: fewer values, or a shorter recording"
            raise CenterError(f"the sweep takes longer than is allowed here, accepted: at most {limit}") from error
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
        if worker.returncode:
            raise CenterError(_why(worker.returncode, told))


def _environment() -> dict[str, str]:
    """The program is found where the center's is; none of the center's secrets, one thread."""
    paths = os.pathsep.join(os.path.realpath(one) for one in sys.path if one)
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "1000"}


def _bound(pid: int, longest_s: float) -> None:
    """Memory and time of the processor, and after everybody else. One that is over already needs none."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        seconds = int(longest_s) + 1
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MAX_PAGE_BYTES, MAX_PAGE_BYTES))
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)


async def _keep(path: Path, detections: AsyncIterator[bytes]) -> None:
    """Raises CenterError for more than is allowed."""
    size = 0
    with path.open("wb") as file:
        async for piece in detections:
            size += len(piece)
            if size > MAX_FILE_BYTES:
                raise CenterError(f"a file of more than {MAX_FILE_BYTES} bytes, accepted: at most so many")
            await asyncio.to_thread(file.write, piece)


def _read(page: Path) -> str:
    try:
        return page.read_text("utf-8")
    except OSError as error:
        raise CenterError("the sweep left no page") from error


def _why(status: int, told: bytes) -> str:
    """What the tool says of wrong input; of all else only that it failed."""
    lines = [line for line in told.decode(errors="replace").splitlines() if line.strip()]
    if status == _WRONG and lines:
        return lines[-1].removeprefix("edgeguard whatif: ").removeprefix("error: ")
    return f"the sweep could not be computed here (status {status}): fewer values, or a shorter recording"
