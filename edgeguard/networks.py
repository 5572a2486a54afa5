"""What every network needs, whatever it sees: its input described, its file verified, one ONNX Runtime session."""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from pydantic import Field, model_validator

from edgeguard.errors import ConfigError, ModelError
from edgeguard.yamlfile import Strict

MANIFEST_NAME = "manifest.yaml"
STEP = 32  # the coarsest grid of a YOLO network: a dynamic input is a multiple of it
PROVIDERS = {"cpu": "CPUExecutionProvider", "openvino": "OpenVINOExecutionProvider"}

# ONNX Runtime's errors share no base class of their own.
_ORT_ERRORS = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


_PACKAGE = Path(__file__).resolve().parent


def models_dir(explicit: Path | None = None) -> Path:
    """The folder of the manifest: the one given, else the wheel's, else the working tree's."""
    if explicit is not None:
        return explicit
    bundled = _PACKAGE / "_bundled_models"
    return bundled if bundled.is_dir() else _PACKAGE.parent / "models"


class InputSpec(Strict):
    """What the network eats: (pixel * scale - mean) / std in `color` order, `size` as (height, width).

    `dynamic`: it takes any size up to that in steps of 32, so no border is computed around a wide or a tall picture.
    """

    size: tuple[Annotated[int, Field(ge=32, le=4096)], Annotated[int, Field(ge=32, le=4096)]]
    dynamic: bool = False
    layout: Literal["nchw"] = "nchw"
    color: Literal["rgb", "bgr"]
    scale: Annotated[float, Field(gt=0)]
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (1, 1, 1)

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if self.dynamic and any(side % STEP for side in self.size):
            raise ValueError(f"size is {list(self.size)} with dynamic, accepted: multiples of {STEP}")
        return self

    def tables(self) -> list[NDArray[np.float32]]:
        """Of each channel in `color` order the value of its 256 levels: looking up costs half of multiplying."""
        levels = np.arange(256)
        moments = zip(self.mean, self.std, strict=True)
        return [((levels * self.scale - mean) / std).astype(np.float32) for mean, std in moments]


class ToTensor:
    """(h, w, 3) uint8 BGR of the network's size -> its (1, 3, h, w) float32."""

    def __init__(self, spec: InputSpec) -> None:
        self._source = (2, 1, 0) if spec.color == "rgb" else (0, 1, 2)
        self._tables = spec.tables()

    def __call__(self, bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        tensor = np.empty((1, 3, *bgr.shape[:2]), np.float32)
        channels = cv2.split(np.ascontiguousarray(bgr))
        for plane, channel, table in zip(tensor[0], self._source, self._tables, strict=True):
            cv2.LUT(channels[channel], table, dst=plane)  # a tenth of the time of indexing by pixels
        return tensor


class ModelFile(Protocol):
    """A file that is meant to be exactly the one described."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def sha256(self) -> str:
        """64 hex digits."""


class NetworkFile(ModelFile, Protocol):
    """A network of one picture in, one array out."""

    @property
    def input(self) -> InputSpec:
        """What it eats."""


class ExecutionConfig(Strict):
    """How to run a network.

    One single-thread session per core beats one session over all cores, most of all beside a busy neighbour: raise
    `sessions`, not `threads`, where several cameras share a detector. `sessions` None: one per core on a box, one for
    a recording.
    """

    provider: Literal["cpu", "openvino"] = "cpu"
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    sessions: Annotated[int, Field(ge=1, le=64)] | None = None

    @model_validator(mode="after")
    def _bf16_needs_openvino(self) -> Self:
        if self.precision == "bf16" and self.provider != "openvino":
            raise ValueError(f"precision is bf16 with provider {self.provider}, accepted: fp32, or provider openvino")
        return self


def cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0))


class Network:
    """One session of a model; `run` maps the input tensor to the only output."""

    def __init__(self, spec: NetworkFile, execution: ExecutionConfig) -> None:
        self._file = spec.path
        self._session = _open(spec, execution)
        _check_ports(spec, self._session)
        self._input = self._session.get_inputs()[0].name
        self._outputs = [self._session.get_outputs()[0].name]

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """(1, 3, H, W) float32 -> the output with its batch axis. Raises ModelError."""
        try:
            output: NDArray[np.float32] = self._session.run(self._outputs, {self._input: tensor})[0]
        except _ORT_ERRORS as error:
            raise ModelError(f"{self._file}: the network failed: {_one_line(error)}") from error
        return output


def verify_file(spec: ModelFile) -> None:
    """Raise ModelError unless the file is there and is the one described."""
    try:
        with spec.path.open("rb") as stream:
            met = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError as error:
        raise ModelError(f"{spec.path}: cannot be read ({error.strerror}), accepted: model {spec.name!r}") from error
    if met != spec.sha256:
        raise ModelError(f"{spec.path}: sha256 is {met} ({size} bytes), accepted: {spec.sha256}")


def _open(spec: NetworkFile, execution: ExecutionConfig) -> ort.InferenceSession:
    available = ort.get_available_providers()
    if PROVIDERS[execution.provider] not in available:
        names = [name for name, provider in PROVIDERS.items() if provider in available]
        raise ConfigError(f"provider is {execution.provider!r}, accepted on this machine: {', '.join(names)}")
    verify_file(spec)
    options = ort.SessionOptions()
    options.intra_op_num_threads = execution.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; they are raised as well
    # Spinning between two pictures burns the core that the decoder needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = _session(spec.path, options, execution)
    except _ORT_ERRORS as error:
        raise ModelError(f"{spec.path}: not a model that can be run: {_one_line(error)}") from error
    # ONNX Runtime goes on with its CPU provider, without an error, where the one asked for cannot be set up.
    if PROVIDERS[execution.provider] not in session.get_providers():
        raise ConfigError(
            f"provider is {execution.provider!r}, which cannot be set up here, accepted: one that can, or cpu"
        )
    return session


def _session(path: Path, options: ort.SessionOptions, execution: ExecutionConfig) -> ort.InferenceSession:
    if execution.provider == "cpu":
        return ort.InferenceSession(path, options, providers=[PROVIDERS["cpu"]])
    properties = {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[execution.precision],
        "INFERENCE_NUM_THREADS": str(execution.threads),
        "NUM_STREAMS": "1",
    }
    provider_options = {"device_type": "CPU", "load_config": json.dumps({"CPU": properties})}
    return ort.InferenceSession(path, options, providers=[(PROVIDERS["openvino"], provider_options)])


def _check_ports(spec: NetworkFile, session: ort.InferenceSession) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(f"{spec.path}: {len(inputs)} inputs and {len(outputs)} outputs, accepted: one of each")
    wanted = (1, 3, *spec.input.size)
    if spec.input.dynamic and any(isinstance(axis, int) for axis in inputs[0].shape[2:]):
        raise ModelError(f"{spec.path}: input is {inputs[0].shape}, accepted: free height and width, or dynamic: false")
    # A symbolic axis (a name, or None) takes any size.
    fits = len(inputs[0].shape) == len(wanted) and all(
        not isinstance(met, int) or met == accepted for met, accepted in zip(inputs[0].shape, wanted, strict=True)
    )
    if not fits or inputs[0].type != "tensor(float)":
        met = f"{inputs[0].type} {inputs[0].shape}"
        raise ModelError(f"{spec.path}: input is {met}, accepted: tensor(float) {list(wanted)}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
