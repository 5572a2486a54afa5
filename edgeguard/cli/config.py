"""`edgeguard config`: site files checked, shown and compared, and their schema."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgeguard.agent.changes import Change, Effect, SiteDiff, diff_sites
from edgeguard.agent.check import Examination, examine
from edgeguard.agent.show import effective
from edgeguard.agent.site import SiteConfig, load_site
from edgeguard.agent.siteschema import site_schema
from edgeguard.yamlfile import YamlFile

FINE, NOT_SO = 0, 1
_COLUMN = 44
_STYLES = {Effect.RESTART: "bold red", Effect.AT_ONCE: "green"}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "config", help="check, show and compare site files", description="Site files: docs/site.md has their keys."
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    check = tasks.add_parser(
        "check",
        help="every error of a site file at once",
        description="Reads the file and builds everything in it once: detectors, phrases, sources, TLS files.",
        epilog="Exit status: 0 a box can run on it, 1 it cannot.",
    )
    show = tasks.add_parser(
        "show",
        help="the file as it is in force, with every default",
        description="YAML that can be read again; secrets are hidden, defaults are dim and marked.",
    )
    for task in (check, show):
        task.add_argument("file", type=Path, metavar="SITE.yaml")
        task.add_argument("--json", action="store_true", help="one JSON object")
    tasks.add_parser(
        "schema",
        help="JSON Schema of the site file, for editors",
        description="Save it and put `# yaml-language-server: $schema=FILE` into the first line of a site file.",
    )
    diff = tasks.add_parser(
        "diff",
        help="what changes between two site files, and what a running box does about it",
        epilog="Exit status: 0 the same, 1 different.",
    )
    diff.add_argument("old", type=Path, metavar="OLD.yaml")
    diff.add_argument("new", type=Path, metavar="NEW.yaml")
    diff.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    console = Console(highlight=False)
    match args.task:
        case "check":
            return check(args.file, console, as_json=args.json)
        case "show":
            return _show(args.file, console, as_json=args.json)
        case "diff":
            return _diff(args.old, args.new, console, as_json=args.json)
        case _:
            print(json.dumps(site_schema(), ensure_ascii=False, indent=2))
            return FINE


def check(file: Path, console: Console, *, as_json: bool = False) -> int:
    """Tell all that is wrong in a file."""
    found = examine(file)
    if as_json:
        print(json.dumps(_as_dict(file, found), ensure_ascii=False, indent=2))
    else:
        _tell(file, found, console)
    return NOT_SO if found.errors else FINE


def _tell(file: Path, found: Examination, console: Console) -> None:
    for marked, findings in (("[bold red]error[/] ", found.errors), ("[yellow]notice[/]", found.notices)):
        for finding in findings:
            console.print(f"{marked} {escape(str(finding))}", soft_wrap=True)
    if found.errors:
        count = len(found.errors)
        console.print(f"[bold red]{escape(str(file))}: {count} error{'s' if count > 1 else ''}[/]", soft_wrap=True)
    elif found.site is not None:
        cameras = len(found.site.cameras)
        told = f"{escape(str(file))}: {cameras} camera{'s' if cameras > 1 else ''}, ready to run"
        console.print(f"[bold green]{told}[/]", soft_wrap=True)


def _as_dict(file: Path, found: Examination) -> dict[str, object]:
    return {
        "file": str(file),
        "ok": not found.errors,
        "errors": [finding.to_dict() for finding in found.errors],
        "notices": [finding.to_dict() for finding in found.notices],
    }


def _show(file: Path, console: Console, *, as_json: bool) -> int:
    source = YamlFile(file)
    site = source.check(SiteConfig)
    lines = list(effective(site, source.data))
    if as_json:
        given = [line.path for line in lines if line.given]
        print(json.dumps({"site": site.model_dump(mode="json"), "given": given}, ensure_ascii=False, indent=2))
        return FINE
    for line in lines:
        note = line.note or ("" if line.given else "default")
        text, comment = escape(line.text), f"# {note}" if note else ""
        gap = " " * max(_COLUMN - len(line.text), 1)
        told = f"{text}{gap}[dim]{comment}[/]" if comment else text
        console.print(told if line.given else f"[dim]{told}[/]", soft_wrap=True)
    return FINE


def _diff(old: Path, new: Path, console: Console, *, as_json: bool) -> int:
    found = diff_sites(load_site(old), load_site(new))
    if as_json:
        print(json.dumps({"changes": [_change(change) for change in found.changes]}, ensure_ascii=False, indent=2))
    elif found:
        console.print(_table(found))
        console.print(_verdict(found), soft_wrap=True)
    else:
        console.print("nothing differs")
    return NOT_SO if found else FINE


def _change(change: Change) -> dict[str, object]:
    return {
        "path": change.path,
        "old": change.old,
        "new": change.new,
        "effect": change.effect.value,
        "camera": change.camera,
    }


def _table(found: SiteDiff) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in ("key", "old", "new", "what a running box does"):
        table.add_column(column, overflow="fold")
    for change in found.changes:
        style = _STYLES.get(change.effect, "yellow")
        old, new = ("-" if value is None else escape(value) for value in (change.old, change.new))
        table.add_row(escape(change.path), f"[red]{old}[/]", f"[green]{new}[/]", f"[{style}]{change.effect.value}[/]")
    return table


def _verdict(found: SiteDiff) -> str:
    if found.of(Effect.RESTART):
        return "\n[bold red]The box must be started again[/]: until then nothing of this is in force."
    touched = [
        name for effect in (Effect.CAMERA_ADDED, Effect.CAMERA_REMOVED, Effect.CAMERA) for name in found.cameras(effect)
    ]
    cameras = f"cameras {', '.join(dict.fromkeys(touched))}" if touched else "no camera"
    return f"\nA running box applies this by itself; it touches {escape(cameras)}."
