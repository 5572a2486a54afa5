"""Renders a script to H.264 in MP4 with its truth file. What does not move is rendered once."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import yaml

from . import cabin, sensor, truth
from .blender import Studio
from .kit import Thing
from .motion import ramp
from .scripts import FPS, SCRIPTS, Script, fingerprint
from .sheet import tiled
from .vehicles import E_BIKE

CRF: Final = 24
DRAFT_PX: Final = (320, 180)
LEVEL: Final = 124.0  # mean luma of the picture a third into the recording
CLOCK_START: Final = np.datetime64("2026-01-05T08:12:00")


def render(name: str, out: Path, cache: Path, samples: int, *, draft: bool) -> str:
    """Renders the recording `name` into `out`, its frames into `cache`; gives a line that says what was written."""
    script, step = SCRIPTS[name](), 5 if draft else 1
    if draft:
        script = replace(script, view=replace(script.view, width_px=DRAFT_PX[0], height_px=DRAFT_PX[1]))
    work = cache / f"{name}-{samples}"
    for folder in (work, out):
        folder.mkdir(parents=True, exist_ok=True)
    frames = [(n / FPS, *shot) for n, shot in _shots(script, work, samples, step)]
    developed = _developed([picture for _, picture, _ in frames], script, step)
    if draft:
        path = out / f"{name}.draft.png"
        cv2.imwrite(str(path), tiled([developed], tile_px=DRAFT_PX))
        return f"{path}; e-bike visible: {[(t, v) for t, _, v in frames if v > 0]}"
    encode(out / f"{name}.mp4", developed)
    entries = truth.episodes([(t, v) for t, _, v in frames], 1 / FPS)
    (out / f"{name}.truth.yaml").write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")
    size_mb = (out / f"{name}.mp4").stat().st_size / 1e6
    return f"{out / name}.mp4: {len(developed)} frames, {size_mb:.2f} MB, truth {entries}"


def _shots(script: Script, work: Path, samples: int, step: int) -> Iterator[tuple[int, tuple[sensor.Picture, float]]]:
    """Frame number with its picture and the visible share of the e-bike; kept on disk, so a stopped run goes on."""
    studio: Studio | None = None
    total = round(script.length_s * FPS)
    for n in range(0, total, step):
        cast, opening = script.cast(n / FPS), ramp(n / FPS, script.doors)
        file = work / f"{fingerprint(script, cast, opening)}.png"
        note = file.with_suffix(".txt")
        if not note.exists():
            studio = studio or _furnished(script, samples)
            picture, visible = _shoot(studio, script, cast, opening)
            cv2.imwrite(str(file), picture)
            note.write_text(str(visible), encoding="ascii")
        print(f"\rframe {n + 1}/{total}", end="", flush=True)
        yield n, (np.asarray(cv2.imread(str(file)), np.uint8), float(note.read_text(encoding="ascii")))
    print()


def _furnished(script: Script, samples: int) -> Studio:
    studio = Studio(samples, persistent=True)
    studio.furnish(script.room)
    return studio


def _shoot(studio: Studio, script: Script, cast: list[Thing], opening: float) -> tuple[sensor.Picture, float]:
    handles = studio.put(cabin.doors(script.room, opening), 0)
    for number, thing in enumerate(cast, start=1):
        handles += studio.put(thing, number)
    picture, indices = studio.shoot(script.view, script.seed)
    studio.take_away(handles)
    seen = [truth.sight(t, n, indices, script.view).visible for n, t in enumerate(cast, start=1) if t.label == E_BIKE]
    return picture, max(seen, default=0.0)


def _developed(pictures: list[sensor.Picture], script: Script, step: int) -> list[sensor.Picture]:
    """Fixed exposure, noise drawn anew for each frame, the clock running."""
    rng = np.random.default_rng(script.seed)
    gain = sensor.gain_for(pictures[len(pictures) // 3], LEVEL)
    out = []
    for k, picture in enumerate(pictures):
        clock = str(CLOCK_START + np.timedelta64(k * step // FPS, "s")).replace("T", " ")
        how = sensor.Sensor(level=LEVEL, contrast=1.12, noise=1.6, vignette=0.2, saturation=1.0, jpeg=95, stamp=clock)
        out.append(sensor.develop(picture, how, rng, gain))
    return out


def encode(path: Path, pictures: list[sensor.Picture], fps: int = FPS, crf: int = CRF, key_s: int = 1) -> None:
    """H.264, yuv420p, a key frame each `key_s`, PTS in steps of one frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.options = {
            "crf": str(crf),
            "g": str(key_s * fps),
            "keyint_min": str(key_s * fps),
            "sc_threshold": "0",
            "bf": "0",
            "preset": "slow",
            "threads": "1",
        }
        for n, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
