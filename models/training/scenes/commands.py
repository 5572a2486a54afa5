"""Command line of the scene generator."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from . import sheet, stills
from .guests import GUESTS
from .mounts import KINDS
from .options import add_amount, whole
from .outcome import NEEDS
from .rooms import STANDING
from .rooms import render as render_room
from .scripts import SCRIPTS
from .stories import STORIES, story

EPILOG = f"""\
examples
  python -m models.training.scenes stills --seed 1 --count 500 --shard 1/2   half of 500 pictures (run 2/2 beside it)
  python -m models.training.scenes sheet ~/.cache/edgeguard/scenes           a contact sheet with boxes: look at it
  python -m models.training.scenes sheet ~/.cache/edgeguard/stories --count 4  the newest four, a row of frames each
  python -m models.training.scenes visits --count 36 --others                visits without an e-bike
  python -m models.training.scenes visits --story backwards --count 2        an e-bike pulled in backwards
  python -m models.training.scenes clip lift_ebike --draft --out /tmp/draft  every 5th frame, small
  python -m models.training.scenes clip lift_ebike                           the recording and its truth file

needs {NEEDS}
A picture takes 1 to 2 s on one core. A run that was stopped goes on where it was: pictures that exist are kept.
"""


def cache() -> Path:
    """Where big things go: EDGEGUARD_CACHE, or ~/.cache/edgeguard."""
    return Path(os.environ.get("EDGEGUARD_CACHE", str(Path.home() / ".cache" / "edgeguard")))


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        "python -m models.training.scenes",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(dest="command", required=True)
    still = commands.add_parser("stills", help="render labelled training pictures")
    still.add_argument(
        "--out", type=Path, default=cache() / "scenes", help="folder for images/, labels/, meta/ (default: %(default)s)"
    )
    still.add_argument("--seed", type=whole(0), default=1, help="the set; a picture depends on seed and number alone")
    add_amount(still, 100, "pictures in the whole set, all shards together")
    _add_samples(still, 1)
    clip = commands.add_parser("clip", help="render a bundled recording with its truth file")
    clip.add_argument("name", choices=tuple(SCRIPTS))
    clip.add_argument("--out", type=Path, default=Path("edgeguard/recordings"), help="folder (default: %(default)s)")
    _add_samples(clip, 3)
    clip.add_argument(
        "--draft", action="store_true", help="every 5th frame at a quarter of the size, as a contact sheet only"
    )
    visit = commands.add_parser("visits", help="render short visits with what is true in every frame")
    visit.add_argument(
        "--out", type=Path, help=f"folder (default: {cache() / 'visits'}; visits-other or stories beside it)"
    )
    instead = visit.add_mutually_exclusive_group()
    instead.add_argument(
        "--others", action="store_true", help="what comes in is no e-bike: prams, wheelchairs, people ..."
    )
    instead.add_argument("--story", choices=tuple(STORIES), help="an e-bike that goes another way than straight in")
    visit.add_argument("--seed", type=whole(0), default=0, help="the first visit")
    add_amount(visit, 12, "how many")
    _add_samples(visit, 2)
    rooms = commands.add_parser("rooms", help="render lifts and visitors apart: what composed door cycles are made of")
    rooms.add_argument("--out", type=Path, default=cache() / "rooms", help="folder (default: %(default)s)")
    rooms.add_argument(
        "--first", type=whole(0), default=0, metavar="N", help="number of the first; those below 1000 measure"
    )
    add_amount(rooms, 40, "how many")
    _add_samples(rooms, 1)
    rooms.add_argument(
        "--standing", type=whole(1), default=STANDING, metavar="N", help="groups of people who stand about"
    )
    rooms.add_argument(
        "--invited", choices=tuple(GUESTS), default="any", help="who comes: %(choices)s (default: %(default)s)"
    )
    rooms.add_argument(
        "--mount",
        choices=KINDS,
        metavar="KIND",
        help="where the camera hangs: %(choices)s (default: drawn for each room)",
    )
    yards = commands.add_parser("yards", help="render films of yards with what happens in them")
    yards.add_argument("--out", type=Path, default=cache() / "yards", help="folder (default: %(default)s)")
    yards.add_argument("--first", type=whole(0), default=0, metavar="N", help="number of the first")
    yards.add_argument("--count", type=whole(1), default=4, help="how many")
    _add_samples(yards, 2)
    show = commands.add_parser("sheet", help="contact sheet of the newest stills, visits, stories or rooms, with boxes")
    show.add_argument("folder", type=Path, help="what stills, visits or rooms were rendered into, or one visit or room")
    show.add_argument("--out", type=Path, help="the sheet, .png or .jpg (default: sheet.png in the folder)")
    show.add_argument("--count", type=whole(1), help=sheet.COUNTED)
    return root


def _add_samples(command: argparse.ArgumentParser, samples: int) -> None:
    command.add_argument("--samples", type=whole(1), default=samples, help="light paths per pixel before the denoiser")


def run(ask: argparse.Namespace) -> str:
    """Does what was asked; gives the line that says what came of it."""
    if ask.command == "stills":
        return stills.render_all(ask.out, ask.seed, ask.shard.indices(ask.count), ask.samples)
    if ask.command == "clip":
        from . import clips  # noqa: PLC0415 - needs Blender, which a help does without

        return clips.render(ask.name, ask.out, cache() / "clips", ask.samples, draft=ask.draft)
    if ask.command == "visits":
        return "\n".join(_visits(ask))
    if ask.command == "rooms":
        wanted = (ask.first + number for number in ask.shard.indices(ask.count))
        return "\n".join(render_room(one, ask.out, ask.samples, ask.standing, ask.invited, ask.mount) for one in wanted)
    if ask.command == "yards":
        from . import yard_take  # noqa: PLC0415 - as above

        return "\n".join(yard_take.render(ask.first + n, ask.out, ask.samples) for n in range(ask.count))
    return str(sheet.write(ask.folder, ask.out, ask.count))


def _visits(ask: argparse.Namespace) -> Iterator[str]:
    from . import visits  # noqa: PLC0415 - as above

    out = ask.out or cache() / ("stories" if ask.story else "visits-other" if ask.others else "visits")
    for seed in (ask.seed + number for number in ask.shard.indices(ask.count)):
        told = story(ask.story, seed) if ask.story else visits.visit(seed, other=ask.others)
        yield visits.render(told, out, ask.samples)
