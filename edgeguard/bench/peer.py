"""Against `ultralytics.YOLO("x.onnx")(frame)`: the same network, the same frames, in turns."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from av.video.frame import VideoFrame

from edgeguard.bench.chain import drafts, endless_frames, new_pipeline
from edgeguard.bench.stats import Spent, median, spent
from edgeguard.bench.stream import BUSY_FROM_S, BUSY_TO_S, FPS, recorded
from edgeguard.detectors import ExecutionConfig, ModelSpec, OnnxDetector
from edgeguard.errors import ConfigError

CHILD = Path(__file__).with_name("peer_child.py")
# The common loop looks at every third frame; a box at 5 Hz does the same with 15 frames a second.
EVERY = 3


@dataclass(frozen=True, slots=True)
class Peer:
    """Milliseconds of processor time per frame, all threads, medians; decoding is apart on both sides.

    `per_look`: YOLO(frame) over our look, median of pairs. `third_over_gated`: its every-third-frame loop, per camera
    of 15 frames a second, over ours with a fifth of the cameras busy at 5 looks a second and keep-alive on the rest.
    """

    yolo_ms: float
    edgeguard_ms: float
    per_look_cpu: float
    per_look_wall: float
    every_frame_over_gated: float
    third_over_gated: float


def peer_python(given: Path | None) -> str | None:
    """The interpreter to run the peer with: the one given, this one where it has ultralytics, else None."""
    if given is not None:
        if not given.is_file():
            raise ConfigError(f"--peer-python: met {given}, accepted: an interpreter that has ultralytics")
        return os.fspath(given)
    return sys.executable if importlib.util.find_spec("ultralytics") else None


def measure_peer(
    spec: ModelSpec,
    execution: ExecutionConfig,
    python: str,
    pairs: int,
    shown: Callable[[Iterable[int]], Iterable[int]],
) -> Peer:
    """Take so many pairs. Raises ConfigError where the interpreter cannot run ultralytics."""
    pictures = list(recorded(BUSY_FROM_S, BUSY_TO_S))
    pipeline = new_pipeline(spec, OnnxDetector(spec, execution.model_copy(update={"sessions": 1})))
    frames = endless_frames()
    theirs, ours = list[Spent](), list[Spent]()
    with TemporaryDirectory(prefix="edgeguard-bench-") as folder:
        file = Path(folder) / "frames.npy"
        np.save(file, [VideoFrame.from_ndarray(each, "yuv420p").to_ndarray(format="bgr24") for each in pictures])
        with _child(python, file, spec) as child:
            for number in shown(range(pairs)):
                theirs.append(_ask(child, number % len(pictures)))
                frame = next(frames)
                ours.append(spent(lambda frame=frame: drafts(pipeline.look(frame))))  # type: ignore[misc]
    return _result(theirs, ours)


def _result(theirs: list[Spent], ours: list[Spent]) -> Peer:
    yolo, own = median([one.cpu_ms for one in theirs]), median([one.cpu_ms for one in ours])
    gated_per_s = 0.2 * (FPS / EVERY) * own + 0.8 * own / 5.0
    return Peer(
        yolo_ms=yolo,
        edgeguard_ms=own,
        per_look_cpu=median([one.cpu_ms / other.cpu_ms for one, other in zip(theirs, ours, strict=True)]),
        per_look_wall=median([one.wall_ms / other.wall_ms for one, other in zip(theirs, ours, strict=True)]),
        every_frame_over_gated=round(FPS * yolo / gated_per_s, 2),
        third_over_gated=round(FPS / EVERY * yolo / gated_per_s, 2),
    )


@contextmanager
def _child(python: str, frames: Path, spec: ModelSpec) -> "Iterator[subprocess.Popen[str]]":
    command = [python, os.fspath(CHILD), os.fspath(frames), os.fspath(spec.path), *map(str, spec.input.size)]
    pipe = subprocess.PIPE
    # The interpreter is the user's own choice; what it says on stderr is a progress of no use here.
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as child:  # noqa: S603
        try:
            if _line(child) != "ready":
                raise ConfigError(f"--peer-python: {python} cannot run ultralytics, accepted: an interpreter that can")
            yield child
        finally:
            child.kill()


def _ask(child: "subprocess.Popen[str]", number: int) -> Spent:
    if child.stdin is None:
        raise ConfigError("--peer-python: its input is closed")
    child.stdin.write(f"{number}\n")
    child.stdin.flush()
    answer = _line(child).split()
    if len(answer) != 2:
        raise ConfigError("--peer-python: ultralytics stopped, accepted: one that runs the model to the end")
    return Spent(float(answer[0]), float(answer[1]))


def _line(child: "subprocess.Popen[str]") -> str:
    return child.stdout.readline().strip() if child.stdout is not None else ""
