"""`edgeguard eval liveness`: people against pictures of people."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edgeguard.catalogue import finder_of, liveness_of
from edgeguard.cli.eval_shown import add_face_options, flat, print_json, print_table
from edgeguard.errors import ConfigError
from edgeguard.recognizers import Liveness, YunetFinder
from edgeguard.replay.csvrows import files_of, read_rows
from edgeguard.replay.live_looks import COLUMNS, clips_of, judge, score_liveness

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
CSV `video,label` or `image,label` (label: real or fake). APCER: attacks taken for live; BPCER: live ones refused, at
the models' threshold, of single looks and of whole clips (by their mean); AUC needs no threshold. All liveness models
installed are asked together, unless some are named.
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "liveness",
        help="people against pictures of people",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--manifest", type=Path, required=True, metavar="FILE.csv", help="video,label or image,label; real or fake"
    )
    parser.add_argument("--model", action="append", default=[], metavar="NAME", help="one to ask; again for more")
    parser.add_argument("--every", type=int, default=4, metavar="N", help="look at every N-th frame of a video (4)")
    add_face_options(parser)
    parser.set_defaults(score=run)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every clip was looked at."""
    if args.every < 1:
        raise ConfigError(f"--every is {args.every}, accepted: 1 or more")
    columns, rows = read_rows(args.manifest, COLUMNS)
    clips = clips_of(args.manifest, rows, columns[0])
    files_of(args.manifest, rows, columns[:1])
    specs, found_by = liveness_of(args.folder, tuple(args.model)), finder_of(args.folder, args.finder)
    liveness, finder = Liveness(specs), YunetFinder(found_by)
    console = Console(stderr=True)
    shown = track(clips, f"{len(clips)} clips", console=console, disable=not console.is_terminal)
    result = score_liveness([judge(clip, finder, liveness, args.every) for clip in shown], liveness.threshold)
    names = [spec.name for spec in specs]
    if args.json:
        print_json({"models": names, "finder": found_by.name, **flat(result)})
        return 0
    print_table(
        f"{' and '.join(names)}: {result.looks} looks of {result.clips} clips, threshold {result.threshold:g}",
        {
            "AUC (n: real, fake)": result.auc,
            "APCER: fake taken for live": result.apcer,
            "BPCER: live refused": result.bpcer,
            "by clip: AUC": result.clip_auc,
            "by clip: APCER": result.clip_apcer,
            "by clip: BPCER": result.clip_bpcer,
        },
    )
    print(f"looks without one face: {result.looks_unseen}, clips without any look: {result.clips_unseen}")
    return 0
