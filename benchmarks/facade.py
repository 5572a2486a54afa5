# ruff: noqa: INP001  # a script, not a package
"""How surely things that fall from a facade are told, what is told wrongly, and what it costs, on drawn clips.

python benchmarks/facade.py run OUT.jsonl [--falls 240] [--none 120] [--from SEED] [--ways]  resumable, a row a clip
python benchmarks/facade.py table OUT.jsonl    follows and judges the specks that `run` kept
python benchmarks/facade.py cost [--large]

Clips are drawn, encoded as H.264, decoded and searched once; their specks are kept, so that two rules are
compared on the very same ones. No detector is asked. Clips of 30 s without a fall have everything else. Recall is over
falls of things that can be seen at all: `facade_visible` measures that in the decoded pictures.
"""

import argparse
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from facade_scenes import LIGHT, Scene, encoded
from facade_tracks import Row, decoded, followed, judged, play
from facade_visible import seen_fall

from edgeguard.motion import FallSieve
from edgeguard.replay.evaluate import wilson_interval

# A fall is found when it is told from its start on, and not later than this after its end, and most of what is told
# lies on its way, to a share of the picture's height.
LATE_S, NEAR = 1.0, 0.03
# What can be seen at all: cells, levels of contrast where nothing hides it, and, as the decoded picture has it, so far
# down and in so many of its frames.
LEAST_CELLS, LEAST_LEVELS, LEAST_FELL, LEAST_SEEN = 1.0, 15.0, 0.12, 0.5
# No alarm in so many hours: at most 3 divided by them, with 95 %.
NONE_SEEN = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("out", type=Path)
    run.add_argument("--falls", type=int, default=240)
    run.add_argument("--none", type=int, default=120)
    run.add_argument("--from", type=int, default=0, dest="first")
    run.add_argument("--ways", action="store_true", help="where things are, without pictures: 20 times as fast")
    commands.add_parser("table").add_argument("out", type=Path)
    commands.add_parser("cost").add_argument("--large", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.command == "run":
        run_all(options.out, options.first, options.falls, options.none, drawn=not options.ways)
    elif options.command == "table":
        print("\n".join(table([json.loads(line) for line in options.out.read_text().splitlines()])))
    else:
        print(json.dumps(cost(large=options.large)))


def run_all(out: Path, first: int, falls: int, none: int, *, drawn: bool) -> None:
    done = (
        {(row["kind"], row["seed"]) for row in map(json.loads, out.read_text().splitlines())} if out.exists() else set()
    )
    wanted = [("fall", first + n) for n in range(falls)] + [("none", first + n) for n in range(none)]
    wanted.sort(key=lambda one: one[1])
    for kind, seed in wanted:
        if (kind, seed) not in done:
            row = json.dumps(play(kind, seed, drawn=drawn))
            with out.open("a") as file:
                file.write(row + "\n")


def hits(row: Row, which: str) -> list[Row]:
    return [one for one in row[which] if row["start_s"] <= one["at_s"] <= row["end_s"] + LATE_S and on_way(row, one)]


def on_way(row: Row, one: Row) -> bool:
    """Whether what is told is the thing, not something beside it meanwhile."""
    told = np.array(one["path"]) * (row["width"], row["height"])
    way = np.array(row["points"])[:, 1:]
    off = np.linalg.norm(told[:, None] - way[None], axis=2).min(1) / row["height"]
    return bool(np.median(off) <= NEAR)


def visible(row: Row) -> bool:
    """Whether the thing can be seen to fall: by how it was drawn and, but for `--ways`, in the decoded picture."""
    fell, seen = seen_fall(row["sights"]) if row.get("sights") else (row["fell"], 1.0)
    large = row["size_cells"] >= LEAST_CELLS and row["contrast"] >= LEAST_LEVELS
    return large and min(fell, row["fell"]) >= LEAST_FELL and seen >= LEAST_SEEN


def table(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        # The one camera as it comes, and as it is where somebody has told where the floors are.
        found = [*followed(row)]
        row["plain"] = judged(row, found, {})
        row["told"] = judged(row, found, {"facade": {"floor_lines_y": row["floor_lines_y"]}})
    falls = [row for row in rows if row["kind"] == "fall"]
    seen = [row for row in falls if visible(row)]
    hard = [row for row in seen if row["thing"] not in LIGHT]
    yield f"{len(falls)} falls, {len(seen)} that can be seen over >= 12 % of the picture"
    groups: list[tuple[str, list[Row], Callable[[Row], str]]] = [
        ("what", seen, lambda row: "light" if row["thing"] in LIGHT else "thing"),
        ("thing", falls, lambda row: row["thing"]),
        ("size, cells", hard, lambda row: bucket(row["size_cells"], (1, 1.5, 2, 3, 5, 8))),
        ("contrast", hard, lambda row: bucket(row["contrast"], (15, 30, 60, 100))),
        ("weather", hard, lambda row: row["weather"]),
        ("away, m", hard, lambda row: bucket(row["away_m"], (0, 20, 35, 50))),
        ("shake", hard, lambda row: "shakes" if row["shake_px"] else "still"),
        ("seen to fall", hard, lambda row: bucket(row["fell"], (0.12, 0.25, 0.5))),
        ("fps", hard, lambda row: f"{row['fps']:g}"),
    ]
    for title, those, key in groups:
        for name in sorted({key(row) for row in those}):
            mine = [row for row in those if key(row) == name]
            plain, told = (share([hits(row, which) for row in mine]) for which in ("plain", "told"))
            yield f"{title:14} {name:16} {plain}   with its floors told {told}"
    yield from wrong(rows)
    yield from floors(hard)
    sizes = {
        width: np.median([row["ms"] for row in rows if row["width"] == width])
        for width in {row["width"] for row in rows}
    }
    yield f"sieve ms/frame (busy machine): {sizes}"


def wrong(rows: list[Row]) -> Iterator[str]:
    for which in ("plain", "told"):
        for kind in ("none", "fall"):
            mine = [row for row in rows if row["kind"] == kind]
            hours = sum(row["seconds"] for row in mine) / 3600
            if not hours:
                continue
            found = [
                (row["seed"], row["weather"], one["label"])
                for row in mine
                for one in row[which]
                if kind == "none" or one not in hits(row, which)
            ]
            limit = f"< {NONE_SEEN / hours:.2g} / h" if not found else f"{len(found) / hours:.2g} / h"
            yield f"false, {which}, clips {kind}: {len(found)} in {hours:.2f} h ({limit}) {found[:12]}"


def floors(rows: list[Row]) -> Iterator[str]:
    off = [(one["floors"], row["floor"]) for row in rows for one in hits(row, "told")[:1] if one["floors"]]
    if off:
        errors = np.array([likely - truth for (_, likely, _), truth in off])
        inside = [low <= truth <= high for (low, _, high), truth in off]
        wide = np.mean([high - low + 1 for (low, _, high), _ in off])
        yield f"floor: {share(list(errors == 0))} exact, {share(list(np.abs(errors) <= 1))} within one"
        yield f"       {share(inside)} in the interval told, which is {wide:.1f} floors wide"


def bucket(value: float, edges: tuple[float, ...]) -> str:
    lower = [edge for edge in edges if edge <= value]
    place = len(lower)
    return f"{place} < {edges[0]:g}" if not lower else f"{place} >= {lower[-1]:g}"


def share(found: list[Any]) -> str:
    low, high = wilson_interval(sum(map(bool, found)), len(found))
    return f"{sum(map(bool, found)):3d}/{len(found):3d} [{low:.2f}, {high:.2f}]"


def cost(*, large: bool) -> dict[str, float]:
    """Median and worst tenth of the sieve's thread time on one clip, milliseconds."""
    clip = io.BytesIO()
    encoded(Scene(4, "fall", large=large), clip)
    sieve, spent = FallSieve(), []
    for at_s, picture in decoded(clip):
        picture.luma  # noqa: B018 - the gate has it anyway
        began = time.thread_time()
        sieve.update(picture, at_s)
        spent.append(1000 * (time.thread_time() - began))
    return {"median_ms": round(float(np.median(spent)), 3), "p90_ms": round(float(np.quantile(spent, 0.9)), 3)}


if __name__ == "__main__":
    main()
