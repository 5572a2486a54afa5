"""Gates, their relays, and whose commands may open them, in the site file."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edgeguard.actuators.relay_config import SwitchConfig
from edgeguard.agent.place import PlaceConfig
from edgeguard.contract.base import Segment
from edgeguard.contract.signing import VerifyKey
from edgeguard.doors import ContactConfig
from edgeguard.yamlfile import Strict


class RelayConfig(SwitchConfig):
    """A relay by its name."""

    id: Segment = Field(description="Name of the relay in gates, logs and status.")


class GateConfig(Strict):
    """One physical opening: a door, a turnstile, a barrier."""

    id: Segment = Field(description="Name of the gate in commands, events and logs; once in its box.")
    label: str | None = Field(default=None, description="Name of the gate for people.")
    place: PlaceConfig = Field(default=PlaceConfig(), description="Where it is; adds to the box's place.")
    camera: Segment | None = Field(
        default=None, description="The camera that looks at it: its events name it; left out: none."
    )
    relay: Segment = Field(description="The relay that opens it, by its id; each relay opens one gate.")
    direction: Literal["in", "out", "both"] = Field(default="both", description="Which way it lets through.")
    airlock: Segment | None = Field(
        default=None, description="Gates of one airlock are never open together; left out: of none."
    )
    airlock_clear_s: float = Field(
        default=10.0,
        ge=1,
        le=600,
        description="Without a contact this gate counts as closed so long after its pulse.",
    )
    contact: ContactConfig | None = Field(
        default=None, description="The door's contact: held open and forced are told; left out: they are not."
    )
    exit_button: ContactConfig | None = Field(
        default=None, description="The button that opens it from within; `closed_when` is what it reads when pressed."
    )
    held_after_s: float = Field(default=30.0, ge=1, le=86400, description="Open for longer it is held open.")
    ask_to_close: bool = Field(
        default=False, description="The box's voice asks once for a door that is held open to be closed."
    )
    grant_s: float = Field(default=10.0, ge=1, le=600, description="Whoever may enter opens it within so long.")
    alarm_forced: bool = Field(
        default=True,
        description="An opening that nobody granted is an alarm; false where a handle opens it from within.",
    )


def _public_key(text: str) -> str:
    return VerifyKey.of_text(text).text


PublicKey = Annotated[str, AfterValidator(_public_key)]


class CommandsConfig(Strict):
    """Whose commands may open a gate, or change lists and configuration."""

    keys: tuple[PublicKey, ...] = Field(
        default=(),
        max_length=2,
        description="Public keys of the center, as `edgeguard center keys` shows them; two while it changes its key; "
        "none: no such command is taken.",
    )
