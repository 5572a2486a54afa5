"""Picture -> Detections: networks of the manifest on ONNX Runtime, and a scripted one."""

from edgeguard.detectors.manifest import DEFAULT_MODEL, ModelSpec, find_model, models_dir, read_manifest
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.scripted import ScriptedDetector
from edgeguard.detectors.session import ExecutionConfig

__all__ = [
    "DEFAULT_MODEL",
    "ExecutionConfig",
    "ModelSpec",
    "OnnxDetector",
    "ScriptedDetector",
    "find_model",
    "models_dir",
    "read_manifest",
]
