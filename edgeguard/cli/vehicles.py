"""`edgeguard vehicles`: which vehicles a box lets in, and which it tells the guard of."""

import argparse

from edgeguard.access import Act, Directory
from edgeguard.access.bulk import import_vehicles
from edgeguard.access.sheet import read_vehicles, write_vehicles
from edgeguard.cli.access_shown import (
    DONE,
    NOT_SO,
    Subparsers,
    add_admission,
    add_export,
    add_import,
    admission,
    opened,
    plain,
    print_json,
    print_table,
    task,
    tell_import,
    when,
    write_private,
)
from edgeguard.contract.lists import VehicleList, VehicleRow
from edgeguard.yamlfile import check

ABOUT = """\
  edgeguard vehicles add -c site.yaml 粤B12345 --list resident
  edgeguard vehicles add -c site.yaml 粤BD12345 --list visitor --until '2026-12-01 22:00'
  edgeguard vehicles import -c site.yaml cars.csv --dry-run

Plates are compared in capitals, half width, without spaces and the dot. Changes are in force at once.
"""
COLUMNS = "Columns: plate, list, ref, valid_from, valid_until, hours, gates; only the first two are needed."


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "vehicles",
        help="which vehicles may go in, by plate",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    add = task(tasks, "add", "list a vehicle, or change its entry")
    add.add_argument("plate", metavar="PLATE")
    add.add_argument("--list", choices=[*VehicleList], default=VehicleList.RESIDENT, help="default: %(default)s")
    add.add_argument("--ref", help="the person whose it is")
    add_admission(add)
    add.set_defaults(act=_add)
    listed = task(tasks, "list", "all vehicles, by plate")
    listed.add_argument("--list", choices=[*VehicleList])
    listed.set_defaults(act=_list)
    remove = task(tasks, "remove", "take vehicles off their list")
    remove.add_argument("plates", nargs="+", metavar="PLATE")
    remove.set_defaults(act=_remove)
    table = task(tasks, "import", "add and change vehicles from a CSV", COLUMNS)
    add_import(table)
    table.set_defaults(act=_import)
    out = task(tasks, "export", "all vehicles as a CSV that can be imported again", COLUMNS)
    add_export(out)
    out.set_defaults(act=_export)


def run(args: argparse.Namespace) -> int:
    """Exit status 1: the answer is no (errors in a table, no such vehicle)."""
    with opened(args) as (directory, act):
        status: int = args.act(directory, args, act)
        return status


def _add(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    row = {"plate": args.plate, "list": args.list, "ref": args.ref, **admission(args, directory.config)}
    vehicle = check(row, VehicleRow, "vehicles add")
    change = directory.vehicles.put(vehicle, act)
    if args.json:
        print_json({**plain(vehicle), "change": change.what})
    else:
        print(f"{vehicle.plate}: {change.what}, {vehicle.list_name}, {when(vehicle)}")
    return DONE


def _list(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    directory.looked(act, "vehicles_listed", detail=args.list or "")
    vehicles = directory.vehicles.all(args.list)
    if args.json:
        print_json({"vehicles": [plain(vehicle) for vehicle in vehicles]})
        return DONE
    rows = [
        (one.plate, one.list_name.value, one.ref or "", when(one), " ".join(one.gates) or "every") for one in vehicles
    ]
    print_table(("plate", "list", "of", "admitted (UTC)", "gates"), rows)
    return DONE


def _remove(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    gone = directory.vehicles.remove(args.plates, act, "removed")
    missing = len(args.plates) - gone
    if args.json:
        print_json({"removed": gone, "not_listed": missing})
    else:
        print(f"{gone} removed{f', {missing} were on no list' if missing else ''}")
    return NOT_SO if missing else DONE


def _import(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    sheet = read_vehicles(args.file, directory.config.timezone)
    return tell_import(import_vehicles(directory, sheet, act, dry=args.dry_run, skip_bad=args.skip_bad), args)


def _export(directory: Directory, args: argparse.Namespace, act: Act) -> int:
    vehicles = directory.vehicles.all()
    directory.looked(act, "vehicles_exported", detail=f"{len(vehicles)} vehicles")
    write_private(args.file, write_vehicles(vehicles).encode())
    if args.json:
        print_json({"file": str(args.file), "vehicles": len(vehicles)})
    else:
        print(f"{args.file}: {len(vehicles)} vehicles")
    return DONE
