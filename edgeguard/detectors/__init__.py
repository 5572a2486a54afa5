"""Picture -> Detections: networks of the manifest on ONNX Runtime, and a scripted one."""

from edgeguard.detectors.manifest import DEFAULT_MODEL, ModelSpec, find_model, models_dir, read_manifest
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.scheduler import Scheduler
from edgeguard.detectors.scripted import HangingDetector, ScriptedDetector
from edgeguard.detectors.second_look import open_detector
from edgeguard.networks import ExecutionConfig, cores

__all__ = [
    "DEFAULT_MODEL",
    "ExecutionConfig",
    "HangingDetector",
    "ModelSpec",
    "OnnxDetector",
    "Scheduler",
    "ScriptedDetector",
    "cores",
    "find_model",
    "models_dir",
    "open_detector",
    "read_manifest",
]
