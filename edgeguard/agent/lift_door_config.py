"""A lift's door that is held open while an e-bike is inside: what must be there before the site file is accepted."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edgeguard.actuators.relay import LONGEST_PULSE_S
from edgeguard.agent.gates_config import RelayConfig
from edgeguard.contract.base import Segment
from edgeguard.doors import ContactConfig
from edgeguard.yamlfile import Strict

# Whatever breaks, the door is released within so long.
RELEASED_WITHIN_S = 1.0


def _fresh(contact: ContactConfig) -> ContactConfig:
    if contact.stale_s > RELEASED_WITHIN_S:
        raise ValueError(f"stale_s of at most {RELEASED_WITHIN_S:g} for a lift: met {contact.stale_s:g}")
    return contact


# Wired to be broken by what it tells, so that a cut cable releases the door too.
QuietContact = Annotated[ContactConfig, AfterValidator(_fresh)]


class Commissioning(Strict):
    """What the lift's maintenance company has put down, signed, when it connected the relay."""

    on: date = Field(description="Day of the commissioning.")
    company: str = Field(min_length=1, description="The maintenance company that connected it.")
    record: str = Field(min_length=1, description="Number of its signed record.")
    wired: Literal["volt_free_parallel_to_door_open_button"] = Field(
        description="How it is connected; nothing else is allowed: no stop, no lock, no safety chain."
    )
    released_within_s: float = Field(
        gt=0, le=RELEASED_WITHIN_S, description="Measured with the box switched off and with its cable pulled out."
    )


class LiftDoorConfig(Strict):
    """Off where it is left out. The relay's board must release by itself within a second."""

    camera: Segment = Field(description="The camera in the lift; its `door` must be a contact.")
    relay: Segment = Field(description="The relay, by its id; its driver must declare watchdog_s of at most 1.")
    hold_s: float = Field(default=30.0, ge=1, le=LONGEST_PULSE_S, description="Held open for so long at most, once.")
    fire: QuietContact = Field(description="Fire mode of the lift; `closed_when` is what it reads in peace.")
    inspection: QuietContact = Field(description="Inspection mode of the lift, in the same way.")
    sos: QuietContact = Field(description="The emergency button in the cabin, in the same way.")
    commissioning: Commissioning = Field(description="The record of the maintenance company.")


def lift_refusal(relay: RelayConfig | None, door: object) -> str | None:
    """Why a lift's door may not be held with this relay and this contact; None where it may."""
    if relay is None:
        return "met a relay that `relays` has not"
    watchdog_s = getattr(relay.driver, "watchdog_s", None)
    if watchdog_s is None:
        return (
            f"met a relay of kind {relay.driver.kind} without a hardware watchdog, which stays closed when the box "
            "hangs; accepted: kind modbus with watchdog_s of at most 1"
        )
    if watchdog_s > RELEASED_WITHIN_S:
        return f"met watchdog_s {watchdog_s:g}, accepted: at most {RELEASED_WITHIN_S:g}"
    if not isinstance(door, ContactConfig):
        return "met a camera without `door: {kind: contact}`; a door whose state is guessed is not held"
    if door.stale_s > RELEASED_WITHIN_S:
        return f"met a door contact with stale_s {door.stale_s:g}, accepted: at most {RELEASED_WITHIN_S:g}"
    return None
