"""Is this frame worth a detector?"""

from edgeguard.motion.gate import MotionConfig, MotionGate

__all__ = ["MotionConfig", "MotionGate"]
