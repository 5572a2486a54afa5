"""Is this frame worth a detector? And does the camera still show what it was put up for?"""

from edgeguard.motion.gate import MotionConfig, MotionGate
from edgeguard.motion.view import ViewConfig, ViewFault, ViewWatch

__all__ = ["MotionConfig", "MotionGate", "ViewConfig", "ViewFault", "ViewWatch"]
