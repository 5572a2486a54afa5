# ruff: noqa: INP001  # a script, not a package
"""What the box's directory costs: a table of cars in, a decision, a sweep of the audit; and how well a pass is read.

python benchmarks/access.py [--rows 50000] [--codes 100]      processor seconds, so that a busy machine does not count
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.access import AccessConfig, Act, Directory, Doorkeeper, GateRules, Means, PlateClaim
from edgeguard.access.bulk import import_vehicles
from edgeguard.access.qr import QrReader, draw
from edgeguard.access.sheet import read_vehicles, write_vehicles
from edgeguard.replay.rates import Rate

T = TypeVar("T")
GATE = GateRules(id="north", means=(Means.PLATE, Means.QR))
NOW = Act(datetime(2026, 6, 1, tzinfo=UTC), "bench")
DECISIONS = 200
# Camera pixels of one module of the code, sigma of the blur in pixels, degrees off the axis.
LOOKS = [
    (6, 0.0, 0),
    (6, 1.5, 0),
    (6, 3.0, 0),
    (4, 1.5, 0),
    (3, 1.0, 0),
    (2, 0.5, 0),
    (6, 1.0, 30),
    (6, 1.0, 45),
    (6, 1.0, 60),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--codes", type=int, default=100)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Directory.of(Path(folder), "site", "box", AccessConfig(gates=(GATE,))) as box,
    ):
        tables(box, Path(folder) / "cars.csv", args.rows)
        passes(box, args.codes)


def tables(box: Directory, path: Path, rows: int) -> None:
    cars = [f"粤B{number:05d},{'resident' if number % 3 else 'visitor'},2027-01-01" for number in range(rows)]
    path.write_text("plate,list,valid_until\n" + "\n".join(cars), "gbk")
    sheet = timed(f"read {rows} rows (GBK)", lambda: read_vehicles(path))
    timed("dry run", lambda: import_vehicles(box, sheet, NOW, dry=True))
    timed("import", lambda: import_vehicles(box, sheet, NOW))
    timed("export", lambda: write_vehicles(box.vehicles.all()))
    timed(f"verify {rows} rows of the audit", box.anchors.verify)
    door = Doorkeeper(box)
    timed(
        f"{DECISIONS} decisions on a plate",
        lambda: [door.decide(PlateClaim(f"粤B{number:05d}", 2), NOW.at, "north") for number in range(DECISIONS)],
    )
    timed("new key", lambda: box.rekey(NOW))


def timed(what: str, do: Callable[[], T]) -> T:
    began = time.process_time()
    done = do()
    print(f"{time.process_time() - began:8.2f} s  {what}")
    return done


def passes(box: Directory, codes: int) -> None:
    reader, noise = QrReader(), np.random.default_rng(1)
    for module_px, blur, degrees in LOOKS:
        read = 0
        for _ in range(codes):
            text = box.passes.make(("north",), NOW.at, NOW.at + timedelta(hours=4), 1, NOW)[1]
            read += reader.read(look(text, module_px, blur, degrees, noise)) == text
        rate = Rate.of(read, codes)
        low, high = rate.interval
        seen = f"{module_px} px a module, blur {blur}, {degrees} degrees"
        print(f"{read / codes:6.3f} ({low:.3f}-{high:.3f}, n {codes})  {seen}")


def look(text: str, module_px: int, blur: float, degrees: int, noise: np.random.Generator) -> NDArray[np.uint8]:
    """As a camera sees it: on grey, seen from the side, out of focus, noisy."""
    code = np.pad(draw(text, module_px), 40, constant_values=150).astype(np.float32) * 0.7 + 30
    height, width = code.shape
    narrow = np.cos(np.radians(degrees))
    shrink = 0.5 * np.sin(np.radians(degrees)) * 0.3  # the far edge is shorter
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    right = width * narrow
    seen = np.array([(0, 0), (right, height * shrink), (right, height * (1 - shrink)), (0, height)], np.float32)
    turned = cv2.warpPerspective(code, cv2.getPerspectiveTransform(corners, seen), (width, height), borderValue=135)
    soft = cv2.GaussianBlur(turned, (0, 0), blur) if blur else turned
    return np.asarray(np.clip(soft + noise.normal(0, 4, soft.shape), 0, 255), np.uint8)


if __name__ == "__main__":
    main()
