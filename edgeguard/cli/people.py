"""`edgeguard people`: residents, visitors and contractors of a box, their consents, faces, cards and PINs."""

import argparse
import getpass
import hashlib
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from edgeguard.access import Act, Consent, Directory, Person, new_ref
from edgeguard.access.bulk import import_people, members
from edgeguard.access.sheet import read_people, write_people
from edgeguard.cli import people_audit, people_faces
from edgeguard.cli.access_shown import (
    DONE,
    Subparsers,
    add_admission,
    add_import,
    admission,
    moment_of,
    opened,
    plain,
    print_json,
    print_table,
    task,
    tell_import,
    when,
    write_private,
)
from edgeguard.contract.base import rfc3339
from edgeguard.contract.lists import PersonKind
from edgeguard.errors import ConfigError
from edgeguard.yamlfile import check

ABOUT = """\
Everybody has a pseudonym (`ref`), which events carry; a name is not needed. First a person, then what opens for them:

  edgeguard people add -c site.yaml --kind resident            prints the ref
  edgeguard people card -c site.yaml p-7k2m9q4xwd 0012345678
  edgeguard people consent -c site.yaml p-7k2m9q4xwd --notice notice.pdf --channel paper --until 2027-12-31
  edgeguard people enrol -c site.yaml p-7k2m9q4xwd photo.jpg   refused without the consent

Changes are in force at once, also while the box runs.
"""
COLUMNS = "Columns: ref, kind, label, valid_from, valid_until, hours, gates, cards; only the first two are needed."


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "people",
        help="who may go in: residents, visitors, contractors; consents, faces, cards",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    _add_entries(tasks)
    _add_credentials(tasks)
    people_faces.add_parsers(tasks)
    _add_tables(tasks)
    _add_upkeep(tasks)


def run(args: argparse.Namespace) -> int:
    """Exit status 1: the answer is no (errors in a table, a trail that is broken)."""
    with opened(args) as (directory, act):
        status: int = args.act(directory, args, act)
        return status


