"""`edgeguard eval`: how good detectors, face models, plate readers or rules about conduct are on labelled pictures."""

import argparse

from edgeguard.cli import eval_conduct, eval_detect, eval_face, eval_liveness, eval_plate

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

ABOUT = """\
How good the models are on your own labelled pictures. Every share is told with n and its 95 % interval.

  edgeguard eval detect   --manifest pictures.jsonl   recall, AP50 and false alarms of a detector
  edgeguard eval face     --manifest pairs.csv        a,b,same: one person or two?
  edgeguard eval face     --manifest people.csv       image,person: who of a gallery, and is it anybody?
  edgeguard eval liveness --manifest clips.csv        video,label or image,label: a person, or a picture of one?
  edgeguard eval clips    --manifest clips.csv --scenario fight   video,label: fight or no_fight; fall or no_fall
  edgeguard eval stills   --manifest stills.csv --scenario fall   image,label: fall or no_fall
  edgeguard eval plate    --manifest plates.csv       image,text: are plates found and read?
"""


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "eval",
        help="score a detector, face models, the plate reader or a rule about conduct on labelled pictures",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="detect|face|liveness|plate|clips|stills")
    for module in (eval_detect, eval_face, eval_liveness, eval_plate, eval_conduct):
        module.add_parser(what)


def run(args: argparse.Namespace) -> int:
    """Score and print; 0 once every picture was looked at."""
    status: int = args.score(args)
    return status
