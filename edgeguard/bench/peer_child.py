"""The peer's side: `python peer_child.py FRAMES.npy MODEL.onnx HEIGHT WIDTH` in an environment that has ultralytics.

Imports nothing of EdgeGuard. For every line on stdin, the number of a frame, a line on stdout: wall and processor
milliseconds of `YOLO(model)(frame)`. `ready` comes first.
"""

import contextlib
import importlib
import os
import sys
import time

import numpy as np

# Nothing is fetched, installed or asked for while times are taken.
os.environ.update(YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true", YOLO_VERBOSE="false")


def main() -> None:
    """Answer until stdin ends."""
    frames, model = np.load(sys.argv[1]), sys.argv[2]
    size = [int(side) for side in sys.argv[3:5]]
    # ultralytics asks for torchvision; a stand-in on PYTHONPATH serves where it has no wheel.
    with contextlib.suppress(ImportError):
        importlib.import_module("torchvision_stand_in").install()
    with contextlib.redirect_stdout(sys.stderr):
        yolo = importlib.import_module("ultralytics").YOLO(model, task="detect")
        yolo(frames[0], imgsz=size, verbose=False)
    print("ready", flush=True)
    for line in sys.stdin:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(sys.stderr):
            yolo(frames[int(line)], imgsz=size, verbose=False)
        print(1000 * (time.perf_counter() - wall_s), 1000 * (time.process_time() - cpu_s), flush=True)


if __name__ == "__main__":
    main()
