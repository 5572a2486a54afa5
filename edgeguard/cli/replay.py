"""`edgeguard replay`: a recording through the same stages as on a box, on a virtual clock, and its score."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edgeguard.cli.scenario_names import kind_of, listed
from edgeguard.cli.writable import writable
from edgeguard.contract import ModelRef, Place
from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Scene, build_pipeline, open_model
from edgeguard.replay.album import PERSON, Album
from edgeguard.replay.clip import length_s, open_clip
from edgeguard.replay.codes import codes_of
from edgeguard.replay.detections import Recorder
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.page import ReportFolder
from edgeguard.replay.player import event_ids, paced, play, unwatched
from edgeguard.replay.report import Replayed, replay_page
from edgeguard.replay.score import ASIDE, Episode, Score, of_codes, score
from edgeguard.replay.truth import read_truth
from edgeguard.scenarios import SCENARIOS
from edgeguard.sources.base import SYSTEM_CLOCK
from edgeguard.types import Frame
from edgeguard.yamlfile import check

if TYPE_CHECKING:
    from edgeguard.agent.site import CameraConfig, SiteConfig

Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


@dataclass(frozen=True, slots=True)
class _View:
    """Which camera the recording stands for: its chain, and what its events carry."""

    camera_id: str
    chain: ChainConfig
    place: Place | None = None
    models_dir: Path | None = None


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("replay", help="run recorded video through the same stages and score it")
    parser.add_argument("clip", type=Path, metavar="CLIP", help="a video file, or a folder of numbered pictures")
    parser.add_argument("--config", type=Path, metavar="SITE.yaml", help="a site's cameras (whole picture, defaults)")
    parser.add_argument("--camera", metavar="ID", help="which camera of the site (its first)")
    parser.add_argument(
        "--scenario",
        metavar="NAME",
        help=f"this scenario only; without --config with its defaults: {listed(sorted(SCENARIOS))}",
    )
    parser.add_argument(
        "--truth", type=Path, metavar="TRUTH.yaml", help="a list of {code, start_s, end_s, tolerance_s}"
    )
    parser.add_argument("--speed", choices=["max", "1x"], default="max", help="1x: as fast as it was recorded (max)")
    parser.add_argument("--fps", type=float, metavar="N", help="pictures a second, for a folder")
    parser.add_argument("--model", metavar="NAME", help="another detector of the manifest, or path of an .onnx file")
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")
    parser.add_argument("--recorded-at", type=_moment, metavar="TIME", help="of the first frame, ISO 8601 (1970-01-01)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write the event log, one JSON object a line")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a page: timeline, pictures, score")
    parser.add_argument(
        "--save-detections", type=Path, metavar="FILE", help="write what the rules were told, for edgeguard whatif"
    )
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")


def run(args: argparse.Namespace) -> int:
    """Replay and print; 0 once the recording was read to its end, whatever the score."""
    truth = None if args.truth is None else read_truth(args.truth)
    folder = None if args.report is None else ReportFolder(args.report)
    kind = None if args.scenario is None else kind_of(args.scenario, sorted(SCENARIOS))
    view = _view(args, kind)
    frames = open_clip(args.clip, view.camera_id, fps=args.fps, recorded_at=args.recorded_at)
    model = open_model(view.chain, view.models_dir)
    scene = Scene(view.place, ModelRef(name=model.name, sha256=model.sha256))
    asked = None if kind is None else codes_of(view.chain.scenarios, model.labels, model.thresholds)
    wanted = None if truth is None else of_codes(truth, asked)
    album = None if folder is None else Album(folder, model.labels, wanted or ())
    with writable("--log", args.log) as out, writable("--save-detections", args.save_detections) as kept:
        recorder = None if kept is None else Recorder(kept, args.clip.name, view.camera_id, view.chain, model)
        pipeline = build_pipeline(view.chain, view.camera_id, model, event_ids(), witness=recorder)
        log = EventLog(scene, out)
        shown = _shown(frames, args.clip, args.fps)
        played = paced(shown, SYSTEM_CLOCK) if args.speed == "1x" else shown
        broken = play(played, pipeline, log, album.watch if album else unwatched)
    if folder is not None and album is not None:
        album.close()
        damage = None if broken is None else str(broken)
        plotted = next((label for one in view.chain.scenarios for label in one.watched), PERSON)
        told = Replayed(args.clip.name, model, log.episodes, wanted, album, damage, plotted, asked)
        print(f"report: {folder.write('index.html', replay_page(told))}", file=sys.stderr)
    result = None if truth is None else score(log.episodes, truth, asked)
    if args.json:
        print(json.dumps(_object(log.episodes, result, pipeline.door.cycles), ensure_ascii=False))
    else:
        _tell(log.episodes, result, pipeline.door.cycles)
    if broken is not None:
        raise broken
    return 0


def _view(args: argparse.Namespace, kind: str | None) -> _View:
    """A camera of a site; or the defaults, with the whole picture as zone."""
    if args.config is None and args.camera is not None:
        raise ConfigError(f"--camera: met {args.camera!r} without --config, accepted: a camera of a site file")
    view = _plain_view(kind) if args.config is None else _site_view(args.config, args.camera)
    chosen = {} if args.model is None else {"model": args.model}
    chain = view.chain.model_copy(update=chosen | _only(view.chain, kind))
    return replace(view, chain=chain, models_dir=args.models_dir or view.models_dir)


def _plain_view(kind: str | None) -> _View:
    """The defaults of one scenario, or of the lift."""
    settings = {} if kind is None else {"scenarios": [{"kind": kind}]}
    return _View("replay", check(settings, ChainConfig, f"--scenario {kind}"))


def _site_view(path: Path, camera_id: str | None) -> _View:
    # A site knows voices and brokers; a replay without one shall not load their libraries.
    from edgeguard.agent.site import load_site  # noqa: PLC0415

    site = load_site(path)
    camera = _camera(site, path, camera_id)
    chain = ChainConfig.model_validate({name: getattr(camera, name) for name in ChainConfig.model_fields})
    return _View(camera.id, chain, camera.place.at(site.site, site.place), site.models_dir)


def _camera(site: "SiteConfig", path: Path, camera_id: str | None) -> "CameraConfig":
    found = next((camera for camera in site.cameras if camera_id in {None, camera.id}), None)
    if found is None:
        ids = ", ".join(camera.id for camera in site.cameras)
        raise ConfigError(f"{path}: --camera: met {camera_id!r}, accepted: {ids}")
    return found


def _only(chain: ChainConfig, kind: str | None) -> dict[str, object]:
    """The scenarios of one kind, as a change of the chain."""
    if kind is None:
        return {}
    kept = tuple(scenario for scenario in chain.scenarios if scenario.kind == kind)
    if not kept:
        kinds = ", ".join(scenario.kind for scenario in chain.scenarios)
        raise ConfigError(f"--scenario: met {kind!r}, accepted at this camera: {kinds}")
    return {"scenarios": kept}


def _object(episodes: Sequence[Episode], result: Score | None, door_cycles: int) -> dict[str, object]:
    scored = None if result is None else asdict(result)
    return {"episodes": [asdict(episode) for episode in episodes], "score": scored, "door_cycles": door_cycles}


def _tell(episodes: Sequence[Episode], result: Score | None, door_cycles: int) -> None:
    table = Table(title=f"{len(episodes)} episodes")
    for heading in ("code", "new s", "end s", "outcome", "ended by", "score"):
        table.add_column(heading, justify="right" if heading in {"new s", "end s", "score"} else "left", no_wrap=True)
    for episode in episodes:
        times = f"{episode.new_s:.2f}", f"{episode.end_s:.2f}"
        outcome, reason = episode.outcome or "-", episode.end_reason or "-"
        table.add_row(episode.code, *times, outcome, reason, f"{episode.max_score:.2f}")
    console = Console()
    console.print(table)
    if door_cycles:
        console.print(f"{door_cycles} door cycles")
    if result is not None:
        late = ", ".join(f"{latency_ms:.0f} ms" for latency_ms in result.latency_ms) or "-"
        counts = f"{result.matched} matched, {result.missed} missed, {result.false_alarms} false alarms"
        console.print(f"{counts}; from start to new: {late}")
        if result.set_aside:
            console.print(ASIDE.format(result.set_aside))


def _shown(frames: Iterator[Frame], clip: Path, fps: float | None) -> Iterator[Frame]:
    """The same frames, with a progress bar on stderr where somebody looks at it."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(clip.name, total=length_s(clip, fps), at="")
        for frame in frames:
            progress.update(task, completed=frame.monotonic_s, at=f"{frame.monotonic_s:.1f} s")
            yield frame


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
