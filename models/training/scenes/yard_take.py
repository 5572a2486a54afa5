"""Renders what happens in a yard to a film with its truth: only the parts of a picture that change, once each."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import yaml

from . import sensor, yard_script, yard_site
from .kit import Thing
from .yard import Yard
from .yard_script import Happening

if TYPE_CHECKING:
    from .blender import Studio

FPS: Final = 5
LEVEL: Final = 118.0
# A minute and a half in less than 300 kB, for one of them is bundled.
CRF, KEY_S, NOISE = 30, 10, 0.5
NIGHT_LEVEL, NIGHT_NOISE, LAMP_W = 100.0, 1.2, 400.0
MARGIN_PX: Final = 8
Window = tuple[int, int, int, int]
Picture = sensor.Picture


def render(number: int, out: Path, samples: int) -> str:
    """Into `out`/NNN: clip.mp4, truth.yaml, site.yaml and, last, boxes.json; what has it is left alone."""
    folder = out / f"{number:03d}"
    if (folder / "boxes.json").exists():
        return f"{folder}: there already"
    from .clips import encode  # noqa: PLC0415 - needs Blender, which is not there in the tests

    folder.mkdir(parents=True, exist_ok=True)
    happened = yard_script.happening(number)
    times = [n / FPS for n in range(round(happened.length_s * FPS))]
    casts = [happened.cast(time_s) for time_s in times]
    encode(folder / "clip.mp4", _developed(happened, _pictures(happened, casts, samples)), FPS, CRF, KEY_S)
    for name, told in (("truth", list(happened.truth)), ("site", yard_site.site(happened))):
        (folder / f"{name}.yaml").write_text(
            yaml.safe_dump(told, sort_keys=False, default_flow_style=None), encoding="utf-8"
        )
    boxes = [happened.boxes(cast) for cast in casts]
    (folder / "boxes.json").write_text(json.dumps(boxes), encoding="ascii")
    return f"{folder}: {len(times)} pictures, {len(happened.truth)} events"


def _pictures(happened: Happening, casts: list[dict[str, Thing]], samples: int) -> list[Picture]:
    from .blender import Studio  # noqa: PLC0415 - as above

    place, studio = happened.place, Studio(samples, persistent=False)
    studio.put(place.shell, 0)
    if place.sun is None:
        studio.sky(place.sky)
        studio.lamp(place.view.place_m, LAMP_W)
    else:
        studio.daylight(place.sun, place.sun_w_m2, place.sky)
    last = studio.shoot(place.view, place.number)[0]
    shown, before, handles = [], dict[str, Thing](), dict[str, list[Any]]()
    for number, cast in enumerate(casts):
        names = changed(before, cast)
        for name in names:
            studio.take_away(handles.pop(name, []))
            if name in cast:
                handles[name] = studio.put(cast[name], 1)
        around = [window_of(place, one[name]) for name in names for one in (before, cast) if name in one]
        last = _renewed(studio, place, last, apart(window for window in around if window is not None))
        before = cast
        shown.append(last)
        print(f"\ryard {place.number}: {number + 1}/{len(casts)}", end="", flush=True)
    print()
    return shown


def _renewed(studio: "Studio", place: Yard, last: Picture, windows: list[Window]) -> Picture:
    """The last picture with these parts of it rendered anew."""
    w, h = place.view.width_px, place.view.height_px
    renewed = last.copy() if windows else last
    for x0, y0, x1, y1 in windows:
        # Blender rounds a window's edges as it likes: a pixel more is rendered than is taken.
        wider = max(x0 - 1, 0) / w, max(y0 - 1, 0) / h, min(x1 + 1, w) / w, min(y1 + 1, h) / h
        renewed[y0:y1, x0:x1] = studio.shoot(place.view, place.number, wider)[0][y0:y1, x0:x1]
    return renewed


def changed(before: Mapping[str, Thing], cast: Mapping[str, Thing]) -> list[str]:
    """Who has moved, come or gone."""
    names = sorted(before.keys() | cast.keys())
    return [name for name in names if not (name in before and name in cast and _same(before[name], cast[name]))]


def _same(was: Thing, now: Thing) -> bool:
    return all(
        np.allclose(a.mesh.vertices, b.mesh.vertices, atol=1e-4) for a, b in zip(was.parts, now.parts, strict=True)
    )


def window_of(place: Yard, thing: Thing) -> Window | None:
    """What of the picture a thing and its shadow may change, in pixels; None: nothing."""
    points = np.concatenate([part.mesh.vertices for part in thing.parts])
    if place.sun is not None:  # of the lamp beside the lens nobody sees a shadow
        points = np.concatenate([points, points + place.sun * (points[:, 2:] / -place.sun[2])])
    pixels, _ = place.view.project(points)
    pixels = pixels[np.isfinite(pixels).all(axis=1)]
    size = np.array([place.view.width_px, place.view.height_px])
    if not len(pixels):
        return None
    x0, y0 = np.clip(np.floor(pixels.min(axis=0)) - MARGIN_PX, 0, size).astype(int)
    x1, y1 = np.clip(np.ceil(pixels.max(axis=0)) + MARGIN_PX, 0, size).astype(int)
    return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None


def apart(windows: Iterable[Window]) -> list[Window]:
    """Those that touch are one."""
    kept: list[Window] = []
    for window in windows:
        kept = _merged(kept, window)
    return kept


def _merged(windows: list[Window], window: Window) -> list[Window]:
    for other in windows:
        if window[0] < other[2] and other[0] < window[2] and window[1] < other[3] and other[1] < window[3]:
            low, high = np.minimum(window[:2], other[:2]), np.maximum(window[2:], other[2:])
            return _merged([one for one in windows if one != other], (*low.tolist(), *high.tolist()))
    return [*windows, window]


def _developed(happened: Happening, pictures: list[Picture]) -> list[Picture]:
    """Fixed exposure, noise drawn anew for each frame."""
    rng = np.random.default_rng([happened.place.number, 14])
    night = happened.place.night
    level, noise, dark = (NIGHT_LEVEL, NIGHT_NOISE, 0.4) if night else (LEVEL, NOISE, 0.15)
    gain = sensor.gain_for(pictures[0], level)
    mode = "infrared" if night else "day"
    how = sensor.Sensor(mode, level=level, contrast=1.1, noise=noise, vignette=dark, jpeg=95)
    return [sensor.develop(picture, how, rng, gain) for picture in pictures]
