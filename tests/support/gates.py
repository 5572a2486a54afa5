"""Boxes with gates: pictures that their recognizers can reckon with, the models, and what a whole site needs."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import yaml
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from edgeguard.access import Directory, qr
from edgeguard.access.config import AccessConfig
from edgeguard.agent.faces import Enroller
from edgeguard.catalogue import finder_of, template_of
from edgeguard.recognizers import FaceReader, TemplateMaker, YunetFinder
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Frame
from tests.conftest import MakeModel
from tests.support import face_models, plate_models
from tests.support.boxes import box_settings
from tests.support.directories import START, act, consent, person
from tests.support.relay_board import RelayBoard

Image = NDArray[np.uint8]

# The greener a face, the more it lives: see tests/support/face_models.py.
ALIVE, STRANGER, PRINTED, NOBODY = (40, 200, 40), (150, 200, 40), (40, 40, 200), (0, 0, 0)
PLATE = "粤A12345"
SIDE_PX = 320
EVERYTHING = ["face", "card", "pin", "qr", "plate", "guard"]


def face_picture(bgr: tuple[int, int, int]) -> Image:
    """One face of this colour, with edges enough to be sharp; black: nobody."""
    if bgr == NOBODY:
        return np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    cells = np.random.default_rng(1).choice((-30, 30), (SIDE_PX // 4, SIDE_PX // 4))
    noisy = np.array(bgr) + np.kron(cells, np.ones((4, 4), int))[:, :, None]
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def frame_of(bgr: Image, monotonic_s: float, captured_at: Any = START, camera: str = "gate") -> Frame:
    """As a decoder gives it."""
    picture = DecodedPicture(VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv420p"), Scaler())
    return Frame(camera, round(monotonic_s * 10), monotonic_s, captured_at, picture)


def video(path: Path, pictures: Sequence[tuple[Image, float]], fps: int = 5) -> Path:
    """Each picture so many seconds long."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = SIDE_PX, SIDE_PX, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        shown = [bgr for bgr, lasts_s in pictures for _ in range(round(lasts_s * fps))]
        for index, bgr in enumerate(shown):
            frame = VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def models(folder: Path, make_model: MakeModel, plate: str = PLATE) -> tuple[Path, Path]:
    """(folder of a detector that sees nothing, and of plate models that always see `plate`; folder of face models)."""
    nothing = make_model(np.zeros((1, 1, 6), np.float32))
    detectors = yaml.safe_load((nothing / "manifest.yaml").read_text("utf-8"))
    plate_models.put(nothing, plate, plate_models.PLATE)
    plates = yaml.safe_load((nothing / "manifest.yaml").read_text("utf-8"))
    (nothing / "manifest.yaml").write_text(yaml.safe_dump(detectors | plates, allow_unicode=True), "utf-8")
    faces = folder / "faces"
    for one in (face_models.finder(), face_models.template(verify=0.95), face_models.liveness()):
        one.put(faces)
    return nothing, faces


def plate_drawn() -> Image:
    """A picture with stripes where the plate models see a plate: whoever blurs it leaves none of them."""
    picture = np.full((SIDE_PX, SIDE_PX, 3), 90, np.uint8)
    x, y, width, height = (int(value) for value in plate_models.PLATE[1:])
    picture[y : y + height, x : x + width] = np.where(np.arange(width) // 3 % 2, 255, 0)[None, :, None]
    return picture


def code_picture(text: str) -> Image:
    """A pass held before the camera."""
    code = cv2.resize(qr.draw(text, 4), (260, 260), interpolation=cv2.INTER_NEAREST)
    picture = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    picture[30:290, 30:290] = code[:, :, None]
    return picture


def camera(kind: str, gate: str, recording: Path, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{gate}-cam",
        "model": "tiny",
        "source": {"kind": "file", "path": str(recording), "loop": True},
        "scenarios": [{"kind": kind, "gate": gate}],
        "motion": {"keepalive_s": 0.2},
        "detect_hz": 5,
        **changes,
    }


def gate_site(
    folder: Path,
    detectors: Path,
    faces: Path,
    cameras: Sequence[dict[str, Any]],
    boards: dict[str, RelayBoard],
    **more: Any,
) -> dict[str, Any]:
    """A box with a gate for each board."""
    return box_settings(
        folder,
        detectors,
        cameras=list(cameras),
        faces_dir=str(faces),
        relays=[
            {"id": name, "driver": board.config().model_dump(), "pulse_s": 0.3, "rest_s": 0, "check_every_s": 0.3}
            for name, board in boards.items()
        ],
        gates=[{"id": name, "relay": name, "place": {"gate": f"Gate {name}"}} for name in boards],
        **{"access": {"gates": [{"id": name, "means": EVERYTHING} for name in boards]}, **more},
    )


def opened_directory(settings: dict[str, Any]) -> Directory:
    """Of the box of these settings."""
    folder = Path(settings["data_dir"])
    folder.mkdir(parents=True, exist_ok=True)
    access = AccessConfig.model_validate(settings["access"])
    return Directory.of(folder, settings["site"], settings["box"], access)


def enrol(directory: Directory, faces: Path, ref: str, bgr: tuple[int, int, int], **fields: Any) -> None:
    """List, consent and enrol by the models that the gate looks with."""
    spec = template_of(faces)
    directory.people.put(person(ref, **fields), act())
    directory.consents.add(consent(ref), act())
    reader = FaceReader(YunetFinder(finder_of(faces)), TemplateMaker(spec))
    Enroller(reader, spec, directory).of_picture(face_picture(bgr), ref, act())


def decoded(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
