"""Picture -> Detections: networks of the manifest on ONNX Runtime, and a scripted one."""

from edgeguard.detectors.manifest import DEFAULT_MODEL, ModelSpec, find_model, read_manifest
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.opening import open_detector
from edgeguard.detectors.scheduler import Scheduler
from edgeguard.detectors.scripted import HangingDetector, ScriptedDetector
from edgeguard.detectors.second_opinion import for_one_camera, looking_down
from edgeguard.networks import ExecutionConfig, cores, models_dir

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
    "for_one_camera",
    "looking_down",
    "models_dir",
    "open_detector",
    "read_manifest",
]
