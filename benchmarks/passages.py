# ruff: noqa: INP001  # a script, not a package
"""Plates that approach a gate: how many are let in rightly, how many wrongly, and what a plate costs.

python benchmarks/passages.py --shared ../shared [--passages 1000] [--seed 1] [--json]
python benchmarks/passages.py --pictures 2000 --seed 2    # the nearest pictures alone, of as many passages

Every passage is a track of 5 to 15 pictures of one plate on a car of a scene that training did not see. The plate is a
drawn one, or cut out of a photograph of the list `ccpd` that training did not see, its edges made level. The list has
500 plates. Half of the passages are by plates that are not on it, most of these one character off one that is. The gate
asks and opens as the product does (`GatePlate`, `Doorkeeper`): as soon as the looks agree, once more where they come to
agree on another text, and with what there is when the car has had its time. `nearest` is one picture alone, the last
and nearest one of each passage: found and read, without a vote or a list; `legible`: those of drawn plates in which
enough of every character is left, by the plate that was drawn (`models/training/plates/legible.py`).
Networks are the bundled ones. Left out are emergency plates and the letter O, whose shapes need Pillow and a font.
"""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.access.plates import likely, near
from edgeguard.detectors import models_dir
from edgeguard.recognizers.plates import Grammar, PlateChain, PlateLook, TrackVote, Vote, grammar_of
from edgeguard.recognizers.plates.build import plate_chain
from edgeguard.recognizers.plates.rectify import rectify, with_margin
from edgeguard.recognizers.plates.vote import AGREEING
from edgeguard.replay.plate_looks import overlap
from edgeguard.replay.rates import Rate
from edgeguard.scenarios.gate_plate import GatePlateConfig
from models.training.plate_detector.compose import lit, photographed, put_on
from models.training.plate_detector.sources import PLATES, is_held_out, labelled
from models.training.plates.degrade import weathered
from models.training.plates.draw import Artist, Plate
from models.training.plates.kinds import KINDS as ALL_KINDS
from models.training.plates.kinds import PROVINCES, pick
from models.training.plates.legible import LEGIBLE_FROM, legibility
from models.training.plates.level import levelled
from models.training.plates.placed import upright

Image = NDArray[np.uint8]
Rng = np.random.Generator
Frame = tuple[Image, NDArray[np.float32]]
"""A view, and the plate's corners in it."""

VIEW_PX = (640, 360)
LISTED = 500
ONE_OFF = 0.6
"""Of the plates that are not on the list: those that differ from a listed one in one character."""

CROPS = 0.3
"""Passages of photographed plates; the others are drawn."""

KINDS = {"blue": 0.5, "green_small": 0.22, "green_large": 0.06, "yellow": 0.08, "yellow_two_row": 0.05}
RARE = ("police", "trainer", "trailer", "consulate", "embassy", "hong_kong", "macau", "armed_police")

COLOURS = ("blue", "green", "yellow")

MIN_PLATE_PX = GatePlateConfig.model_fields["min_plate_px"].default


@dataclass(frozen=True, slots=True)
class Picture:
    """One look at a plate, alone; `read`: what it was taken for.

    `legible`: whether the plate can be read there; None of a photographed one, of which nobody knows.
    """

    source: str
    kind: str
    text: str
    read: str | None
    legible: bool | None

    @property
    def right(self) -> bool:
        return self.read == self.text


@dataclass(frozen=True, slots=True)
class Passage:
    """`opened`: the listed plate that it was taken for."""

    nearest: Picture
    listed: bool
    looks: int
    vote: Vote | None
    opened: str | None

    @property
    def right(self) -> bool:
        return self.opened == self.nearest.text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--pictures", type=int, metavar="N", help="the nearest pictures alone, of N passages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    grammar = grammar_of("cn")
    gate = Gate(plate_chain(models_dir(options.models_dir), grammar), grammar)
    traffic = Traffic(options.shared / "data", options.seed)
    if options.pictures:
        told = nearest([gate.picture(traffic) for _ in range(options.pictures)])
    else:
        told = summary(list(gate.passages(traffic, options.passages)), gate)
    print(json.dumps(told, ensure_ascii=False) if options.json else "\n".join(f"{k:44} {v}" for k, v in told.items()))


