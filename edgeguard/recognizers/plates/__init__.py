"""Picture -> plates -> text by the grammar -> one text of a track. Whether it may pass is not decided here."""

from edgeguard.recognizers.plates.chain import PlateChain, PlateLook
from edgeguard.recognizers.plates.detect import Finder, PlateDetector, Plates
from edgeguard.recognizers.plates.grammar import Grammar, Plate, grammar_of, read_region, regions
from edgeguard.recognizers.plates.reading import Columns, PlateReading, Reader
from edgeguard.recognizers.plates.rectify import rectify
from edgeguard.recognizers.plates.scripted import ScriptedFinder, ScriptedReader
from edgeguard.recognizers.plates.vote import TrackVote, Vote

__all__ = [
    "Columns",
    "Finder",
    "Grammar",
    "Plate",
    "PlateChain",
    "PlateDetector",
    "PlateLook",
    "PlateReading",
    "Plates",
    "Reader",
    "ScriptedFinder",
    "ScriptedReader",
    "TrackVote",
    "Vote",
    "grammar_of",
    "read_region",
    "rectify",
    "regions",
]
