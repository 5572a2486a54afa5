"""`edgeguard status`: how a running box is."""

import argparse
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edgeguard.agent.ops import DEFAULT_PORT
from edgeguard.agent.status import CameraReport, EvidenceReport, Level, RelayReport, RuleReport, Status, spell
from edgeguard.errors import BoxError

ANSWER_S = 10.0
HEALTHY, FAULTY = 0, 1

_STYLES = {
    "ok": "green",
    "degraded": "yellow",
    "blind": "bold red",
    "off": "dim",
    "no_device": "bold red",
    "lost": "bold red",
}
_UNTIL_RUNS = "is it running? `systemctl status edgeguard`, `journalctl -u edgeguard -e`; its site file must have `ops`"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "status",
        help="how a running box is, what is wrong first",
        description="Asks the box that runs on this machine how it is.",
        epilog="Exit status: 0 nothing is wrong, 1 something is, 2 the box cannot be asked.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-c", "--config", type=Path, metavar="SITE.yaml", help="the box's site file, for its port")
    which.add_argument("--port", type=int, default=None, help=f"its port (default: {DEFAULT_PORT})")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(args: argparse.Namespace) -> int:
    address, port = _where(args)
    status = ask(address, port)
    if args.json:
        print(status.model_dump_json(indent=2))
    else:
        show(status, Console(highlight=False))
    return HEALTHY if status.guards and not _faults(status) else FAULTY


