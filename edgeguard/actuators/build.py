"""From configuration to a voice; opens and starts nothing, but refuses what cannot work."""

from collections.abc import Callable

from edgeguard.actuators.alsa_output import AlsaOutput
from edgeguard.actuators.catalogue import load_catalogue
from edgeguard.actuators.config import (
    AlsaOutputConfig,
    FileOutputConfig,
    MemoryOutputConfig,
    NoOutputConfig,
    OutputConfig,
    VoiceConfig,
)
from edgeguard.actuators.file_output import FileOutput
from edgeguard.actuators.outputs import AudioOutput, MemoryOutput
from edgeguard.actuators.voice import Voice
from edgeguard.types import Playback

# Without an output the phrases are decoded all the same, so that a damaged one is found.
RATE_WITHOUT_OUTPUT_HZ = 24_000


def build_output(config: OutputConfig) -> AudioOutput | None:
    """Make the configured output; None for kind `none`."""
    match config:
        case AlsaOutputConfig():
            return AlsaOutput(config.device, config.rate_hz, config.latency_ms / 1000)
        case FileOutputConfig():
            return FileOutput(config.path, config.rate_hz, config.limit_s)
        case MemoryOutputConfig():
            return MemoryOutput(config.rate_hz, hang_after_s=config.hang_after_s)
        case NoOutputConfig():
            return None


def build_voice(
    config: VoiceConfig,
    on_playback: Callable[[Playback], None],
    on_started: Callable[[Playback], None] = lambda _: None,
) -> Voice:
    """Make the voice, its phrases decoded. Raises AudioError for a missing, damaged or unknown phrase or recording."""
    output = build_output(config.output)
    rate_hz = RATE_WITHOUT_OUTPUT_HZ if output is None else output.rate_hz
    catalogue = load_catalogue(rate_hz, config.languages, config.recordings_dir)
    catalogue.check_names(config.optional_phrases, "optional_phrases")
    for hours in config.quiet_hours:
        catalogue.check_names(hours.phrases or (), f"quiet_hours from {hours.start:%H:%M}")
    return Voice(config, catalogue, output, on_playback, on_started=on_started)
