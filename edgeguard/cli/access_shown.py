"""What `people`, `vehicles` and `visitor` share: the box's directory, who acts, and how entries are told."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from edgeguard.access import AccessConfig, Act, Directory
from edgeguard.access.bulk import Imported
from edgeguard.access.sheet import read_time, zone_of
from edgeguard.agent.site import SiteConfig, load_site
from edgeguard.catalogue.licence import who
from edgeguard.contract.base import rfc3339
from edgeguard.contract.lists import Admission
from edgeguard.errors import ConfigError

DONE, NOT_SO = 0, 1
Subparsers = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it
HOURS_HELP = "such as 'mon-fri 08:00-18:00; sat 09:00-12:00' in the timezone of the site file (none: always)"


def task(
    tasks: "Subparsers[argparse.ArgumentParser]", name: str, summary: str, more: str = ""
) -> argparse.ArgumentParser:
    """A task with the options that all have."""
    parser: argparse.ArgumentParser = tasks.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}"
    )
    parser.add_argument(
        "-c", "--config", type=Path, required=True, metavar="SITE.yaml", help="the site file of the box"
    )
    parser.add_argument("--by", default=who(), metavar="NAME", help="who does it, for the audit (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def add_admission(parser: argparse.ArgumentParser) -> None:
    """When and where somebody is admitted."""
    parser.add_argument(
        "--from", dest="valid_from", metavar="TIME", help="not before: 2026-12-01 or '2026-12-01 08:00'"
    )
    parser.add_argument("--until", dest="valid_until", metavar="TIME", help="not after; of a date alone its end")
    parser.add_argument("--hours", metavar="HOURS", help=HOURS_HELP)
    parser.add_argument("--gates", metavar="A,B", help="only at these (none: every gate)")


def admission(args: argparse.Namespace, config: AccessConfig) -> dict[str, object]:
    """The fields that were given. Raises ConfigError for a time that is none and a gate that is not there."""
    given: dict[str, object] = {}
    if args.valid_from is not None:
        given["valid_from"] = moment_of(args.valid_from, "--from", config)
    if args.valid_until is not None:
        given["valid_until"] = moment_of(args.valid_until, "--until", config, end=True)
    if args.hours is not None:
        given["hours"] = args.hours
    if args.gates is not None:
        given["gates"] = gates_of(args.gates, config)
    return given


def gates_of(text: str, config: AccessConfig) -> tuple[str, ...]:
    gates = tuple(name.strip() for name in text.split(",") if name.strip())
    known = [gate.id for gate in config.gates]
    unknown = [name for name in gates if name not in known]
    if unknown:
        raise ConfigError(f"--gates: met {', '.join(unknown)}, accepted: {', '.join(known)}")
    return gates


def moment_of(text: str, option: str, config: AccessConfig, *, end: bool = False) -> datetime:
    try:
        return read_time(text, zone_of(config.timezone), end=end)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from error


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[tuple[Directory, Act]]:
    """The directory of the site file's box, and the act of whoever calls."""
    site = load_site(args.config)
    with Directory.of(site.data_dir, site.site, site.box, access_of(site, args.config)) as directory:
        yield directory, Act(datetime.now(UTC), args.by)


def access_of(site: SiteConfig, path: Path) -> AccessConfig:
    if site.access is None:
        raise ConfigError(f"{path}: access: met nothing, accepted: gates of this box (docs/access.md)")
    return site.access


def print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def plain(model: BaseModel) -> dict[str, object]:
    """Of a row what is not empty, by the names that lists have."""
    row = model.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def when(row: Admission) -> str:
    """The window in which somebody is admitted, in words."""
    ends = (("from", row.valid_from), ("until", row.valid_until))
    words = [f"{word} {rfc3339(moment)[:16]}Z" for word, moment in ends if moment is not None]
    return ", ".join([*words, *([row.hours] if row.hours else [])]) or "always"


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


def tell_import(found: Imported, args: argparse.Namespace) -> int:
    """Errors line by line to stderr, then what was or would be done. Exit status 1: nothing was, because of errors."""
    for error in found.errors:
        print(error, file=sys.stderr)
    refused = bool(found.errors) and not args.skip_bad
    if args.json:
        counts = {"added": found.added, "changed": found.changed, "same": found.same}
        print_json({**counts, "errors": list(found.errors), "imported": found.done})
    else:
        counts_told = f"{found.added} added, {found.changed} changed, {found.same} as they were"
        bad = f", {len(found.errors)} lines with errors" if found.errors else ""
        print(f"{_verdict(args, refused=refused)}{counts_told}{bad}")
    return NOT_SO if refused else DONE


def _verdict(args: argparse.Namespace, *, refused: bool) -> str:
    if args.dry_run:
        return "dry run, nothing is changed: "
    return "nothing is changed (--skip-bad takes the other lines): " if refused else ""


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="UTF-8 (with or without a mark) or GBK")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    parser.add_argument("--skip-bad", action="store_true", help="import the good lines where others have errors")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="a new file, mode 0600: it holds personal data")


def write_private(path: Path, data: bytes) -> None:
    """A new file that only its owner reads. Raises ConfigError; a file that is there stays."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}), accepted: a new file") from error
