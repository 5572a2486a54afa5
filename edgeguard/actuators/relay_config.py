"""What the site file says of a relay: which board, which contact, for how long."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from edgeguard.actuators.relay import LONGEST_PULSE_S
from edgeguard.yamlfile import Strict

# What a template of an HTTP relay may hold: the board then ends the pulse itself.
SECONDS, MILLISECONDS = "{seconds}", "{milliseconds}"


class ModbusRelayConfig(Strict):
    """A coil of a Modbus-TCP relay board."""

    kind: Literal["modbus"] = Field(description="A coil of a Modbus-TCP relay board.")
    host: str = Field(min_length=1, description="Address of the board.")
    port: int = Field(default=502, ge=1, le=65535, description="Its port.")
    unit: int = Field(default=1, ge=0, le=255, description="Its Modbus unit.")
    coil: int = Field(ge=0, le=65535, description="Number of the coil, from 0.")
    timeout_s: float = Field(default=0.5, gt=0, le=5, description="Longest wait for an answer.")
    pulse_register: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Holding register that takes the length of a pulse, which the board then ends itself; "
        "left out: the box ends it.",
    )
    pulse_tick_ms: int = Field(default=100, ge=1, le=1000, description="Unit of that register.")
    watchdog_s: float | None = Field(
        default=None,
        gt=0,
        le=60,
        description="The board releases by itself after so long without a message: set it there and measure it; "
        "left out: it does not.",
    )


class HttpCall(Strict):
    """One request to the board; {seconds} and {milliseconds} stand for the length of the pulse."""

    url: str = Field(description="http:// or https://, without user name and password.")
    method: Literal["GET", "POST", "PUT"] = Field(default="GET", description="Method of the request.")
    body: str | None = Field(default=None, description="Body of the request.")
    content_type: str = Field(default="application/json", description="Of the body.")

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        parts = urlsplit(url.replace(SECONDS, "1").replace(MILLISECONDS, "1"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("http://HOST/... or https://HOST/...")
        if parts.username is not None or parts.password is not None:
            raise ValueError("an address without user name and password; use username, password_env or token_env")
        if not url.isascii() or any(letter.isspace() for letter in url):
            raise ValueError("an address without spaces and letters beyond ASCII; write them as %20")
        return url

    @property
    def timed_by_board(self) -> bool:
        return any(mark in f"{self.url} {self.body}" for mark in (SECONDS, MILLISECONDS))


class HttpRelayConfig(Strict):
    """A relay board that is switched by HTTP requests."""

    kind: Literal["http"] = Field(description="A relay board that is switched by HTTP requests.")
    on: HttpCall = Field(description="Closes the contact; with {seconds} or {milliseconds} the board ends the pulse.")
    off: HttpCall | None = Field(default=None, description="Releases it; may be left out where the board does.")
    status: HttpCall | None = Field(
        default=None, description="Asked to see that the board lives; left out: a connection is enough."
    )
    username: str | None = Field(default=None, description="User name of the board, with `password_env`.")
    password_env: str | None = Field(default=None, description="Environment variable that holds the password.")
    token_env: str | None = Field(default=None, description="Environment variable that holds a bearer token.")
    ca: Path | None = Field(
        default=None, description="PEM file that verifies the board's certificate; left out: the system's authorities."
    )
    timeout_s: float = Field(default=1.0, gt=0, le=5, description="Longest time for a whole request.")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.off is None and not self.on.timed_by_board:
            raise ValueError(f"`off`, or {SECONDS} or {MILLISECONDS} in `on`: else nothing releases the contact")
        if (self.username is None) != (self.password_env is None):
            raise ValueError("username and password_env together, or neither")
        if self.username is not None and self.token_env is not None:
            raise ValueError("either username and password_env or token_env, not both")
        if len({urlsplit(call.url)[:2] for call in (self.on, self.off, self.status) if call is not None}) > 1:
            raise ValueError("on, off and status at the same host and port, with the same scheme")
        return self


class GpioRelayConfig(Strict):
    """A relay on a pin of the box itself, by libgpiod; needs the extra `gpio`."""

    kind: Literal["gpio"] = Field(description="A relay on a pin of the box, with the extra of that name.")
    chip: str = Field(default="/dev/gpiochip0", pattern=r"^/dev/\S+$", description="Its GPIO chip.")
    line: int = Field(ge=0, le=1023, description="Number of the line at the chip, as `gpioinfo` shows.")
    active_low: bool = Field(default=False, description="The relay closes when the line is low.")


class MemoryRelayConfig(Strict):
    """A relay that is only remembered, for tests and demonstrations."""

    kind: Literal["memory"] = Field(description="A relay that is only remembered, for tests.")


RelayDriverConfig = Annotated[
    ModbusRelayConfig | HttpRelayConfig | GpioRelayConfig | MemoryRelayConfig, Field(discriminator="kind")
]


class SwitchConfig(Strict):
    """How a relay is used, whatever board it is on."""

    driver: RelayDriverConfig = Field(description="The board and its contact.")
    pulse_s: float = Field(default=1.0, ge=0.1, le=LONGEST_PULSE_S, description="The contact is closed for so long.")
    rest_s: float = Field(default=1.0, ge=0, le=600, description="Between two pulses at least so long.")
    check_every_s: float = Field(default=2.0, ge=0.2, le=60, description="The board is asked so often if it lives.")
