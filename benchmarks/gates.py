# ruff: noqa: INP001  # a script, not a package
"""How soon a gate opens, on one core: from the first picture of a face, or of a plate, to the order to the relay.

python benchmarks/gates.py --shared ../shared [--faces DIR] [--fps 15] [--json]

Faces: of every pair of one person in the list `faces_pairs` one photo is enrolled, the other is shown. Plates: every
scene of `plate_scenes` that training did not see; its plates are listed. Each is shown as a still of 1280x720 with a
little noise in every picture, after a second of an empty one, to the whole chain: motion gate, detector, recognizers,
rule, directory. The looks follow one another by the processor time that each has taken, so a busy machine does not
count; neither does what is waited for: the disk when a decision is kept, and the relay. Networks are the bundled ones;
face models those in DIR (default: where `edgeguard models pull` puts them).
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edgeguard.access import Act, Consent, Directory, Person
from edgeguard.agent.faces import Enroller
from edgeguard.agent.gate_desk import GateDesk
from edgeguard.agent.gate_eyes import open_gate_reader
from edgeguard.agent.site import SiteConfig
from edgeguard.catalogue import default_folder, finder_of, template_of
from edgeguard.contract import UlidMaker, VehicleRow
from edgeguard.errors import EnrolmentRefused
from edgeguard.pipeline.camera import CameraPipeline
from edgeguard.pipeline.config import Model, build_pipeline, open_model
from edgeguard.recognizers import FaceReader, TemplateMaker, YunetFinder, read_photo
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Frame, Open, Report
from models.training.plate_detector.sources import PLATES, is_held_out

Image = NDArray[np.uint8]
START = datetime(2026, 6, 1, 8, tzinfo=UTC)
VIEW_PX = (1280, 720)
EMPTY_S, SHOWN_S = 1.0, 6.0
TARGETS_MS = {"face": 600, "plate": 400}


@dataclass(frozen=True, slots=True)
class Shot:
    """`opened_ms`: None where it did not open; then `told` says what was decided."""

    kind: str
    name: str
    opened_ms: float | None
    told: str
    look_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--faces", type=Path, default=default_folder())
    parser.add_argument("--fps", type=float, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        shots = [
            *shoot("plate", Path(folder) / "plate", options, list(scenes(options.shared / "data" / PLATES))),
            *shoot("face", Path(folder) / "face", options, list(pairs(options.shared / "data" / "faces_pairs"))),
        ]
    if options.json:
        print(json.dumps([asdict(shot) for shot in shots], ensure_ascii=False))
        return
    for kind in TARGETS_MS:
        print(line(kind, [shot for shot in shots if shot.kind == kind]))


def scenes(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """(name, picture, its plates)."""
    texts: dict[str, list[str]] = {}
    with (folder / "labels.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if is_held_out(row["image"]):
                texts.setdefault(row["image"], []).append(row["text"])
    for name, plates in texts.items():
        yield name, folder / "images" / name, plates


def pairs(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """(name, photo that is shown, the one that is enrolled)."""
    (labels,) = folder.glob("*.csv")
    with labels.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["Decision"] == "Yes":
                yield f"{row['file_x']} {row['file_y']}", folder / row["file_y"], [str(folder / row["file_x"])]


def shoot(
    kind: str, data: Path, options: argparse.Namespace, shown: Sequence[tuple[str, Path, list[str]]]
) -> Iterator[Shot]:
    """Each on a box of its own, so that one does not stand in another's way."""
    site = site_of(kind, options.faces)
    camera = site.cameras[0]
    model = open_model(camera)
    for number, (name, path, known) in enumerate(shown):
        folder = data / str(number)
        folder.mkdir(parents=True)
        assert site.access is not None
        with Directory.of(folder, "bench", "box", site.access) as directory:
            desk = GateDesk(directory, directory.gate("north"), in_clear=lambda: False, monotonic_s=lambda: 0.0)
            try:
                admit(kind, directory, desk, options.faces, known)
            except EnrolmentRefused as error:
                yield Shot(kind, name, None, f"not enrolled: {error}", 0.0)
                continue
            yield play(kind, name, pipeline_of(site, model, desk), view(read_photo(path)), options.fps)


def site_of(kind: str, faces: Path) -> SiteConfig:
    rule = {"kind": f"gate_{kind}", "gate": "north"}
    return SiteConfig.model_validate(
        {
            "site": "bench",
            "box": "box",
            "data_dir": ".",
            "faces_dir": faces,
            "cameras": [{"id": "gate", "source": {"kind": "synthetic"}, "scenarios": [rule]}],
            "relays": [{"id": "strike", "driver": {"kind": "memory"}}],
            "gates": [{"id": "north", "relay": "strike"}],
            "access": {"gates": [{"id": "north", "means": ["face", "plate", "card", "qr"]}]},
        }
    )


