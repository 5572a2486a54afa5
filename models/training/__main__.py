"""`python -m models.training COMMAND`: from the shared data to the bundled detector and what it is worth."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from models.training.evaluate import (
    OnnxDetector,
    as_json,
    hard_ones,
    held_out,
    summary,
    table_lines,
    verdicts,
    whole,
)
from models.training.feed import HARD, expected, listed, read_recipe, without
from models.training.labels import COCO_WEIGHTS
from models.training.listing import in_rooms, kept_out, write_listing
from models.training.make import LEAVES, Order, make, tell_of
from models.training.prepare import STEPS, Amounts, cache_root, prepare, unrendered
from models.training.sources import TRAIN, shared_root
from models.training.strata import lines, strata

COCO = "coco"
"""In a mixture: the network as it was before the first step."""


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    main.add_argument("--shared", type=Path, default=shared_root(), help="$EDGEGUARD_SHARED or ../shared")
    main.add_argument("--cache", type=Path, default=cache_root(), help="$EDGEGUARD_CACHE or ~/.cache/edgeguard")
    commands = main.add_subparsers(dest="command", required=True)

    step = commands.add_parser(
        "make", help="all of it by one command: prepare, train by the curriculum, export, judge", epilog=LEAVES
    )
    step.add_argument("onnx", type=Path)
    step.add_argument("--name", default="made", help="of its runs in CACHE/runs (default: %(default)s)")
    step.add_argument("--minutes", type=float, default=60, help="of training, all stages (default: %(default)s)")
    step.add_argument("--start", type=Path, metavar="ONNX", help="a bundled file to go on from (default: COCO)")
    _add_pace(step)
    step.add_argument(
        "--blender", metavar="PYTHON", help="an interpreter with bpy that renders first what the recipe asks for"
    )

    step = commands.add_parser("prepare", help="build CACHE/train from the shared data and CACHE/scenes")
    step.add_argument(
        "steps",
        nargs="*",
        metavar="STEP",
        type=a_step,
        help=f"default: all that can be done, in this order: {', '.join(STEPS)}",
    )
    step.add_argument("--composites", type=int, default=1500, help="how many pictures to paste together")
    step.add_argument("--cycles", type=int, default=5400, help="how many pictures out of composed door cycles")
    step.add_argument("--first-room", type=int, default=0, help="cycles of rooms from this number on only")
    step.add_argument("--ordinary", action="store_true", help="cycles without an e-bike bring people only")
    step.add_argument("--crowded", action="store_true", help="more people stand about in the cycles")
    step.add_argument("--seed", type=int, default=7)

    step = commands.add_parser("train", help="train, or go on from CACHE/runs/NAME/last.pt")
    step.add_argument("name")
    step.add_argument("--minutes", type=float, required=True, help="training time; decides the learning rate's curve")
    _add_pace(step)
    step.add_argument(
        "--start", help="a finished run or a bundled .onnx file whose weights to start from (default: COCO)"
    )
    step.add_argument(
        "--teacher",
        metavar="SIZE:START",
        help="also learn what this network says of the same pictures, as in s:models/lift-s.onnx",
    )
    step.add_argument("--lr", type=float, help="where the learning rate begins (default: the recipe's)")

    step = commands.add_parser("export", help="write a run's weights as ONNX")
    step.add_argument("name")
    step.add_argument(
        "--mix",
        nargs="+",
        default=[],
        metavar="NAME[:SHARE]",
        help="further runs or bundled files, or coco, which all began as: the mean of all is written; with shares, "
        "as in coco:0.2, the first has the rest",
    )
    step.add_argument("onnx", type=Path)
    step.add_argument("--size", choices=COCO_WEIGHTS, default="n")
    step.add_argument("--input-px", type=int, default=320)
    step.add_argument("--half", action="store_true", help="store the weights in half precision: half the file")

    step = commands.add_parser("evaluate", help="recall and false alarms on what is kept out of training")
    step.add_argument("onnx", type=Path)
    step.add_argument("--threshold", type=float, action="append", help="may be given several times")
    step.add_argument(
        "--rows", type=int, nargs="+", default=[1], help="classes counted as e-bike; of COCO's eighty: 1 3"
    )
    step.add_argument(
        "--whole",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="all pictures of these, for a run that was trained without",
    )
    step.add_argument("--scores", type=Path, help="also write every picture's scores to this file")
    step.add_argument("--strata", action="store_true", help="also tell of the stills by mount, visibility and thing")

    step = commands.add_parser("hard", help="let training draw what this detector fails on more often")
    step.add_argument("onnx", type=Path)

    step = commands.add_parser("listing", help="write a manifest for `edgeguard eval detect`")
    step.add_argument("jsonl", type=Path)
    step.add_argument("--source", default="", help="beginning of the sources' names (default: all)")
    step.add_argument(
        "--rooms",
        type=Path,
        metavar="FOLDER",
        help="list the rendered rooms of FOLDER too, by mount and by what is brought; pictures are written beside "
        "the manifest",
    )

    step = commands.add_parser("frames", help="the e-bike's best score in each frame of a recording")
    step.add_argument("onnx", type=Path)
    step.add_argument("clip", type=Path)
    return main


def a_step(name: str) -> str:
    """One of STEPS: `choices` would refuse that none is told."""
    if name not in STEPS:
        raise argparse.ArgumentTypeError(f"met {name}, accepted: {', '.join(STEPS)}")
    return name


def _add_pace(step: argparse.ArgumentParser) -> None:
    step.add_argument("--size", choices=COCO_WEIGHTS, default="n", help="n: what a small box runs; s: better, slower")
    step.add_argument("--threads", type=int, default=2)
    step.add_argument("--bfloat16", action="store_true", help="faster where the processor has AVX-512 BF16 or AMX")
    step.add_argument("--without", nargs="+", default=[], metavar="SOURCE", help="leave out sources that begin so")
    step.add_argument("--free", action="store_true", help="leave out every source without a free licence")


def left_out(options: argparse.Namespace) -> list[str]:
    return [*options.without, *(read_recipe()["restricted"] if options.free else [])]


def run_make(options: argparse.Namespace) -> None:
    make(
        Order(
            onnx=options.onnx,
            shared=options.shared,
            cache=options.cache,
            name=options.name,
            minutes=options.minutes,
            start=options.start,
            size=options.size,
            threads=options.threads,
            bfloat16=options.bfloat16,
            left_out=tuple(left_out(options)),
            blender=options.blender,
        )
    )


def run_prepare(options: argparse.Namespace) -> None:
    cannot = unrendered(options.cache)
    if asked := [step for step in options.steps if step in cannot]:
        raise ValueError(f"met nothing rendered in {cannot[asked[0]]}, accepted: renderings to prepare {asked[0]} from")
    if not options.steps:
        tell_of(cannot)
    amounts = Amounts(
        options.composites, options.cycles, options.first_room, options.seed, options.ordinary, options.crowded
    )
    steps = options.steps or [step for step in STEPS if step not in cannot]
    print(json.dumps(prepare(options.shared, options.cache, steps, amounts)))


def start_of(runs: Path, name: str | None) -> Path | None:
    """The weights of that name: a bundled file, or the last checkpoint of a run. Raises ValueError without them."""
    if name is None:
        return None
    path = Path(name) if name.endswith(".onnx") else runs / name / "last.pt"
    if not path.is_file():
        raise ValueError(f"met {name}, of which there is no {path}, accepted: a run that was trained, a bundled file")
    return path


def teacher_of(told: str, runs: Path, models: Path) -> tuple[Path, Path]:
    """A teacher's weights and what it began as. Raises ValueError where `told` is not a size and a start."""
    size, _, name = told.partition(":")
    start = start_of(runs, name)
    if size not in COCO_WEIGHTS or start is None:
        raise ValueError(f"met --teacher {told}, accepted: n or s, a colon, a run or a bundled file")
    return start, models / COCO_WEIGHTS[size]


