"""A pose network of Ultralytics made into one that a box runs: exported on the user's machine, described beside it."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from edgeguard.bodies import PoseEntry, PoseNet, PoseSpec
from edgeguard.bodies.networks import BOX_ROWS
from edgeguard.errors import ConfigError, FetchError, ModelError
from edgeguard.networks import ExecutionConfig
from edgeguard.types import KEYPOINTS

INSTALL = "pip install 'edgeguard[train]'"
# A person is shown to it in a square of so many pixels, that is so many times the box's longer side.
SIDE_PX = 256
CROP = 1.3
# Ultralytics' own weights and what is trained from them.
LICENCE = "AGPL-3.0"


def convert(source: Path, folder: Path) -> PoseSpec:
    """Write `folder/NAME.onnx` and its description. Reading a .pt file runs what is in it: only from whom you trust.

    Raises ConfigError where torch and ultralytics are missing or the file is no pose network, FetchError where nothing
    can be written.
    """
    if not source.is_file():
        raise ConfigError(f"{source} is not there, accepted: a pose network of Ultralytics, such as yolo11n-pose.pt")
    with tempfile.TemporaryDirectory() as made:
        exported = _export(source, Path(made))
        _keep(exported, source, folder)
    return PoseSpec(folder=folder, **_entry(folder / exported.name, source).model_dump())


def _export(source: Path, folder: Path) -> Path:
    """The .onnx file that Ultralytics writes beside a copy of the source."""
    network: Any = _ultralytics()
    copy = Path(shutil.copy(source, folder / f"{source.stem}.pt"))
    try:
        model = network(str(copy))
        task, shape = model.task, tuple(getattr(model.model.model[-1], "kpt_shape", ()))
    except Exception as error:
        raise ConfigError(f"{source}: met {_line(error)}, accepted: a pose network of Ultralytics (.pt)") from error
    if task != "pose" or shape != (KEYPOINTS, 3):
        met = f"a network for {task}" + (f" with {shape} keypoints" if shape else "")
        raise ConfigError(f"{source}: met {met}, accepted: one for pose with {KEYPOINTS} keypoints of COCO")
    return Path(model.export(format="onnx", imgsz=SIDE_PX, dynamic=False, simplify=False, verbose=False))


def _ultralytics() -> Any:  # noqa: ANN401 - it has no types
    """Late: a box has neither torch nor ultralytics."""
    try:
        import onnx  # noqa: F401, PLC0415
        from ultralytics import YOLO  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"converting needs torch and ultralytics ({error}), accepted: {INSTALL}") from error
    return YOLO


def _keep(exported: Path, source: Path, folder: Path) -> None:
    """Try it where it was made, then put it where it belongs: a network that does not run is never installed."""
    entry = _entry(exported, source)
    try:
        PoseNet(PoseSpec(folder=exported.parent, **entry.model_dump()), ExecutionConfig())
    except ModelError as error:
        raise ConfigError(f"{source}: {error}, accepted: output [1, {BOX_ROWS + 3 * KEYPOINTS}, cells]") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(exported, folder / exported.name)
        text = yaml.safe_dump(entry.model_dump(mode="json"), sort_keys=False)
        (folder / exported.name).with_suffix(".yaml").write_text(text, "utf-8")
    except OSError as error:
        raise FetchError(f"{folder}: cannot be written ({error.strerror}), accepted: a folder for models") from error


def _entry(exported: Path, source: Path) -> PoseEntry:
    data = exported.read_bytes()
    return PoseEntry.model_validate(
        {
            "kind": "yolo_pose",
            "name": exported.stem.lower(),
            "file": exported.name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "input": {"size": [SIDE_PX, SIDE_PX], "color": "rgb", "scale": 1 / 255},
            "crop": CROP,
            "licence": LICENCE,
            "source": f"{source.name}, sha256 {hashlib.sha256(source.read_bytes()).hexdigest()}",
        }
    )


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
