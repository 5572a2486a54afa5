"""`edgeguard models`: which detectors, body, plate and face models there are, if they are sound, how to get more."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from edgeguard import bodies
from edgeguard.catalogue import (
    BUNDLED,
    Acceptance,
    CatalogueEntry,
    Description,
    accept,
    bring,
    default_folder,
    find_entry,
    location,
    pull,
    read_catalogue,
    read_installed,
    recognise,
    record,
    state_of,
    who,
)
from edgeguard.catalogue.licence import Ask, describe
from edgeguard.cli import models_convert
from edgeguard.detectors import ModelSpec, find_model, models_dir, open_detector, read_manifest
from edgeguard.errors import ConfigError, ModelError
from edgeguard.recognizers import KINDS, RecognizerEntry, RecognizerSpec, verify
from edgeguard.recognizers.bundled import read_bundled
from edgeguard.yamlfile import load

Body = bodies.PostureSpec | bodies.FightSpec
WATCHES = {"posture": "tells who lies", "fight": "tells who fights"}

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
Detectors, body and plate models are bundled. Face models are other people's work: they are fetched once, under their
licence, into one folder, and verified by sha256 whenever they are loaded.

  edgeguard models list                            what there is, and the command that gets what is missing
  edgeguard models pull yunet                      shows the licence, asks, downloads; goes on where it was cut off
  edgeguard models pull sface --mirror DIR|URL     from a folder or a host that holds the same files
  edgeguard models import FILE                     without a network: the file is known by its sha256
  edgeguard models import FILE --describe E.yaml   a site's own model; docs/models.md has what stands in E.yaml
  edgeguard models check                           read, load and run each one
  edgeguard models convert yolo11n-pose.pt         a pose network for a camera's `pose`; docs/bodies.md
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "models",
        help="list, check and install detectors and face models",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="list|check|pull|import|convert")
    for name, told in (("list", "what there is"), ("check", "read each file, load it and run it once")):
        shown = what.add_parser(name, help=told, description=told)
        shown.add_argument("model", nargs="?", help="only this one: name, or path of a detector's .onnx file")
        shown.add_argument("--models-dir", type=Path, help="folder of the detectors' manifest.yaml (the bundled one)")
        _add_folder(shown, "--in")
    fetched = what.add_parser("pull", help="fetch a model of the catalogue, once its licence is accepted")
    fetched.add_argument("model", metavar="NAME", help="as `models list` shows it")
    fetched.add_argument("--mirror", metavar="URL_OR_DIR", help="a host or folder with the same files")
    brought = what.add_parser("import", help="install a file that is here: of the catalogue, or a site's own")
    brought.add_argument("file", type=Path, metavar="FILE", help="an ONNX file, under any name")
    brought.add_argument("--describe", type=Path, metavar="ENTRY.yaml", help="of a site's own model: docs/models.md")
    models_convert.add_parser(what)
    for command in (fetched, brought):
        _add_folder(command, "--to")
        command.add_argument("--accept-licence", metavar="SPDX", help="the licence's name, instead of being asked")


def _add_folder(parser: argparse.ArgumentParser, option: str) -> None:
    folder = default_folder()
    parser.add_argument(
        option, dest="folder", type=Path, default=folder, metavar="DIR", help=f"folder of the face models ({folder})"
    )
    parser.add_argument(
        "--catalogue", type=Path, default=BUNDLED, metavar="FILE.yaml", help="what is known (the bundled catalogue)"
    )


def run(args: argparse.Namespace) -> int:
    """0, or 1 where a checked model cannot be used."""
    if args.what == "convert":
        return models_convert.run(args)
    catalogue = read_catalogue(args.catalogue)
    if args.what == "pull":
        return _pull(find_entry(args.model, catalogue), args)
    if args.what == "import":
        return _import(catalogue, args)
    installed = read_installed(args.folder)
    folder = models_dir(args.models_dir)
    about_people, bundled = bodies.bodies_in(folder), read_bundled(folder)
    # A name of the catalogue's, of what is installed or of another bundled model is no detector's.
    others = {entry.name for entry in catalogue} | {spec.name for spec in (*about_people, *bundled, *installed)}
    chosen = [spec for spec in (*about_people, *bundled, *installed) if args.model in {None, spec.name}]
    detectors = () if args.model in others else _detectors(args, others)
    if args.what == "check":
        sound = [*map(_sound, detectors), *map(_sound, chosen)]
        missing = [entry for entry in catalogue if entry.name == args.model and not chosen]
        for entry in missing:
            print(f"BAD  {entry.name}: not in {args.folder}, accepted: {_command(entry, args)}")
        return 0 if all(sound) and not missing else 1
    console = Console()
    if detectors:
        console.print(_detector_table(detectors))
    for title, those in (("Body models", about_people), ("Plate models", bundled)):
        if shown := [spec for spec in those if spec in chosen]:
            console.print(_bundled_table(title, shown))
    _list_faces(console, catalogue, installed, args)
    return 0


def _detectors(args: argparse.Namespace, others: Iterable[str]) -> tuple[ModelSpec, ...]:
    """All of them, or the one asked for; `others`: the names that are none of theirs."""
    folder = models_dir(args.models_dir)
    if args.model is not None and args.model.endswith(".onnx"):
        return (find_model(args.model, folder),)
    specs = read_manifest(folder)
    chosen = tuple(spec for spec in specs if args.model in {None, spec.name})
    if not chosen:
        names = [*(spec.name for spec in specs), *sorted(others)]
        raise ConfigError(f"no model {args.model!r}, accepted: {', '.join(names)}")
    return chosen


def _pull(entry: CatalogueEntry, args: argparse.Namespace) -> int:
    origin = location(entry, args.mirror)
    print(describe(entry, origin))
    how = accept(entry, args.accept_licence, _ask())
    with _progress(entry) as shown:
        path = pull(entry, args.folder, args.mirror, how, who(), shown)
    print(f"{entry.name}: installed, {path}")
    return 0


def _import(catalogue: tuple[CatalogueEntry, ...], args: argparse.Namespace) -> int:
    if args.describe is not None:
        model: RecognizerEntry = load(args.describe, Description).model
        acceptance = Acceptance.of_a_site(model, str(args.file), who(), str(args.describe))
    else:
        entry = recognise(args.file, catalogue)
        model = entry.model
        print(describe(entry, str(args.file)))
        acceptance = record(entry, accept(entry, args.accept_licence, _ask()), str(args.file), who())
    path = bring(args.file, model, args.folder, acceptance)
    print(f"{model.name}: installed, {path}")
    return 0


def _ask() -> Ask:
    """Nobody is asked where nobody could answer."""
    if not sys.stdin.isatty():
        return None
    return _typed


def _typed(entry: CatalogueEntry) -> str:
    try:
        return input(f"Type {entry.model.licence} to accept this licence: ")
    except EOFError:  # the end of input is no word
        return ""


@contextmanager
def _progress(entry: CatalogueEntry) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(entry.name, total=entry.size_bytes)
        yield lambda have: progress.update(task, completed=have)


def _command(entry: CatalogueEntry, args: argparse.Namespace) -> str:
    words = ["edgeguard models pull", entry.name]
    if args.folder != default_folder():
        words.append(f"--to {args.folder}")
    if args.catalogue != BUNDLED:
        words.append(f"--catalogue {args.catalogue}")
    return " ".join(words)


def _sound(spec: ModelSpec | Body | RecognizerSpec) -> bool:
    try:
        if isinstance(spec, ModelSpec):
            open_detector(spec)
        elif isinstance(spec, Body):
            bodies.verify(spec)
        else:
            verify(spec)
    except ModelError as error:
        print(f"BAD  {spec.name}: {error}")
        return False
    print(f"ok   {spec.name}: {spec.path}")
    return True


def _detector_table(specs: tuple[ModelSpec, ...]) -> Table:
    table = Table(title=f"Detectors in {specs[0].folder}")
    for heading in ("name", "file", "input", "head", "labels (alarm from)", "also asks", "licence"):
        table.add_column(heading, overflow="fold")
    for spec in specs:
        height, width = spec.input.size
        size = f"{'up to ' * spec.input.dynamic}{width}x{height}"
        labels = ", ".join(f"{label} {spec.threshold(label).high:g}" for label in spec.labels)
        asks = ", ".join(part.name for part in (spec.looks_again, spec.asked) if part)
        table.add_row(spec.name, spec.file, size, spec.head, labels, asks, spec.licence)
    return table


def _bundled_table(title: str, specs: Sequence[Body | RecognizerSpec]) -> Table:
    table = Table(title=f"{title} in {specs[0].folder}")
    for heading in ("name", "what for", "licence", "size"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "size" else "left")
    for spec in specs:
        what = WATCHES[spec.kind] if isinstance(spec, Body) else KINDS[spec.kind].what
        table.add_row(spec.name, what, spec.licence, _size(spec))
    return table


def _list_faces(
    console: Console,
    catalogue: tuple[CatalogueEntry, ...],
    installed: tuple[RecognizerSpec, ...],
    args: argparse.Namespace,
) -> None:
    """The catalogue's models and the site's own, then the command for each one that is missing."""
    entries = [entry for entry in catalogue if args.model in {None, entry.name}]
    own = [
        spec
        for spec in installed
        if args.model in {None, spec.name} and all(spec.name != entry.name for entry in catalogue)
    ]
    if not entries and not own:
        return
    table = Table(title=f"Face models in {args.folder}")
    for heading in ("name", "what for", "licence", "size", "state"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "size" else "left")
    wanting = []
    for entry in entries:
        state = state_of(entry.name, args.folder)
        table.add_row(entry.name, entry.purpose, entry.model.licence, f"{entry.size_bytes / 1e6:.1f} MB", state)
        if state != "installed":
            wanting.append(entry)
    for spec in own:
        what, state = f"{KINDS[spec.kind].what} (own)", state_of(spec.name, args.folder)
        table.add_row(spec.name, what, spec.licence, _size(spec), state)
    console.print(table)
    for entry in wanting:
        console.print(f"to install {entry.name}: {_command(entry, args)}", highlight=False, soft_wrap=True)


def _size(spec: Body | RecognizerSpec) -> str:
    return f"{spec.path.stat().st_size / 1e6:.1f} MB" if spec.path.is_file() else "no file"
