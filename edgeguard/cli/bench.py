"""`edgeguard bench`: what a look costs, and how many cameras this machine carries."""

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track
from rich.table import Table

from edgeguard.bench.cameras import Load, Run, pinned, quiet_cost, run_box, sustained
from edgeguard.bench.chain import measure_overhead
from edgeguard.bench.machine import describe
from edgeguard.bench.peer import measure_peer, peer_python
from edgeguard.bench.sessions import measure_spread
from edgeguard.bench.stats import median, spent
from edgeguard.bench.stream import Streams, encode, quiet_pictures, write_streams
from edgeguard.bench.voice import Decoder, measure_voice
from edgeguard.detectors import DEFAULT_MODEL, ExecutionConfig, find_model, models_dir

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it

# Pairs, episodes, rounds; seconds of a stream and of a window. A stream is longer than a run: no camera opens its own
# anew meanwhile.
FULL = {"pairs": 200, "episodes": 60, "rounds": 5, "stream_s": 30, "warm_up_s": 8.0, "measure_s": 15.0, "decoded": 300}
QUICK = {"pairs": 5, "episodes": 3, "rounds": 1, "stream_s": 2, "warm_up_s": 0.5, "measure_s": 1.0, "decoded": 15}

Result = dict[str, object]


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("bench", help="measure what a look costs and how many cameras this machine carries")
    parser.add_argument("what", choices=["pipeline", "cameras"], help="pipeline: one look; cameras: whole boxes")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"name, or path of an .onnx file ({DEFAULT_MODEL})")
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")
    parser.add_argument("--provider", choices=["cpu", "openvino"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=1, help="of one session (1)")
    parser.add_argument("--peer-python", type=Path, help="pipeline: interpreter that has ultralytics (this one)")
    parser.add_argument("--cores", type=int, default=2, help="cameras: cores the box may use (2)")
    parser.add_argument("--detect-hz", type=float, default=5.0, help="cameras: looks a second of a busy camera (5)")
    parser.add_argument("--busy", type=float, default=0.2, help="cameras: share with an e-bike in the picture (0.2)")
    parser.add_argument("--count", type=int, help="cameras: this many, without a search")
    parser.add_argument("--rate", choices=["variable", "constant"], default="variable", help="of the streams' bits")
    parser.add_argument("--quick", action="store_true", help="a few seconds: shows that it runs, measures nothing")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 once it is done, whatever came out."""
    execution = ExecutionConfig(provider=args.provider, precision=args.precision, threads=args.threads)
    machine = asdict(describe(execution))
    result = _pipeline(args, execution) if args.what == "pipeline" else _cameras(args, execution)
    if args.json:
        print(json.dumps({"machine": machine, **result}))
        return 0
    console = Console()
    console.print(", ".join(f"{name} {_text(value)}" for name, value in machine.items()), highlight=False)
    console.print(_table(args.what, result))
    return 0


def _pipeline(args: argparse.Namespace, execution: ExecutionConfig) -> Result:
    spec = find_model(args.model, models_dir(args.models_dir))
    python = peer_python(args.peer_python)
    size = QUICK if args.quick else FULL
    pairs, episodes = int(size["pairs"]), int(size["episodes"])
    overhead = measure_overhead(spec.whole(), execution, pairs, _shown("look over bare network, whole input"))
    fitted = measure_overhead(spec, execution, pairs, _shown("look over bare network, input of a 16:9 picture"))
    voice = measure_voice(spec, execution, episodes, _shown("packet to voice"))
    spread = measure_spread(spec, execution, int(size["rounds"]), 0.2 if args.quick else 1.0)
    peer = None if python is None else measure_peer(spec, execution, python, pairs, _shown("ultralytics"))
    return {
        "overhead_ratio": overhead.overhead.wall,
        "overhead": asdict(overhead),
        "overhead_16_9": asdict(fitted),
        "decode_ms": _decode_ms(int(size["decoded"])),
        "packet_to_voice": asdict(voice),
        "sessions": asdict(spread),
        "ultralytics": None if peer is None else asdict(peer),
    }


def _cameras(args: argparse.Namespace, execution: ExecutionConfig) -> Result:
    size = QUICK if args.quick else FULL
    console = Console(stderr=True)

    def say(run: Run) -> None:
        done = f"{100 * run.done:.1f} % of due looks done, p95 {run.decision_p95_ms:g} ms"
        console.print(f"{run.cameras} cameras, {run.busy} busy: {run.cpu_cores:g} cores, {done}", highlight=False)

    with TemporaryDirectory(prefix="edgeguard-bench-") as folder:
        streams: Streams = write_streams(Path(folder), int(size["stream_s"]), args.rate)
        load = Load(streams, args.detect_hz, args.busy, size["measure_s"], size["warm_up_s"], execution)
        told = {"quiet_kbit_s": streams.quiet_kbit_s, "busy_kbit_s": streams.busy_kbit_s, "detect_hz": args.detect_hz}
        with _warnings_only():
            if args.count is not None or args.quick:
                with pinned(args.cores):
                    one = run_box(args.count or 2, load)
                say(one)
                return {**told, "run": asdict(one)}
            quiet, most = quiet_cost(load), sustained(load, args.cores, say)
    return {**told, "cores_per_quiet_camera": quiet.cores_per_camera, "quiet": asdict(quiet), "sustained": asdict(most)}


@contextmanager
def _warnings_only() -> Iterator[None]:
    """A box tells of its cameras; here its numbers are of interest."""
    logger = logging.getLogger("edgeguard")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _decode_ms(frames: int) -> float:
    """Of one frame of a quiet stream, in this thread's processor time."""
    decoder = Decoder()
    packets = encode(picture for picture, _ in zip(quiet_pictures(), range(frames), strict=False))
    return median([spent(lambda at=at: decoder.frame(packets[at], at)).cpu_ms for at in range(frames)])  # type: ignore[misc]


class _shown:  # noqa: N801 - a function with a title
    """A progress bar on stderr, where a person looks at it."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __call__(self, steps: Iterable[int]) -> Iterable[int]:
        console = Console(stderr=True)
        return track(list(steps), self._title, console=console, transient=True, disable=not console.is_terminal)


def _table(title: str, result: Result) -> Table:
    table = Table(title=f"bench {title}")
    table.add_column("what", no_wrap=True)
    table.add_column("measured", justify="right")
    for name, value in _flat(result):
        table.add_row(name, _text(value))
    return table


def _flat(result: Result, before: str = "") -> Iterable[tuple[str, object]]:
    for name, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif not (isinstance(value, tuple | list) and value and isinstance(value[0], dict)):
            yield f"{before}{name}", value


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return " ".join(str(each) for each in value)
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
