"""The objects of a frame that a rule is about: of its labels, believed, and in its zone."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from edgeguard.errors import ConfigError
from edgeguard.scenarios.residents import Residents
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box, Zone, feet, lower_half
from edgeguard.types import Observation


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A model's operating points for a label: from `c_lo` a box raises suspicion, from `c_hi` it is believed."""

    c_lo: float
    c_hi: float


def require(rule: str, wanted: Iterable[str], labels: Sequence[str]) -> None:
    """Raise ConfigError for a model that cannot see what a rule is about."""
    missing = [label for label in wanted if label not in labels]
    if missing:
        accepted = ", ".join(missing)
        raise ConfigError(f"{rule}: met a model with the labels {', '.join(labels)}; accepted one with {accepted}")


@dataclass(frozen=True, slots=True)
class Area:
    """A box is in it when so much of its lower half is, or `by_feet` of its lowest sixth."""

    zone: Zone
    min_share: float
    by_feet: bool = False

    def of(self, found: Iterable[Candidate]) -> list[Candidate]:
        """Those that are in it."""
        share, least = self.zone.share_of, self.min_share
        if self.by_feet:
            return [one for one in found if share(feet(one.box)) >= least]
        return [one for one in found if share(one.cells or one.placed()) >= least]

    def has(self, box: Box) -> bool:
        """Of one box in 0..1 of the picture."""
        return self.zone.share_of(feet(box) if self.by_feet else lower_half(box)) >= self.min_share


class Sight(tuple[str, ...]):  # noqa: SLOT001 - it remembers a look
    """The labels of a camera's model; and what it sees in a look, made into candidates once for all rules that ask."""

    def __init__(self, _labels: Iterable[str] = ()) -> None:
        self._looked: Observation | None = None
        self._seen: Sequence[tuple[int, Candidate]] = ()
        # What is asked for: of which labels, by number, and from which score on; and who has it in this look.
        self._asked: list[dict[int, float]] = []
        self._believed: dict[int, Sequence[Candidate]] = {}
        self._residents: dict[tuple[int, float], Residents] = {}

    def of(self, now: Observation) -> Sequence[tuple[int, Candidate]]:
        """Number of the label and candidate of each box of a looked-at frame, in the detector's order."""
        if now is not self._looked:
            self._looked, self._seen = now, list(self._read(now))
            self._believed.clear()
        return self._seen

    def ask(self, least: Mapping[str, float]) -> int:
        """A number to ask with for what scores that much; the same for all who ask the same."""
        asked = {self.index(label): score for label, score in least.items()}
        if asked not in self._asked:
            self._asked.append(asked)
        return self._asked.index(asked)

    def believed(self, now: Observation, ask: int) -> Sequence[Candidate]:
        """Those that score what is asked of their label."""
        seen, found = self.of(now), self._believed.get(ask)
        if found is None:
            least = self._asked[ask]
            found = [one for label, one in seen if label in least and one.score >= least[label]]
            self._believed[ask] = found
        return found

    def residents(self, ask: int, clear_s: float) -> Residents:
        """Who is whom over time of those in the whole picture, one for all rules that ask."""
        return self._residents.setdefault((ask, clear_s), Residents(clear_s))

    def _read(self, now: Observation) -> Iterator[tuple[int, Candidate]]:
        if now.tracks is None or not len(now.tracks):
            return
        boxes = now.tracks.boxes
        rows = boxes.label.tolist(), now.tracks.id.tolist(), boxes.xyxy.tolist(), boxes.score.tolist()
        for label, track_id, xyxy, score in zip(*rows, strict=True):
            yield label, Candidate(self[label], track_id, relative(xyxy, now.width_px, now.height_px), score)


class Objects:
    """Boxes of some labels, each from its own least score on; `area` None: in the whole picture."""

    def __init__(self, least: Mapping[str, float], labels: Sequence[str], area: Area | None = None) -> None:
        self._sight = labels if isinstance(labels, Sight) else Sight(labels)
        self._ask = self._sight.ask(least)
        self._area = area

    def of(self, now: Observation) -> Sequence[Candidate]:
        """Of a looked-at frame, in the detector's order."""
        found = self._sight.believed(now, self._ask)
        return found if self._area is None else self._area.of(found)

    def residents(self, clear_s: float) -> Residents:
        """Who of them is whom over time; those of a whole picture are shared."""
        return Residents(clear_s) if self._area else self._sight.residents(self._ask, clear_s)


def strongest(found: Iterable[Candidate]) -> Candidate | None:
    """The best score; None of none."""
    best = None
    for one in found:
        if best is None or one.score > best.score:
            best = one
    return best


def relative(xyxy: Sequence[float], width_px: int, height_px: int) -> Box:
    """Pixels to 0..1 of the picture, cut to it."""
    x0, y0, x1, y1 = xyxy
    return (
        x0 / width_px if x0 > 0 else 0.0,
        y0 / height_px if y0 > 0 else 0.0,
        x1 / width_px if x1 < width_px else 1.0,
        y1 / height_px if y1 < height_px else 1.0,
    )


def apart_heights(thing: Box, person: Box, width_px: int, height_px: int) -> float:
    """Between the feet of two boxes, in heights of the person: on the floor a height is about 1.7 m, near or far."""
    across = ((thing[0] + thing[2]) - (person[0] + person[2])) / 2 * width_px
    along = (thing[3] - person[3]) * height_px
    height = max((person[3] - person[1]) * height_px, 1.0)
    return math.hypot(across, along) / height


def attended(thing: Box, people: Iterable[Candidate], near_heights: float, now: Observation) -> bool:
    """Whether somebody is so near."""
    size = now.width_px, now.height_px
    return any(apart_heights(thing, person.box, *size) <= near_heights for person in people)
