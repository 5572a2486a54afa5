"""The plate chain of the bundled networks."""

from pathlib import Path

from edgeguard.recognizers.bundled import bundled_recognizer
from edgeguard.recognizers.manifest import PlateDetectorSpec, PlateReaderSpec
from edgeguard.recognizers.plates.chain import PlateChain
from edgeguard.recognizers.plates.detect import PlateDetector
from edgeguard.recognizers.plates.grammar import Grammar
from edgeguard.recognizers.plates.reader import PlateReader

FINDER, READER = "plate-finder", "plate-reader"


def plate_chain(folder: Path, grammar: Grammar) -> PlateChain:
    """Of the finder and the reader in `folder`/manifest.yaml. Raises ConfigError, ModelError."""
    finder = bundled_recognizer(FINDER, PlateDetectorSpec, folder)
    reader = bundled_recognizer(READER, PlateReaderSpec, folder)
    return PlateChain(PlateDetector(finder), PlateReader(reader), grammar)
