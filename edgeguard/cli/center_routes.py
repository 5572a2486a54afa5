"""`edgeguard center routes`: is the table right, what does it say, and who would be told?"""

import argparse
from pathlib import Path

from edgeguard.center.notifiers import build_notifier
from edgeguard.center.routes import PlaceEntry, Routes, Step, load_routes
from edgeguard.contract import Place, find
from edgeguard.errors import ConfigError, EdgeGuardError
from edgeguard.types import Severity


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        "routes",
        help="check, show or try the table of who is told of what",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--routes", type=Path, metavar="FILE", help="the table; default: `routes` of the --config file")
    what = parser.add_subparsers(dest="what", metavar="check|show|try", required=True)
    what.add_parser("check", help="every error at once, and secrets that are missing; exit status 0 or 1")
    what.add_parser("show", help="places with their roles, and the steps of every rule")
    trial = what.add_parser("try", help="who would be told of an event, and when")
    trial.add_argument("--code", required=True, help="code of the event, as SENSOR.SOS")
    trial.add_argument("--severity", choices=[one.value for one in Severity], default=None, help="default: the code's")
    trial.add_argument("--grid", default=None, metavar="CODE", help="grid code of the event")
    trial.add_argument("--address", default=None, metavar="CODE", help="address code of the event")
    trial.add_argument("--site", default="site", help="compound, as in the site file")
    return parser


def run(args: argparse.Namespace, configured: Path | None) -> int:
    """`configured`: what the settings say. Raises ConfigError for a table that is wrong."""
    path = getattr(args, "routes", None) or configured
    if path is None:
        raise ConfigError("routes: met nothing, accepted: --routes FILE, or routes: FILE in the file of --config")
    routes = load_routes(path)
    if args.what == "check":
        return _check(routes, path)
    print("\n".join(_shown(routes) if args.what == "show" else _tried(routes, args)))
    return 0


def _check(routes: Routes, path: Path) -> int:
    """Also what only this machine has: secrets and files."""
    wrong = 0
    for name, recipient in routes.recipients.items():
        for number, channel in enumerate(recipient.channels):
            try:
                build_notifier(channel)
            except EdgeGuardError as error:
                wrong += 1
                print(f"{path}: recipients.{name}.channels.{number}.{error}")
    if not wrong:
        counts = f"{len(routes.places)} places, {len(routes.recipients)} recipients, {len(routes.rules)} rules"
        print(f"{path}: good, {counts}")
    return 1 if wrong else 0


def _shown(routes: Routes) -> list[str]:
    lines = []
    for place in routes.places:
        if place.parent is None:
            lines += _branch(routes, place, 0)
    for rule in routes.rules:
        codes, severities = ", ".join(rule.codes), ", ".join(rule.severities)
        lines += [
            "",
            f"rule {rule.name}: {codes} ({severities}){' in ' + ', '.join(rule.places) if rule.places else ''}",
        ]
        lines += [f"  {when(step)}: {', '.join(step.roles)} of the {step.level}" for step in rule.steps]
    return lines


def _branch(routes: Routes, place: PlaceEntry, depth: int) -> list[str]:
    codes = ", ".join((*place.grid_codes, *place.address_codes, *place.sites))
    roles = "; ".join(f"{role}: {', '.join(names)}" for role, names in place.roles.items())
    line = f"{'  ' * depth}{place.level} {place.id} {place.name}{codes and f' [{codes}]'}{roles and f'  {roles}'}"
    below = [one for one in routes.places if one.parent == place.id]
    return [line, *(deeper for one in below for deeper in _branch(routes, one, depth + 1))]


def _tried(routes: Routes, args: argparse.Namespace) -> list[str]:
    code = find(args.code)
    severity = Severity(args.severity) if args.severity else code.severity
    where = Place(site=args.site, grid_code=args.grid, address_code=args.address)
    place = routes.place_of(where, args.site)
    rule = routes.rule_for(code.code, severity, place)
    chain = " -> ".join(f"{one.level} {one.id}" for one in routes.upwards(place))
    lines = [f"{code.code} ({severity}) at {chain}"]
    if rule is None:
        return [*lines, "no rule fits: nobody is told"]
    lines.append(f"rule {rule.name}")
    for step in rule.steps:
        target = routes.target(step, place)
        told = ", ".join(_recipient(routes, name) for name in target.recipients) or "nobody"
        lines.append(f"  {when(step)}: {target.place.level} {target.place.id}: {told}")
    return lines


def _recipient(routes: Routes, name: str) -> str:
    one = routes.recipients[name]
    return f"{one.name} ({', '.join(channel.kind for channel in one.channels)})"


def when(step: Step) -> str:
    """When a step is taken, in words."""
    if step.missed is not None:
        return f"when `{step.missed}` is missed"
    return "at once" if not step.after_s else f"after {step.after_s:g} s unless {step.unless}"
