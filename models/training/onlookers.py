"""People in the recordings of surveillance cameras, as a public detector finds them: nobody has labelled them.

What it finds is rewarded in training; what it misses is not punished, for the recipe counts people there as unlabelled.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.labels import LABELS, Box

INPUT_PX = 640
LEAST_SCORE = 0.4
PERSON = LABELS.index("person")


class Onlookers:
    """Reads people out of a BGR picture (h, w, 3); COCO weights for ultralytics, loaded by the first picture."""

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        self._network: Any = None

    def __call__(self, picture: NDArray[np.uint8]) -> list[Box]:
        found = self._loaded().predict(picture, imgsz=INPUT_PX, conf=LEAST_SCORE, classes=[0], verbose=False)[0]
        size = (picture.shape[1], picture.shape[0])
        return [Box.from_corners(PERSON, tuple(corners), size) for corners in found.boxes.xyxy.tolist()]

    def _loaded(self) -> Any:  # noqa: ANN401  # ultralytics' YOLO
        if self._network is None:
            from models.training import torchvision_stand_in  # noqa: PLC0415

            torchvision_stand_in.install()
            from ultralytics import YOLO  # noqa: PLC0415

            self._network = YOLO(str(self._weights))
        return self._network
