"""`edgeguard people enrol`: a face from a photo or a camera."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeguard.access import Act, Directory
from edgeguard.agent.faces import Enroller
from edgeguard.agent.site import CameraConfig, load_site
from edgeguard.catalogue import default_folder, finder_of, template_of
from edgeguard.cli.access_shown import DONE, Subparsers, print_json, task
from edgeguard.errors import ConfigError
from edgeguard.recognizers import FaceReader, TemplateMaker, YunetFinder
from edgeguard.sources import open_source

ABOUT = """\
The photo is deleted once the face is enrolled, and left alone where it is refused. Needs a consent, and face models:
edgeguard models list."""


def add_parsers(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = task(tasks, "enrol", "enrol a face from a photo or a camera of the box", ABOUT)
    parser.add_argument("ref", metavar="REF")
    parser.add_argument("photo", nargs="?", type=Path, metavar="PHOTO", help="JPEG or PNG, one person")
    parser.add_argument("--camera", metavar="ID", help="instead of a photo: the first good look of this camera")
    parser.add_argument("--keep-photo", action="store_true", help="do not delete the file, which the audit tells")
    parser.add_argument("--twin", action="store_true", help="whoever looks the same is known to be somebody else")
    parser.add_argument("--finder", metavar="NAME", help="what finds faces (the only one installed)")
    parser.add_argument("--model", metavar="NAME", help="what tells faces apart (the only one installed)")
    folder = default_folder()
    parser.add_argument("--in", dest="folder", type=Path, default=folder, metavar="DIR", help=f"face models ({folder})")
    parser.set_defaults(act=enrol)


def enrol(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    """Raises PhotoError and EnrolmentRefused with what to mend."""
    if (args.photo is None) == (args.camera is None):
        raise ConfigError("people enrol: accepted: a PHOTO or --camera ID")
    spec, finder = template_of(args.folder, args.model), finder_of(args.folder, args.finder)
    enroller = Enroller(FaceReader(YunetFinder(finder), TemplateMaker(spec)), spec, directory)
    if args.photo is not None:
        found = enroller.of_photo(args.photo, args.ref, act, twin=args.twin)
        if args.keep_photo:
            directory.looked(act, "photo_kept", args.ref)
        else:
            _delete(args.photo)
    else:
        found = enroller.of_frames(_frames(_camera(args)), args.ref, act, twin=args.twin)
    if args.json:
        print_json({"ref": args.ref, "eyes_px": round(found.eyes_px, 1), "sharpness": round(found.sharpness, 1)})
    else:
        print(f"{args.ref}: enrolled ({found.eyes_px:.0f} pixels between the eyes); {_left(args)}")
    return DONE


def _left(args: argparse.Namespace) -> str:
    """What becomes of the picture: the box keeps none, but somebody's file is theirs to delete."""
    if args.photo is None:
        return "the picture is not kept"
    return f"{args.photo} is kept: it is yours to delete" if args.keep_photo else f"{args.photo} is deleted"


def _delete(photo: Path) -> None:
    try:
        photo.unlink()
    except OSError as error:
        told = f"{photo} cannot be deleted ({error.strerror}); the face is enrolled, delete it now"
        raise ConfigError(told) from error


def _camera(args: argparse.Namespace) -> CameraConfig:
    cameras = load_site(args.config).cameras
    for camera in cameras:
        if camera.id == args.camera:
            return camera
    raise ConfigError(f"--camera: met {args.camera!r}, accepted: {', '.join(camera.id for camera in cameras)}")


def _frames(camera: CameraConfig) -> Iterator[NDArray[np.uint8]]:
    for frame in open_source(camera.source, camera.id).frames():
        yield frame.picture.bgr(frame.picture.width, frame.picture.height)