def _add_entries(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    for name, summary in (
        ("add", "list a person and print their ref"),
        ("change", "change what is given, keep the rest"),
    ):
        parser = task(tasks, name, summary)
        if name == "change":
            parser.add_argument("ref", metavar="REF")
        else:
            parser.add_argument("--ref", help="their pseudonym (default: a new one); not a name")
        parser.add_argument("--kind", choices=[*PersonKind], default=None if name == "change" else PersonKind.RESIDENT)
        parser.add_argument("--label", help="what the staff call them; sealed on this box, never needed")
        add_admission(parser)
        parser.set_defaults(act=_add if name == "add" else _change)
    parser = task(tasks, "list", "everybody who may go in", "Their faces are counted, never shown.")
    parser.add_argument("--kind", choices=[*PersonKind])
    parser.set_defaults(act=_list)
    parser = task(tasks, "delete", "delete a person with template, credentials, consents and vehicles")
    parser.add_argument("ref", metavar="REF")
    parser.set_defaults(act=_delete)


def _add_credentials(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = task(tasks, "card", "give a person a card, or take one away")
    parser.add_argument("ref", metavar="REF")
    parser.add_argument("number", metavar="NUMBER", help="as the reader tells it")
    parser.add_argument("--remove", action="store_true")
    parser.set_defaults(act=_card)
    parser = task(
        tasks, "pin", "set a person's PIN", "Asked for at the terminal, or read from the first line of stdin."
    )
    parser.add_argument("ref", metavar="REF")
    parser.add_argument("number", metavar="NUMBER", help="what is typed before the PIN, such as the flat's number")
    parser.add_argument("--file", type=Path, metavar="FILE", help="read the PIN from here")
    parser.set_defaults(act=_pin)
    parser = task(tasks, "consent", "record a consent to a face at the gate")
    parser.add_argument("ref", metavar="REF")
    parser.add_argument(
        "--notice", type=Path, required=True, metavar="FILE", help="the text that was shown; its SHA-256 is kept"
    )
    parser.add_argument("--channel", default="paper", help="how it was given, one word: paper, desk, app (%(default)s)")
    parser.add_argument("--until", required=True, metavar="TIME", help="when it ends, and the template with it")
    parser.add_argument("--under-14", action="store_true", help="a child's: a guardian consents")
    parser.add_argument("--guardian", metavar="WHO", help="sealed on this box")
    parser.set_defaults(act=_consent)
    parser = task(tasks, "withdraw", "end a consent: the template goes at once, cards and PIN stay")
    parser.add_argument("ref", metavar="REF")
    parser.set_defaults(act=_withdraw)


def _add_tables(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = task(tasks, "import", "add and change people from a CSV", COLUMNS)
    add_import(parser)
    parser.set_defaults(act=_import)
    parser = task(tasks, "export", "everything about one person as JSON, or everybody as a CSV", COLUMNS)
    parser.add_argument("what", metavar="REF|FILE.csv", help="a ref prints JSON; FILE.csv is a new file, mode 0600")
    parser.set_defaults(act=_export)


def _add_upkeep(tasks: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = task(tasks, "rekey", "seal everything under a new key", "Visitors' passes made before are void.")
    parser.set_defaults(act=_rekey)
    people_audit.add_parser(tasks)
    parser = task(tasks, "clock", "trust the clock as it is now, where it was wrong before")
    parser.set_defaults(act=_clock)


def _add(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    ref = args.ref or new_ref()
    if directory.people.find(ref) is not None:
        raise ConfigError(f"--ref: {ref} is listed already, accepted: a new one, or edgeguard people change {ref}")
    row = {"ref": ref, "kind": args.kind, "label": args.label, **admission(args, directory.config)}
    return _put(directory, check(row, Person, "people add"), args, act)


def _change(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    given = {name: value for name in ("kind", "label") if (value := getattr(args, name)) is not None}
    row = directory.people.get(args.ref).model_dump() | given | admission(args, directory.config)
    return _put(directory, check(row, Person, "people change"), args, act)


def _put(directory: Directory, person: Person, args: argparse.Namespace, act: Act) -> int:
    change = directory.people.put(person, act)
    if args.json:
        print_json({**plain(person), "change": change.what})
    else:
        print(person.ref if args.task == "add" else f"{person.ref}: {change.what}")
    return DONE


def _list(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    directory.looked(act, "people_listed", detail=args.kind or "")
    people, filing = directory.people.all(args.kind), directory.faces.filing()
    faces = {person.ref: len(directory.faces.counted(person.ref)) for person in people}
    if args.json:
        rows = [{**plain(person), "templates": faces[person.ref]} for person in people]
        print_json({"people": rows, "faces": filing.faces, "filing_from": filing.limit, "filing_due": filing.due})
        return DONE
    rows_told = [
        (
            person.ref,
            person.kind.value,
            person.label or "",
            when(person),
            " ".join(person.gates) or "every",
            str(faces[person.ref]),
        )
        for person in people
    ]
    print_table(("ref", "kind", "label", "admitted (UTC)", "gates", "templates"), rows_told)
    due = ": a filing with the authority is due" if filing.due else ""
    print(f"{len(people)} people; {filing.faces} faces enrolled, a filing is needed from {filing.limit:,} on{due}")
    return DONE


def _delete(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    return _said(args, ref=args.ref, done=str(directory.erase(args.ref, act)))


def _card(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    if args.remove:
        owner = directory.credentials.remove_card(args.number, act)
        return _said(args, ref=owner, done="card removed")
    directory.credentials.add_card(args.ref, args.number, act)
    return _said(args, ref=args.ref, done="card added")


def _pin(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    directory.credentials.set_pin(args.ref, args.number, _pin_of(args.file), act)
    return _said(args, ref=args.ref, done="PIN set")


def _pin_of(file: Path | None) -> str:
    if file is None:
        return getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--file: {file}: {error}, accepted: a file with a PIN in it") from error


def _consent(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    try:
        notice = hashlib.sha256(args.notice.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"--notice: {args.notice}: {error.strerror}, accepted: the text that was shown") from error
    until = moment_of(args.until, "--until", directory.config, end=True)
    row = {"ref": args.ref, "notice": notice, "channel": args.channel, "operator": args.by, "given_at": act.at}
    row |= {"expires_at": until, "under_14": args.under_14, "guardian": args.guardian}
    directory.consents.add(check(row, Consent, "people consent"), act)
    return _said(args, ref=args.ref, done=f"consents until {rfc3339(until)}")


def _withdraw(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    gone = directory.consents.withdraw(args.ref, act)
    return _said(args, ref=args.ref, done=f"withdrawn, {gone} template{'s' * (gone != 1)} removed")


def _import(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    sheet = read_people(args.file, directory.config.timezone)
    return tell_import(import_people(directory, sheet, act, dry=args.dry_run, skip_bad=args.skip_bad), args)


def _export(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    if args.what.endswith(".csv"):
        everybody = members(directory)
        directory.looked(act, "people_exported", detail=f"{len(everybody)} people")
        write_private(Path(args.what), write_people(everybody).encode())
        return _said(args, ref=args.what, done=f"{len(everybody)} people")
    found = directory.tell(args.what, act)
    print_json(
        {
            **plain(found.person),
            "consents": [plain(consent) for consent in found.consents],
            "templates": [asdict(template) for template in found.templates],
            "cards": found.cards,
            "pin_number": found.pin_number,
            "vehicles": [plain(vehicle) for vehicle in found.vehicles],
            "audit": [asdict(row) for row in found.trail],
        }
    )
    return DONE


def _rekey(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    directory.rekey(act)
    return _said(args, ref=str(directory.store.key_file), done="a new key; visitors' passes made before are void")


def _clock(directory: Directory, args: argparse.Namespace, _: Act) -> int:
    now = datetime.now(UTC)
    directory.mark.trust(Act(now, args.by))
    return _said(args, ref="clock", done=f"{rfc3339(now)} is trusted")


def _said(args: argparse.Namespace, *, ref: str, done: str) -> int:
    if args.json:
        print_json({"ref": ref, "done": done})
    else:
        print(f"{ref}: {done}")
    return DONE
