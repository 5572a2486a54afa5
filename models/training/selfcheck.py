"""Checks what only the training environment can: training goes on from the bundled file, exports are whole.

python -m models.training.selfcheck SHARED/models   says what it has checked, or ends with an AssertionError.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from models.training import make
from models.training.bundled import bundled_network, take_in_order
from models.training.classifier import INPUT_PX, Pool, Run, SecondLook, Trainer
from models.training.crops import KINDS, Crop
from models.training.labels import LABELS
from models.training.network import export_onnx, mixed
from models.training.sources import TRAIN
from models.training.teacher import Gains, Teacher, denied_by, far_apart
from models.training.train import averaged_network

LIFT_N = Path(__file__).parents[1] / "lift-n.onnx"
LIFT_S = LIFT_N.with_name("lift-s.onnx")
SECOND_LOOK = LIFT_N.with_name("second-look.onnx")
PLATE_READER = LIFT_N.with_name("plate-reader.onnx")
PLATE_FINDER = LIFT_N.with_name("plate-finder.onnx")
TOLERANCE = 1e-3
MOST_BYTES = 25_000_000
"""Of a file in the repository."""

ONE_STEP_MIN = 1e-5
WIDE = torch.rand(1, 3, 192, 320, generator=torch.Generator().manual_seed(0))


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.selfcheck", description=__doc__)
    parser.add_argument(
        "weights", type=Path, help="folder of yolov8n.pt, yolov8s.pt and yunet_n_320.onnx, SHARED/models"
    )
    options = parser.parse_args(words)
    coco = options.weights / "yolov8n.pt"
    batches = [torch.rand(2, 3, 96, 160, generator=torch.Generator().manual_seed(n)) for n in range(2)]
    network: Any = bundled_network(LIFT_N, coco, batches)
    _alike(said(network), answered(LIFT_N), "it answers as the bundled file does")
    output = network.model[0].conv(batches[0]).mean((0, 2, 3)).detach().numpy()
    _alike(output, network.model[0].bn.running_mean.numpy(), "a batch meets the statistics it was measured on", 0.15)
    _alike(
        said(mixed([network, bundled_network(LIFT_N, coco)], [0.7, 0.3])),
        said(network),
        "a mean with itself changes nothing",
    )
    check_teacher(bundled_network(LIFT_S, options.weights / "yolov8s.pt"), network)
    alien = options.weights / "yunet_n_320.onnx"
    refused(lambda: bundled_network(alien, coco), "found no model", "another architecture")
    told = said(network)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.onnx"
        export_onnx(network, path, 320)
        _alike(answered(path), told, "an export takes pictures of any size")
        _alike(said(bundled_network(path, coco)), told, "an export can be gone on from")
        make._export(bundled_network(LIFT_S, options.weights / "yolov8s.pt"), path)  # noqa: SLF001
        assert path.stat().st_size < MOST_BYTES, f"{path.stat().st_size} bytes"
        print("ok  what `make` writes is small enough for the repository, of either size")
        check_goes_on(Path(folder), coco)
        run, larger = path.with_name("last.pt"), options.weights / "yolov8s.pt"
        torch.save({"average": network.state_dict()}, run)
        refused(lambda: averaged_network(run, larger), "accepted: the other --size", "a run of another size")
        check_plates(Path(folder) / "reader.onnx")
        check_finder(Path(folder) / "finder.onnx", coco)
    second = SecondLook(bundled_network(LIFT_N, coco)).eval()
    take_in_order(second, SECOND_LOOK, torch.zeros(1, 3, INPUT_PX, INPUT_PX))
    crop = torch.rand(1, 3, INPUT_PX, INPUT_PX, generator=torch.Generator().manual_seed(1))
    kinds = second(crop).softmax(dim=1).detach().numpy()
    _alike(kinds, answered(SECOND_LOOK, crop), "a second look can be gone on from")


def check_teacher(larger: Any, network: Any) -> None:  # noqa: ANN401  # ultralytics' models
    teacher = Teacher(larger, Gains(scores=1.0, sides=1.0))
    told, own = teacher.says(WIDE, bfloat16=False), network(WIDE)[1]
    likely = denied_by(torch.zeros(0, 6), torch.zeros(len(WIDE), len(LABELS)))
    assert teacher.loss(own, told, likely) > teacher.loss(told, told, likely), (
        "a pupil that says the same is wrong least"
    )
    absent = denied_by(torch.tensor([[0, 1, 0.5, 0.5, 0.1, 0.1]]), torch.ones(len(WIDE), len(LABELS)))
    assert absent[0].tolist() == [label != 1 for label in range(len(LABELS))], "labels say what is not there"
    silent = {**told, "scores": told["scores"].masked_fill(absent[..., None], -20.0)}
    assert teacher.loss(silent, told, absent) < teacher.loss(told, told, absent), "a teacher is not believed in that"
    sure = told["scores"].sigmoid().amax(dim=1)
    assert far_apart(told["boxes"], told["boxes"], sure) < far_apart(own["boxes"], told["boxes"], sure)
    print("ok  a pupil that says what its teacher says is wrong least")


def check_goes_on(folder: Path, coco: Path) -> None:
    """`folder`: where a second look may be trained."""
    noise = np.random.default_rng(0).integers(0, 256, (96, 160, 3), np.uint8)
    cv2.imwrite(str(folder / "noise.jpg"), noise)
    crops = [Crop("noise.jpg", (20.0, 10.0, 90.0, 80.0), kind, 0.5, "clips", TRAIN) for kind in range(len(KINDS))]
    run, pool = Run(folder, ONE_STEP_MIN, 1e-4, 0, LIFT_N, coco), Pool(crops, folder, 0)
    first, same = (torch.load(Trainer(run, pool).train(), weights_only=True) for _ in range(2))
    further = torch.load(Trainer(replace(run, minutes=2 * first["trained_s"] / 60), pool).train(), weights_only=True)
    assert first["step"] == same["step"] < further["step"], "a second look begins anew"
    assert all(torch.equal(met, same["average"][name]) for name, met in first["average"].items())
    print("ok  a second look goes on where it was stopped")


def check_plates(path: Path) -> None:
    """`path`: where a copy may be written."""
    from models.training.plates.network import export  # noqa: PLC0415  # only here
    from models.training.plates.resume import exported_reader, mean  # noqa: PLC0415

    crops = 255 * torch.rand(4, 3, 48, 168, generator=torch.Generator().manual_seed(0))
    reader = exported_reader(PLATE_READER, [crops])
    told = reader(crops).detach().numpy()
    _alike(told, answered(PLATE_READER, crops, "plates"), "the plate reader answers as the bundled file does")
    export(reader, path)
    _alike(answered(path, crops, "plates"), told, "an exported plate reader says the same")
    smaller = exported_reader(PLATE_READER).eval()
    smaller.body[6], smaller.row = torch.nn.Identity(), torch.nn.Identity()
    export(smaller, path)
    grown = exported_reader(path, [crops])(crops).detach().numpy()
    _alike(grown, answered(path, crops, "plates"), "blocks put into a smaller plate reader leave it as it was")
    _alike(mean(path, path)(crops).detach().numpy(), grown, "a mean of a plate reader with itself changes nothing")
    learning = reader.train()
    learning.along[1].eval()  # what is dropped by chance
    _alike(learning(crops).detach().numpy(), told, "norms of the plate reader are those of the batch", 0.02)


def check_finder(path: Path, coco: Path) -> None:
    """`path`: where a copy may be written."""
    from models.training.plate_detector.network import Decoded, export_onnx  # noqa: PLC0415  # only here
    from models.training.plate_detector.resume import exported_finder  # noqa: PLC0415

    finder = exported_finder(PLATE_FINDER, coco, [torch.rand(2, 3, 96, 160)])
    told = Decoded(finder)(WIDE).detach().numpy()
    _alike(told, answered(PLATE_FINDER), "the plate finder answers as the bundled file does")
    export_onnx(finder, path)
    _alike(answered(path), told, "an exported plate finder says the same")


def said(network: Any) -> NDArray[np.float32]:  # noqa: ANN401  # ultralytics' model
    return np.asarray(network(WIDE)[0].detach().numpy())


def answered(path: Path, pictures: torch.Tensor = WIDE, name: str = "images") -> NDArray[np.float32]:
    import onnxruntime  # noqa: PLC0415  # only here

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {name: pictures.numpy()})[0])


def refused(load: Callable[[], object], why: str, what: str) -> None:
    try:
        load()
    except ValueError as error:
        if why not in str(error):
            raise
        print(f"ok  {what} is refused")
    else:
        raise AssertionError(f"{what} was taken for a detector of ours")


def _alike(met: NDArray[np.float32], wanted: NDArray[np.float32], what: str, tolerance: float = TOLERANCE) -> None:
    np.testing.assert_allclose(met, wanted, atol=tolerance, err_msg=what)
    print(f"ok  {what}")


if __name__ == "__main__":
    main()
