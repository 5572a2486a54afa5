"""`edgeguard models convert`: a pose network of Ultralytics made into one that a box runs."""

import argparse
from pathlib import Path

from edgeguard.catalogue import default_folder
from edgeguard.catalogue.convert import INSTALL, convert

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = f"""\
Exports a pose network of Ultralytics (17 keypoints, such as yolo11n-pose.pt) to ONNX on this machine, tries it and
writes its description beside it. Ultralytics' weights are under AGPL-3.0. A .pt file is a program: convert only one
from whom you trust. It needs torch and ultralytics: {INSTALL}
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    folder = default_folder() / "bodies"
    parser = subparsers.add_parser(
        "convert",
        help="make a pose network for a camera's `pose`",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", type=Path, metavar="SOURCE.pt", help="as Ultralytics gives it")
    parser.add_argument(
        "--to", dest="folder", type=Path, default=folder, metavar="DIR", help=f"folder to write into ({folder})"
    )


def run(args: argparse.Namespace) -> int:
    """0 once the network has run once."""
    spec = convert(args.source, args.folder)
    print(f"{spec.name}: {spec.path}, {spec.path.stat().st_size / 1e6:.1f} MB, licence {spec.licence}")
    print(f"in the site file, at the camera: pose: {spec.path.resolve()}")
    return 0
