"""The site file of a yard: every rule over its zone, dwelling as briefly as the script asks."""

from typing import Any

from . import yard
from .yard_drama import DWELL_S, Happening

Rule = dict[str, object]


def site(happened: Happening) -> dict[str, Any]:
    """As `edgeguard replay --config` reads it."""
    rules = _night(happened.place) if happened.place.night else _day(happened.place)
    camera = {"id": "yard", "source": {"kind": "synthetic"}, "scenarios": rules}
    return {"site": "demo", "box": "yard", "data_dir": "data", "cameras": [camera]}


def _day(place: yard.Yard) -> list[Rule]:
    dwell = DWELL_S
    (x0, y), (x1, _) = yard.PARAPET
    ledge = place.seen([(x0, y, yard.PARAPET_M), (x1, y, yard.PARAPET_M)])
    feet, head = place.seen([(5.6, 6.7, 0.0), (5.6, 6.7, 1.7)])
    way = place.seen([(-5.0, 9.5, 0.0), (5.0, 9.5, 0.0)])
    everywhere = place.outline(((-9.0, 3.4), (9.0, 3.4), (9.0, 8.4), (-9.0, 8.4)))
    return [
        _lawn(place),
        {
            "kind": "conduct_loiter",
            "name": "square",
            "zone": place.outline(yard.SQUARE),
            "dwell_s": dwell["CONDUCT.LOITER"],
            "clear_s": 4,
        },
        _crowd(place, 3, 4),
        {
            "kind": "access_tailgate",
            "name": "square",
            "zone": place.outline(yard.SQUARE),
            "line": place.outline(yard.ENTRY),
            "clear_s": 3,
        },
        {
            "kind": "vehicle_parked",
            "name": "fire lane",
            "zone": place.outline(yard.FIRE_LANE),
            "dwell_s": dwell["VEHICLE.PARK.FIRELANE"],
            "clear_s": 3,
        },
        {"kind": "vehicle_wrong_way", "name": "lane", "zone": place.outline(yard.LANE), "direction": way, "clear_s": 2},
        {
            "kind": "conduct_child_ledge",
            "name": "parapet",
            "ledge": sorted(ledge),
            "adult_height": round(feet[1] - head[1], 3),
            "clear_s": 3,
        },
        {
            "kind": "conduct_dog",
            "name": "path",
            "zone": everywhere,
            "dwell_s": dwell["CONDUCT.DOG.ALONE"],
            "clear_s": 3,
            "near_heights": 1.5,
        },
        {
            "kind": "object_left",
            "name": "square",
            "zone": place.outline(yard.SQUARE),
            "dwell_s": dwell["CONDUCT.LITTER"],
            "clear_s": 4,
        },
        {
            "kind": "object_taken",
            "name": "wall",
            "zone": place.outline(yard.WALL),
            "settle_s": 30,
            "dwell_s": dwell["CONDUCT.OBJECT.TAKEN"],
        },
    ]


def _night(place: yard.Yard) -> list[Rule]:
    return [
        _lawn(place) | {"wall_top": sorted(place.seen(yard.WALL_TOP))},
        _crowd(place, 3, 4, 5),
        {
            "kind": "vehicle_parked",
            "what": "ebike",
            "name": "door",
            "zone": place.outline(yard.DOORWAY),
            "dwell_s": DWELL_S["VEHICLE.EBIKE.PARKED"],
            "clear_s": 3,
        },
    ]


def _lawn(place: yard.Yard) -> Rule:
    return {
        "kind": "conduct_intrusion",
        "name": "lawn",
        "zone": place.outline(yard.LAWN),
        "dwell_s": DWELL_S["CONDUCT.INTRUSION"],
        "clear_s": 3,
    }


def _crowd(place: yard.Yard, least: int, *more: int) -> Rule:
    levels: list[Rule] = [{"enter": least, "leave": least, "severity": "warning"}]
    return {
        "kind": "conduct_crowd",
        "name": "square",
        "zone": place.outline(yard.SQUARE),
        "dwell_s": DWELL_S["CONDUCT.CROWD.L1"],
        "clear_s": 2,
        "levels": levels + [{"enter": many, "leave": many} for many in more],
    }