class Traffic:
    """Cars, and plates on them."""

    def __init__(self, data: Path, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        scenes = [(name, plate) for name, plates in labelled(data / PLATES).items() for plate in plates]
        self._cars = [(data / PLATES / "images" / name, plate.corners) for name, plate in scenes if is_held_out(name)]
        with (data / "plate_crops" / "ccpd.csv").open(encoding="utf-8") as lines:
            crops = [row for number, row in enumerate(csv.DictReader(lines)) if number % 2 == 1]
        self._crops = [(data / "plate_crops" / "ccpd" / row["image"], row["text"]) for row in crops]
        self._artist = Artist(data / "plate_templates")

    def plate(self) -> tuple[str, Plate, Image]:
        """Source, the plate as it left the works or a photographer, and BGRA as it is on the car."""
        if self.rng.random() < CROPS:
            path, text = self._crops[self.rng.integers(len(self._crops))]
            sheet = np.asarray(cv2.cvtColor(levelled(read(path)), cv2.COLOR_BGR2BGRA), np.uint8)
            return "photographed", Plate("blue", text, "blue", 1, sheet), sheet
        common = self.rng.random() < sum(KINDS.values())
        shares = np.array([*KINDS.values()]) / sum(KINDS.values())
        kind = str(self.rng.choice([*KINDS], p=shares) if common else self.rng.choice(RARE))
        drawn = self._artist.draw(self.rng, kind, text=self.text(kind))
        return "drawn", drawn, weathered(self.rng, drawn.image)

    def text(self, kind: str | None = None) -> str:
        """Of a kind; else of somebody who lives here."""
        kind = kind or str(self.rng.choice([*KINDS]))
        while "O" in (text := ALL_KINDS[kind].text(self.rng, pick(self.rng, PROVINCES))):
            pass
        return text

    def approach(self, sheet: Image, *, lamp: bool, last: bool = False) -> Iterator[Frame]:
        """Pictures of one car that comes nearer, or the last alone.

        `lamp`: light and dirt fall on the plate there; a photograph brings its own.
        """
        rng = self.rng
        path, corners = self._cars[rng.integers(len(self._cars))]
        car, place = read(path), np.array(corners, np.float32)
        frames, far, near = int(rng.integers(5, 16)), rng.uniform(45, 80), rng.uniform(100, 170)
        start, end = rng.uniform((0.35, 0.3), (0.65, 0.6)), rng.uniform((0.3, 0.5), (0.7, 0.75))
        light = rng.spawn(1)[0]
        state = light.bit_generator.state
        for share in (1.0,) if last else np.linspace(0, 1, frames):
            width, at = far * (near / far) ** share, (start + (end - start) * share) * VIEW_PX
            scale = width / float(np.linalg.norm(place[1] - place[0]))
            shift = at - place.mean(0) * scale
            matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
            soft = cv2.GaussianBlur(car, (0, 0), 0.4 / scale) if scale < 0.7 else car  # warping looks at four pixels
            view = np.asarray(cv2.warpAffine(soft, matrix, VIEW_PX, borderMode=cv2.BORDER_REPLICATE), np.uint8)
            there = shaped(place * scale + shift, sheet)
            light.bit_generator.state = state  # the same dirt and lamp in every picture
            put_on(view, lit(light, sheet, view, there) if lamp else sheet, there)
            yield photographed(rng, view), there


def read(path: Path) -> Image:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def shaped(corners: NDArray[np.float32], sheet: Image) -> NDArray[np.float32]:
    """The place of a plate, a little larger, so that nothing of the old one shows, and as high as the sheet is."""
    down = (corners[3] + corners[2] - corners[0] - corners[1]) / 2
    along = float(np.linalg.norm(corners[1] - corners[0]))
    wanted = max(along * sheet.shape[0] / sheet.shape[1], float(np.linalg.norm(down)))
    grown = down * (wanted / float(np.linalg.norm(down)) - 1) / 2
    middle = corners.mean(0)
    return np.asarray(middle + (corners + np.array([-grown, -grown, grown, grown]) - middle) * 1.05, np.float32)


def left_of(plate: Plate, view: Image, there: NDArray[np.float32]) -> float:
    """`legibility` in a picture with the plate's corners, wherever it is found."""
    height, width = plate.image.shape[:2]
    corners = np.asarray(with_margin(there), np.float32)
    onto_plate = cv2.getPerspectiveTransform(there, upright(0, 0, width, height))
    shown = cv2.perspectiveTransform(corners[None], onto_plate)[0]
    return legibility(rectify(view, corners, plate.rows), plate, np.asarray(shown, np.float32))


class Gate:
    """The chain under test, and the rule that opens."""

    def __init__(self, chain: PlateChain, grammar: Grammar) -> None:
        self._chain, self._grammar = chain, grammar
        self.look_ms: list[float] = []

    def passages(self, traffic: Traffic, count: int) -> Iterator[Passage]:
        regulars = [traffic.text() for _ in range(LISTED)]
        for number in range(count):
            source, plate, sheet = traffic.plate()
            on_list = number % 2 == 0
            extra = {plate.text} if on_list else self._one_off(traffic.rng, plate.text)
            car = Car({*regulars[: LISTED - len(extra)], *extra} - (set() if on_list else {plate.text}))
            frames = [*traffic.approach(sheet, lamp=source == "drawn")]
            seen = [self._look(*frame) for frame in frames]
            for look in filter(None, seen):
                car.see(look)
            car.wait()
            nearest = read_in(frames[-1], source, plate, seen[-1])
            yield Passage(nearest, on_list, car.looks, car.track.result(), car.opened)

    def picture(self, traffic: Traffic) -> Picture:
        """The nearest of a passage, without a vote or a list."""
        source, plate, sheet = traffic.plate()
        frame = next(traffic.approach(sheet, lamp=source == "drawn", last=True))
        return read_in(frame, source, plate, self._look(*frame))

    def _look(self, view: Image, there: NDArray[np.float32]) -> PlateLook | None:
        """At the plate, where it was found."""
        began = thread_time()
        looks = self._chain.look(view)
        self.look_ms.append((thread_time() - began) * 1e3)
        best = max(looks, key=lambda look: overlap(look.corners, there), default=None)
        if best is None or overlap(best.corners, there) < 0.3:
            return None
        return best

    def _one_off(self, rng: Rng, text: str) -> set[str]:
        """A plate of the same kind that differs in one character, most often one that is taken for it."""
        if rng.random() > ONE_OFF:
            return set()
        alphabet = "".join(self._grammar.region.alphabets.values())
        kinds = self._grammar.kinds_of(text)
        others = [
            other
            for place, met in enumerate(text)
            for character in sorted(set(alphabet) - {met})
            if self._grammar.kinds_of(other := text[:place] + character + text[place + 1 :]) == kinds
        ]
        alike = [other for other in others if any(map(self._grammar.alike, text, other))]
        pool = alike if alike and rng.random() < 0.7 else others
        return {pool[rng.integers(len(pool))]} if pool else set()


def read_in(frame: Frame, source: str, plate: Plate, look: PlateLook | None) -> Picture:
    read = look.plate.text if look and look.plate else None
    legible = left_of(plate, *frame) >= LEGIBLE_FROM if source == "drawn" else None
    return Picture(source, plate.kind, plate.text, read, legible)


class Car:
    """One car before the gate; `opened`: the listed plate that it was taken for."""

    def __init__(self, listed: set[str]) -> None:
        self._listed = listed
        self._asked: str | None = None
        self.track, self.looks = TrackVote(), 0
        self.opened: str | None = None

    def see(self, look: PlateLook) -> None:
        """Ask as soon as looks agree, and once more where they agree on another text."""
        self.track.add(look.plate)
        self.looks += 1
        vote = self.track.result()
        near_enough = look.width_px >= MIN_PLATE_PX
        if vote is not None and near_enough and vote.agreed and not self.opened and vote.text != self._asked:
            self._ask(vote)

    def wait(self) -> None:
        """It has had its time: what was never agreed is asked for as it is."""
        vote = self.track.result()
        if vote is not None and self._asked is None:
            self._ask(vote)

    def _ask(self, vote: Vote) -> None:
        self._asked = vote.text
        if vote.votes >= AGREEING and (vote.agreed or likely(_sure(vote))):
            alike = () if vote.agreed else {*near(vote.text, _sure(vote))} & {*vote.others}
            meant = {vote.text} & self._listed or self._listed.intersection(alike)
            self.opened = meant.pop() if len(meant) == 1 else None


def _sure(vote: Vote) -> tuple[float, ...]:
    return tuple(min(place[0][1], 1.0) for place in vote.candidates)


def summary(passages: Sequence[Passage], gate: Gate) -> dict[str, object]:
    on_list = [one for one in passages if one.listed]
    told: dict[str, object] = {
        "passages": len(passages),
        "right_grants": shown([one.right for one in on_list]),
        "wrong_grants": shown([one.opened is not None and not one.right for one in passages]),
        "wrong_of_unlisted": shown([one.opened is not None for one in passages if not one.listed]),
        "vote_right": shown([one.vote is not None and one.vote.text == one.nearest.text for one in passages]),
        "read_wrongly_agreed": shown(
            [one.vote is not None and one.vote.agreed and one.vote.text != one.nearest.text for one in passages]
        ),
    }
    for source in ("drawn", "photographed"):
        told[f"right_{source}"] = shown([one.right for one in on_list if one.nearest.source == source])
    for kind in sorted({one.nearest.kind for one in on_list}):
        told[f"right_{kind}"] = shown([one.right for one in on_list if one.nearest.kind == kind])
    told |= nearest([one.nearest for one in passages])
    told["looks_median"] = float(np.median([one.looks for one in passages]))
    told["look_ms_median"] = round(float(np.median(gate.look_ms)), 2)
    told["look_ms_p95"] = round(float(np.percentile(gate.look_ms, 95)), 2)
    return told


def nearest(pictures: Sequence[Picture]) -> dict[str, object]:
    """All, and those of drawn plates that can be read; by colour, and drawn ones by kind."""
    drawn = [one for one in pictures if one.source == "drawn"]
    parts = {"": pictures, "_drawn": drawn}
    parts |= {f"_{colour}": [one for one in pictures if one.kind.startswith(colour)] for colour in COLOURS}
    parts |= {
        f"_drawn_{kind}": [one for one in drawn if one.kind == kind] for kind in sorted({one.kind for one in drawn})
    }
    told: dict[str, object] = {}
    for name, part in parts.items():
        told[f"nearest_right{name}"] = shown([one.right for one in part])
        told[f"nearest_right{name}_legible"] = shown([one.right for one in part if one.legible])
    return told


def shown(right: Sequence[bool]) -> str:
    rate = Rate.of(sum(right), len(right))
    low, high = rate.interval
    return f"{rate.count}/{rate.n} = {rate.value or 0:.4f} ({low:.4f}-{high:.4f})"


if __name__ == "__main__":
    main()