def ask(address: str, port: int) -> Status:
    """The status of the box that answers there; raises BoxError where none does."""
    connection = HTTPConnection(address, port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/status")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as error:
        raise BoxError(f"no box answers on {address}:{port} ({_why(error)}); {_UNTIL_RUNS}") from error
    finally:
        connection.close()
    try:
        return Status.model_validate_json(body)
    except ValidationError as error:
        raise BoxError(f"what answers on {address}:{port} is no box, or one that is only starting") from error


def show(status: Status, console: Console) -> None:
    """For a person: what is wrong first, then everything."""
    console.print(_headline(status))
    parts = [_problems(status)] if status.problems else []
    for part in (*parts, _cameras(status), _rest(status)):
        console.print()
        console.print(part)


def _where(args: argparse.Namespace) -> tuple[str, int]:
    if args.config is None:
        return "127.0.0.1", args.port or DEFAULT_PORT
    from edgeguard.agent.site import load_site  # noqa: PLC0415 - detectors and cameras, which asking needs not

    ops = load_site(args.config).ops
    if ops is None or not ops.port:
        raise BoxError(f"{args.config}: has no `ops`, so nothing answers; accepted: ops: {{port: {DEFAULT_PORT}}}")
    return ops.address, ops.port


def _why(error: Exception) -> str:
    match error:
        case ConnectionRefusedError():
            return "nothing listens there"
        case TimeoutError():
            return f"no answer within {ANSWER_S:.0f} s"
        case _:
            return str(error) or type(error).__name__


def _faults(status: Status) -> int:
    return sum(problem.level is Level.FAULT for problem in status.problems)


def _headline(status: Status) -> str:
    faults = _faults(status)
    if not status.guards:
        verdict = "[bold red]does NOT guard[/]"
    elif faults:
        verdict = f"[bold yellow]guards, with {faults} fault{'s' if faults > 1 else ''}[/]"
    else:
        verdict = "[bold green]guards[/]"
    return f"[bold]{escape(status.site)} / {escape(status.box)}[/] {verdict}"


def _problems(status: Status) -> Table:
    table = _table("", "what is wrong", "what helps")
    for problem in status.problems:
        style = "bold red" if problem.level is Level.FAULT else "yellow"
        table.add_row(
            f"[{style}]{problem.level.value}[/]",
            f"[{style}]{escape(problem.part)}[/] {escape(problem.what)}",
            escape(problem.help),
        )
    return table


def _cameras(status: Status) -> Table:
    table = _table("camera", "state", "since", "fps in", "fps done", "dropped", "blind", "door")
    for camera in status.cameras:
        style = _STYLES.get(camera.status.value, "")
        table.add_row(
            escape(camera.id) + (f" [dim]{escape(camera.label)}[/]" if camera.label else ""),
            f"[{style}]{camera.status.value}[/]" + (f" ({camera.state})" if camera.state != camera.status else ""),
            _since(camera.since, status.at),
            f"{camera.fps_in:.1f}",
            f"{camera.fps_done:.1f}",
            str(sum(camera.dropped.values())),
            _blind(camera),
            f"{camera.door.partition(':')[0]}, {camera.door_cycles} cycles" if camera.door_cycles else camera.door,
        )
    for index in (3, 4, 5):
        table.columns[index].justify = "right"
    return table


def _rest(status: Status) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, text in _facts(status):
        table.add_row(f"[dim]{name}[/]", text)
    return table


def _facts(status: Status) -> list[tuple[str, str]]:
    journal, disk = status.journal, status.disk
    facts = [(f"voice on {escape(voice.output)}", _coloured(voice.state)) for voice in status.voices]
    facts += [(f"relay {escape(relay.id)}", _relay(relay)) for relay in status.relays]
    if status.uplink is not None:
        state = "[green]connected[/]" if status.uplink.connected else "[bold red]away[/]"
        since = _since(status.uplink.since, status.at)
        facts.append((f"uplink to {escape(status.uplink.broker)}", f"{state} since {since}"))
    waits = f", oldest {spell(journal.outbox_oldest_s)}" if journal.outbox_depth else ""
    facts.append(("outbox", f"{journal.outbox_depth} wait{waits}; {journal.last_seq} events so far"))
    facts.append(("open episodes", _episodes(status)))
    if disk is not None:
        facts.append(("disk", f"{_bytes(disk.free_bytes)} of {_bytes(disk.total_bytes)} free"))
    if status.evidence is not None:
        facts.append(("evidence", _evidence(status.evidence)))
    facts.append(("clock", _clock(status)))
    restarts = ", ".join(f"{escape(part)} {times}x" for part, times in sorted(status.restarts.items()))
    facts.append(("started anew", restarts or "nothing"))
    if status.site_file.path is not None:
        path, since = escape(status.site_file.path), _moment(status.site_file.loaded_at)
        facts.append(("site file", f"{path}, in force since {since}"))
    facts += [(f"rule of {escape(one.camera)}", _rule(one)) for one in status.rules.set]
    process = f"process {status.pid}, {_bytes(status.rss_bytes)}"
    facts.append(("program", f"EdgeGuard {status.version}, up {spell(status.uptime_s)}, {process}"))
    return facts


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def _coloured(state: str) -> str:
    style = _STYLES.get(state)
    return f"[{style}]{state}[/]" if style else state


def _blind(camera: CameraReport) -> str:
    """Seconds by reason, without those of the first connection that nobody notices."""
    parts = [f"{reason} {spell(seconds)}" for reason, seconds in sorted(camera.blind_s.items()) if seconds >= 1]
    return ", ".join(parts) or "never"


def _episodes(status: Status) -> str:
    if not status.episodes:
        return "none"
    told = (f"{one.code} on {one.camera} since {_since(one.opened_at, status.at)}" for one in status.episodes)
    return escape("; ".join(told))


def _relay(relay: RelayReport) -> str:
    told = f"{_coloured(relay.state)} at {escape(relay.board)}, {relay.pulses} pulses, {relay.failures} failed"
    return f"{told}; gate {escape(relay.gate)}, door {relay.door}" if relay.gate else told


def _rule(rule: RuleReport) -> str:
    style = "" if rule.on else "[yellow]"
    what = f"{escape(rule.kind)} {escape(rule.zone)}: {style}{escape(rule.what)}{'[/]' if style else ''}"
    return f"{what}, set by {escape(rule.by)} at {_moment(rule.at)}, not as in the site file"


def _evidence(evidence: EvidenceReport) -> str:
    told = f"{evidence.files} files, {_bytes(evidence.size_bytes)}"
    if evidence.waiting:
        told += f"; {evidence.waiting} wait to be uploaded"
    if evidence.upload:
        told += f" ({escape(evidence.upload)})"
    return told


def _clock(status: Status) -> str:
    if status.clock is None:
        return "not known whether a time server keeps it"
    if not status.clock.synced:
        return "[yellow]no time server keeps it[/]"
    offset_ms = status.clock.offset_ms
    return "kept by a time server" + ("" if offset_ms is None else f", {offset_ms:+.1f} ms to go")


def _since(then: datetime, now: datetime) -> str:
    return spell(max((now - then).total_seconds(), 0.0))


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _bytes(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"
