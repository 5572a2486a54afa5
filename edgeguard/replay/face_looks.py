"""Every picture of a set of faces, read once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgeguard.errors import PhotoError, TruthError
from edgeguard.recognizers import FaceReader, Look, Unseen, read_photo
from edgeguard.replay.csvrows import Row

Looks = Mapping[Path, Look | Unseen]


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the pictures: those without a template are counted apart, and `unseen_lines` name them.

    `flaws`: how many a quality gate would refuse, and why; they are compared all the same.
    """

    pictures: int
    no_face: int
    several_faces: int
    unseen_lines: tuple[int, ...]
    poor: int
    flaws: dict[str, int]


def look_at(files: Iterable[tuple[Path, Row]], reader: FaceReader) -> dict[Path, Look | Unseen]:
    """Raises TruthError with the row of a picture that cannot be read."""
    looks: dict[Path, Look | Unseen] = {}
    for path, row in files:
        try:
            looks[path] = reader.read(read_photo(path))
        except PhotoError as error:
            raise TruthError(f"{row.where}: {error}") from error
    return looks


def seen(files: Mapping[Path, Row], looks: Looks) -> Seen:
    """Count."""
    unseen = Counter(look for look in looks.values() if isinstance(look, Unseen))
    flaws = [look.quality.flaws for look in looks.values() if isinstance(look, Look)]
    return Seen(
        len(looks),
        unseen[Unseen.NO_FACE],
        unseen[Unseen.SEVERAL_FACES],
        tuple(sorted(files[path].line for path, look in looks.items() if isinstance(look, Unseen))),
        sum(map(bool, flaws)),
        dict(Counter(str(flaw) for each in flaws for flaw in each)),
    )