def mixture(name: str, others: Sequence[str]) -> tuple[list[str], list[float]]:
    """Names and shares of what is mixed. Raises ValueError where some have a share and some have none, or too much."""
    told = [other.rpartition(":") for other in others]
    if not any(share for share, _, _ in told):
        return [name, *others], [1 / (1 + len(others))] * (1 + len(others))
    shares = [float(share) for first, _, share in told if first]
    if len(shares) < len(others) or not 0 < sum(shares) < 1:
        raise ValueError(f"met --mix {' '.join(others)}, accepted: a share for each or for none, less than 1 together")
    return [name, *(first for first, _, _ in told)], [1 - sum(shares), *shares]


def run_train(options: argparse.Namespace) -> None:
    from models.training.train import Run, Trainer  # noqa: PLC0415  # torch is slow to import

    runs = options.cache / "runs"
    run = Run(
        data=options.cache / "train",
        folder=runs / options.name,
        minutes=options.minutes,
        coco_weights=options.shared / "models" / COCO_WEIGHTS[options.size],
        start=start_of(runs, options.start),
        threads=options.threads,
        bfloat16=options.bfloat16,
        teacher=teacher_of(options.teacher, runs, options.shared / "models") if options.teacher else None,
    )
    recipe = read_recipe()
    recipe["optimizer"]["lr"] = options.lr or recipe["optimizer"]["lr"]
    print(Trainer(run, without(recipe, left_out(options))).train())


