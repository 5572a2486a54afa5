"""`edgeguard models`: which detectors there are, and whether their files are sound."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edgeguard.detectors import ModelSpec, OnnxDetector, find_model, models_dir, read_manifest
from edgeguard.errors import ModelError

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("models", help="list and check the bundled detectors")
    parser.add_argument("what", choices=["list", "check"], help="check: read each file, load it and run it once")
    parser.add_argument("model", nargs="?", help="only this one: name, or path of an .onnx file")
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")


def run(args: argparse.Namespace) -> int:
    """0, or 1 where a checked model cannot be used."""
    folder = models_dir(args.models_dir)
    specs = (find_model(args.model, folder),) if args.model else read_manifest(folder)
    if args.what == "check":
        sound = [_sound(spec) for spec in specs]
        return 0 if all(sound) else 1
    Console().print(_table(specs))
    return 0


def _sound(spec: ModelSpec) -> bool:
    try:
        OnnxDetector(spec)
    except ModelError as error:
        print(f"BAD  {spec.name}: {error}")
        return False
    print(f"ok   {spec.name}: {spec.path}")
    return True


def _table(specs: tuple[ModelSpec, ...]) -> Table:
    table = Table(title=f"Detectors in {specs[0].folder}")
    for heading in ("name", "file", "input", "head", "labels (alarm from)", "licence"):
        table.add_column(heading, overflow="fold")
    for spec in specs:
        height, width = spec.input.size
        labels = ", ".join(f"{label} {spec.threshold(label).high:g}" for label in spec.labels)
        table.add_row(spec.name, spec.file, f"{width}x{height}", spec.head, labels, spec.licence)
    return table
