"""Exports the detectors that ours is compared with: YOLOv8 n and s with their COCO weights, for pictures of any size.

Runs in the training environment; the files are third-party weights and stay in the cache.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from models.training import torchvision_stand_in

NAMES = ("yolov8n", "yolov8s")
SIDE_PX = 640


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.yardsticks", description=__doc__)
    parser.add_argument("weights", type=Path, help="folder of the .pt files, SHARED/models")
    parser.add_argument("out", type=Path, help="folder for the .onnx files, CACHE/yardsticks")
    options = parser.parse_args(words)
    torchvision_stand_in.install()
    from ultralytics import YOLO  # noqa: PLC0415  # only after the stand-in

    options.out.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        copy = options.out / f"{name}.pt"  # the export writes beside the weights
        shutil.copyfile(options.weights / copy.name, copy)
        print(YOLO(str(copy)).export(format="onnx", imgsz=SIDE_PX, opset=17, simplify=False, dynamic=True))


if __name__ == "__main__":
    main()