def run_export(options: argparse.Namespace) -> None:
    from models.training.network import export_onnx, mixed  # noqa: PLC0415
    from models.training.train import weights_of  # noqa: PLC0415

    coco_weights = options.shared / "models" / COCO_WEIGHTS[options.size]
    names, shares = mixture(options.name, options.mix)
    starts = [start_of(options.cache / "runs", None if name == COCO else name) for name in names]
    networks = [weights_of(start, coco_weights) for start in starts]
    export_onnx(mixed(networks, shares), options.onnx, options.input_px, half=options.half)
    print(options.onnx)


def run_evaluate(options: argparse.Namespace) -> None:
    root = options.cache / "train"
    detector = OnnxDetector.load(options.onnx, tuple(options.rows))
    rows = whole(root, options.whole) if options.whole else expected(held_out(root), "pictures kept out", root)
    judged = verdicts(root, rows, detector)
    if options.scores:
        options.scores.write_text(as_json(judged) + "\n")
    for threshold in options.threshold or [0.3]:
        print("\n".join(table_lines(judged, threshold)))
        if options.strata:
            stills = [verdict for verdict in judged if verdict.source == "scenes"]
            print("\n".join(lines(*strata(stills, options.cache / "scenes", threshold))))
    print("mean recall over 0 to 20 false alarms:", json.dumps(summary(judged)))


def run_hard(options: argparse.Namespace) -> None:
    root = options.cache / "train"
    detector = OnnxDetector.load(options.onnx)
    rows = expected(listed(root, TRAIN), "pictures to train on", root)
    weights = hard_ones(verdicts(root, rows, detector))
    (root / HARD).write_text(json.dumps(weights, indent=0))
    print(f"{len(weights)} of {len(rows)} pictures are hard")


def run_listing(options: argparse.Namespace) -> None:
    manifest: Path = options.jsonl
    lines = [*kept_out(options.cache / "train", options.source)]
    if options.rooms:
        lines += in_rooms(options.rooms, manifest.parent / f"{manifest.stem}-pictures")
    print(write_listing(lines, manifest), "pictures")


def run_frames(options: argparse.Namespace) -> None:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    detector, clip = OnnxDetector.load(options.onnx), cv2.VideoCapture(str(options.clip))
    fps = clip.get(cv2.CAP_PROP_FPS)
    number = 0
    while (frame := clip.read())[0]:
        found = detector(frame[1].astype(np.uint8))
        print(f"{number / fps:7.2f} s  {found[0, 4] if len(found) else 0.0:.2f}")
        number += 1
    if not number:
        raise ValueError(f"met {options.clip}, of which no frame can be read, accepted: a recording")


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    steps = {
        "make": run_make,
        "prepare": run_prepare,
        "train": run_train,
        "export": run_export,
        "evaluate": run_evaluate,
        "hard": run_hard,
        "listing": run_listing,
        "frames": run_frames,
    }
    try:
        steps[options.command](options)
    except (ValueError, FileNotFoundError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
