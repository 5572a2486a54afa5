"""What the box does to the world: the voice."""

from edgeguard.actuators.build import build_voice
from edgeguard.actuators.config import VoiceConfig
from edgeguard.actuators.talk import TalkLine
from edgeguard.actuators.voice import Voice, VoiceHealth, VoiceState

__all__ = ["TalkLine", "Voice", "VoiceConfig", "VoiceHealth", "VoiceState", "build_voice"]
