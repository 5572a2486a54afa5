"""A closer look at people: how they lie, where their joints are, whether a group of them fights."""

from edgeguard.bodies.manifest import FightSpec, PoseEntry, PoseSpec, PostureSpec, bodies_in
from edgeguard.bodies.networks import PoseNet, PostureNet
from edgeguard.bodies.scripted import ScriptedBodies
from edgeguard.bodies.stage import POSE_MISSING, BodyStage, open_bodies, verify

__all__ = [
    "POSE_MISSING",
    "BodyStage",
    "FightSpec",
    "PoseEntry",
    "PoseNet",
    "PoseSpec",
    "PostureNet",
    "PostureSpec",
    "ScriptedBodies",
    "bodies_in",
    "open_bodies",
    "verify",
]
