"""What a number was measured on: without it a number says nothing."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import onnxruntime as ort

from edgeguard.detectors import ExecutionConfig, cores

# What decides how fast a network runs on x86; an Arm core names its own ("asimd", "i8mm", "bf16").
TELLING_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8", "asimd", "i8mm", "bf16")


@dataclass(frozen=True, slots=True)
class Machine:
    """`load_1m`: processes that ran or wanted to when the measurement began, this one not yet among them."""

    cpu: str
    cores: int
    flags: tuple[str, ...]
    load_1m: float
    system: str
    python: str
    onnxruntime: str
    ffmpeg: str
    opencv: str
    provider: str
    precision: str


def describe(execution: ExecutionConfig) -> Machine:
    """This machine, and how it runs networks."""
    facts = _cpuinfo()
    flags = set((facts.get("flags") or facts.get("Features") or "").split())
    return Machine(
        cpu=facts.get("model name") or platform.machine(),
        cores=cores(),
        flags=tuple(flag for flag in TELLING_FLAGS if flag in flags),
        load_1m=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        onnxruntime=ort.__version__,
        ffmpeg=av.ffmpeg_version_info,
        opencv=cv2.__version__,
        provider=execution.provider,
        precision=execution.precision,
    )


def _cpuinfo() -> dict[str, str]:
    """The first core's lines; empty where the system does not tell."""
    path = Path("/proc/cpuinfo")
    first = path.read_text(encoding="utf-8").split("\n\n")[0] if path.exists() else ""
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
