"""Visits to a lift: who comes, as far as it goes without Blender."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.scenes import scripts, truth, vehicles, visitors, visits
from models.training.scenes.motion import ramp


def middle_y(visit: visits.Visit, time_s: float) -> float:
    """How far the thing stands behind the sill, in metres."""
    return float(visit.script.cast(time_s)[0].plan()[:, 1].mean())


def test_a_visit_brings_an_e_bike() -> None:
    visit = visits.visit(3)
    assert (visit.name, visit.what) == ("visit-003", "e-bike")
    assert visit.script.cast(2.0)[0].label == vehicles.E_BIKE


@pytest.mark.parametrize("seed", range(len(visitors.OTHERS)))
def test_the_others_bring_no_e_bike_and_come_in_as_one_does(seed: int) -> None:
    visit = visits.visit(seed, other=True)
    assert visit.name == f"other-{seed:03d}"
    assert all(thing.label != vehicles.E_BIKE for thing in visit.script.cast(2.0))
    assert middle_y(visit, 0.0) < -0.5
    assert middle_y(visit, visit.script.length_s) > 0.3


def test_every_kind_comes_both_ways() -> None:
    kinds = {seed: visits.visit(seed, other=True).plan for seed in (0, len(visitors.OTHERS))}
    assert set(kinds.values()) == set(visits.PLANS)


def test_the_same_seed_gives_the_same_visit() -> None:
    one, two = (visits.visit(7, other=True).script.cast(2.5) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.parts[0].mesh.vertices, b.parts[0].mesh.vertices)


def brief() -> visits.Visit:
    """Two pictures of a visit; it stands in the lift with its owner."""
    visit = visits.visit(3)
    cast = visit.script.cast(visit.script.length_s)
    script = replace(visit.script, length_s=2 / visits.FPS, doors=((0.0, 1.0), (0.2, 0.6)), cast=lambda _: cast)
    return replace(visit, script=script)


def kept(visit: visits.Visit, out: Path) -> list[Path]:
    """Where the pictures of the visit are kept until all are there."""
    script, work = visit.script, out / "raw" / visit.name
    work.mkdir(parents=True)
    times = [n / visits.FPS for n in range(2)]
    openings = [ramp(time_s, script.doors) for time_s in times]
    return [work / f"{scripts.fingerprint(script, script.cast(0.0), opening)}.png" for opening in openings]


def seen_in(visit: visits.Visit, indices: NDArray[np.uint8]) -> visits._Shot:
    objects = truth.objects(truth.sightings(visit.script.cast(0.0), indices, visit.script.view))
    return visits._Shot(np.full((270, 480, 3), 90, np.uint8), indices, objects)


def test_every_frame_tells_of_everybody_and_keeps_its_mask(tmp_path: Path) -> None:
    visit, masks = brief(), np.zeros((2, 270, 480), np.uint8)
    masks[0, 40:200, 100:300], masks[0, 20:140, 250:330], masks[1, 30:90, 60:110] = 1, 2, 2
    for file, mask in zip(kept(visit, tmp_path), masks, strict=True):
        seen_in(visit, mask).keep(file)
    visits.render(visit, tmp_path, 1)
    folder = tmp_path / visit.name
    told = json.loads((folder / "truth.json").read_text("utf-8"))
    quiet = round(visits.QUIET_S * visits.FPS)
    assert len(told["frames"]) == quiet + 2 == len(list(folder.glob("*.jpg"))) == len(list(folder.glob("masks/*.png")))
    first, last = told["frames"][quiet], told["frames"][-1]
    assert [(one["kind"], one["label"], one["xyxy"]) for one in first["objects"]] == [
        ("e-bike", 1, [100, 40, 300, 200]),
        ("person", 0, [250, 20, 330, 140]),
    ]
    assert first["objects"][0]["visible"] == first["visible"] > 0
    assert first["xyxy"] == [100, 40, 300, 200]
    assert (last["visible"], last["xyxy"], last["objects"][0]["labelled"]) == (0.0, None, False)
    assert last["objects"][1]["xyxy"] == [60, 30, 110, 90]
    np.testing.assert_array_equal(truth.read_mask(folder / "masks" / f"{quiet:04d}.png"), masks[0])
    np.testing.assert_array_equal(truth.read_mask(folder / "masks" / f"{quiet + 1:04d}.png"), masks[1])


def test_what_an_older_version_kept_is_rendered_anew(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((27, 48, 3), np.uint8))
    (tmp_path / "a.json").write_text('{"visible": 0.5, "xyxy": [1, 2, 30, 20]}', encoding="ascii")
    assert visits._Shot.kept(tmp_path / "a.png") is None
