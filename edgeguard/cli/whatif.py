"""`edgeguard whatif`: how a replay's episodes change over one setting of a rule, without the network."""

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edgeguard.cli.scenario_names import kind_of, listed
from edgeguard.cli.writable import writable
from edgeguard.errors import ConfigError
from edgeguard.replay.codes import codes_of
from edgeguard.replay.detections import Recording, read_recording
from edgeguard.replay.score import Episode, score
from edgeguard.replay.truth import TruthEntry, read_truth
from edgeguard.replay.whatif import Sweep, changed, rerun, scenarios_of, value_of
from edgeguard.replay.whatif_page import Swept, Trial, notes, rows, whatif_page
from edgeguard.scenarios import SCENARIOS, RuleConfig

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("whatif", help="the rules again over a replay's detections, one setting swept")
    parser.add_argument("file", type=Path, metavar="FILE", help="of edgeguard replay --save-detections FILE")
    parser.add_argument(
        "--scenario", required=True, metavar="NAME", help=f"whose setting is swept: {listed(sorted(SCENARIOS))}"
    )
    parser.add_argument("--sweep", required=True, metavar="PARAM=from:to:step", help="such as dwell_s=1:10:0.5")
    parser.add_argument("--truth", type=Path, metavar="TRUTH.yaml", help="as for replay: score every value")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page: a lane for each value")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")


def run(args: argparse.Namespace) -> int:
    """Re-run and print; 0 once every value was tried and the scenario took one."""
    sweep = Sweep.of(args.sweep)
    truth = None if args.truth is None else read_truth(args.truth)
    kind = kind_of(args.scenario, sorted(SCENARIOS))
    recording = read_recording(args.file)
    configs = scenarios_of(recording, kind)
    original = value_of(configs, sweep.param)
    shown = "model's" if original is None else f"{original:g}" if isinstance(original, int | float) else "?"
    if shown == "?":
        raise ConfigError(f"--sweep: met {sweep.param!r}, which is {original!r}; accepted: a number")
    header = recording.header
    judge = _Judge(truth, codes_of(configs, header.labels, header.believed()))
    with writable("--report", args.report) as report:
        told = Swept(
            header.clip,
            kind,
            sweep.param,
            shown,
            recording.observations[-1].monotonic_s,
            judge.trial(None, rerun(recording, configs)),
            _trials(recording, configs, sweep, judge),
        )
        if report is not None:
            report.write(whatif_page(told))
    if args.json:
        print(json.dumps(_object(told, original), ensure_ascii=False))
    else:
        _tell(told)
    return 0


@dataclass(frozen=True, slots=True)
class _Judge:
    """The truth, if there is one, and the codes that the rules can tell."""

    truth: tuple[TruthEntry, ...] | None
    asked: Collection[str]

    def trial(self, value: float | None, episodes: tuple[Episode, ...]) -> Trial:
        return Trial(value, episodes, None if self.truth is None else score(episodes, self.truth, self.asked))


def _trials(recording: Recording, configs: Sequence[RuleConfig], sweep: Sweep, judge: _Judge) -> tuple[Trial, ...]:
    """One for each value. Raises ConfigError where the scenario refuses all of them."""
    trials: list[Trial] = []
    for value in sweep.values:
        try:
            trials.append(judge.trial(value, rerun(recording, changed(configs, sweep.param, value))))
        except ConfigError as error:
            trials.append(Trial(value, refused=str(error)))
    if all(trial.refused for trial in trials):
        raise ConfigError(trials[0].refused)
    return tuple(trials)


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
    refused = {} if trial.refused is None else {"refused": trial.refused}
    return {"episodes": [asdict(one) for one in trial.episodes], "score": scored, **refused}


def _tell(told: Swept) -> None:
    headings, lines = rows(told)
    table = Table(title=f"{told.kind}: {told.param} over {told.clip}")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
    for note in notes(told):
        print(note)
