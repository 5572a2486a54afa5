"""`edgeguard relay test`: the installer's one pulse, with what came of it."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edgeguard.actuators.relay import Pulse, Relay
from edgeguard.actuators.relay_build import build_relay
from edgeguard.agent.gates_config import GateConfig, RelayConfig
from edgeguard.agent.site import SiteConfig, load_site
from edgeguard.doors import ContactDoor
from edgeguard.errors import ConfigError, RelayError
from edgeguard.types import DoorState

WORKS, FAILS = 0, 1
BEGIN_WITHIN_S = 10.0
# A door is pulled open by a person who has heard the strike.
WATCH_DOOR_S = 10.0
CONTACT_S = 3.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("relay", help="try a relay that opens a door or a barrier")
    actions = parser.add_subparsers(dest="action", required=True, metavar="test")
    test = actions.add_parser(
        "test",
        help="close a relay once, and tell what was seen",
        description="Asks the board, closes the contact once for its `pulse_s` and tells what the board and the gate's "
        "contact said. It opens the gate: somebody should stand there. Works beside a running box; a pin of the box "
        "itself can only be tried while the box is stopped.",
        epilog="Exit status: 0 it did what it should, 1 it did not, 2 wrong site file.",
    )
    test.add_argument("name", metavar="NAME", help="the relay, or the gate it opens")
    test.add_argument("-c", "--config", type=Path, required=True, metavar="SITE.yaml", help="the site file")
    test.add_argument("--yes", action="store_true", help="do not ask whether the gate may open")
    test.add_argument("--watch-s", type=float, default=WATCH_DOOR_S, metavar="S", help="watch the door for so long")


def run(args: argparse.Namespace) -> int:
    relay, gate = _found(load_site(args.config), args.name)
    board = build_relay(relay.driver)
    what = f"relay {relay.id} at {board.name}" + (f", gate {gate.id}" if gate else "")
    try:
        board.check()
        print(f"{what}: the board answers, the contact is released")
        if not args.yes and not _agreed(f"This opens {gate.id if gate else relay.id} now, for {relay.pulse_s:g} s."):
            print("nothing was done")
            return FAILS
        with _door(gate) as door:
            _pulse(board, relay.pulse_s)
            _watch(door, args.watch_s)
    except RelayError as error:
        print(f"{what}: FAILED: {error}")
        return FAILS
    finally:
        board.close()
    return WORKS


def _found(site: SiteConfig, name: str) -> tuple[RelayConfig, GateConfig | None]:
    """Raises ConfigError for a name that is neither a relay nor a gate."""
    gate = next((one for one in site.gates if name in {one.id, one.relay}), None)
    wanted = gate.relay if gate is not None else name
    relay = next((one for one in site.relays if one.id == wanted), None)
    if relay is None:
        accepted = ", ".join([*(one.id for one in site.relays), *(one.id for one in site.gates)]) or "none, no `relays`"
        raise ConfigError(f"relay {name}, accepted: {accepted}")
    return relay, gate


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        print(f"{question} Nobody can be asked here; --yes says that it may")
        return False
    return input(f"{question} Open? [y/N] ").strip().lower() in {"y", "yes"}


def _pulse(board: Relay, seconds: float) -> None:
    """Raises RelayError where the board did not confirm it."""
    closed: list[float] = []
    began_s = time.monotonic()
    board.pulse(Pulse(seconds, began_s + BEGIN_WITHIN_S, closed=lambda: closed.append(time.monotonic())))
    ended_s = time.monotonic()
    promised = "by the board itself" if board.promises.hardware_pulse else "by the box"
    print(f"closed after {(closed[0] - began_s) * 1000:.0f} ms, released {promised} {ended_s - closed[0]:.2f} s later")


@contextmanager
def _door(gate: GateConfig | None) -> Iterator[ContactDoor | None]:
    """Its contact at work, where the gate has one."""
    with ExitStack() as stack:
        if gate is None or gate.contact is None:
            yield None
            return
        door = stack.enter_context(ContactDoor(gate.contact, f"gate {gate.id}"))
        until_s = time.monotonic() + CONTACT_S
        while door.state(time.monotonic()) is DoorState.UNKNOWN and time.monotonic() < until_s:
            time.sleep(0.05)
        print(f"the door is {_seen(door)} before")
        yield door


def _watch(door: ContactDoor | None, for_s: float) -> None:
    if door is None:
        print("the gate has no contact: look whether it opened")
        return
    before, until_s = door.state(time.monotonic()), time.monotonic() + for_s
    print(f"the door is {_seen(door)} after; watched for {for_s:g} s")
    while (now_s := time.monotonic()) < until_s:
        state = door.state(now_s)
        if state is not before:
            print(f"the door is {_seen(door)}")
            before = state
        time.sleep(0.05)


def _seen(door: ContactDoor) -> str:
    reason = door.health().reason
    return door.state(time.monotonic()).value + (f" ({reason})" if reason else "")
