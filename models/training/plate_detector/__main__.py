"""python -m models.training.plate_detector prepare | show FILE | train NAME --minutes N | export NAME FILE.onnx"""

import argparse
import os
from pathlib import Path

from models.training.plate_detector.sources import prepare
from models.training.sources import shared_root

FOLDER = "plate_detector"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training.plate_detector", description=__doc__)
    home = Path.home() / ".cache" / "edgeguard"
    parser.add_argument("--shared", type=Path, default=shared_root())
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("EDGEGUARD_CACHE", home)))
    commands = parser.add_subparsers(dest="command", required=True)
    step = commands.add_parser("prepare", help="pictures to train on, into the cache")
    step.add_argument("--renders", type=int, default=250, help="rendered lifts among the backgrounds")
    step = commands.add_parser("show", help="write a sheet of samples with their plates drawn in")
    step.add_argument("picture", type=Path)
    step = commands.add_parser("train", help="paced by its processor time; goes on where it was stopped")
    step.add_argument("name")
    step.add_argument("--minutes", type=float, required=True, help="of processor time")
    step.add_argument("--start", type=Path, help="go on from this exported file, models/plate-finder.onnx say")
    step.add_argument("--threads", type=int, default=1)
    step.add_argument("--bfloat16", action="store_true", help="faster where the processor has AVX-512 BF16 or AMX")
    step.add_argument("--without-restricted", action="store_true", help="leave out what the card has in bold")
    step = commands.add_parser("export", help="write a run's averaged weights as ONNX")
    step.add_argument("name")
    step.add_argument("onnx", type=Path)
    return parser.parse_args()


def main() -> None:
    told = options()
    data, runs = told.cache / FOLDER, told.cache / "runs"
    if told.command == "prepare":
        print(prepare(told.shared, told.cache / "scenes" / "images", data, told.renders), "pictures")
    elif told.command == "show":
        from models.training.plate_detector.show import write_sheet  # noqa: PLC0415  # of use to nobody else

        write_sheet(data, told.shared / "data", told.picture)
    elif told.command == "train":
        from models.training.plate_detector.train import Run, Trainer, read_recipe  # noqa: PLC0415  # torch is slow

        how = told.threads, told.bfloat16, told.without_restricted
        run = Run(data, told.shared, runs / told.name, told.minutes, told.start, *how)
        print(Trainer(run, read_recipe()).train())
    else:
        from models.training.plate_detector.network import export_onnx  # noqa: PLC0415
        from models.training.plate_detector.train import averaged_network  # noqa: PLC0415

        checkpoint = runs / told.name / "last.pt"
        export_onnx(averaged_network(checkpoint, told.shared / "models" / "yolov8n.pt"), told.onnx)
        print(told.onnx)


main()
