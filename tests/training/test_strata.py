"""Rendered stills by mount, visibility and thing."""

import json
from pathlib import Path

from models.training.evaluate import Verdict
from models.training.strata import by_view, lines, strata


def still(folder: Path, name: str, mount: str, *objects: tuple[int, float]) -> None:
    things = [{"label": label, "visible": seen, "labelled": seen >= 0.15} for label, seen in objects]
    facts = {"mount": {"kind": mount}, "sensor": {"mode": "day"}, "objects": things}
    (folder / "meta" / f"{name}.json").write_text(json.dumps(facts))


def test_e_bikes_and_alarms_are_counted_where_they_belong(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    still(tmp_path, "a", "rear", (0, 1.0), (1, 0.2), (1, 0.9), (1, 0.1))
    still(tmp_path, "b", "rear", (0, 1.0), (4, 0.8))
    still(tmp_path, "c", "centre down", (0, 1.0))
    judged = [
        Verdict("images/scene-a.jpg", "scenes", (0.1, 0.8), 0.9),
        Verdict("images/scene-b.jpg", "scenes", (), 0.4),
        Verdict("images/scene-c.jpg", "scenes", (), 0.0),
    ]
    found, alarmed = strata(judged, tmp_path, 0.3)
    assert found["rear"] == [False, True]
    assert found["0.15 to 0.3 visible"] == [False]
    assert found["0.5 to 1 visible"] == [True]
    assert alarmed["rear"] == [True]
    assert alarmed["pram"] == [True]
    assert alarmed["person"] == [False]
    assert any(line.startswith("rear") and "1/2" in line and "1/1" in line for line in lines(found, alarmed))


def test_real_lifts_are_counted_by_where_their_camera_hangs() -> None:
    judged = [
        Verdict("images/lift_ebike-corner-paddle_pic_2.jpg", "lift_ebike/corner", (0.1, 0.8), 0.9),
        Verdict("images/lift_ebike-etoiles-Snipaste_2024-01-02_10-33-02.jpg", "lift_ebike/etoiles", (0.5,), 0.0),
        Verdict("images/lift_people-0001.jpg", "lift_people", (), 0.9),
    ]
    assert by_view(judged, 0.3) == (
        {"from the ceiling": [False, True], "at eye level": [True]},
        {"from the ceiling": [True], "at eye level": [False]},
    )
