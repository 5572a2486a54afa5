"""A person, or a picture of one? A CSV `video,label` or `image,label`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import PhotoError, TruthError
from edgeguard.recognizers import Liveness, Unseen, meant, read_photo
from edgeguard.recognizers.photo import is_photo
from edgeguard.replay.csvrows import Row, label_of
from edgeguard.replay.rates import Area, Rate, Scores, accepted, area_under_curve
from edgeguard.types import FaceFinder

COLUMNS = (("video", "label"), ("image", "label"))
LABELS = {"real": True, "fake": False}


@dataclass(frozen=True, slots=True)
class Clip:
    """A video or a picture."""

    path: Path
    real: bool
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Probability of being live of each look that showed one face; `unseen` looks showed none, or several."""

    clip: Clip
    scores: Scores
    unseen: int


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """Each look is a decision of its own: those of one clip are much alike, so the intervals by look flatter.

    `apcer`: attacks taken for live; `bpcer`: live ones refused (ISO/IEC 30107-3). `clip_*`: by the mean of a clip.
    """

    clips: int
    clips_unseen: int
    looks: int
    looks_unseen: int
    threshold: float
    auc: Area
    apcer: Rate
    bpcer: Rate
    clip_auc: Area
    clip_apcer: Rate
    clip_bpcer: Rate


def clips_of(path: Path, rows: Sequence[Row], column: str) -> list[Clip]:
    """Raises TruthError."""
    return [Clip(path.parent / row.cells[column], label_of(row, "label", LABELS), row) for row in rows]


def judge(clip: Clip, finder: FaceFinder, liveness: Liveness, every: int) -> Judged:
    """Look at every so-many-th frame of a video, or at a picture. Raises TruthError with the row."""
    scores, unseen = [], 0
    for bgr in _pictures(clip, every):
        faces = finder.find(bgr)
        face = meant(faces)
        if isinstance(face, Unseen):
            unseen += 1
        else:
            scores.append(liveness.probability(bgr, faces.xyxy[face].tolist()))
    return Judged(clip, np.array(scores, np.float64), unseen)


def score_liveness(judged: Iterable[Judged], threshold: float) -> LivenessResult:
    """By look and by clip."""
    judged = list(judged)
    seen = [one for one in judged if len(one.scores)]
    real, fake = ([one.scores for one in seen if one.clip.real == label] for label in (True, False))
    looks_real, looks_fake = _joined(real), _joined(fake)
    clips_real, clips_fake = (np.array([scores.mean() for scores in kind], np.float64) for kind in (real, fake))
    return LivenessResult(
        len(judged),
        len(judged) - len(seen),
        len(looks_real) + len(looks_fake),
        sum(one.unseen for one in judged),
        threshold,
        area_under_curve(looks_real, looks_fake),
        accepted(looks_fake, threshold),
        _refused(looks_real, threshold),
        area_under_curve(clips_real, clips_fake),
        accepted(clips_fake, threshold),
        _refused(clips_real, threshold),
    )


def _joined(heaps: Sequence[Scores]) -> Scores:
    return np.concatenate(heaps) if heaps else np.zeros(0, np.float64)


def _refused(scores: Scores, threshold: float) -> Rate:
    return Rate.of(int((scores < threshold).sum()), len(scores))


def _pictures(clip: Clip, every: int) -> Iterator[NDArray[np.uint8]]:
    try:
        if is_photo(clip.path):
            yield read_photo(clip.path)
        else:
            yield from _frames(clip.path, every)
    except (OSError, av.error.FFmpegError) as error:
        told = f"{error.strerror or error}, accepted: a video, or a JPEG or PNG picture"
        raise TruthError(f"{clip.row.where}: {clip.path}: {told}") from error
    except PhotoError as error:
        raise TruthError(f"{clip.row.where}: {error}") from error


def _frames(path: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    with av.open(path) as container:
        if not container.streams.video:
            raise OSError(0, "no video in it")
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                # A telephone films lying on its side and says by how much, counter-clockwise.
                turned = np.rot90(frame.to_ndarray(format="bgr24"), round(frame.rotation / 90))
                yield np.ascontiguousarray(turned, np.uint8)
