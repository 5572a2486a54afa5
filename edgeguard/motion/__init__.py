"""Is this frame worth a detector? What falls through it? And does the camera still show what it was put up for?"""

from edgeguard.motion.falls import FallSieve
from edgeguard.motion.gate import MotionConfig, MotionGate, SeldomGate
from edgeguard.motion.view import ViewConfig, ViewFault, ViewWatch

__all__ = ["FallSieve", "MotionConfig", "MotionGate", "SeldomGate", "ViewConfig", "ViewFault", "ViewWatch"]
