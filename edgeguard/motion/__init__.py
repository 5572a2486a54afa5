"""Is this frame worth a detector? And what falls through it."""

from edgeguard.motion.falls import FallSieve
from edgeguard.motion.gate import MotionConfig, MotionGate, SeldomGate

__all__ = ["FallSieve", "MotionConfig", "MotionGate", "SeldomGate"]
