"""What one camera runs, shared by the box and the replay; and what becomes of its reports."""

from edgeguard.pipeline.camera import CameraPipeline, Gate, Look
from edgeguard.pipeline.config import (
    ChainConfig,
    Model,
    build_pipeline,
    gate_and_sieve,
    open_model,
    share_model,
    thresholds_of,
)
from edgeguard.pipeline.privacy import blur_heads
from edgeguard.pipeline.reporting import Scene, to_draft
from edgeguard.pipeline.snapshot import encode_jpeg, outlined, snapshot

__all__ = [
    "CameraPipeline",
    "ChainConfig",
    "Gate",
    "Look",
    "Model",
    "Scene",
    "blur_heads",
    "build_pipeline",
    "encode_jpeg",
    "gate_and_sieve",
    "open_model",
    "outlined",
    "share_model",
    "snapshot",
    "thresholds_of",
    "to_draft",
]