def admit(kind: str, directory: Directory, desk: GateDesk, faces: Path, known: Sequence[str]) -> None:
    act = Act(START, "bench")
    if kind == "plate":
        for text in known:
            directory.vehicles.put(VehicleRow.model_validate({"plate": text, "list": "resident"}), act)
        return
    directory.people.put(Person.model_validate({"ref": "p-1", "kind": "resident"}), act)
    over = START + timedelta(days=30)
    told = {"notice": "b" * 64, "channel": "paper", "operator": "bench", "given_at": START, "expires_at": over}
    directory.consents.add(Consent.model_validate({"ref": "p-1", **told}), act)
    desk.spec = template_of(faces)
    reader = FaceReader(YunetFinder(finder_of(faces)), TemplateMaker(desk.spec))
    Enroller(reader, desk.spec, directory).of_photo(Path(known[0]), "p-1", act)


def pipeline_of(site: SiteConfig, model: Model, desk: GateDesk) -> CameraPipeline:
    camera = site.cameras[0]
    shown = open_gate_reader(site, camera, {"north": desk})
    return build_pipeline(camera, "gate", model, UlidMaker(lambda _: 0).new, shown=shown, keepers={"north": desk})


def view(picture: Image) -> Image:
    """In the middle of what the camera sees, as large as fits."""
    scale = min(VIEW_PX[0] / picture.shape[1], VIEW_PX[1] / picture.shape[0])
    fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seen = np.full((VIEW_PX[1], VIEW_PX[0], 3), 90, np.uint8)
    top, left = (VIEW_PX[1] - fitted.shape[0]) // 2, (VIEW_PX[0] - fitted.shape[1]) // 2
    seen[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return seen


def play(kind: str, name: str, pipeline: CameraPipeline, picture: Image, fps: float) -> Shot:
    """The newest frame wins: what came during a look is passed over."""
    rng, empty = np.random.default_rng(1), np.full_like(picture, 90)
    first_s = EMPTY_S
    now_s, index, told = 0.0, 0, "nothing was decided"
    costs_s: list[float] = []
    while index / fps < EMPTY_S + SHOWN_S:
        at_s = index / fps
        frame = frame_of(picture if at_s >= first_s else empty, rng, index, at_s)
        looks, before_s = pipeline.frames_looked_at, process_time()
        signals = pipeline.look(frame)
        cost_s = process_time() - before_s
        if pipeline.frames_looked_at > looks and at_s >= first_s:
            costs_s.append(cost_s)
        now_s = max(now_s, at_s) + cost_s
        for one in signals:
            if isinstance(one, Open):
                return Shot(kind, name, round(1000 * (now_s - first_s), 1), "opened", 1000 * float(np.median(costs_s)))
            if isinstance(one, Report) and one.passage:
                told = one.passage.reason
        index = max(index + 1, int(now_s * fps))
    return Shot(kind, name, None, told, 1000 * float(np.median(costs_s or [0])))


def frame_of(picture: Image, rng: np.random.Generator, index: int, at_s: float) -> Frame:
    noisy = cv2.add(picture, rng.integers(0, 5, picture.shape, np.uint8))
    decoded = VideoFrame.from_ndarray(noisy, "bgr24").reformat(format="yuv420p")
    return Frame("gate", index, at_s, START + timedelta(seconds=at_s), DecodedPicture(decoded, Scaler()))


def line(kind: str, shots: Sequence[Shot]) -> str:
    opened = sorted(shot.opened_ms for shot in shots if shot.opened_ms is not None)
    looks = [shot.look_ms for shot in shots if shot.look_ms]
    if not opened:
        return f"{kind}: 0 of {len(shots)} opened"
    within = sum(one <= TARGETS_MS[kind] for one in opened)
    middle, late = opened[len(opened) // 2], opened[min(int(0.95 * len(opened)), len(opened) - 1)]
    others: dict[str, int] = {}
    for shot in shots:
        if shot.opened_ms is None:
            others[shot.told] = others.get(shot.told, 0) + 1
    times = f"median {middle:.0f} ms, 95 % {late:.0f} ms, last {opened[-1]:.0f} ms"
    return (
        f"{kind}: {len(opened)} of {len(shots)} opened; {times}; "
        f"{within} within {TARGETS_MS[kind]} ms; a look {np.median(looks):.0f} ms; the others: {others}"
    )


if __name__ == "__main__":
    main()
