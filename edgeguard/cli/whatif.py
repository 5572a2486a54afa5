"""`edgeguard whatif`: how a replay's episodes change over one setting of a rule, without the network."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edgeguard.errors import ConfigError
from edgeguard.replay.detections import read_recording
from edgeguard.replay.score import Episode, score
from edgeguard.replay.truth import TruthEntry, read_truth
from edgeguard.replay.whatif import Sweep, changed, rerun, scenarios_of, value_of
from edgeguard.replay.whatif_page import Swept, Trial, cells, headings, whatif_page
from edgeguard.scenarios import SCENARIOS

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("whatif", help="the rules again over a replay's detections, one setting swept")
    parser.add_argument("file", type=Path, metavar="FILE", help="of edgeguard replay --save-detections FILE")
    parser.add_argument("--scenario", required=True, choices=sorted(SCENARIOS), help="whose setting is swept")
    parser.add_argument("--sweep", required=True, metavar="PARAM=from:to:step", help="such as dwell_s=1:10:0.5")
    parser.add_argument("--truth", type=Path, metavar="TRUTH.yaml", help="as for replay: score every value")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page: a lane for each value")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")


def run(args: argparse.Namespace) -> int:
    """Re-run and print; 0 once every value was tried."""
    sweep = Sweep.of(args.sweep)
    truth = None if args.truth is None else read_truth(args.truth)
    recording = read_recording(args.file)
    configs = scenarios_of(recording, args.scenario)
    original = value_of(configs, sweep.param)
    shown = "model's" if original is None else f"{original:g}" if isinstance(original, int | float) else "?"
    if shown == "?":
        raise ConfigError(f"--sweep: met {sweep.param!r}, which is {original!r}; accepted: a number")
    tried = [(value, changed(configs, sweep.param, value)) for value in sweep.values]
    told = Swept(
        recording.header.clip,
        args.scenario,
        sweep.param,
        shown,
        recording.observations[-1].monotonic_s,
        _trial(None, rerun(recording, configs), truth),
        tuple(_trial(value, rerun(recording, one), truth) for value, one in tried),
    )
    if args.report is not None:
        _write(args.report, whatif_page(told))
    if args.json:
        print(json.dumps(_object(told, original), ensure_ascii=False))
    else:
        _tell(told)
    return 0


def _trial(value: float | None, episodes: tuple[Episode, ...], truth: tuple[TruthEntry, ...] | None) -> Trial:
    return Trial(value, episodes, None if truth is None else score(episodes, truth))


def _object(told: Swept, original: object) -> dict[str, Any]:
    return {
        "clip": told.clip,
        "scenario": told.kind,
        "param": told.param,
        "original": original,
        "recorded": _plain(told.recorded),
        "trials": [{"value": trial.value, **_plain(trial)} for trial in told.trials],
    }


def _plain(trial: Trial) -> dict[str, Any]:
    scored = None if trial.score is None else asdict(trial.score)
    return {"episodes": [asdict(one) for one in trial.episodes], "score": scored}


def _tell(told: Swept) -> None:
    trials = (told.recorded, *told.trials)
    table = Table(title=f"{told.kind}: {told.param} over {told.clip}")
    for heading in headings(trials):
        table.add_column(heading, justify="right", no_wrap=True)
    for trial in trials:
        table.add_row(*cells(trial, told.original))
    Console().print(table)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--report {path}: {error.strerror}, accepted: a file that can be written") from error
